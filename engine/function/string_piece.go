package function

import (
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

// NewPiece returns split(text, delimiter)[index], or element_at of it, as one function of a text that does not
// build the array. It returns nil for other functions or constants than it supports. The constants must not be
// NULL.
func NewPiece(subscript *types.Resolved, delimiter string, index int64) (*types.Resolved, *Impl) {
	isStrict := subscript.Name == types.OpSubscript
	if !isStrict && subscript.Name != "element_at" || delimiter == "" || index < 1 {
		return nil, nil
	}
	fn := &types.Resolved{Signature: &types.Signature{Name: "piece"}, Args: []*types.Type{subscript.Return}, Return: subscript.Return}
	return fn, &Impl{Kernel: unary(func(text string) (string, error) {
		rest := text
		for range index - 1 {
			_, after, found := strings.Cut(rest, delimiter)
			if !found {
				if !isStrict {
					return "", errNull
				}
				return "", errPastEnd(index, strings.Count(text, delimiter)+1)
			}
			rest = after
		}
		piece, _, _ := strings.Cut(rest, delimiter)
		return piece, nil
	})(fn)}
}
