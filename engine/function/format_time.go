package function

import (
	"time"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/javaformat"
	"github.com/auditlake/auditlake/planner/types"
)

func formatTimes(t *types.Type, v batch.Vector) func(i int) javaformat.Arg {
	arg := func(f javaformat.Time, text string) javaformat.Arg {
		return javaformat.Arg{Kind: 't', JavaClass: "java.time.temporal.Temporal", Text: text, Local: &f}
	}
	switch t.Kind {
	case types.Date:
		c, clock := columnOf[int32](v), clockOf(t)
		return func(i int) javaformat.Arg {
			return arg(javaformat.Time{Local: clock.local(int64(c.at(i))), HasDate: true}, string(arrowtype.AppendDate(nil, int64(c.at(i)))))
		}
	case types.Time:
		c, units := columnOf[int64](v), arrowtype.UnitsPerSecond(t)
		return func(i int) javaformat.Arg {
			local := nearestNano(units, c.at(i))
			return arg(javaformat.Time{Local: local, HasTime: true}, javaformat.ClockText(local))
		}
	case types.Timestamp:
		if t.IsLong() {
			c := columnOf[long](v)
			return func(i int) javaformat.Arg {
				local := c.at(i).nearestNano()
				return arg(javaformat.Time{Local: local, HasDate: true, HasTime: true}, javaformat.DateTimeText(local))
			}
		}
		c, clock := columnOf[int64](v), clockOf(t)
		return func(i int) javaformat.Arg {
			local := clock.local(c.at(i))
			return arg(javaformat.Time{Local: local, HasDate: true, HasTime: true}, javaformat.DateTimeText(local))
		}
	case types.TimeTZ:
		c, units := columnOf[zoned](v), arrowtype.UnitsPerSecond(t)
		return func(i int) javaformat.Arg {
			z := c.at(i)
			offset := arrowtype.OffsetSeconds(z.zone, 0)
			local := timeOfDay(localTime(z, units), units)
			return arg(javaformat.Time{Local: local, HasTime: true, HasZone: true, Zone: z.zone, OffsetMinutes: offset / 60}, javaformat.ClockText(local)+javaformat.OffsetText(offset/60))
		}
	}
	instant := formattedInstants(t, v)
	return func(i int) javaformat.Arg {
		utc, zone := instant(i)
		offset := arrowtype.OffsetSeconds(zone, utc.Unix())
		local, minutes := utc.Add(time.Duration(offset)*time.Second), offset/60
		text := javaformat.DateTimeText(local) + javaformat.OffsetText(minutes) + javaformat.OffsetSecondsText(offset)
		if name := arrowtype.ZoneName(zone); name[0] != '+' && name[0] != '-' {
			text += "[" + name + "]"
		}
		return arg(javaformat.Time{Local: local, HasDate: true, HasTime: true, HasZone: true, Zone: zone, OffsetMinutes: minutes,
			InstantMillis: utc.UnixMilli(), Epoch: utc.Unix()}, text)
	}
}

// formattedInstants reads timestamps with time zone to the nanosecond.
func formattedInstants(t *types.Type, v batch.Vector) func(i int) (time.Time, arrowtype.Zone) {
	if t.IsLong() {
		c := columnOf[longZoned](v)
		return func(i int) (time.Time, arrowtype.Zone) { return c.at(i).instant.nearestNano(), c.at(i).zone }
	}
	c, clock := columnOf[zoned](v), clockOf(t)
	return func(i int) (time.Time, arrowtype.Zone) { return clock.local(c.at(i).instant), c.at(i).zone }
}

// nearestNano returns a long timestamp rounded to nanoseconds, the precision of Java's formats.
func (v long) nearestNano() time.Time {
	const nano = types.PicosPerMicro / 1000
	return time.UnixMicro(v.micros).UTC().Add(time.Duration((v.picos + nano/2) / nano))
}

// nearestNano returns a time of day on 1970-01-01. Java has no time of day that rounds up to the day's end: for
// such a time it panics with the *types.Error, which the query root reports.
func nearestNano(units, v int64) time.Time {
	if step := units / 1e9; step > 1 {
		if v = (v + step/2) / step; v == secondsPerDay*1e9 {
			panic(argumentError("Invalid value for NanoOfDay (valid values 0 - %d): %d", v-1, v))
		}
		return time.Unix(0, v).UTC()
	}
	return timeOfDay(v, units)
}
