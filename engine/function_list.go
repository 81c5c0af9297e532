package engine

import (
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

// Functions lists the functions whose name contains pattern, by name.
func Functions(pattern string) []Function {
	pattern = strings.ToLower(pattern)
	var out []Function
	for _, s := range function.New().List() {
		if !strings.Contains(s.Name, pattern) {
			continue
		}
		out = append(out, Function{Name: s.Name, Signature: s.String(), Kind: kindName(s.Kind), Doc: s.Doc})
	}
	return out
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
