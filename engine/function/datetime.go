package function

import (
	"fmt"
	"math"
	"time"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/function/internal/datepattern"
	"github.com/auditlake/auditlake/planner/types"
)

const (
	maxDateYear   = 5900000 // beyond any date
	secondsPerDay = 86400
	millisPerDay  = secondsPerDay * 1000
)

// clock converts the values of a date or timestamp type to and from a time.Time in UTC whose fields are the local
// ones.
type clock struct {
	t     *types.Type
	units int64 // per second; 0 for date
}

func clockOf(t *types.Type) clock {
	if t.Kind == types.Date {
		return clock{t: t}
	}
	return clock{t: t, units: arrowtype.UnitsPerSecond(t)}
}

func (c clock) local(value int64) time.Time {
	if c.units == 0 {
		return time.Unix(value*secondsPerDay, 0).UTC()
	}
	seconds := types.FloorDiv(value, c.units)
	return time.Unix(seconds, (value-seconds*c.units)*(1e9/c.units)).UTC()
}

// unitsOf converts nanoseconds to units, truncated.
func (c clock) unitsOf(nanos int64) int64 {
	if c.units > 1e9 {
		return nanos * (c.units / 1e9)
	}
	return nanos / (1e9 / c.units)
}

func (c clock) localZoned(v zoned) time.Time {
	return c.local(v.instant + c.offset(v.instant, v.zone))
}

// offset returns how many units the zone is ahead of UTC at an instant.
func (c clock) offset(instant int64, zone arrowtype.Zone) int64 {
	return arrowtype.OffsetSeconds(zone, types.FloorDiv(instant, c.units)) * c.units
}

// value is the inverse of local.
func (c clock) value(t time.Time) int64 {
	if c.units == 0 {
		return types.FloorDiv(t.Unix(), secondsPerDay)
	}
	return t.Unix()*c.units + int64(t.Nanosecond())/(1e9/c.units)
}

// valueWithin is value for a time that may be out of the type's range.
func (c clock) valueWithin(t time.Time) (int64, error) {
	if c.units != 0 && (t.Unix() >= math.MaxInt64/c.units || t.Unix() <= math.MinInt64/c.units) {
		return 0, overflowed(fmt.Sprintf("year %d", t.Year()))
	}
	return c.value(t), nil
}

// instant is the inverse of localZoned. In a gap the local time moves forward by the gap. In an overlap it is the
// earlier instant, unless prefer, an offset in units, selects the other.
func (c clock) instant(t time.Time, zone arrowtype.Zone, prefer int64) int64 {
	local := c.value(t)
	if at := local - prefer; c.offset(at, zone) == prefer {
		return at
	}
	before := c.offset(local-secondsPerDay*c.units, zone)
	if at := local - before; c.offset(at, zone) == before {
		return at
	}
	after := c.offset(local+secondsPerDay*c.units, zone)
	if at := local - after; c.offset(at, zone) == after {
		return at
	}
	return local - before // a gap
}

// dateTimeFunctions is the family of date and time functions: now, fields, arithmetic, truncation and text.
func dateTimeFunctions() []Function {
	return []Function{
		scalar("now() -> timestamp(3) with time zone", "Returns the statement's instant in the session's zone.", nullaryEnv(statementInstant)),
		scalar("current_timestamp() -> timestamp(3) with time zone", "Returns the statement's instant in the session's zone.", nullaryEnv(statementInstant)),
		scalar("current_date() -> date", "Returns the statement's day in the session's zone.", nullaryEnv(func(env *Env) (int32, error) {
			_, offset := env.Now.In(env.Location).Zone()
			return int32(types.FloorDiv(env.Now.Unix()+int64(offset), secondsPerDay)), nil
		})),
		scalar("localtimestamp() -> timestamp(3)", "Returns the session's wall clock at the statement's instant.", nullaryEnv(func(env *Env) (int64, error) {
			_, offset := env.Now.In(env.Location).Zone()
			return env.Now.UnixMilli() + int64(offset)*1000, nil
		})),
		scalar("current_timezone() -> varchar", "Returns the session's time zone.", nullaryEnv(func(env *Env) (string, error) { return env.Zone, nil })),
	}
}

// nullaryEnv adapts a function of the statement alone.
func nullaryEnv[R any](f func(*Env) (R, error)) Bind {
	return func(fn *types.Resolved) Kernel { return nullaryKernel(fn, f) }
}

func statementInstant(env *Env) (zoned, error) {
	zone, err := arrowtype.ParseZone(env.Zone)
	return zoned{instant: env.Now.UnixMilli(), zone: zone}, err
}

// unknownUnit is the error of a name that is not a unit.
func unknownUnit(kind, unit string) error {
	return argumentError("'%s' is not a valid %s field", unit, kind)
}

func overflowed(what string) error { return rangeError("%s is out of range", what) }

// addMonths moves t by months and clamps the day to the month's end.
func addMonths(t time.Time, months int64) (time.Time, error) {
	fromYear, fromMonth, day := t.Date()
	total := int64(fromYear)*12 + int64(fromMonth) - 1 + months
	year, month := types.FloorDiv(total, 12), time.Month(total-types.FloorDiv(total, 12)*12+1)
	if year < -maxDateYear || year > maxDateYear {
		return time.Time{}, overflowed(fmt.Sprintf("year %d", year))
	}
	if day > 28 {
		day = min(day, datepattern.DaysInMonth(int(year), month))
	}
	hour, minute, second := t.Clock()
	return time.Date(int(year), month, day, hour, minute, second, t.Nanosecond(), time.UTC), nil
}
