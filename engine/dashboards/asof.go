package dashboards

import (
	"slices"
	"strings"
	"time"

	"github.com/auditlake/auditlake/lazyregexp"
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/parse"
)

// clockCall is what a statement asks the clock by, from its first character on.
var clockCall = lazyregexp.New(`(?i)^(?:now\s*\(\s*\)|current_timestamp(?:\s*\(\s*3\s*\))?|localtimestamp(?:\s*\(\s*3\s*\))?|current_date)`)

// AsOf returns a statement that asks what another did at an instant, in UTC: the instant replaces calls of the
// clock. A statement that cannot be parsed stays as it is, and so do calls that ask for more digits than the clock
// has.
func AsOf(statement string, at time.Time) string {
	parsed, err := parse.Statement(statement)
	if err != nil {
		return statement
	}
	var places []ast.Pos
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.FunctionCall:
			if len(n.Args) == 0 && strings.EqualFold(ast.Format(n), "now()") {
				places = append(places, n.Pos())
			}
		case *ast.Current:
			if n.Precision < 0 || n.Precision == 3 {
				places = append(places, n.Pos())
			}
		}
		return true
	})
	lines := strings.Split(statement, "\n")
	for _, place := range slices.Backward(places) { // those before keep their columns
		if place.Line < 1 || place.Line > len(lines) {
			continue
		}
		line := []rune(lines[place.Line-1])
		if place.Column < 1 || place.Column > len(line) {
			continue
		}
		before, rest := string(line[:place.Column-1]), string(line[place.Column-1:])
		if call := clockCall().FindString(rest); call != "" {
			lines[place.Line-1] = before + instantOf(call, at.UTC()) + rest[len(call):]
		}
	}
	return strings.Join(lines, "\n")
}

// instantOf returns the constant that replaces a call of the clock.
func instantOf(call string, at time.Time) string {
	const millis = "2006-01-02 15:04:05.000"
	switch call = strings.ToLower(call); {
	case strings.HasPrefix(call, "current_date"):
		return "DATE '" + at.Format(time.DateOnly) + "'"
	case strings.HasPrefix(call, "localtimestamp"):
		return "TIMESTAMP '" + at.Format(millis) + "'"
	}
	return "TIMESTAMP '" + at.Format(millis) + " UTC'"
}
