package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
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
	rowByRow := rowBind(func(_ *Env, args []batch.Vector) func(int) (zoned, error) {
		values, zone := columnOf[zoned](args[0]), zonesOf(args[1])
		return func(i int) (zoned, error) {
			code, err := zone(i)
			return zoned{values.at(i).instant, code}, err
		}
	})(fn)
	return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
		zone, ok := zoneOfAll(args[1])
		if !ok || args[0].Const {
			return rowByRow(env, args, lambdas, rows)
		}
		instants := batch.Fields(args[0].Array)[0]
		return inZone(env, fn.Return, instants, arrowdata.Validity(args[0].Array), zone)
	}
}

// zoneOfAll returns the zone of all rows, false if they may have several or none.
func zoneOfAll(names batch.Vector) (arrowtype.Zone, bool) {
	if !names.Const || isNull(names, 0) {
		return 0, false
	}
	zone, err := arrowtype.ParseZone(batch.Strings(names.Array)[0])
	return zone, err == nil
}

// inZone returns values of a short type with time zone, all of one zone, over the memory of their instants.
func inZone(env *Env, t *types.Type, instants arrow.Array, valid []byte, zone arrowtype.Zone) (batch.Vector, error) {
	n := instants.Len()
	if err := meterOf(env).Grow(int64(n) * sizeOf[arrowtype.Zone]()); err != nil {
		return batch.Vector{}, err
	}
	zones := make([]arrowtype.Zone, n)
	if zone != 0 {
		for i := range zones {
			zones[i] = zone
		}
	}
	st := arrowtype.Of(t).(*arrow.StructType)
	return batch.Vector{Array: batch.FromFields(st, n, valid, []arrow.Array{
		batch.FromValues(st.Field(0).Type, batch.Values[int64](instants), valid),
		batch.FromValues(st.Field(1).Type, zones, valid),
	})}, nil
}

// atOffset requires an offset of whole minutes.
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

// zonesOf parses names of zones. It caches the latest one, as all rows mostly have the same.
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
	inZoneOf := func(local int64, zone arrowtype.Zone) (int64, error) {
		if zone != arrowtype.UTC {
			local = c.instant(c.local(local), zone, c.offset(local, zone))
		}
		if !c.isZonedInstant(local) {
			return 0, sumError(nil)
		}
		return local, nil
	}
	rowByRow := rowBind(func(_ *Env, args []batch.Vector) func(int) (zoned, error) {
		values, zone := columnOf[int64](args[0]), zonesOf(args[1])
		return func(i int) (zoned, error) {
			code, err := zone(i)
			if err != nil {
				return zoned{}, err
			}
			instant, err := inZoneOf(values.at(i), code)
			return zoned{instant, code}, err
		}
	})
	return func(fn *types.Resolved) Kernel {
		rowByRow := rowByRow(fn)
		return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
			zone, ok := zoneOfAll(args[1])
			if !ok || args[0].Const {
				return rowByRow(env, args, lambdas, rows)
			}
			values := columnOf[int64](args[0])
			if zone == arrowtype.UTC && c.areZonedInstants(values.vals[:rows]) { // the times are the instants
				return inZone(env, fn.Return, args[0].Array, arrowdata.Validity(args[0].Array), zone)
			}
			instants, err := mapRows(env, arrow.PrimitiveTypes.Int64, args[:1], rows, func(i int) (int64, error) { return inZoneOf(values.at(i), zone) })
			if err != nil {
				return batch.Vector{}, err
			}
			return inZone(env, fn.Return, instants.Array, arrowdata.Validity(instants.Array), zone)
		}
	}
}

func offsetPart(fn *types.Resolved, part func(seconds int64) int64) Bind {
	units := arrowtype.UnitsPerSecond(fn.Args[0])
	return unaryPure(func(v zoned) int64 {
		return part(arrowtype.OffsetSeconds(v.zone, types.FloorDiv(v.instant, units)))
	})
}
