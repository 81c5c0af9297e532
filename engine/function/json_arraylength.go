package function

import (
	"github.com/auditlake/auditlake/engine/function/internal/jsonpath"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// NewArrayLength returns json_array_length(json_extract(text, path)) as one function of a text, which does not write the array that it
// counts; nil if the path is wrong.
func NewArrayLength(of *types.Type, path string) (*types.Resolved, *Impl) {
	p, err := jsonpath.CompileMembers(path)
	if err != nil {
		return nil, nil
	}
	fn := &types.Resolved{Signature: &types.Signature{Name: "array_length"}, Args: []*types.Type{of}, Return: types.BigIntType}
	return fn, &Impl{Kernel: unary(func(text string) (int64, error) {
		j := jsontext.Walker{Text: text}
		if !p.Find(&j) {
			return 0, errNull
		}
		return arrayLength(&j)
	})(fn)}
}
