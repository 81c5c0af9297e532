package function

import (
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// integerExtremes is min or max of integers and times.
type integerExtremes[T int8 | int16 | int32 | int64] struct {
	result arrow.DataType
	// flip reverses the order of values for max, so that the winner is always the least.
	flip T
	// best holds the least flipped value by group. lastOf[T]() means no value, unless hasLast is set for the group.
	best    []T
	hasLast []bool // nil: no group has
}

// lastOf returns the greatest flipped value.
func lastOf[T int8 | int16 | int32 | int64]() T {
	var zero T
	return T(1)<<(8*unsafe.Sizeof(zero)-1) ^ ^zero
}

func integerExtreme[T int8 | int16 | int32 | int64](greatest bool) *AggregateImpl {
	return exactly(&AggregateImpl{New: func(fn *types.Resolved, _ *Env, _ []Lambda) Accumulator {
		e := &integerExtremes[T]{result: arrowtype.Of(fn.Return)}
		if greatest {
			e.flip = ^e.flip
		}
		return e
	}})
}

// Resize implements Accumulator.
func (e *integerExtremes[T]) Resize(groups int) {
	before, last := len(e.best), lastOf[T]()
	e.best = grown(e.best, groups)
	for i := before; i < len(e.best); i++ {
		e.best[i] = last
	}
	if e.hasLast != nil {
		e.hasLast = grown(e.hasLast, groups)
	}
}

// Add implements Accumulator.
func (e *integerExtremes[T]) Add(groups []int32, args []batch.Vector, rows int) error {
	if args[0].Array.DataType().ID() == arrow.NULL {
		return nil
	}
	values, valid := columnOf[T](args[0]), validOf(args[:1], rows)
	switch {
	case valid != nil || args[0].Const:
		for row, group := range groups[:rows] {
			if arrowdata.IsValid(valid, row) {
				e.look(group, values.at(row)^e.flip)
			}
		}
	case len(e.best) == 1:
		least, flip := lastOf[T](), e.flip
		for _, v := range values.vals[:rows] {
			least = min(least, v^flip)
		}
		if rows > 0 {
			e.look(0, least)
		}
	default:
		best, flip, last := e.best, e.flip, lastOf[T]()
		for row, group := range groups[:rows] {
			if v := values.vals[row] ^ flip; v < best[group] {
				best[group] = v
			} else if v == last {
				e.noteLast(group)
			}
		}
	}
	return nil
}

// look adds a flipped value to a group.
func (e *integerExtremes[T]) look(group int32, v T) {
	if v < e.best[group] {
		e.best[group] = v
	} else if v == lastOf[T]() {
		e.noteLast(group)
	}
}

// noteLast notes that a group has the value lastOf, which best otherwise uses for no value.
func (e *integerExtremes[T]) noteLast(group int32) {
	if e.hasLast == nil {
		e.hasLast = make([]bool, len(e.best), cap(e.best))
	}
	e.hasLast[group] = true
}

// Merge implements Accumulator.
func (e *integerExtremes[T]) Merge(other Accumulator, mapping []int32) error {
	from := other.(*integerExtremes[T])
	for i, v := range from.best {
		if group := mapping[i]; v < e.best[group] {
			e.best[group] = v
		} else if from.hasLast != nil && from.hasLast[i] {
			e.noteLast(group)
		}
	}
	return nil
}

// Result implements Accumulator.
func (e *integerExtremes[T]) Result() (arrow.Array, error) {
	out, valid, last := make([]T, len(e.best)), arrowdata.FullValidity(len(e.best)), lastOf[T]()
	for i, v := range e.best {
		if v == last && (e.hasLast == nil || !e.hasLast[i]) {
			arrowdata.ClearBit(valid, i)
			continue
		}
		out[i] = v ^ e.flip
	}
	return arrayOf(e.result, out, valid, batch.InTurn)
}

// SizeBytes implements Accumulator.
func (e *integerExtremes[T]) SizeBytes() int64 { return statesBytes(e.best) + statesBytes(e.hasLast) }

// integerExtremeBy is extremeBy for keys that are 64-bit integers, above all times. It compares them without using
// arrays.
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

// look notes a row whose key wins over earlier ones. The first of equal keys wins.
func (e *integerExtremeBy) look(group int32, key int64, row int32) {
	best := &e.keys[group]
	if !best.isSet || key > best.key && e.greatest || key < best.key && !e.greatest {
		*best = integerKey{key, true}
		e.won.put(group, row)
	}
}

// settle stores the values of the winning rows.
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
