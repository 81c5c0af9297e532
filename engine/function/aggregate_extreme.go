package function

import (
	"github.com/apache/arrow/go/v15/arrow/decimal128"

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

// extremeOf picks the accumulator by the representation of the type's values.
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

// floatExtreme returns the first of equal values: 0.0 equals -0.0.
func floatExtreme[T float32 | float64](greatest bool) *AggregateImpl {
	return combiningInOrder(func(a, b T) T {
		switch {
		case greatest && a >= b || !greatest && a <= b:
			return a
		case a < b || a > b || a != a: // the last is NaN
			return b
		}
		return a // as b is NaN
	})
}
