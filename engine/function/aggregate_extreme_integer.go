package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// integerExtremeBy is extremeBy for keys that are 64-bit integers, times above all, which it compares without a look at arrays.
type integerExtremeBy struct {
	greatest bool
	keys     []integerKey
	values   cells
	won      pending
}

// integerKey is the winning key of a group.
type integerKey struct {
	key   int64
	isSet bool
}

// isIntegerKey reports whether keys of a type are held as 64-bit integers.
func isIntegerKey(t *types.Type) bool {
	switch t.Kind {
	case types.BigInt, types.IntervalDay:
		return true
	case types.Timestamp:
		return !t.IsLong()
	}
	return false
}

func newIntegerExtremeBy(value *types.Type, greatest bool) *integerExtremeBy {
	return &integerExtremeBy{greatest: greatest, values: cells{valueType: arrowtype.Of(value)}}
}

// Resize implements Accumulator.
func (e *integerExtremeBy) Resize(groups int) {
	e.keys = grown(e.keys, groups)
	e.values.resize(groups)
	e.won.resize(groups)
}

// Add implements Accumulator.
func (e *integerExtremeBy) Add(groups []int32, args []batch.Vector, rows int) error {
	key := args[1]
	if key.Array.DataType().ID() == arrow.NULL {
		return nil
	}
	keys, valid := columnOf[int64](key), validOf([]batch.Vector{key}, rows)
	for row, group := range groups[:rows] {
		if arrowdata.IsValid(valid, row) {
			e.look(group, keys.at(row), int32(row))
		}
	}
	e.settle(args[0])
	return nil
}

// look notes a row whose key wins over those before it. The first of equal ones does.
func (e *integerExtremeBy) look(group int32, key int64, row int32) {
	best := &e.keys[group]
	if !best.isSet || key > best.key && e.greatest || key < best.key && !e.greatest {
		*best = integerKey{key, true}
		e.won.put(group, row)
	}
}

// settle keeps the values of the rows that won.
func (e *integerExtremeBy) settle(values batch.Vector) {
	e.values.set(e.won.groups, values, e.won.rows)
	e.won.forget()
}

// Merge implements Accumulator.
func (e *integerExtremeBy) Merge(other Accumulator, mapping []int32) error {
	from := other.(*integerExtremeBy)
	for group, k := range from.keys {
		if k.isSet {
			e.look(mapping[group], k.key, int32(group))
		}
	}
	e.settle(batch.Vector{Array: from.values.values()})
	return nil
}

// Result implements Accumulator.
func (e *integerExtremeBy) Result() (arrow.Array, error) { return e.values.values(), nil }

// SizeBytes implements Accumulator.
func (e *integerExtremeBy) SizeBytes() int64 {
	return statesBytes(e.keys) + e.values.sizeBytes() + e.won.sizeBytes()
}
