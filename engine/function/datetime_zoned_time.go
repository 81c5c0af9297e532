package function

import (
	"strings"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/planner/types"
)

// zonedTimeFunctions are the functions over times with time zone, which are the time of day in UTC and an offset.
func zonedTimeFunctions() []Function {
	list := []Function{
		scalar("date_add(varchar, bigint, time(p) with time zone) -> time(p) with time zone", "Returns a time moved by so many units.", bound(addToZonedTime)),
		scalar("date_diff(varchar, time(p) with time zone, time(p) with time zone) -> bigint", "Returns the number of whole units from the first to the second.", bound(diffZonedTimes)),
		scalar("date_trunc(varchar, time(p) with time zone) -> time(p) with time zone", "Returns a time cut to the start of its unit.", bound(truncZonedTime)),
		scalar(types.OpAtZone+"(time(p) with time zone, varchar) -> time(p) with time zone", "", timeAtZone),
		scalar(types.OpAtZone+"(time(p) with time zone, interval day to second) -> time(p) with time zone", "", binary(atOffset)),
		scalar("timezone(time(p) with time zone) -> varchar", "Returns the offset.", unaryPure(func(v zoned) string {
			return arrowtype.OffsetText(arrowtype.OffsetSeconds(v.zone, 0)/60, ":")
		})),
		scalar("timezone_hour(time(p) with time zone) -> bigint", "Returns the whole hours of the offset.", unaryPure(func(v zoned) int64 {
			return arrowtype.OffsetSeconds(v.zone, 0) / 3600
		})),
		scalar("timezone_minute(time(p) with time zone) -> bigint", "Returns the minutes of the offset besides its hours.", unaryPure(func(v zoned) int64 {
			return arrowtype.OffsetSeconds(v.zone, 0) / 60 % 60
		})),
	}
	for _, f := range timeFields {
		list = append(list, scalar(f.names[0]+"(time(p) with time zone) -> bigint", f.doc, bound(func(fn *types.Resolved) Bind {
			units := arrowtype.UnitsPerSecond(fn.Args[0])
			return unaryPure(func(v zoned) int64 { return f.of(timeOfDay(localTime(v, units), units)) })
		})))
	}
	return list
}

// localTime returns the time of day at the value's own offset.
func localTime(v zoned, units int64) int64 {
	return withinDay(v.instant+arrowtype.OffsetSeconds(v.zone, 0)*units, units)
}

func withinDay(v, units int64) int64 {
	day := secondsPerDay * units
	return (v%day + day) % day
}

func addToZonedTime(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[2])
	return ternary(func(unit string, n int64, v zoned) (zoned, error) {
		moved, err := moveTime(c, unit, n, v.instant)
		return zoned{moved, v.zone}, err
	})
}

func diffZonedTimes(fn *types.Resolved) Bind {
	c := clockOf(fn.Args[1])
	return ternary(func(unit string, from, to zoned) (int64, error) {
		unit = strings.ToLower(unit)
		if unit == "day" || unit == "week" {
			return 0, unknownUnit("TIME", unit)
		}
		return diffClock(c, unit, withinDay(from.instant, c.units), withinDay(to.instant, c.units))
	})
}

func truncZonedTime(fn *types.Resolved) Bind {
	units := arrowtype.UnitsPerSecond(fn.Args[1])
	return binary(func(unit string, v zoned) (zoned, error) {
		nanos, ok := clockNanos[strings.ToLower(unit)]
		if !ok || nanos >= secondsPerDay*1e9 {
			return zoned{}, unknownUnit("TIME", unit)
		}
		local := clockSpan(clock{units: units}, nanos, localTime(v, units)).start
		return zoned{withinDay(local-arrowtype.OffsetSeconds(v.zone, 0)*units, units), v.zone}, nil
	})
}

// timeAtZone uses the region's offset at the statement's instant.
func timeAtZone(fn *types.Resolved) Kernel {
	return binaryEnv(func(env *Env, v zoned, name string) (zoned, error) {
		zone, err := namedZone(name)
		if err != nil {
			return zoned{}, err
		}
		fixed, err := arrowtype.OffsetZone(int(arrowtype.OffsetSeconds(zone, env.Now.Unix()) / 60))
		return zoned{v.instant, fixed}, err
	})(fn)
}
