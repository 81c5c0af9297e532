package function

import (
	"fmt"
	"strings"
	"time"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// temporalToVarchar casts dates, times, timestamps and intervals to text; fit checks the text against to's length.
func temporalToVarchar(from, to *types.Type, fit func(string) (string, error)) (caster, bool) {
	isUnbounded := to.Length == types.Unbounded
	switch {
	case from.IsLong():
		return longToVarchar(from, fit), true
	case isUnbounded && from.Kind == types.Timestamp:
		return timestampToText(from), true
	case isUnbounded && from.Kind == types.TimestampTZ:
		return zonedToText(from), true
	case isUnbounded && from.Kind == types.Date:
		return dateToText(), true
	}
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
		units := arrowtype.UnitsPerSecond(from)
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

// timestampToText returns the texts of a batch of timestamps. It is fast for timestamps of the same day.
func timestampToText(from *types.Type) caster {
	toText := appendBind(eachTakes(len("2024-01-31 23:59:59")+fractionLength(from)), func(args []batch.Vector) func([]byte, int) []byte {
		values, texts := columnOf[int64](args[0]), arrowtype.TimestampsOf(from)
		return func(dst []byte, i int) []byte { return texts.Append(dst, values.at(i)) }
	})
	return func(bool) Bind { return toText }
}

// zonedToText returns the texts of a batch of timestamps with time zone. It is fast for the same day and zone.
func zonedToText(from *types.Type) caster {
	toText := appendBind(eachTakes(len("2024-01-31 23:59:59 Europe/Berlin")+fractionLength(from)), func(args []batch.Vector) func([]byte, int) []byte {
		values, zones, texts := columnOf[zoned](args[0]), offsets{c: clockOf(from)}, arrowtype.TimestampsOf(from)
		return func(dst []byte, i int) []byte {
			v := values.at(i)
			dst = append(texts.Append(dst, zones.local(v)), ' ')
			return append(dst, arrowtype.ZoneName(v.zone)...)
		}
	})
	return func(bool) Bind { return toText }
}

// dateToText returns the texts of dates.
func dateToText() caster {
	toText := appendBind(eachTakes(len("2024-01-31")), func(args []batch.Vector) func([]byte, int) []byte {
		values := columnOf[int32](args[0])
		return func(dst []byte, i int) []byte { return append(dst, dateText(values.at(i))...) }
	})
	return func(bool) Bind { return toText }
}

func longToVarchar(from *types.Type, fit func(string) (string, error)) caster {
	if from.Kind == types.TimestampTZ {
		return casting(func(v longZoned) (string, error) {
			return fit(string(arrowtype.AppendLongTZ(nil, from, types.Picos(v.instant.micros, v.instant.picos), v.zone)))
		})
	}
	return casting(func(v long) (string, error) {
		return fit(string(arrowtype.AppendLong(nil, types.Picos(v.micros, v.picos), from.Precision)))
	})
}

// dateText returns a date as casts show it: years past 9999 without a plus sign.
func dateText(days int32) string {
	return strings.TrimPrefix(string(arrowtype.AppendDate(nil, int64(days))), "+")
}

// parseTemporal reads dates, times and timestamps from text.
func parseTemporal(to *types.Type) (caster, bool) {
	switch to.Kind {
	case types.Date:
		return dateReader.cast, true
	case types.Time, types.TimeTZ:
		return parseTime(to), true
	case types.Timestamp:
		if to.IsLong() {
			return casting(func(s string) (long, error) {
				v, err := parsedTimestamp(s, to, types.ParseWallClockTo)
				return longWallClock(v), err
			}), true
		}
		return casting(func(s string) (int64, error) {
			if v, ok := plainTimestamp(s, to); ok {
				return v, nil
			}
			v, err := parsedTimestamp(s, to, types.ParseWallClockTo)
			if err != nil {
				return 0, err
			}
			return rescaler(v.Type, to)(wallClock(v))
		}), true
	case types.TimestampTZ:
		if to.IsLong() {
			return castingEnv(func(env *Env) (func(string) (longZoned, error), error) {
				session, err := sessionZone(env)
				return func(s string) (longZoned, error) { return parseLongZoned(s, to, session) }, err
			}), true
		}
		return castingEnv(func(env *Env) (func(string) (zoned, error), error) {
			session, err := sessionZone(env)
			return func(s string) (zoned, error) { return parseZoned(s, to, session) }, err
		}), true
	}
	return nil, false
}

var dateReader = textReader[int32]{
	read: func(s string) (int32, bool) {
		days, ok := types.ParseDate(s)
		return int32(days), ok && days == int64(int32(days))
	},
	refuse: func(s string) error { return castError("Value cannot be cast to date: %s", s) },
}

// plainTimestamp reads a text of the usual form without a zone, with at most the digits of to, which must not be
// long. It returns false if the text has another form.
func plainTimestamp(s string, to *types.Type) (v int64, ok bool) {
	seconds, nanos, digits, ok := types.PlainTimestamp(s, ' ')
	if !ok || digits > to.Precision {
		return 0, false
	}
	units := arrowtype.UnitsPerSecond(to)
	return seconds*units + nanos/(int64(time.Second)/units), true
}

// parsedTimestamp reads a text as a timestamp with at most the digits of to.
func parsedTimestamp(s string, to *types.Type, parse func(text string, p int) (types.Value, error)) (types.Value, error) {
	v, err := parse(strings.TrimSpace(s), to.Precision)
	if err != nil && types.ErrorName(err) != types.NotSupported {
		err = castError("Value cannot be cast to timestamp: %s", s)
	}
	return v, err
}

// wallClock returns the local time of a timestamp literal, whatever its zone.
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

// longWallClock returns the local time of a timestamp literal of any precision.
func longWallClock(v types.Value) (local long) {
	switch x := v.V.(type) {
	case decimal128.Num:
		local.micros, local.picos = types.SplitPicos(x)
	case types.LongZoned:
		local.micros, local.picos = types.SplitPicos(x.Instant)
		if zone, err := arrowtype.ParseZone(x.Zone); err == nil {
			local.micros += microClock.offset(local.micros, zone)
		}
	case int64, types.Zoned:
		local.micros = wallClock(v) * (microsPerSecond / arrowtype.UnitsPerSecond(v.Type))
	}
	return local
}

func parseZoned(s string, to *types.Type, session arrowtype.Zone) (zoned, error) {
	if local, ok := plainTimestamp(s, to); ok {
		return atZone(clockOf(to), local, session), nil
	}
	v, err := parsedTimestamp(s, to, types.ParseTimestampTo)
	if err != nil {
		return zoned{}, err
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

func parseLongZoned(s string, to *types.Type, session arrowtype.Zone) (longZoned, error) {
	v, err := parsedTimestamp(s, to, types.ParseTimestampTo)
	if err != nil {
		return longZoned{}, err
	}
	at := longZoned{}
	var name string
	switch x := v.V.(type) {
	case types.LongZoned:
		at.instant.micros, at.instant.picos = types.SplitPicos(x.Instant)
		name = x.Zone
	case types.Zoned:
		at.instant.micros = x.Instant * (microsPerSecond / arrowtype.UnitsPerSecond(v.Type))
		name = x.Zone
	default:
		return longAtZone(longWallClock(v), session)
	}
	if at.zone, err = arrowtype.ParseZone(name); err != nil {
		return longZoned{}, castError("Value cannot be cast to timestamp: %s", s)
	}
	return at, nil
}

// parseTime reads a time. A time with time zone whose text has no offset gets the session zone's current one.
func parseTime(to *types.Type) caster {
	read := func(s string, present arrowtype.Zone) (zoned, error) {
		text := s
		if to.Kind == types.TimeTZ {
			text = strings.TrimSpace(s)
		}
		v, err := types.ParseTimeTo(text, to.Precision)
		if err != nil || v.Type.Kind == types.TimeTZ && to.Kind != types.TimeTZ {
			name := strings.Replace(to.String(), fmt.Sprintf("(%d)", to.Precision), "", 1)
			return zoned{}, castError("Value cannot be cast to %s: %s", name, s)
		}
		rescale := timeRescaler(v.Type, to)
		if to.Kind == types.TimeTZ && v.Type.Kind == types.Time {
			clock, err := rescale(v.V.(int64) * constantScale(v.Type))
			offset := arrowtype.OffsetSeconds(present, 0) * arrowtype.UnitsPerSecond(to)
			return zoned{wrap(clock-offset, dayUnits(to)), present}, err
		}
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
		return castingEnv(func(env *Env) (func(string) (zoned, error), error) {
			_, present, err := todaysOffset(env)
			return func(s string) (zoned, error) { return read(s, present) }, err
		})
	}
	return casting(func(s string) (int64, error) { z, err := read(s, 0); return z.instant, err })
}
