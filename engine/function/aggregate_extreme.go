package function

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func extremeFunctions() []Function {
	return []Function{
		aggregate("min(T) -> T where T orderable", "Returns the smallest value; NaN only if there is nothing else.", &AggregateImpl{New: newMin}),
		aggregate("max(T) -> T where T orderable", "Returns the greatest value; NaN only if there is nothing else.", &AggregateImpl{New: newMax}),
		aggregate("min(T, bigint) -> array(T) where T orderable", "Returns the n smallest values, ascending.",
			&AggregateImpl{New: newExtremes(false)}),
		aggregate("max(T, bigint) -> array(T) where T orderable", "Returns the n greatest values, descending.",
			&AggregateImpl{New: newExtremes(true)}),
	}
}

func newMin(fn *types.Resolved, env *Env, lambdas []Lambda) Accumulator {
	return extremeOf(fn, false).New(fn, env, lambdas)
}

func newMax(fn *types.Resolved, env *Env, lambdas []Lambda) Accumulator {
	return extremeOf(fn, true).New(fn, env, lambdas)
}

// extremeOf picks the accumulator for how values of the type are held.
func extremeOf(fn *types.Resolved, greatest bool) *AggregateImpl {
	switch fn.Args[0].Kind {
	case types.Boolean:
		return combining(func(a, b bool) bool {
			if greatest {
				return a || b
			}
			return a && b
		})
	case types.TinyInt:
		return integerExtreme[int8](greatest)
	case types.SmallInt:
		return integerExtreme[int16](greatest)
	case types.Integer, types.Date, types.IntervalYear, types.Color:
		return integerExtreme[int32](greatest)
	case types.BigInt, types.Time, types.Timestamp, types.IntervalDay:
		if fn.Args[0].IsLong() {
			break
		}
		return integerExtreme[int64](greatest)
	case types.Real:
		return floatExtreme[float32](greatest)
	case types.Double:
		return floatExtreme[float64](greatest)
	case types.Decimal:
		return combining(func(a, b decimal128.Num) decimal128.Num {
			if (b.Cmp(a) > 0) == greatest {
				return b
			}
			return a
		})
	case types.Varchar, types.Char, types.Varbinary, types.UUID, types.IPAddress:
		return textExtreme(greatest)
	}
	return &AggregateImpl{New: func(fn *types.Resolved, _ *Env, _ []Lambda) Accumulator {
		return newExtremeBy(fn.Args[0], fn.Args[0], greatest, false)
	}}
}

// floatExtreme gives the first of equal values: 0.0 equals -0.0.
func floatExtreme[T float32 | float64](greatest bool) *AggregateImpl {
	return combiningInOrder(func(a, b T) T {
		switch {
		case math.IsNaN(float64(a)):
			return b
		case math.IsNaN(float64(b)) || a == b || (a > b) == greatest:
			return a
		}
		return b
	})
}

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

// extremeBy keeps the value that stands beside the winning key; without by,
// the key itself. The first of equal keys wins. NULL keys do not count.
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
	e.settle(args, key)
	e.won.forget()
	return nil
}

// ordering lets NaN lose against every number, whatever is looked for.
func (e *extremeBy) ordering(a, b arrow.Array) func(i, j int) int {
	if e.greatest {
		return batch.OrderingNaNFirst(e.keyType, a, b)
	}
	return batch.Ordering(e.keyType, a, b)
}

// beats reports whether a key wins over another it compares to as order says.
func (e *extremeBy) beats(order int) bool {
	return order > 0 && e.greatest || order < 0 && !e.greatest
}

// settle puts the batch's winners against those of earlier batches.
func (e *extremeBy) settle(args []batch.Vector, key batch.Vector) {
	var groups, rows []int32
	compare := make([]func(i, j int) int, len(e.keys.chunks)) // with the keys of each chunk
	for i, group := range e.won.groups {
		row := e.won.rows[i]
		if held := e.keys.at[group]; held.chunk > 0 {
			chunk := held.chunk - 1
			if compare[chunk] == nil {
				compare[chunk] = e.ordering(key.Array, e.keys.chunks[chunk])
			}
			if !e.beats(compare[chunk](key.At(int(row)), int(held.row))) {
				continue
			}
		}
		groups, rows = append(groups, group), append(rows, row)
	}
	e.keys.set(groups, key, rows)
	if e.by {
		e.values.set(groups, args[0], rows)
	}
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
