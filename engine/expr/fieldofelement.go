package expr

import (
	"slices"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// fieldOfElement compiles a field of an element of an array of rows, as resources[1].arn, so that the other fields of the element are not
// looked at: the element is taken from an array of the field. It returns nil for other fields.
func (c *compiler) fieldOfElement(e *plan.FieldOf) (node, error) {
	element, ok := e.Arg.(*plan.Call)
	if !ok || element.Fn.Name != types.OpSubscript && element.Fn.Name != "element_at" {
		return nil, nil
	}
	rows := element.Fn.Args[0]
	if rows.Kind != types.Array || rows.Elem.Kind != types.Row {
		return nil, nil
	}
	fn := *element.Fn
	fn.Args, fn.Return = slices.Clone(fn.Args), e.Type()
	fn.Args[0] = types.ArrayOf(e.Type())
	n, err := c.call(&fn, element.Args)
	if err != nil {
		return nil, err
	}
	n.args[0], n.fixed[0], n.chain = &fieldOfEach{n.args[0], e.Index}, false, nil
	n.returns = arrowtype.Of(e.Type())
	return n, nil
}

// fieldOfEach makes arrays of a field out of arrays of rows, over the memory of both; NULL is the field of a row that is NULL.
type fieldOfEach struct {
	arg   node
	index int
}

func (n *fieldOfEach) eval(f *frame) (batch.Vector, error) {
	v, err := n.arg.eval(f)
	if err != nil {
		return v, err
	}
	return batch.Vector{Array: batch.FieldOfEach(v.Array, n.index), Const: v.Const}, nil
}
