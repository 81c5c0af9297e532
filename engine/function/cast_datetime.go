package function

import (
	"math"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// castTemporal casts between dates, times and timestamps. A time becomes a
// timestamp on the statement's day.
func castTemporal(from, to *types.Type) (caster, bool) {
	if from.IsLong() || to.IsLong() {
		return castLong(from, to)
	}
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

// castingInZone returns a caster to timestamp with time zone. local computes the local time, which is read in the
// session's zone.
func castingInZone[A any](to *types.Type, local func(a A) (int64, error)) caster {
	c := clockOf(to)
	instants := castingEnv(func(env *Env) (func(A) (int64, error), error) {
		zone, err := sessionZone(env)
		return func(a A) (int64, error) {
			v, err := local(a)
			if err != nil {
				return 0, err
			}
			at := atZone(c, v, zone)
			return at.instant, c.checkZoned(at)
		}, err
	})
	return func(try bool) Bind {
		return func(fn *types.Resolved) Kernel {
			ofInstants := *fn
			ofInstants.Return = types.BigIntType
			instants := instants(try)(&ofInstants)
			return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
				at, err := instants(env, args, lambdas, rows)
				if err != nil {
					return at, err
				}
				zone, err := sessionZone(env)
				if err != nil {
					return batch.Vector{}, err
				}
				out, err := inZone(env, fn.Return, at.Array, arrowdata.Validity(at.Array), zone)
				out.Const = at.Const
				return out, err
			}
		}
	}
}

// checkZoned fails a cast to an instant outside the range of timestamp with time zone.
func (c clock) checkZoned(v zoned) error {
	if !c.isZonedInstant(v.instant) {
		return castError("Out of range for timestamp with time zone: %d", types.FloorDiv(v.instant, max(1, c.units/1000)))
	}
	return nil
}

func sessionZone(env *Env) (arrowtype.Zone, error) {
	if env.Zone == "" {
		return arrowtype.UTC, nil
	}
	return arrowtype.ParseZone(env.Zone)
}

// atZone reads a local time in a zone. A local time that occurs twice means the earlier instant.
func atZone(c clock, local int64, zone arrowtype.Zone) zoned {
	if zone == arrowtype.UTC {
		return zoned{local, zone}
	}
	return zoned{c.instant(c.local(local), zone, c.offset(local-secondsPerDay*c.units, zone)), zone}
}

// rescaler converts a count of from's units to to's units, rounded half up to the precision of to.
func rescaler(from, to *types.Type) func(v int64) (int64, error) {
	fromUnits, toUnits := arrowtype.UnitsPerSecond(from), arrowtype.UnitsPerSecond(to)
	digits := int64(1) // units of to's precision, per second
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
	return func(v int64) (int64, error) { return types.FloorDiv(v+step/2, step) * up, nil }
}

// timeRescaler is rescaler for times of day; 24:00 after rounding becomes 00:00.
func timeRescaler(from, to *types.Type) func(v int64) (int64, error) {
	rescale := rescaler(from, to)
	day := secondsPerDay * arrowtype.UnitsPerSecond(to)
	return func(v int64) (int64, error) {
		v, err := rescale(v)
		return wrap(v, day), err
	}
}

// wrap returns a time of day modulo day, in [0, day).
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

// timestampToTimeTZ takes the time of day of a time or timestamp, at the session zone's current offset.
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

// todayIn returns the statement's day in the session's zone.
func todayIn(env *Env) int64 {
	seconds, _, _ := todaysOffset(env)
	return types.FloorDiv(env.Now.Unix()+seconds, secondsPerDay)
}

// todaysOffset returns the session zone's offset at the statement's instant, in seconds and as a zone.
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
		return castToDate(dayUnits(from)), true
	case types.Time:
		return castToTime(from, to), true
	case types.TimeTZ:
		return timestampToTimeTZ(from, to), true
	case types.Timestamp:
		return casting(rescaler(from, to)), true
	case types.TimestampTZ:
		return timestampInZone(from, to), true
	}
	return nil, false
}

// timestampInZone returns the caster of timestamps to timestamps with time zone. In UTC, and without a loss of
// digits, the instants are the values unchanged.
func timestampInZone(from, to *types.Type) caster {
	c, inAnyZone := clockOf(to), castingInZone(to, rescaler(from, to))
	if arrowtype.UnitsPerSecond(from) != c.units || from.Precision > to.Precision {
		return inAnyZone
	}
	return func(try bool) Bind {
		return func(fn *types.Resolved) Kernel {
			inAnyZone := inAnyZone(try)(fn)
			return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
				zone, err := sessionZone(env)
				if err != nil || zone != arrowtype.UTC || args[0].Const || !c.areZonedInstants(columnOf[int64](args[0]).vals[:rows]) {
					return inAnyZone(env, args, lambdas, rows)
				}
				return inZone(env, fn.Return, args[0].Array, arrowdata.Validity(args[0].Array), zone)
			}
		}
	}
}

// castToDate returns the caster of timestamps to dates; units is the length of a day. It never fails.
func castToDate(units int64) caster {
	return castingDays(units, func(dates []int32, _ []int64, day int64) {
		for i := range dates {
			dates[i] = int32(day)
		}
	})
}

// castToTime returns the caster of timestamps to times of day. It never fails.
func castToTime(from, to *types.Type) caster {
	fromUnits, toUnits := arrowtype.UnitsPerSecond(from), arrowtype.UnitsPerSecond(to)
	units, rescale := dayUnits(from), timeRescaler(from, to)
	return castingDays(units, func(out, times []int64, day int64) {
		for i, t := range times {
			if ofDay := t - day*units; to.Precision >= from.Precision {
				out[i] = ofDay * (toUnits / fromUnits)
			} else {
				out[i], _ = rescale(ofDay) // the rounded value is at most a day
			}
		}
	})
}

// castingDays returns a caster of timestamps; units is the length of a day. cast converts values of a single day.
// Events are ordered by time, so the next value is mostly of the same day.
func castingDays[R int32 | int64](units int64, cast func(out []R, times []int64, day int64)) caster {
	return func(bool) Bind {
		return func(fn *types.Resolved) Kernel {
			dt := arrowOf(fn)
			return func(env *Env, args []batch.Vector, _ []Lambda, _ int) (batch.Vector, error) {
				column, meter := args[0].Array, meterOf(env)
				if err := meter.Stopped(); err != nil {
					return batch.Vector{}, err
				}
				if err := meter.Grow(int64(column.Len()) * sizeOf[R]()); err != nil {
					return batch.Vector{}, err
				}
				times := fixedValues[int64](column)
				out := make([]R, len(times))
				for i := 0; i < len(times); {
					first, day := i, types.FloorDiv(times[i], units)
					least, most := day*units, (day+1)*units-1
					if least > times[i] { // an overflow is before or after all times
						least = math.MinInt64
					}
					if most < times[i] {
						most = math.MaxInt64
					}
					for ; i < len(times) && times[i] >= least && times[i] <= most; i++ {
					}
					cast(out[first:i], times[first:i], day)
				}
				return batch.Vector{Array: batch.FromValues(dt, out, arrowdata.Validity(column)), Const: args[0].Const}, nil
			}
		}
	}
}

// atClockOffset returns a time of day with time zone of type to. It takes the zone's offset at the instant that is
// the local time read as UTC, in whole minutes.
func atClockOffset(t, wallSeconds int64, zone arrowtype.Zone, to *types.Type) (zoned, error) {
	seconds := arrowtype.OffsetSeconds(zone, wallSeconds) / 60 * 60
	fixed, err := arrowtype.OffsetZone(int(seconds / 60))
	if err != nil {
		return zoned{}, castError("%v", err)
	}
	return zoned{wrap(t-seconds*arrowtype.UnitsPerSecond(to), dayUnits(to)), fixed}, nil
}

func castTimestampTZ(from, to *types.Type) (caster, bool) {
	c := clockOf(from)
	switch to.Kind {
	case types.Date:
		return castingLocal(c, func(local int64, _ arrowtype.Zone) (int32, error) {
			return int32(types.FloorDiv(local, dayUnits(from))), nil
		}), true
	case types.Time:
		rescale := timeRescaler(from, to)
		return castingLocal(c, func(local int64, _ arrowtype.Zone) (int64, error) { return rescale(wrap(local, dayUnits(from))) }), true
	case types.TimeTZ:
		rescale := timeRescaler(from, to)
		return castingLocal(c, func(local int64, zone arrowtype.Zone) (zoned, error) {
			t, err := rescale(wrap(local, dayUnits(from)))
			if err != nil {
				return zoned{}, err
			}
			return atClockOffset(t, types.FloorDiv(local, c.units), zone, to)
		}), true
	case types.Timestamp:
		rescale := rescaler(from, to)
		return castingLocal(c, func(local int64, _ arrowtype.Zone) (int64, error) { return rescale(local) }), true
	case types.TimestampTZ:
		rescale := rescaler(from, to)
		return casting(func(v zoned) (zoned, error) {
			instant, err := rescale(v.instant)
			return zoned{instant, v.zone}, err
		}), true
	}
	return nil, false
}

// castingLocal returns a caster of the local time of timestamps with time zone.
func castingLocal[R any](c clock, f func(local int64, zone arrowtype.Zone) (R, error)) caster {
	return castingEnv(func(*Env) (func(zoned) (R, error), error) {
		zones := offsets{c: c}
		return func(v zoned) (R, error) { return f(zones.local(v), v.zone) }, nil
	})
}
