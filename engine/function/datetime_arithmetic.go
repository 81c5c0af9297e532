package function

import (
	"math/bits"
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/datepattern"
	"github.com/auditlake/auditlake/largepages"
	"github.com/auditlake/auditlake/planner/types"
)

// A calendar unit has no fixed length and is counted in months.
var calendarMonths = map[string]int64{"month": 1, "quarter": 3, "year": 12}

// clockNanos are the units of fixed length.
var clockNanos = map[string]int64{
	"millisecond": 1e6, "second": 1e9, "minute": 60e9, "hour": 3600e9, "day": 86400e9, "week": 7 * 86400e9,
}

func dateArithmeticFunctions() []Function {
	const addDoc = "Returns a date or time moved by so many units."
	const diffDoc = "Returns the number of whole units from the first to the second."
	return []Function{
		scalar("date_add(varchar, bigint, date) -> date", addDoc, addToDates, types.Monotonic),
		scalar("date_add(varchar, bigint, timestamp(p)) -> timestamp(p)", addDoc, moveMicros(bound(addToTimestamp)), types.Monotonic),
		scalar("date_add(varchar, bigint, timestamp(p) with time zone) -> timestamp(p) with time zone", addDoc, moveMicros(bound(addToZoned))),
		scalar("date_add(varchar, bigint, time(p)) -> time(p)", addDoc, bound(addToTime)),
		scalar("date_diff(varchar, date, date) -> bigint", diffDoc, diffInSteps[int32](constantDays, ternary(diffDate))),
		scalar("date_diff(varchar, timestamp(p), timestamp(p)) -> bigint", diffDoc, cutMicros(bound(diffTimestamps))),
		scalar("date_diff(varchar, timestamp(p) with time zone, timestamp(p) with time zone) -> bigint", diffDoc, cutMicros(bound(diffZoned))),
		scalar("date_diff(varchar, time(p), time(p)) -> bigint", diffDoc, bound(diffTimes)),
	}
}

var addToDates = rowBind(func(_ *Env, args []batch.Vector) func(int) (int32, error) {
	units, numbers, dates := columnOf[string](args[0]), columnOf[int64](args[1]), columnOf[int32](args[2])
	step := constantDays(args[0])
	return func(i int) (int32, error) {
		if step == 0 {
			return addToDate(strings.ToLower(units.at(i)), numbers.at(i), dates.at(i))
		}
		return addDays(dates.at(i), numbers.at(i), step)
	}
})

func addToDate(unit string, n int64, date int32) (int32, error) {
	if months, ok := calendarMonths[unit]; ok {
		c := clock{t: types.DateType}
		t, err := addUnits(c.local(int64(date)), months, n)
		if err != nil {
			return 0, err
		}
		return c.dateWithin(t)
	}
	step := calendarDays[unit]
	if step == 0 {
		return 0, unknownUnit("DATE", unit)
	}
	return addDays(date, n, step)
}

// addDays adds n times step days.
func addDays(date int32, n, step int64) (int32, error) {
	days := n * step
	if n > 1<<32 || n < -1<<32 || int64(date)+days != int64(int32(int64(date)+days)) {
		return 0, overflowed("date")
	}
	return date + int32(days), nil
}

// calendarDays has the length in days of the units with a fixed number of days.
var calendarDays = map[string]int64{"day": 1, "week": 7}

// constantDays returns the days of a unit that is the same for all rows, 0 if it has no fixed number of days.
func constantDays(unit batch.Vector) int64 {
	return calendarDays[constantUnit(unit)]
}

// constantUnit returns a unit that is the same for all rows, in lower case; empty if there is none.
func constantUnit(unit batch.Vector) string {
	if !unit.Const || isNull(unit, 0) {
		return ""
	}
	return strings.ToLower(batch.Strings(unit.Array)[0])
}

func addUnits(t time.Time, months, n int64) (time.Time, error) {
	if n != int64(int32(n)) {
		return time.Time{}, argumentError("integer overflow")
	}
	return addMonths(t, months*n)
}

func addToTimestamp(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[2])
	return rowBind(func(_ *Env, args []batch.Vector) func(int) (int64, error) {
		units, numbers, values := columnOf[string](args[0]), columnOf[int64](args[1]), columnOf[int64](args[2])
		delta, isFixed := c.deltaOf(args[:2])
		return func(i int) (int64, error) {
			v := values.at(i)
			if sum := v + delta; isFixed && (sum > v) == (delta > 0) && c.inMicros(sum) {
				return sum, nil
			}
			sum, err := addLocal(c, strings.ToLower(units.at(i)), numbers.at(i), v)
			if err != nil || !c.inMicros(sum) {
				return 0, sumError(err)
			}
			return sum, nil
		}
	})
}

// deltaOf returns what a constant number of a constant unit adds to a value. isFixed reports whether that is the
// same for all values and not zero.
func (c clock) deltaOf(unitAndNumber []batch.Vector) (delta int64, isFixed bool) {
	unit, number := unitAndNumber[0], unitAndNumber[1]
	if !unit.Const || !number.Const || unit.Array.NullN()+number.Array.NullN() > 0 {
		return 0, false
	}
	name, n := strings.ToLower(columnOf[string](unit).at(0)), columnOf[int64](number).at(0)
	nanos, isClock := clockNanos[name]
	if !isClock || nanos < 1e9 || n != int64(int32(n)) {
		return 0, false
	}
	delta, fits := multiply(c.unitsOf(nanos), n)
	return delta, fits && delta != 0
}

// dateWithin returns the date of a time that may be out of the range of dates.
func (c clock) dateWithin(t time.Time) (int32, error) {
	days := c.value(t)
	if days != int64(int32(days)) {
		return 0, overflowed("date")
	}
	return int32(days), nil
}

// sumError turns an error about the range of a sum into one of a bad argument.
func sumError(err error) error {
	if err == nil || types.ErrorName(err) == types.NumericValueOutOfRange {
		return argumentError("long overflow")
	}
	return err
}

// addLocal moves a local time by a unit.
func addLocal(c clock, unit string, n, v int64) (int64, error) {
	if months, ok := calendarMonths[unit]; ok {
		t, err := addUnits(c.local(v), months, n)
		if err != nil {
			return 0, err
		}
		return c.valueWithin(t)
	}
	nanos, ok := clockNanos[unit]
	if !ok {
		return 0, unknownUnit("TIMESTAMP", unit)
	}
	if n != int64(int32(n)) {
		return 0, argumentError("integer overflow")
	}
	return addNanos(c, nanos, n, v)
}

// inMicros reports whether a timestamp's microseconds fit in 64 bits.
func (c clock) inMicros(v int64) bool {
	if c.units >= 1e6 {
		return true
	}
	_, ok := multiply(v, 1e6/c.units)
	return ok
}

// addNanos moves a value by n times a unit.
func addNanos(c clock, nanos, n, v int64) (int64, error) {
	if nanos < 1e9 && c.t.Precision < 3 {
		return addMillisRounded(c, n, v)
	}
	delta, ok := multiply(c.unitsOf(nanos), n)
	if !ok || (delta > 0) != (v+delta > v) && delta != 0 {
		return 0, overflowed("the sum")
	}
	return v + delta, nil
}

// addMillisRounded adds n milliseconds to a value without milliseconds, and rounds half up.
func addMillisRounded(c clock, n, v int64) (int64, error) {
	if c.units < 1000 {
		total, ok := multiply(v, 1000/c.units)
		if !ok {
			return 0, overflowed("the sum")
		}
		return types.FloorDiv(total+n+500, 1000), nil
	}
	step := c.units
	for range c.t.Precision {
		step /= 10
	}
	return types.FloorDiv(v+n*(c.units/1000)+step/2, step) * step, nil
}

// multiply returns false on overflow.
func multiply(a, b int64) (int64, bool) {
	hi, lo := bits.Mul64(uint64(max(a, -a)), uint64(max(b, -b)))
	negative := (a < 0) != (b < 0)
	if hi != 0 || lo > 1<<63 || lo == 1<<63 && !negative {
		return 0, false
	}
	if negative {
		return -int64(lo), true
	}
	return int64(lo), true
}

// addToZoned adds days and longer units to the local time, shorter ones to the instant.
func addToZoned(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[2])
	return ternary(func(unit string, n int64, v zoned) (zoned, error) {
		unit = strings.ToLower(unit)
		_, calendar := calendarMonths[unit]
		if !calendar && unit != "day" && unit != "week" {
			instant, err := addLocal(c, unit, n, v.instant)
			return c.inZonedRange(zoned{instant, v.zone}, err)
		}
		offset := c.offset(v.instant, v.zone)
		local, err := addLocal(c, unit, n, v.instant+offset)
		if err != nil {
			return zoned{}, sumError(err)
		}
		return c.inZonedRange(zoned{c.instant(c.local(local), v.zone, offset), v.zone}, nil)
	})
}

// inZonedRange fails for sums beyond the 52 bits that hold the milliseconds of a timestamp with time zone.
func (c clock) inZonedRange(v zoned, err error) (zoned, error) {
	if err != nil || !c.isZonedInstant(v.instant) {
		return zoned{}, sumError(err)
	}
	return v, nil
}

// isZonedInstant reports whether the milliseconds of an instant fit in these bits.
func (c clock) isZonedInstant(v int64) bool {
	if c.units < 1000 {
		return v <= maxPackedMillis/1000 && v >= -maxPackedMillis/1000
	}
	limit := maxPackedMillis * (c.units / 1000)
	return v < limit && v >= -limit
}

// areZonedInstants reports whether isZonedInstant is true for all values.
func (c clock) areZonedInstants(values []int64) bool {
	least, greatest := int64(0), int64(0)
	for _, v := range values {
		least, greatest = min(least, v), max(greatest, v)
	}
	return c.isZonedInstant(least) && c.isZonedInstant(greatest)
}

func addToTime(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[2])
	return ternary(func(unit string, n, v int64) (int64, error) { return moveTime(c, unit, n, v) })
}

// moveTime moves a time of day, and wraps it at midnight.
func moveTime(c clock, unit string, n, v int64) (int64, error) {
	nanos, ok := clockNanos[strings.ToLower(unit)]
	if !ok || nanos >= secondsPerDay*1e9 {
		return 0, unknownUnit("TIME", unit)
	}
	millis := (n % millisPerDay) * (nanos / 1e6) % millisPerDay
	moved, err := addNanos(c, 1e6, millis, v)
	return withinDay(moved, c.units), err
}

func diffDate(unit string, from, to int32) (int64, error) {
	unit = strings.ToLower(unit)
	if months, ok := calendarMonths[unit]; ok {
		c := clock{t: types.DateType}
		return monthsBetween(c.local(int64(from)), c.local(int64(to))) / months, nil
	}
	step := calendarDays[unit]
	if step == 0 {
		return 0, unknownUnit("DATE", unit)
	}
	return (int64(to) - int64(from)) / step, nil
}

func diffTimestamps(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[1])
	rowByRow := ternary(func(unit string, from, to int64) (int64, error) { return diffLocal(c, strings.ToLower(unit), from, to) })
	return diffInSteps[int64](c.constantStep, rowByRow)
}

// diffInSteps divides differences by the length of a unit if that is the same for all rows, else it calls rowByRow.
func diffInSteps[T int32 | int64](stepOf func(unit batch.Vector) int64, rowByRow Bind) Bind {
	return func(fn *types.Resolved) Kernel {
		rowByRow := rowByRow(fn)
		return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
			step := stepOf(args[0])
			if step == 0 || allConst(args) {
				return rowByRow(env, args, lambdas, rows)
			}
			if err := meterOf(env).Grow(int64(rows) * sizeOf[int64]()); err != nil {
				return batch.Vector{}, err
			}
			from, to, out := columnOf[T](args[1]), columnOf[T](args[2]), largepages.Make[int64](rows)
			for i := range out {
				out[i] = int64(to.at(i)) - int64(from.at(i))
			}
			if step > 1 {
				for i := range out {
					out[i] /= step
				}
			}
			return batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, out, validOf(args, rows))}, nil
		}
	}
}

// constantStep returns the length of a unit that is the same for all rows. It returns 0 if that is not a fixed
// number of the clock's units, or if these are finer than the milliseconds of differences.
func (c clock) constantStep(unit batch.Vector) int64 {
	if c.units > millisPerSecond {
		return 0
	}
	return c.unitsOf(clockNanos[constantUnit(unit)])
}

// diffLocal counts units between times in whole milliseconds.
func diffLocal(c clock, unit string, from, to int64) (int64, error) {
	if perMilli := c.units / 1000; perMilli > 1 {
		c.units, from, to = 1000, types.FloorDiv(from, perMilli), types.FloorDiv(to, perMilli)
	}
	if months, ok := calendarMonths[unit]; ok {
		return monthsBetween(c.local(from), c.local(to)) / months, nil
	}
	return diffClock(c, unit, from, to)
}

func diffClock(c clock, unit string, from, to int64) (int64, error) {
	nanos, ok := clockNanos[unit]
	if !ok {
		return 0, unknownUnit("TIMESTAMP", unit)
	}
	if units := c.unitsOf(nanos); units > 0 {
		return (to - from) / units, nil
	}
	return (to - from) * (1e9 / c.units / nanos), nil
}

// diffZoned counts days and longer units by the local time of the first argument's zone, or by UTC with more than
// three fraction digits. It counts shorter units by elapsed time.
func diffZoned(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[1])
	return ternary(func(unit string, from, to zoned) (int64, error) {
		unit = strings.ToLower(unit)
		if _, calendar := calendarMonths[unit]; c.t.Precision > 3 || !calendar && unit != "day" && unit != "week" {
			return diffLocal(c, unit, from.instant, to.instant)
		}
		return diffLocal(c, unit, from.instant+c.offset(from.instant, from.zone), to.instant+c.offset(to.instant, from.zone))
	})
}

func diffTimes(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[1])
	return ternary(func(unit string, from, to int64) (int64, error) {
		unit = strings.ToLower(unit)
		if unit == "day" || unit == "week" {
			return 0, unknownUnit("TIME", unit)
		}
		return diffClock(c, unit, from, to)
	})
}

// monthsBetween counts whole months from the earlier time. A day clamped to a shorter month's end counts as
// reached.
func monthsBetween(from, to time.Time) int64 {
	if to.Before(from) {
		return -monthsBetween(to, from)
	}
	fromYear, fromMonth, fromDay := from.Date()
	toYear, toMonth, toDay := to.Date()
	months := int64(toYear-fromYear)*12 + int64(toMonth) - int64(fromMonth)
	isEarlier := toDay < fromDay
	if isEarlier {
		fromDay = min(fromDay, datepattern.DaysInMonth(toYear, toMonth))
		isEarlier = toDay < fromDay
	}
	if isEarlier || toDay == fromDay && sinceMidnight(to) < sinceMidnight(from) {
		months--
	}
	return months
}

func sinceMidnight(t time.Time) time.Duration {
	hour, minute, second := t.Clock()
	return time.Duration(hour)*time.Hour + time.Duration(minute)*time.Minute + time.Duration(second)*time.Second + time.Duration(t.Nanosecond())
}
