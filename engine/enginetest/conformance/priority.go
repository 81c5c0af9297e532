package conformance

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// Priorities says which functions matter how much: 'A' (audit-log queries),
// 'B' (the other scalar and aggregate functions) or 'C' (not for a lake), by
// lower-case name.
type Priorities map[string]byte

var (
	priorityHeading = regexp.MustCompile(`^## ([ABC]) `)
	functionItem    = regexp.MustCompile("^- `([^`]+)`")
	calledName      = regexp.MustCompile(`(?i)\b([a-z_][a-z0-9_]*)\s*\(`)
)

// ReadPriorities reads FUNCTIONS.md of a folder.
func ReadPriorities(dir string) (Priorities, error) {
	f, err := os.Open(filepath.Join(dir, "FUNCTIONS.md"))
	if err != nil {
		return nil, fmt.Errorf("conformance: %w", err)
	}
	defer f.Close()
	p, at := Priorities{}, byte(0)
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxLineBytes)
	for lines.Scan() {
		if m := priorityHeading.FindStringSubmatch(lines.Text()); m != nil {
			at = m[1][0]
		}
		if m := functionItem.FindStringSubmatch(lines.Text()); m != nil && at != 0 {
			p[strings.ToLower(m[1])] = at
		}
	}
	return p, lines.Err()
}

// Of is the lowest priority of the functions that a statement calls.
func (p Priorities) Of(sql string) byte {
	lowest := byte('A')
	for _, m := range calledName.FindAllStringSubmatch(sql, -1) {
		lowest = max(lowest, p[strings.ToLower(m[1])])
	}
	return lowest
}
