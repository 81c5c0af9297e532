package function

import (
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/planner/types"
)

func dateTruncFunctions() []Function {
	const doc = "a date or time cut to the start of its unit; weeks start on Monday"
	return []Function{
		scalar("date_trunc(varchar, date) -> date", doc, binary(truncDate), types.Monotonic),
		scalar("date_trunc(varchar, timestamp(p)) -> timestamp(p)", doc, bound(truncTimestamp), types.Monotonic),
		scalar("date_trunc(varchar, timestamp(p) with time zone) -> timestamp(p) with time zone", doc, bound(truncZoned)),
		scalar("date_trunc(varchar, time(p)) -> time(p)", doc, bound(truncTime)),
		scalar("date(varchar) -> date", "the day a text names", dateOfText),
		scalar("date(timestamp(p)) -> date", "the day", bound(dayOfTimestamp), types.Monotonic),
		scalar("date(timestamp(p) with time zone) -> date", "the day in the value's zone", bound(dayOfTimestamp)),
	}
}

// truncDays cuts a local time to a unit of days and longer, false for others.
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

func truncTimestamp(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[1])
	return binary(func(unit string, v int64) (int64, error) {
		unit = strings.ToLower(unit)
		if nanos, ok := clockNanos[unit]; ok && unit != "week" {
			return truncClock(c, nanos, v), nil
		}
		t, ok := truncDays(unit, c.local(v))
		if !ok {
			return 0, unknownUnit("TIMESTAMP", unit)
		}
		return c.value(t), nil
	})
}

func truncClock(c clock, nanos, v int64) int64 {
	step := max(1, nanos/(1e9/c.units))
	return floorDiv(v, step) * step
}

func truncZoned(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[1])
	return binary(func(unit string, v zoned) (zoned, error) {
		unit = strings.ToLower(unit)
		offset := c.offset(v.instant, v.zone)
		local := v.instant + offset
		if nanos, ok := clockNanos[unit]; ok && unit != "week" && unit != "day" {
			return zoned{truncClock(c, nanos, local) - offset, v.zone}, nil
		}
		t, ok := truncDays(unit, c.local(local))
		if !ok {
			return zoned{}, unknownUnit("TIMESTAMP WITH TIME ZONE", unit)
		}
		return zoned{c.instant(t, v.zone, offset), v.zone}, nil
	})
}

func truncTime(fn *types.Resolved) Bind {
	units := arrowtype.UnitsPerSecond(fn.Args[1])
	return binary(func(unit string, v int64) (int64, error) {
		nanos, ok := clockNanos[strings.ToLower(unit)]
		if !ok || nanos >= secondsPerDay*1e9 {
			return 0, unknownUnit("TIME", unit)
		}
		return truncClock(clock{units: units}, nanos, v), nil
	})
}

func dayOfTimestamp(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[0])
	return localDate(fn, func(t time.Time) int32 { return int32(floorDiv(t.Unix(), secondsPerDay)) }, c)
}

// dateOfText is the cast.
func dateOfText(fn *types.Resolved) Kernel {
	kernel, _ := castKernel(fn.Args[0], types.DateType, false)
	return kernel
}
