package function

import (
	"math"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/planner/types"
)

const (
	intervalDay   = "interval day to second"
	intervalMonth = "interval year to month"
)

// temporalArithmeticFunctions are + and - of dates, times and intervals.
func temporalArithmeticFunctions() []Function {
	var list []Function
	// shift declares value ± interval and interval + value.
	shift := func(value, interval string, resultOf func(*types.Type) *types.Type, add func(value, result *types.Type, sign int64) (plain, swapped Bind)) {
		returns := types.ReturnOf(func(args []*types.Type) (*types.Type, error) {
			if args[0].Kind == types.IntervalDay || args[0].Kind == types.IntervalYear {
				return resultOf(args[1]), nil
			}
			return resultOf(args[0]), nil
		})
		bind := func(sign int64, swap bool) Bind {
			return func(fn *types.Resolved) Kernel {
				if swap {
					_, swapped := add(fn.Args[1], fn.Return, sign)
					return swapped(fn)
				}
				plain, _ := add(fn.Args[0], fn.Return, sign)
				return plain(fn)
			}
		}
		list = append(list,
			scalar(types.OpAdd+"("+value+", "+interval+") -> "+value, "", moveMicros(bind(1, false)), returns),
			scalar(types.OpAdd+"("+interval+", "+value+") -> "+value, "", moveMicros(bind(1, true)), returns),
			scalar(types.OpSubtract+"("+value+", "+interval+") -> "+value, "", moveMicros(bind(-1, false)), returns))
	}
	shift("date", intervalDay, same, shifted[int64](addDayInterval))
	shift("date", intervalMonth, same, shifted[int32](addMonthsToDate))
	shift("time", intervalDay, atLeastMillis, shifted[int64](addToTimeOfDay))
	shift("time with time zone", intervalDay, atLeastMillis, shifted[int64](zonedShift(addToTimeOfDay)))
	shift("timestamp", intervalDay, atLeastMillis, shifted[int64](addMillis))
	shift("timestamp", intervalMonth, same, shifted[int32](addMonthsToTimestamp))
	shift("timestamp with time zone", intervalDay, atLeastMillis, shifted[int64](zonedShift(addMillis)))
	shift("timestamp with time zone", intervalMonth, same, shifted[int32](addMonthsToZoned))
	return append(append(list, temporalDifferences()...), intervalOperators()...)
}

func same(t *types.Type) *types.Type { return t }

// atLeastMillis returns the type of a sum with an interval of milliseconds: it has at least three fraction digits.
func atLeastMillis(t *types.Type) *types.Type {
	return &types.Type{Kind: t.Kind, Precision: max(t.Precision, 3)}
}

// shifted returns both argument orders of an addition.
func shifted[I int32 | int64, V any](add func(value, result *types.Type) func(v V, n int64) (V, error)) func(value, result *types.Type, sign int64) (plain, swapped Bind) {
	return func(value, result *types.Type, sign int64) (plain, swapped Bind) {
		f := add(value, result)
		return binary(func(v V, n I) (V, error) { return f(v, sign*int64(n)) }),
			binary(func(n I, v V) (V, error) { return f(v, sign*int64(n)) })
	}
}

func addDayInterval(_, _ *types.Type) func(v int32, n int64) (int32, error) {
	return func(v int32, n int64) (int32, error) {
		if n%millisPerDay != 0 {
			return 0, argumentError("Cannot add hour, minutes or seconds to a date")
		}
		sum := int64(v) + n/millisPerDay
		if sum != int64(int32(sum)) {
			return 0, overflowed("the date")
		}
		return int32(sum), nil
	}
}

func addMonthsToDate(date, _ *types.Type) func(v int32, n int64) (int32, error) {
	c := clockOf(date)
	return func(v int32, n int64) (int32, error) {
		t, err := addMonths(c.local(int64(v)), n)
		if err != nil {
			return 0, err
		}
		return c.dateWithin(t)
	}
}

func addToTimeOfDay(value, result *types.Type) func(v, n int64) (int64, error) {
	units := arrowtype.UnitsPerSecond(result)
	up, day := units/arrowtype.UnitsPerSecond(value), secondsPerDay*units
	return func(v, n int64) (int64, error) {
		return ((v*up+n%millisPerDay*(units/1000))%day + day) % day, nil
	}
}

func addMillis(value, result *types.Type) func(v, n int64) (int64, error) {
	units := arrowtype.UnitsPerSecond(result)
	up := units / arrowtype.UnitsPerSecond(value)
	return func(v, n int64) (int64, error) {
		base, ok1 := multiply(v, up)
		delta, ok2 := multiply(n, units/1000)
		sum := base + delta
		if !ok1 || !ok2 || (sum > base) != (delta > 0) && delta != 0 {
			return 0, overflowed("the timestamp")
		}
		return sum, nil
	}
}

func addMonthsToTimestamp(value, _ *types.Type) func(v, n int64) (int64, error) {
	c := clockOf(value)
	return func(v, n int64) (int64, error) {
		t, err := addMonths(c.local(v), n)
		if err != nil {
			return 0, err
		}
		return c.valueWithin(t)
	}
}

// zonedShift applies an addition to the instant: intervals of seconds count elapsed time.
func zonedShift(add func(value, result *types.Type) func(v, n int64) (int64, error)) func(value, result *types.Type) func(v zoned, n int64) (zoned, error) {
	return func(value, result *types.Type) func(v zoned, n int64) (zoned, error) {
		f, c := add(value, result), clockOf(result)
		return func(v zoned, n int64) (zoned, error) {
			instant, err := f(v.instant, n)
			if err != nil || value.Kind == types.TimeTZ {
				return zoned{instant, v.zone}, err
			}
			return c.inZonedRange(zoned{instant, v.zone}, nil)
		}
	}
}

// addMonthsToZoned keeps the local time of day.
func addMonthsToZoned(value, _ *types.Type) func(v zoned, n int64) (zoned, error) {
	c := clockOf(value)
	return func(v zoned, n int64) (zoned, error) {
		t, err := addMonths(c.localZoned(v), n)
		if err != nil {
			return zoned{}, err
		}
		if _, err := c.valueWithin(t); err != nil {
			return zoned{}, err
		}
		return c.inZonedRange(zoned{c.instant(t, v.zone, c.offset(v.instant, v.zone)), v.zone}, nil)
	}
}

func temporalDifferences() []Function {
	difference := func(t string, bind Bind) Function {
		return scalar(types.OpSubtract+"("+t+", "+t+") -> "+intervalDay, "", bind)
	}
	return []Function{
		difference("time(p)", bound(instantDifference)),
		difference("timestamp(p)", cutMicros(bound(instantDifference))),
		difference("time(p) with time zone", bound(zonedDifference)),
		difference("timestamp(p) with time zone", bound(zonedDifference)),
	}
}

func instantDifference(fn *types.Resolved) Bind {
	toMillis := millisOf(arrowtype.UnitsPerSecond(fn.Args[0]))
	return binary(func(a, b int64) (int64, error) { return toMillis(a, b) })
}

func zonedDifference(fn *types.Resolved) Bind {
	if fn.Args[0].IsLong() {
		return binary(func(a, b longZoned) (int64, error) { return longDifference(a.instant, b.instant) })
	}
	toMillis := millisOf(arrowtype.UnitsPerSecond(fn.Args[0]))
	return binary(func(a, b zoned) (int64, error) { return toMillis(a.instant, b.instant) })
}

// longDifference subtracts instants, rounded half up to milliseconds.
func longDifference(a, b long) (int64, error) {
	const microsPerMilli, half = 1000, 500 * types.PicosPerMicro
	d := a.micros - b.micros
	if (a.micros^b.micros)&(a.micros^d) < 0 {
		return 0, overflowed("the interval")
	}
	millis := types.FloorDiv(d, microsPerMilli)
	rest := (d-millis*microsPerMilli)*types.PicosPerMicro + a.picos - b.picos
	return millis + types.FloorDiv(rest+half, 2*half), nil
}

// millisOf subtracts instants, rounded half up to milliseconds.
func millisOf(units int64) func(a, b int64) (int64, error) {
	return func(a, b int64) (int64, error) {
		d := a - b
		if (a^b)&(a^d) < 0 {
			return 0, overflowed("the interval")
		}
		if units < 1000 {
			ms, ok := multiply(d, 1000/units)
			if !ok {
				return 0, overflowed("the interval")
			}
			return ms, nil
		}
		return types.FloorDiv(d+units/2000, units/1000), nil
	}
}

func intervalOperators() []Function {
	return append(
		intervalFamily(intervalDay, func(n int64) (int64, error) { return n, nil }),
		intervalFamily(intervalMonth, func(n int64) (int32, error) {
			if n != int64(int32(n)) {
				return 0, overflowed("the interval")
			}
			return int32(n), nil
		})...)
}

// intervalFamily declares the arithmetic of an interval type; narrow converts a result to I. Sums and products
// beyond 64 bits wrap around, as Java's long does. Products with a double saturate.
func intervalFamily[I int32 | int64](t string, narrow func(int64) (I, error)) []Function {
	times := func(a I, b int64) (I, error) { return narrow(int64(a) * b) }
	timesDouble := func(a I, b float64) (I, error) {
		if math.IsNaN(b) {
			return 0, argumentError("Cannot multiply by double NaN")
		}
		return narrow(saturated(float64(a) * b))
	}
	return []Function{
		scalar(types.OpAdd+"("+t+", "+t+") -> "+t, "", binary(func(a, b I) (I, error) { return narrow(int64(a) + int64(b)) })),
		scalar(types.OpSubtract+"("+t+", "+t+") -> "+t, "", binary(func(a, b I) (I, error) { return narrow(int64(a) - int64(b)) })),
		scalar(types.OpMultiply+"("+t+", bigint) -> "+t, "", binary(times)),
		scalar(types.OpMultiply+"(bigint, "+t+") -> "+t, "", binary(func(a int64, b I) (I, error) { return times(b, a) })),
		scalar(types.OpMultiply+"("+t+", double) -> "+t, "", binary(timesDouble)),
		scalar(types.OpMultiply+"(double, "+t+") -> "+t, "", binary(func(a float64, b I) (I, error) { return timesDouble(b, a) })),
		scalar(types.OpDivide+"("+t+", double) -> "+t, "", binary(func(a I, b float64) (I, error) {
			if b == 0 || math.IsNaN(b) {
				return 0, argumentError("Cannot divide by double %s", plainFloat(b, 64))
			}
			return narrow(saturated(float64(a) / b))
		})),
		scalar(types.OpNegate+"("+t+") -> "+t, "", unary(func(a I) (I, error) { return narrow(-int64(a)) })),
	}
}

// saturated truncates a double to an integer, clamped to the range of int64; NaN is 0.
func saturated(f float64) int64 {
	switch {
	case math.IsNaN(f):
		return 0
	case f >= 1<<63:
		return math.MaxInt64
	case f < -1<<63:
		return math.MinInt64
	}
	return int64(f)
}
