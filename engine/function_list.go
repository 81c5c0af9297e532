package engine

import (
	"path"
	"strings"

	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/types"
)

// Function describes one overload of a SQL function.
type Function struct {
	Name      string
	Signature string // name(argument types) -> result type
	Kind      string // scalar, aggregate or window
	Doc       string // one line
}

// Functions lists, by name, the functions whose name contains pattern. If pattern has % or *, which stand for any
// characters, it lists the names that match.
func Functions(pattern string) []Function {
	pattern = strings.ReplaceAll(strings.ToLower(pattern), "%", "*")
	var out []Function
	for _, s := range function.New().List() {
		if !nameMatches(pattern, s.Name) {
			continue
		}
		out = append(out, Function{Name: s.Name, Signature: s.String(), Kind: kindName(s.Kind), Doc: s.Doc})
	}
	return out
}

func nameMatches(pattern, name string) bool {
	if !strings.Contains(pattern, "*") {
		return strings.Contains(name, pattern)
	}
	matches, err := path.Match(pattern, name)
	return err == nil && matches
}

func kindName(k types.FunctionKind) string {
	switch k {
	case types.Aggregate:
		return "aggregate"
	case types.Window:
		return "window"
	}
	return "scalar"
}
