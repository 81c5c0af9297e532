package function

import (
	"math"
	"math/big"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func unixTimeFunctions() []Function {
	return []Function{
		scalar("from_unixtime(double) -> timestamp(3) with time zone", "Returns the instant so many seconds after 1970, in the session's zone.", fromUnixTime),
		scalar("from_unixtime(double, varchar) -> timestamp(3) with time zone", "Returns the instant so many seconds after 1970, in a zone.", fromUnixTimeIn),
		scalar("from_unixtime(double, bigint, bigint) -> timestamp(3) with time zone", "Returns the instant so many seconds after 1970, at an offset of hours and minutes.", ternary(fromUnixTimeAt)),
		scalar("from_unixtime_nanos(bigint) -> timestamp(9) with time zone", "Returns the instant so many nanoseconds after 1970, in the session's zone.", unaryEnv(fromUnixNanos)),
		scalar("from_unixtime_nanos(decimal) -> timestamp(9) with time zone", "Returns the instant so many nanoseconds after 1970, in the session's zone.", bound(fromUnixNanosDecimal)),
		scalar("to_unixtime(timestamp(p) with time zone) -> double", "Returns the seconds after 1970.", bound(toUnixTime)),
	}
}

// maxPackedMillis limits the instants of a timestamp(3) with time zone: their milliseconds fit in 52 signed bits.
const maxPackedMillis = 1 << 51

// checkPackedMillis fails for an instant that a timestamp(3) with time zone cannot hold.
func checkPackedMillis(millis int64) error {
	if millis >= maxPackedMillis || millis < -maxPackedMillis {
		return argumentError("Millis overflow: %d", millis)
	}
	return nil
}

// unixMillis converts seconds to milliseconds, rounded half up; NaN is 0.
func unixMillis(seconds float64) (int64, error) {
	millis := roundHalfUp(seconds * 1000)
	if math.IsNaN(millis) {
		millis = 0
	}
	if math.Abs(millis) >= maxPackedMillis {
		return 0, argumentError("Millis overflow: %.0f", millis)
	}
	return int64(millis), nil
}

// unixMillisOfAll is unixMillis for rows, including NULLs. allFit is false if a row needs unixMillis itself.
func unixMillisOfAll(seconds []float64) (millis []int64, allFit bool) {
	millis = make([]int64, len(seconds))
	for i, s := range seconds {
		whole := roundHalfUp(s * 1000)
		if !(whole > -maxPackedMillis && whole < maxPackedMillis) { // NaN is neither
			return nil, false
		}
		millis[i] = int64(whole)
	}
	return millis, true
}

func fromUnixTime(fn *types.Resolved) Kernel {
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		zone, err := parseZone(env.Zone)
		if err != nil {
			return batch.Vector{}, err
		}
		return unixTimesIn(env, fn, args[:1], rows, zone)
	}
}

func fromUnixTimeIn(fn *types.Resolved) Kernel {
	rowByRow := binary(func(seconds float64, name string) (zoned, error) {
		zone, err := parseZone(name)
		if err != nil {
			return zoned{}, err
		}
		millis, err := unixMillis(seconds)
		return zoned{millis, zone}, err
	})(fn)
	return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
		zone, ok := zoneOfAll(args[1])
		if !ok {
			return rowByRow(env, args, lambdas, rows)
		}
		return unixTimesIn(env, fn, args[:1], rows, zone)
	}
}

// unixTimesIn returns timestamps of one zone from a vector of seconds.
func unixTimesIn(env *Env, fn *types.Resolved, args []batch.Vector, rows int, zone arrowtype.Zone) (batch.Vector, error) {
	seconds := columnOf[float64](args[0])
	if !args[0].Const {
		if err := meterOf(env).Grow(int64(rows) * sizeOf[int64]()); err != nil {
			return batch.Vector{}, err
		}
		if millis, allFit := unixMillisOfAll(seconds.vals[:rows]); allFit {
			return inZone(env, fn.Return, batch.FromValues(arrow.PrimitiveTypes.Int64, millis, nil), arrowdata.Validity(args[0].Array), zone)
		}
	}
	instants, err := mapRows(env, arrow.PrimitiveTypes.Int64, args, rows, func(i int) (int64, error) { return unixMillis(seconds.at(i)) })
	if err != nil {
		return batch.Vector{}, err
	}
	out, err := inZone(env, fn.Return, instants.Array, arrowdata.Validity(instants.Array), zone)
	out.Const = instants.Const
	return out, err
}

func fromUnixTimeAt(seconds float64, hours, minutes int64) (zoned, error) {
	const most = 1 << 20 // larger than any offset, so the sum cannot overflow
	code, err := arrowtype.OffsetZone(int(max(-most, min(hours, most))*60 + max(-most, min(minutes, most))))
	if err != nil {
		return zoned{}, argumentError("%v", err)
	}
	millis, err := unixMillis(seconds)
	return zoned{millis, code}, err
}

func toUnixTime(fn *types.Resolved) Bind {
	if fn.Args[0].IsLong() {
		return unaryPure(func(v longZoned) float64 {
			millis := types.FloorDiv(v.instant.micros, 1000)
			picos := (v.instant.micros-millis*1000)*types.PicosPerMicro + v.instant.picos
			return float64(millis)/1000 + float64(picos)/picosPerSecond
		})
	}
	units := arrowtype.UnitsPerSecond(fn.Args[0])
	if units <= 1000 {
		return ofInstants(pureBind(func(args []batch.Vector) func([]float64, int) {
			instants := columnOf[int64](args[0])
			return func(out []float64, first int) {
				for i := range out {
					out[i] = float64(instants.at(first+i)) / float64(units)
				}
			}
		}))
	}
	perMilli := units / 1000 // milliseconds and the rest are divided separately
	return ofInstants(unaryPure(func(instant int64) float64 {
		millis := types.FloorDiv(instant, perMilli)
		return float64(millis)/1000 + float64(instant-millis*perMilli)/float64(units)
	}))
}

// ofInstants turns a function of instants into a function of values of a short type with time zone, whatever their
// zones.
func ofInstants(of Bind) Bind {
	return func(fn *types.Resolved) Kernel {
		kernel := of(fn)
		return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
			a := args[0].Array
			instants := batch.Fields(a)[0]
			instants = batch.FromValues(instants.DataType(), batch.Values[int64](instants), arrowdata.Validity(a))
			return kernel(env, []batch.Vector{{Array: instants, Const: args[0].Const}}, lambdas, rows)
		}
	}
}

// parseZone is arrowtype.ParseZone with a statement's error.
func parseZone(name string) (arrowtype.Zone, error) {
	code, err := arrowtype.ParseZone(name)
	if err != nil {
		return 0, types.Errorf(types.NotSupported, types.Pos{}, "%v", err)
	}
	return code, nil
}

func fromUnixNanos(env *Env, nanos int64) (longZoned, error) {
	code, err := parseZone(env.Zone)
	return longZoned{longOfNanos(nanos), code}, err
}

func longOfNanos(nanos int64) long {
	micros := types.FloorDiv(nanos, 1000)
	return long{micros, (nanos - micros*1000) * 1000}
}

// fromUnixNanosDecimal rounds a fraction half away from zero.
func fromUnixNanosDecimal(fn *types.Resolved) Bind {
	unit := types.PowerOfTen(fn.Args[0].Scale)
	return unaryEnv(func(env *Env, nanos decimal128.Num) (longZoned, error) {
		code, err := parseZone(env.Zone)
		if err != nil {
			return longZoned{}, err
		}
		millis, rest := new(big.Int).DivMod(types.DivideHalfUp(nanos.BigInt(), unit), big.NewInt(1e6), new(big.Int))
		if !millis.IsInt64() {
			return longZoned{}, argumentError("long overflow")
		}
		if err := checkPackedMillis(millis.Int64()); err != nil {
			return longZoned{}, err
		}
		after := longOfNanos(rest.Int64())
		return longZoned{long{millis.Int64()*1000 + after.micros, after.picos}, code}, nil
	})
}
