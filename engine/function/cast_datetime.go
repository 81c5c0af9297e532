package function

import (
	"strings"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/planner/types"
)

// castTemporal casts between dates, times and timestamps. A time becomes a
// timestamp on the statement's day.
func castTemporal(from, to *types.Type) (caster, bool) {
	switch from.Kind {
	case types.Date:
		return castDate(to)
	case types.Time:
		return castTime(from, to)
	case types.TimeTZ:
		return castTimeTZ(from, to)
	case types.Timestamp:
		return castTimestamp(from, to)
	}
	return castTimestampTZ(from, to)
}

func castDate(to *types.Type) (caster, bool) {
	switch to.Kind {
	case types.Timestamp:
		return casting(func(days int32) (int64, error) { return midnight(days, to) }), true
	case types.TimestampTZ:
		return castingInZone(to, func(days int32) (int64, error) { return midnight(days, to) }), true
	}
	return nil, false
}

func midnight(days int32, to *types.Type) (int64, error) {
	v, ok := multiply(int64(days), secondsPerDay*arrowtype.UnitsPerSecond(to))
	if !ok {
		return 0, types.Errorf(types.NotSupported, types.Pos{}, "%s is not supported for this year", to)
	}
	return v, nil
}

// castingInZone makes a caster to timestamp with time zone: local computes the
// wall clock, read in the session's zone.
func castingInZone[A any](to *types.Type, local func(a A) (int64, error)) caster {
	c := clockOf(to)
	return castingEnv(func(env *Env) (func(A) (zoned, error), error) {
		zone, err := sessionZone(env)
		return func(a A) (zoned, error) {
			v, err := local(a)
			if err != nil {
				return zoned{}, err
			}
			return atZone(c, v, zone), nil
		}, err
	})
}

func sessionZone(env *Env) (arrowtype.Zone, error) {
	if env.Zone == "" {
		return arrowtype.UTC, nil
	}
	return arrowtype.ParseZone(env.Zone)
}

// atZone reads a wall clock time in a zone; a repeated one is the earlier.
func atZone(c clock, local int64, zone arrowtype.Zone) zoned {
	if zone == arrowtype.UTC {
		return zoned{local, zone}
	}
	return zoned{c.instant(c.local(local), zone, c.offset(local-secondsPerDay*c.units, zone)), zone}
}

// rescaler converts a count of units of from to units of to, rounded half up
// to the precision of to.
func rescaler(from, to *types.Type) func(v int64) (int64, error) {
	fromUnits, toUnits := arrowtype.UnitsPerSecond(from), arrowtype.UnitsPerSecond(to)
	digits := int64(1) // of to's precision, per second
	for range to.Precision {
		digits *= 10
	}
	if fromUnits <= digits {
		return func(v int64) (int64, error) {
			if up, ok := multiply(v, toUnits/fromUnits); ok {
				return up, nil
			}
			return 0, types.Errorf(types.NotSupported, types.Pos{}, "%s is not supported for this year", to)
		}
	}
	step, up := fromUnits/digits, toUnits/digits
	return func(v int64) (int64, error) { return floorDiv(v+step/2, step) * up, nil }
}

// timeRescaler wraps what rounds up to 24:00 to 00:00.
func timeRescaler(from, to *types.Type) func(v int64) (int64, error) {
	rescale := rescaler(from, to)
	day := secondsPerDay * arrowtype.UnitsPerSecond(to)
	return func(v int64) (int64, error) {
		v, err := rescale(v)
		return wrap(v, day), err
	}
}

// wrap brings a time of day back between 0 and day.
func wrap(v, day int64) int64 { return (v%day + day) % day }

func dayUnits(t *types.Type) int64 { return secondsPerDay * arrowtype.UnitsPerSecond(t) }

func castTime(from, to *types.Type) (caster, bool) {
	switch to.Kind {
	case types.Time:
		return casting(timeRescaler(from, to)), true
	case types.TimeTZ:
		return timestampToTimeTZ(from, to), true
	case types.Timestamp:
		rescale := rescaler(from, to)
		return castingEnv(func(env *Env) (func(int64) (int64, error), error) {
			today := todayIn(env) * dayUnits(to)
			return func(v int64) (int64, error) {
				v, err := rescale(v)
				return today + v, err
			}, nil
		}), true
	case types.TimestampTZ:
		rescale, c := rescaler(from, to), clockOf(to)
		return castingEnv(func(env *Env) (func(int64) (zoned, error), error) {
			zone, err := sessionZone(env)
			today := todayIn(env) * dayUnits(to)
			return func(v int64) (zoned, error) {
				v, err := rescale(v)
				return atZone(c, today+v, zone), err
			}, err
		}), true
	}
	return nil, false
}

// timestampToTimeTZ takes the time of day of a time or timestamp at the
// session zone's present offset.
func timestampToTimeTZ(from, to *types.Type) caster {
	rescale := timeRescaler(from, to)
	return castingEnv(func(env *Env) (func(int64) (zoned, error), error) {
		offset, zone, err := todaysOffset(env)
		return func(v int64) (zoned, error) {
			t, err := rescale(wrap(v, dayUnits(from)))
			return zoned{wrap(t-offset*arrowtype.UnitsPerSecond(to), dayUnits(to)), zone}, err
		}, err
	})
}

// todayIn is the statement's day in the session's zone.
func todayIn(env *Env) int64 {
	seconds, _, _ := todaysOffset(env)
	return floorDiv(env.Now.Unix()+seconds, secondsPerDay)
}

// todaysOffset is the session zone's offset at the statement's instant, in
// seconds and as a zone.
func todaysOffset(env *Env) (seconds int64, zone arrowtype.Zone, err error) {
	if zone, err = sessionZone(env); err != nil {
		return 0, 0, err
	}
	seconds = arrowtype.OffsetSeconds(zone, env.Now.Unix())
	zone, err = arrowtype.OffsetZone(int(seconds / 60))
	return seconds, zone, err
}

func castTimeTZ(from, to *types.Type) (caster, bool) {
	localTime := func(v zoned) int64 {
		return wrap(v.instant+arrowtype.OffsetSeconds(v.zone, 0)*arrowtype.UnitsPerSecond(from), dayUnits(from))
	}
	switch to.Kind {
	case types.Time:
		rescale := timeRescaler(from, to)
		return casting(func(v zoned) (int64, error) { return rescale(localTime(v)) }), true
	case types.TimeTZ:
		rescale := timeRescaler(from, to)
		return casting(func(v zoned) (zoned, error) {
			instant, err := rescale(v.instant)
			return zoned{instant, v.zone}, err
		}), true
	case types.Timestamp:
		rescale := rescaler(from, to)
		return castingEnv(func(env *Env) (func(zoned) (int64, error), error) {
			today := todayIn(env) * dayUnits(to)
			return func(v zoned) (int64, error) {
				t, err := rescale(localTime(v))
				return today + t, err
			}, nil
		}), true
	case types.TimestampTZ:
		rescale, c := rescaler(from, to), clockOf(to)
		return castingEnv(func(env *Env) (func(zoned) (zoned, error), error) {
			today := todayIn(env) * dayUnits(to)
			return func(v zoned) (zoned, error) {
				t, err := rescale(localTime(v))
				return atZone(c, today+t, v.zone), err
			}, nil
		}), true
	}
	return nil, false
}

func castTimestamp(from, to *types.Type) (caster, bool) {
	switch to.Kind {
	case types.Date:
		return castingPure(func(v int64) int32 { return int32(floorDiv(v, dayUnits(from))) }), true
	case types.Time:
		rescale := timeRescaler(from, to)
		return casting(func(v int64) (int64, error) { return rescale(wrap(v, dayUnits(from))) }), true
	case types.TimeTZ:
		return timestampToTimeTZ(from, to), true
	case types.Timestamp:
		return casting(rescaler(from, to)), true
	case types.TimestampTZ:
		return castingInZone(to, rescaler(from, to)), true
	}
	return nil, false
}

func castTimestampTZ(from, to *types.Type) (caster, bool) {
	c := clockOf(from)
	local := func(v zoned) int64 { return v.instant + c.offset(v.instant, v.zone) }
	switch to.Kind {
	case types.Date:
		return castingPure(func(v zoned) int32 { return int32(floorDiv(local(v), dayUnits(from))) }), true
	case types.Time:
		rescale := timeRescaler(from, to)
		return casting(func(v zoned) (int64, error) { return rescale(wrap(local(v), dayUnits(from))) }), true
	case types.TimeTZ:
		rescale := timeRescaler(from, to)
		return casting(func(v zoned) (zoned, error) {
			seconds := arrowtype.OffsetSeconds(v.zone, floorDiv(v.instant, c.units))
			zone, err := arrowtype.OffsetZone(int(seconds / 60))
			if err != nil {
				return zoned{}, castError("%v", err)
			}
			t, err := rescale(wrap(v.instant, dayUnits(from)))
			return zoned{t, zone}, err
		}), true
	case types.Timestamp:
		rescale := rescaler(from, to)
		return casting(func(v zoned) (int64, error) { return rescale(local(v)) }), true
	case types.TimestampTZ:
		rescale := rescaler(from, to)
		return casting(func(v zoned) (zoned, error) {
			instant, err := rescale(v.instant)
			return zoned{instant, v.zone}, err
		}), true
	}
	return nil, false
}

// temporalToVarchar is the text of dates, times, timestamps and intervals.
func temporalToVarchar(from *types.Type, fit func(string) (string, error)) (caster, bool) {
	units := arrowtype.UnitsPerSecond(from)
	switch from.Kind {
	case types.Date:
		return casting(func(d int32) (string, error) { return fit(dateText(d)) }), true
	case types.Time:
		return casting(func(v int64) (string, error) { return fit(string(arrowtype.AppendTime(nil, from, v))) }), true
	case types.TimeTZ:
		return casting(func(v zoned) (string, error) {
			return fit(string(arrowtype.AppendTimeTZ(nil, from, v.instant, v.zone)))
		}), true
	case types.Timestamp:
		return casting(func(v int64) (string, error) {
			return fit(string(arrowtype.AppendTimestamp(nil, v, units, from.Precision)))
		}), true
	case types.TimestampTZ:
		return casting(func(v zoned) (string, error) {
			return fit(string(arrowtype.AppendTimestampTZ(nil, from, v.instant, v.zone)))
		}), true
	case types.IntervalDay:
		return casting(func(v int64) (string, error) { return fit(string(arrowtype.AppendIntervalDay(nil, v))) }), true
	case types.IntervalYear:
		return casting(func(v int32) (string, error) { return fit(string(arrowtype.AppendIntervalYear(nil, int64(v)))) }), true
	}
	return nil, false
}

// dateText is a date as casts show it: years past 9999 without a plus sign.
func dateText(days int32) string {
	return strings.TrimPrefix(string(arrowtype.AppendDate(nil, int64(days))), "+")
}

// parseTemporal reads dates, times and timestamps from text.
func parseTemporal(to *types.Type) (caster, bool) {
	switch to.Kind {
	case types.Date:
		return casting(func(s string) (int32, error) {
			days, ok := types.ParseDate(s)
			if !ok || days != int64(int32(days)) {
				return 0, castError("Value cannot be cast to date: %s", s)
			}
			return int32(days), nil
		}), true
	case types.Time, types.TimeTZ:
		return parseTime(to), true
	case types.Timestamp:
		return casting(func(s string) (int64, error) {
			v, err := types.ParseTimestamp(s)
			if err != nil {
				return 0, castError("Value cannot be cast to timestamp: %s", s)
			}
			return rescaler(v.Type, to)(wallClock(v))
		}), true
	case types.TimestampTZ:
		return castingEnv(func(env *Env) (func(string) (zoned, error), error) {
			session, err := sessionZone(env)
			return func(s string) (zoned, error) { return parseZoned(s, to, session) }, err
		}), true
	}
	return nil, false
}

// wallClock is the local time of a timestamp literal, whatever its zone.
func wallClock(v types.Value) int64 {
	z, ok := v.V.(types.Zoned)
	if !ok {
		return v.V.(int64)
	}
	zone, err := arrowtype.ParseZone(z.Zone)
	if err != nil {
		return z.Instant
	}
	return z.Instant + clockOf(v.Type).offset(z.Instant, zone)
}

func parseZoned(s string, to *types.Type, session arrowtype.Zone) (zoned, error) {
	v, err := types.ParseTimestamp(s)
	if err != nil {
		return zoned{}, castError("Value cannot be cast to timestamp: %s", s)
	}
	rescale := rescaler(v.Type, to)
	z, ok := v.V.(types.Zoned)
	if !ok {
		local, err := rescale(v.V.(int64))
		return atZone(clockOf(to), local, session), err
	}
	zone, err := arrowtype.ParseZone(z.Zone)
	if err != nil {
		return zoned{}, castError("Value cannot be cast to timestamp: %s", s)
	}
	instant, err := rescale(z.Instant)
	return zoned{instant, zone}, err
}

// parseTime reads a time, which must have an offset exactly if the type has.
func parseTime(to *types.Type) caster {
	read := func(s string) (zoned, error) {
		v, err := types.ParseTime(s)
		if err != nil || (v.Type.Kind == types.TimeTZ) != (to.Kind == types.TimeTZ) {
			name := strings.Replace(to.String(), "("+string(rune('0'+to.Precision))+")", "", 1)
			return zoned{}, castError("Value cannot be cast to %s: %s", name, s)
		}
		rescale := timeRescaler(v.Type, to)
		z, ok := v.V.(types.Zoned)
		if !ok {
			z.Instant = v.V.(int64)
		}
		t, err := rescale(z.Instant * constantScale(v.Type))
		if err != nil || !ok {
			return zoned{instant: t}, err
		}
		zone, err := arrowtype.ParseZone(z.Zone)
		return zoned{t, zone}, err
	}
	if to.Kind == types.TimeTZ {
		return casting(read)
	}
	return casting(func(s string) (int64, error) { z, err := read(s); return z.instant, err })
}
