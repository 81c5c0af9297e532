package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func anyValueFunctions() []Function {
	const doc = "Returns one of the values that are not NULL."
	return []Function{
		aggregate("arbitrary(T) -> T", doc, &AggregateImpl{New: newAnyValue}),
		aggregate("any_value(T) -> T", doc, &AggregateImpl{New: newAnyValue}),
	}
}

// AnyValue is any_value of a type.
func AnyValue(t *types.Type) *types.Resolved {
	signature := &types.Signature{Name: "any_value", Args: []*types.Type{t}, Return: t}
	return &types.Resolved{Signature: signature, Args: []*types.Type{t}, Return: t, Impl: &AggregateImpl{New: newAnyValue}}
}

// anyValue keeps the first value that is not NULL.
type anyValue struct {
	cells
	won pending
}

func newAnyValue(fn *types.Resolved, _ *Env, _ []Lambda) Accumulator {
	return &anyValue{cells: cells{valueType: arrowtype.Of(fn.Return)}}
}

// Resize implements Accumulator.
func (a *anyValue) Resize(groups int) {
	a.resize(groups)
	a.won.resize(groups)
}

// Add implements Accumulator.
func (a *anyValue) Add(groups []int32, args []batch.Vector, rows int) error {
	if args[0].Array.DataType().ID() == arrow.NULL {
		return nil
	}
	valid := validOf(args, rows)
	for row, group := range groups[:rows] {
		if a.isSet(group) || !arrowdata.IsValid(valid, row) {
			continue
		}
		if _, ok := a.won.row(group); !ok {
			a.won.put(group, int32(row))
		}
	}
	a.set(a.won.groups, args[0], a.won.rows)
	a.won.forget()
	return nil
}

// Merge implements Accumulator.
func (a *anyValue) Merge(other Accumulator, mapping []int32) error {
	from := other.(*anyValue)
	return a.Add(mapping, []batch.Vector{{Array: from.values()}}, len(from.at))
}

// Result implements Accumulator.
func (a *anyValue) Result() (arrow.Array, error) { return a.values(), nil }

// SizeBytes implements Accumulator.
func (a *anyValue) SizeBytes() int64 { return a.sizeBytes() + a.won.sizeBytes() }
