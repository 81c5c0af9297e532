package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func extremeByFunctions() []Function {
	return []Function{
		aggregate("min_by(V, K) -> V where K orderable", "Returns the value of the first argument where the second is smallest.",
			&AggregateImpl{New: newBy(false)}),
		aggregate("max_by(V, K) -> V where K orderable", "Returns the value of the first argument where the second is greatest.",
			&AggregateImpl{New: newBy(true)}),
		aggregate("min_by(V, K, bigint) -> array(V) where K orderable",
			"Returns the values of the first argument where the second is among the n smallest.", &AggregateImpl{New: newExtremes(false)}),
		aggregate("max_by(V, K, bigint) -> array(V) where K orderable",
			"Returns the values of the first argument where the second is among the n greatest.", &AggregateImpl{New: newExtremes(true)}),
	}
}

func newBy(greatest bool) func(*types.Resolved, *Env, []Lambda) Accumulator {
	return func(fn *types.Resolved, _ *Env, _ []Lambda) Accumulator {
		if isIntegerKey(fn.Args[1]) {
			return newIntegerExtremeBy(fn.Args[0], greatest)
		}
		return newExtremeBy(fn.Args[0], fn.Args[1], greatest, true)
	}
}

// extremeBy holds the value of the row with the winning key; without by, the key itself. The first of equal keys
// wins. It ignores NULL keys.
type extremeBy struct {
	keyType  *types.Type
	greatest bool
	by       bool
	keys     cells
	values   cells
	won      pending
}

func newExtremeBy(value, key *types.Type, greatest, by bool) *extremeBy {
	return &extremeBy{keyType: key, greatest: greatest, by: by,
		keys: cells{valueType: arrowtype.Of(key)}, values: cells{valueType: arrowtype.Of(value)}}
}

// Resize implements Accumulator.
func (e *extremeBy) Resize(groups int) {
	e.keys.resize(groups)
	e.values.resize(groups)
	e.won.resize(groups)
}

// Add implements Accumulator.
func (e *extremeBy) Add(groups []int32, args []batch.Vector, rows int) error {
	key := args[len(args)-1]
	if key.Array.DataType().ID() == arrow.NULL {
		return nil
	}
	valid := validOf([]batch.Vector{key}, rows)
	compare := e.ordering(key.Array, key.Array)
	for row, group := range groups[:rows] {
		if !arrowdata.IsValid(valid, row) {
			continue
		}
		best, ok := e.won.row(group)
		if !ok || e.beats(compare(key.At(row), key.At(int(best)))) {
			e.won.put(group, int32(row))
		}
	}
	won, with := e.winners(key)
	e.settle(args, won, with)
	return nil
}

// ordering makes NaN lose against every number, both for min and for max.
func (e *extremeBy) ordering(a, b arrow.Array) func(i, j int) int {
	if e.greatest {
		return batch.OrderingNaNFirst(e.keyType, a, b)
	}
	return batch.Ordering(e.keyType, a, b)
}

// beats reports whether a key wins over another one; order is the result of comparing them.
func (e *extremeBy) beats(order int) bool {
	return order > 0 && e.greatest || order < 0 && !e.greatest
}

// winners returns the groups whose keys in the batch win over earlier batches, and the rows of these keys.
func (e *extremeBy) winners(key batch.Vector) (groups, rows []int32) {
	held := e.heldOrder(key)
	for i, group := range e.won.groups {
		row := e.won.rows[i]
		if e.keys.isSet(group) && !e.beats(held(row, group)) {
			continue
		}
		groups, rows = append(groups, group), append(rows, row)
	}
	return groups, rows
}

// heldOrder compares the keys of a batch with those that groups hold.
func (e *extremeBy) heldOrder(key batch.Vector) func(row, group int32) int {
	chunks := make([]func(i, j int) int, len(e.keys.chunks))
	return func(row, group int32) int {
		at := e.keys.at[group]
		compare := &chunks[at.chunk-1]
		if *compare == nil {
			*compare = e.ordering(key.Array, e.keys.chunks[at.chunk-1])
		}
		return (*compare)(key.At(int(row)), int(at.row))
	}
}

// settle stores the winning rows of the batch, and forgets the batch.
func (e *extremeBy) settle(args []batch.Vector, groups, rows []int32) {
	e.keys.set(groups, args[len(args)-1], rows)
	if e.by {
		e.values.set(groups, args[0], rows)
	}
	e.won.forget()
}

// Merge implements Accumulator.
func (e *extremeBy) Merge(other Accumulator, mapping []int32) error {
	from := other.(*extremeBy)
	key := batch.Vector{Array: from.keys.values()}
	args := []batch.Vector{key}
	if e.by {
		args = []batch.Vector{{Array: from.values.values()}, key}
	}
	return e.Add(mapping, args, len(from.keys.at))
}

// Result implements Accumulator.
func (e *extremeBy) Result() (arrow.Array, error) {
	if e.by {
		return e.values.values(), nil
	}
	return e.keys.values(), nil
}

// SizeBytes implements Accumulator.
func (e *extremeBy) SizeBytes() int64 {
	return e.keys.sizeBytes() + e.values.sizeBytes() + e.won.sizeBytes()
}
