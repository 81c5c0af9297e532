package function

import (
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/planner/types"
)

// castLong casts between dates, times and timestamps if one of the types is a long timestamp.
func castLong(from, to *types.Type) (caster, bool) {
	switch {
	case !from.IsLong():
		return castToLong(from, to)
	case from.Kind == types.TimestampTZ:
		return castLongZoned(to)
	}
	return castLongTimestamp(to)
}

// castToLong casts to a long timestamp. It refuses values whose microseconds do not fit in 64 bits.
func castToLong(from, to *types.Type) (caster, bool) {
	switch from.Kind {
	case types.Date:
		return longFromLocal(to, func(*Env) (func(int32) (long, error), error) {
			return func(days int32) (long, error) { return longOfUnits(int64(days)*secondsPerDay, 1, to) }, nil
		}), true
	case types.Time:
		return longFromLocal(to, func(env *Env) (func(int64) (long, error), error) {
			onDay := onToday(env, from, to)
			return func(v int64) (long, error) { return onDay(v), nil }, nil
		}), true
	case types.TimeTZ:
		units := arrowtype.UnitsPerSecond(from)
		if to.Kind == types.Timestamp {
			return castingEnv(func(env *Env) (func(zoned) (long, error), error) {
				onDay := onToday(env, from, to)
				return func(v zoned) (long, error) { return onDay(localTime(v, units)), nil }, nil
			}), true
		}
		return castingEnv(func(env *Env) (func(zoned) (longZoned, error), error) {
			onDay := onToday(env, from, to)
			return func(v zoned) (longZoned, error) { return longAtZone(onDay(localTime(v, units)), v.zone) }, nil
		}), true
	case types.Timestamp:
		units := arrowtype.UnitsPerSecond(from)
		return longFromLocal(to, func(*Env) (func(int64) (long, error), error) {
			return func(v int64) (long, error) { return longOfUnits(v, units, to) }, nil
		}), true
	}
	return castZonedToLong(from, to), true
}

func castZonedToLong(from, to *types.Type) caster {
	c := clockOf(from)
	if to.Kind == types.Timestamp {
		return casting(func(v zoned) (long, error) { return longOfUnits(v.instant+c.offset(v.instant, v.zone), c.units, to) })
	}
	return casting(func(v zoned) (longZoned, error) {
		instant, err := longOfUnits(v.instant, c.units, to)
		return longZoned{instant, v.zone}, err
	})
}

// longFromLocal returns a caster to a timestamp, or to a timestamp with time zone, whose local time is read in the
// session's zone.
func longFromLocal[A any](to *types.Type, open func(*Env) (func(A) (long, error), error)) caster {
	if to.Kind == types.Timestamp {
		return castingEnv(open)
	}
	return castingEnv(func(env *Env) (func(A) (longZoned, error), error) {
		zone, err := sessionZone(env)
		if err != nil {
			return nil, err
		}
		local, err := open(env)
		return func(a A) (longZoned, error) {
			v, err := local(a)
			if err != nil {
				return longZoned{}, err
			}
			return longAtZone(v, zone)
		}, err
	})
}

// longAtZone reads a local time in a zone.
func longAtZone(v long, zone arrowtype.Zone) (longZoned, error) {
	at := atZone(microClock, v.micros, zone)
	return longZoned{long{at.instant, v.picos}, zone}, microClock.checkZoned(at)
}

// onToday converts times of day to timestamps on the statement's day.
func onToday(env *Env, from, to *types.Type) func(v int64) long {
	today, toPicos := todayIn(env)*microsPerDay, picosPerSecond/arrowtype.UnitsPerSecond(from)
	return func(v int64) long {
		picos := v * toPicos
		return long{today + picos/types.PicosPerMicro, picos % types.PicosPerMicro}.rounded(to.Precision)
	}
}

// longOfUnits converts a number of units. A unit is at least a microsecond.
func longOfUnits(v, unitsPerSecond int64, to *types.Type) (long, error) {
	micros, ok := multiply(v, microsPerSecond/unitsPerSecond)
	if !ok {
		return long{}, types.Errorf(types.NotSupported, types.Pos{}, "%s is not supported for this year", to)
	}
	return long{micros: micros}, nil
}

// rounded rounds half up to p fraction digits; p is more than the digits of microseconds.
func (v long) rounded(p int) long {
	step := int64(1)
	for digits := 2 * shortDigits; digits > p; digits-- {
		step *= 10
	}
	if v.picos = (v.picos + step/2) / step * step; v.picos == types.PicosPerMicro {
		return long{micros: v.micros + 1}
	}
	return v
}

// unitsRounder rounds long timestamps half up to the units of a type that is not long. Below microseconds, only the
// picoseconds decide the direction.
func unitsRounder(to *types.Type) func(v long) (int64, error) {
	if to.Precision == shortDigits {
		return func(v long) (int64, error) {
			if v.picos >= types.PicosPerMicro/2 {
				return v.micros + 1, nil
			}
			return v.micros, nil
		}
	}
	rescale := rescaler(microClock.t, to)
	return func(v long) (int64, error) { return rescale(v.micros) }
}

// timeRounder returns the time of day of long timestamps.
func timeRounder(to *types.Type) func(v long) (int64, error) {
	rescale := timeRescaler(types.TimeOf(2*shortDigits), to)
	return func(v long) (int64, error) {
		return rescale(wrap(v.micros, microsPerDay)*types.PicosPerMicro + v.picos)
	}
}

func castLongTimestamp(to *types.Type) (caster, bool) {
	switch to.Kind {
	case types.Date:
		return castingPure(func(v long) int32 { return int32(types.FloorDiv(v.micros, microsPerDay)) }), true
	case types.Time:
		return casting(timeRounder(to)), true
	case types.TimeTZ:
		toTime := timeRounder(to)
		return castingEnv(func(env *Env) (func(long) (zoned, error), error) {
			offset, zone, err := todaysOffset(env)
			return func(v long) (zoned, error) {
				t, err := toTime(v)
				return zoned{wrap(t-offset*arrowtype.UnitsPerSecond(to), dayUnits(to)), zone}, err
			}, err
		}), true
	case types.Timestamp, types.TimestampTZ:
		if to.IsLong() {
			return longFromLocal(to, func(*Env) (func(long) (long, error), error) {
				return func(v long) (long, error) { return v.rounded(to.Precision), nil }, nil
			}), true
		}
		round := unitsRounder(to)
		if to.Kind == types.Timestamp {
			return casting(round), true
		}
		return castingInZone(to, round), true
	}
	return nil, false
}

func castLongZoned(to *types.Type) (caster, bool) {
	local := func(v longZoned) long {
		return long{v.instant.micros + microClock.offset(v.instant.micros, v.zone), v.instant.picos}
	}
	switch to.Kind {
	case types.Date:
		return castingPure(func(v longZoned) int32 { return int32(types.FloorDiv(local(v).micros, microsPerDay)) }), true
	case types.Time:
		toTime := timeRounder(to)
		return casting(func(v longZoned) (int64, error) { return toTime(local(v)) }), true
	case types.TimeTZ:
		toTime := timeRounder(to)
		return casting(func(v longZoned) (zoned, error) {
			wall := local(v)
			t, err := toTime(wall)
			if err != nil {
				return zoned{}, err
			}
			return atClockOffset(t, types.FloorDiv(wall.micros, microsPerSecond), v.zone, to)
		}), true
	case types.Timestamp:
		if to.IsLong() {
			return castingPure(func(v longZoned) long { return local(v).rounded(to.Precision) }), true
		}
		round := unitsRounder(to)
		return casting(func(v longZoned) (int64, error) { return round(local(v)) }), true
	case types.TimestampTZ:
		if to.IsLong() {
			return castingPure(func(v longZoned) longZoned { return longZoned{v.instant.rounded(to.Precision), v.zone} }), true
		}
		round := unitsRounder(to)
		return casting(func(v longZoned) (zoned, error) {
			instant, err := round(v.instant)
			return zoned{instant, v.zone}, err
		}), true
	}
	return nil, false
}
