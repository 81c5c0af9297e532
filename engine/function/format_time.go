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
		return javaformat.Arg{Kind: 't', JavaClass: "java.time.temporal.Temporal", Text: text, Local: f}
	}
	switch t.Kind {
	case types.Date:
		c, clock := columnOf[int32](v), clockOf(t)
		return func(i int) javaformat.Arg {
			return arg(javaformat.Time{Local: clock.local(int64(c.at(i))), HasDate: true}, string(arrowtype.AppendDate(nil, int64(c.at(i)))))
		}
	case types.Time:
		c, perUnit := columnOf[int64](v), 1e9/arrowtype.UnitsPerSecond(t)
		return func(i int) javaformat.Arg {
			local := time.Unix(0, c.at(i)*perUnit).UTC()
			return arg(javaformat.Time{Local: local, HasTime: true}, javaformat.ClockText(local))
		}
	case types.Timestamp:
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
			local := time.Unix(0, z.instant*(1e9/units)+offset*1e9).UTC()
			local = time.Unix(0, ((local.UnixNano()%(secondsPerDay*1e9))+secondsPerDay*1e9)%(secondsPerDay*1e9)).UTC()
			return arg(javaformat.Time{Local: local, HasTime: true, HasZone: true, Zone: z.zone, OffsetMinutes: offset / 60}, javaformat.ClockText(local)+javaformat.OffsetText(offset/60))
		}
	}
	c, clock := columnOf[zoned](v), clockOf(t)
	return func(i int) javaformat.Arg {
		z := c.at(i)
		local, minutes := clock.localZoned(z), clock.offset(z.instant, z.zone)/clock.units/60
		utc := clock.local(z.instant)
		text := javaformat.DateTimeText(local) + javaformat.OffsetText(minutes) + javaformat.OffsetSecondsText(clock.offset(z.instant, z.zone)/clock.units)
		if name := arrowtype.ZoneName(z.zone); name[0] != '+' && name[0] != '-' {
			text += "[" + name + "]"
		}
		return arg(javaformat.Time{Local: local, HasDate: true, HasTime: true, HasZone: true, Zone: z.zone, OffsetMinutes: minutes,
			InstantMillis: utc.UnixMilli(), Epoch: utc.Unix()}, text)
	}
}
