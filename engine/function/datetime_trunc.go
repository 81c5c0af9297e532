package function

import (
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/largepages"
	"github.com/auditlake/auditlake/planner/types"
)

func dateTruncFunctions() []Function {
	const doc = "Returns a date or time cut to the start of its unit; weeks start on Monday."
	return []Function{
		scalar("date_trunc(varchar, date) -> date", doc, binary(truncDate), types.Monotonic),
		scalar("date_trunc(varchar, timestamp(p)) -> timestamp(p)", doc, cutMicros(bound(truncTimestamp)), types.Monotonic),
		scalar("date_trunc(varchar, timestamp(p) with time zone) -> timestamp(p) with time zone", doc, cutMicros(bound(truncZoned))),
		scalar("date_trunc(varchar, time(p)) -> time(p)", doc, bound(truncTime)),
		scalar("date(varchar) -> date", "Returns the day a text names.", dateOfText),
		scalar("date(timestamp(p)) -> date", "Returns the day.", cutMicros(bound(dayOfTimestamp)), types.Monotonic),
		scalar("date(timestamp(p) with time zone) -> date", "Returns the day in the value's zone.", cutMicros(bound(dayOfTimestamp))),
	}
}

// truncDays truncates a local time to a unit of a day or longer. It returns false for other units.
func truncDays(unit string, t time.Time) (time.Time, bool) {
	year, month, day := t.Date()
	switch unit {
	case "day":
	case "week":
		day -= int(t.Weekday()+6) % 7
	case "month":
		day = 1
	case "quarter":
		month, day = (month-1)/3*3+1, 1
	case "year":
		month, day = 1, 1
	default:
		return t, false
	}
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC), true
}

func truncDate(unit string, days int32) (int32, error) {
	c := clock{t: types.DateType}
	t, ok := truncDays(strings.ToLower(unit), c.local(int64(days)))
	if !ok {
		return 0, unknownUnit("DATE", unit)
	}
	return int32(c.value(t)), nil
}

// span is the range [start, end).
type span struct{ start, end int64 }

func (s span) holds(v int64) bool { return s.start <= v && v < s.end }

// truncTimestamp caches the latest span: events are ordered by time, so the next value is mostly in it too.
func truncTimestamp(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[1])
	byRow := rowBind(func(env *Env, args []batch.Vector) func(int) (int64, error) {
		units, values := columnOf[string](args[0]), columnOf[int64](args[1])
		var last span
		var lastUnit string
		return func(i int) (int64, error) {
			unit, v := units.at(i), values.at(i)
			if last.holds(v) && unit == lastUnit {
				return last.start, nil
			}
			var err error
			last, err = c.spanOf(unit, v)
			lastUnit = unit
			return last.start, err
		}
	})
	return func(fn *types.Resolved) Kernel {
		kernel := byRow(fn)
		return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
			if units, values := args[0], args[1]; units.Const && !isNull(units, 0) && !values.Const && arrowdata.Validity(values.Array) == nil {
				return c.truncAll(env, fn.Return, columnOf[string](units).at(0), values.Array)
			}
			return kernel(env, args, lambdas, rows)
		}
	}
}

// truncAll truncates a column without NULLs to one unit.
func (c clock) truncAll(env *Env, t *types.Type, unit string, column arrow.Array) (batch.Vector, error) {
	meter := meterOf(env)
	if err := meter.Stopped(); err != nil {
		return batch.Vector{}, err
	}
	if err := meter.Grow(int64(column.Len()) * sizeOf[int64]()); err != nil {
		return batch.Vector{}, err
	}
	values := fixedValues[int64](column)
	out := largepages.Make[int64](len(values))
	for i := 0; i < len(values); {
		s, err := c.spanOf(unit, values[i])
		if err != nil {
			return batch.Vector{}, err
		}
		out[i] = s.start
		for i++; i < len(values) && s.holds(values[i]); i++ {
			out[i] = s.start
		}
	}
	return batch.Vector{Array: batch.FromValues(arrowtype.Of(t), out, nil)}, nil
}

// spanOf returns timestamps that are truncated to the same start as v: those of its unit, or of its day.
func (c clock) spanOf(unit string, v int64) (span, error) {
	unit = strings.ToLower(unit)
	if nanos, ok := clockNanos[unit]; ok && unit != "week" {
		return clockSpan(c, nanos, v), nil
	}
	t, ok := truncDays(unit, c.local(v))
	if !ok {
		return span{}, unknownUnit("TIMESTAMP", unit)
	}
	return span{c.value(t), clockSpan(c, clockNanos["day"], v).end}, nil
}

func clockSpan(c clock, nanos, v int64) span {
	step := max(1, c.unitsOf(nanos))
	start := types.FloorDiv(v, step) * step
	return span{start, start + step}
}

// truncZoned caches the latest span of instants that are truncated to the same one.
func truncZoned(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[1])
	return rowBind(func(_ *Env, args []batch.Vector) func(int) (zoned, error) {
		units, values, zones := columnOf[string](args[0]), columnOf[zoned](args[1]), offsets{c: c}
		var last span
		var lastUnit string
		var cut zoned
		return func(i int) (zoned, error) {
			unit, v := units.at(i), values.at(i)
			if last.holds(v.instant) && v.zone == cut.zone && unit == lastUnit {
				return cut, nil
			}
			start, err := c.truncInZone(strings.ToLower(unit), v, &zones)
			if err != nil {
				return zoned{}, err
			}
			local, err := c.spanOf(unit, zones.local(v))
			last = span{max(local.start-zones.offset, zones.known.start), min(local.end-zones.offset, zones.known.end)}
			lastUnit, cut = unit, start
			return cut, err
		}
	})
}

// truncInZone truncates an instant to the start of its unit in its zone.
func (c clock) truncInZone(unit string, v zoned, zones *offsets) (zoned, error) {
	local := zones.local(v)
	offset := local - v.instant
	if nanos, ok := clockNanos[unit]; ok && unit != "week" && unit != "day" {
		return zoned{clockSpan(c, nanos, local).start - offset, v.zone}, nil
	}
	t, ok := truncDays(unit, c.local(local))
	if !ok {
		return zoned{}, unknownUnit("TIMESTAMP WITH TIME ZONE", unit)
	}
	return zoned{c.instant(t, v.zone, offset), v.zone}, nil
}

func truncTime(fn *types.Resolved) Bind {
	units := arrowtype.UnitsPerSecond(fn.Args[1])
	return binary(func(unit string, v int64) (int64, error) {
		nanos, ok := clockNanos[strings.ToLower(unit)]
		if !ok || nanos >= secondsPerDay*1e9 {
			return 0, unknownUnit("TIME", unit)
		}
		return clockSpan(clock{units: units}, nanos, v).start, nil
	})
}

func dayOfTimestamp(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[0])
	return localDate(fn, func(t time.Time) int32 { return int32(types.FloorDiv(t.Unix(), secondsPerDay)) }, c)
}

// dateOfText is the cast of a text to a date.
func dateOfText(fn *types.Resolved) Kernel {
	kernel, _ := castKernel(fn.Args[0], types.DateType, false)
	return kernel
}
