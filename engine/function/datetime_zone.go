package function

import (
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/planner/types"
)

func zoneFunctions() []Function {
	return []Function{
		scalar("at_timezone(timestamp(p) with time zone, varchar) -> timestamp(p) with time zone", "the same instant in another zone", binary(atTimeZone)),
		scalar("with_timezone(timestamp(p), varchar) -> timestamp(p) with time zone", "the wall clock time in a zone", bound(withTimeZone)),
		scalar("timezone(timestamp(p) with time zone) -> varchar", "the zone's name", unaryPure(func(v zoned) string { return arrowtype.ZoneName(v.zone) })),
		scalar("timezone_hour(timestamp(p) with time zone) -> bigint", "whole hours of the zone's offset", bound(func(fn *types.Resolved) Bind {
			return offsetPart(fn, func(seconds int64) int64 { return seconds / 3600 })
		})),
		scalar("timezone_minute(timestamp(p) with time zone) -> bigint", "minutes of the zone's offset beside the hours", bound(func(fn *types.Resolved) Bind {
			return offsetPart(fn, func(seconds int64) int64 { return seconds / 60 % 60 })
		})),
	}
}

func atTimeZone(v zoned, zone string) (zoned, error) {
	code, err := parseZone(zone)
	return zoned{v.instant, code}, err
}

func withTimeZone(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[0])
	return binary(func(v int64, zone string) (zoned, error) {
		code, err := parseZone(zone)
		if err != nil {
			return zoned{}, err
		}
		return zoned{c.instant(c.local(v), code, c.offset(v, code)), code}, nil
	})
}

func offsetPart(fn *types.Resolved, part func(seconds int64) int64) Bind {
	units := arrowtype.UnitsPerSecond(fn.Args[0])
	return unaryPure(func(v zoned) int64 {
		return part(arrowtype.OffsetSeconds(v.zone, floorDiv(v.instant, units)))
	})
}
