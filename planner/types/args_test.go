package types_test

import (
	"strings"
	"testing"

	"github.com/auditlake/auditlake/planner/types"
)

// argsOf reads "type; type; x2 type": the last is a lambda of two parameters
// that returns the type.
func argsOf(t *testing.T, text string) []types.Arg {
	t.Helper()
	var args []types.Arg
	for _, item := range strings.Split(text, ";") {
		item = strings.TrimSpace(item)
		switch {
		case item == "":
		case strings.HasPrefix(item, "x1 "), strings.HasPrefix(item, "x2 "):
			result := mustType(t, item[3:])
			args = append(args, types.Arg{
				Params: int(item[1] - '0'),
				Lambda: func([]*types.Type) (*types.Type, error) { return result, nil },
			})
		default:
			args = append(args, types.Arg{Type: mustType(t, item)})
		}
	}
	return args
}
