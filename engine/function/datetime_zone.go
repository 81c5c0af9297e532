package function

import (
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func zoneFunctions() []Function {
	return []Function{
		scalar("at_timezone(timestamp(p) with time zone, varchar) -> timestamp(p) with time zone", "Returns the same instant in another zone.", moveMicros(atTimeZone)),
		scalar("at_timezone(timestamp(p) with time zone, interval day to second) -> timestamp(p) with time zone", "Returns the same instant at an offset.", moveMicros(binary(atOffset))),
		scalar(types.OpAtZone+"(timestamp(p) with time zone, varchar) -> timestamp(p) with time zone", "", moveMicros(atTimeZone)),
		scalar(types.OpAtZone+"(timestamp(p) with time zone, interval day to second) -> timestamp(p) with time zone", "", moveMicros(binary(atOffset))),
		scalar("with_timezone(timestamp(p), varchar) -> timestamp(p) with time zone", "Returns the wall clock time in a zone.", moveMicros(bound(withTimeZone))),
		scalar("timezone(timestamp(p) with time zone) -> varchar", "Returns the zone's name.", cutMicros(unaryPure(func(v zoned) string { return arrowtype.ZoneName(v.zone) }))),
		scalar("timezone_hour(timestamp(p) with time zone) -> bigint", "Returns the whole hours of the zone's offset.", cutMicros(bound(func(fn *types.Resolved) Bind {
			return offsetPart(fn, func(seconds int64) int64 { return seconds / 3600 })
		}))),
		scalar("timezone_minute(timestamp(p) with time zone) -> bigint", "Returns the minutes of the zone's offset besides its hours.", cutMicros(bound(func(fn *types.Resolved) Bind {
			return offsetPart(fn, func(seconds int64) int64 { return seconds / 60 % 60 })
		}))),
	}
}

func atTimeZone(fn *types.Resolved) Kernel {
	return rowBind(func(_ *Env, args []batch.Vector) func(int) (zoned, error) {
		values, zone := columnOf[zoned](args[0]), zonesOf(args[1])
		return func(i int) (zoned, error) {
			code, err := zone(i)
			return zoned{values.at(i).instant, code}, err
		}
	})(fn)
}

// atOffset takes an offset of whole minutes.
func atOffset(v zoned, millis int64) (zoned, error) {
	if millis%60000 != 0 {
		return zoned{}, argumentError("Invalid time zone offset interval: interval contains seconds")
	}
	code, err := arrowtype.OffsetZone(int(max(-1<<20, min(millis/60000, 1<<20))))
	if err != nil {
		return zoned{}, argumentError("%v", err)
	}
	return zoned{v.instant, code}, nil
}

// namedZone is arrowtype.ParseZone with the error of a bad argument.
func namedZone(name string) (arrowtype.Zone, error) {
	code, err := arrowtype.ParseZone(name)
	if err != nil {
		return 0, argumentError("%v", err)
	}
	return code, nil
}

// zonesOf reads names of zones, of which most often one stands in all rows.
func zonesOf(v batch.Vector) func(i int) (arrowtype.Zone, error) {
	names := columnOf[string](v)
	last, code := "", arrowtype.Zone(-1)
	return func(i int) (arrowtype.Zone, error) {
		name := names.at(i)
		if code >= 0 && name == last {
			return code, nil
		}
		known, err := namedZone(name)
		if err == nil {
			last, code = name, known
		}
		return known, err
	}
}

func withTimeZone(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[0])
	return rowBind(func(_ *Env, args []batch.Vector) func(int) (zoned, error) {
		values, zone := columnOf[int64](args[0]), zonesOf(args[1])
		return func(i int) (zoned, error) {
			code, err := zone(i)
			if err != nil {
				return zoned{}, err
			}
			v := values.at(i)
			if code != arrowtype.UTC {
				v = c.instant(c.local(v), code, c.offset(v, code))
			}
			return c.inZonedRange(zoned{v, code}, nil)
		}
	})
}

func offsetPart(fn *types.Resolved, part func(seconds int64) int64) Bind {
	units := arrowtype.UnitsPerSecond(fn.Args[0])
	return unaryPure(func(v zoned) int64 {
		return part(arrowtype.OffsetSeconds(v.zone, types.FloorDiv(v.instant, units)))
	})
}
