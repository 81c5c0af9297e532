package function

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// long is a long timestamp (see types.Type.IsLong): microseconds, and fewer than types.PicosPerMicro picoseconds
// after them. Most functions only move or truncate the microseconds.
type long struct{ micros, picos int64 }

// longZoned is a long timestamp with time zone.
type longZoned struct {
	instant long
	zone    arrowtype.Zone
}

const (
	microsPerSecond = 1_000_000
	microsPerDay    = secondsPerDay * microsPerSecond
	picosPerSecond  = microsPerSecond * types.PicosPerMicro
	picosPerDay     = secondsPerDay * picosPerSecond
	shortDigits     = 6 // of the most precise timestamps that are not long
)

// microClock is the clock of the microseconds of long timestamps.
var microClock = clock{t: types.TimestampOf(shortDigits), units: microsPerSecond}

func longValues(a arrow.Array) []long {
	values := batch.Values[decimal128.Num](a)
	out := make([]long, len(values))
	for i, v := range values {
		out[i].micros, out[i].picos = types.SplitPicos(v)
	}
	return out
}

func longZonedValues(a arrow.Array) []longZoned {
	fields := batch.Fields(a)
	instants, zones := longValues(fields[0]), batch.Values[arrowtype.Zone](fields[1])
	out := make([]longZoned, len(instants))
	for i := range out {
		out[i] = longZoned{instants[i], zones[i]}
	}
	return out
}

func longArray(dt arrow.DataType, vals []long, valid []byte) arrow.Array {
	out := make([]decimal128.Num, len(vals))
	for i, v := range vals {
		out[i] = types.Picos(v.micros, v.picos)
	}
	return batch.FromValues(dt, out, valid)
}

func longZonedArray(dt arrow.DataType, vals []longZoned, valid []byte) arrow.Array {
	instants, zones := make([]long, len(vals)), make([]arrowtype.Zone, len(vals))
	for i, v := range vals {
		instants[i], zones[i] = v.instant, v.zone
	}
	st := dt.(*arrow.StructType)
	return batch.FromFields(st, len(vals), valid, []arrow.Array{
		longArray(st.Field(0).Type, instants, valid),
		batch.FromValues(st.Field(1).Type, zones, valid),
	})
}

// cutMicros makes a function of timestamps accept long ones too: it gets their microseconds, and a long result has
// no picoseconds.
func cutMicros(bind Bind) Bind { return overMicros(bind, false) }

// moveMicros is cutMicros for a function that moves timestamps: a long result has the picoseconds of the first long
// argument.
func moveMicros(bind Bind) Bind { return overMicros(bind, true) }

func overMicros(bind Bind, keepsPicos bool) Bind {
	return func(fn *types.Resolved) Kernel {
		first := slices.IndexFunc(fn.Args, (*types.Type).IsLong)
		if first < 0 {
			return bind(fn)
		}
		short := *fn
		short.Args, short.Return = shortTypes(fn.Args), shortType(fn.Return)
		kernel := bind(&short)
		return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
			shortArgs := slices.Clone(args)
			for i, t := range fn.Args {
				if t.IsLong() {
					if err := meterOf(env).Grow(int64(args[i].Array.Len()) * sizeOf[long]()); err != nil {
						return batch.Vector{}, err
					}
					shortArgs[i].Array = microArray(t, args[i].Array)
				}
			}
			out, err := kernel(env, shortArgs, lambdas, rows)
			if err != nil || short.Return == fn.Return {
				return out, err
			}
			picos := func(int) int64 { return 0 }
			if keepsPicos {
				picos = picosOf(fn.Args[first], args[first])
			}
			out.Array, err = longResult(env, fn.Return, out.Array, picos)
			return out, err
		}
	}
}

// longResult returns long timestamps of type t, or lists of them, from microseconds and the picoseconds of each
// row.
func longResult(env *Env, t *types.Type, a arrow.Array, picos func(row int) int64) (arrow.Array, error) {
	elems := a
	var offsets []int32
	if t.Kind == types.Array {
		offsets, elems = batch.Lists(a)
	}
	if err := meterOf(env).Grow(int64(elems.Len()) * sizeOf[decimal128.Num]()); err != nil {
		return nil, err
	}
	if t.Kind != types.Array {
		return withPicos(t, a, picos), nil
	}
	row := 0
	return batch.FromLists(offsets, arrowdata.Validity(a), withPicos(t.Elem, elems, func(i int) int64 {
		for int32(i) >= offsets[row+1] {
			row++
		}
		return picos(row)
	})), nil
}

// shortType returns the type of the microseconds of long timestamps, and other types unchanged.
func shortType(t *types.Type) *types.Type {
	switch {
	case t.IsLong():
		return &types.Type{Kind: t.Kind, Precision: shortDigits}
	case t.Kind == types.Array && t.Elem.IsLong():
		return types.ArrayOf(shortType(t.Elem))
	}
	return t
}

func shortTypes(list []*types.Type) []*types.Type {
	out := make([]*types.Type, len(list))
	for i, t := range list {
		out[i] = shortType(t)
	}
	return out
}

// microArray truncates an array of long timestamps to microseconds.
func microArray(t *types.Type, a arrow.Array) arrow.Array {
	dt, instants := arrowtype.Of(shortType(t)), a
	if t.Kind == types.TimestampTZ {
		instants = batch.Fields(a)[0]
	}
	values := batch.Values[decimal128.Num](instants)
	micros := make([]int64, len(values))
	for i, v := range values {
		micros[i], _ = types.SplitPicos(v)
	}
	if t.Kind != types.TimestampTZ {
		return batch.FromValues(dt, micros, arrowdata.Validity(a))
	}
	st := dt.(*arrow.StructType)
	return batch.FromFields(st, len(values), arrowdata.Validity(a), []arrow.Array{
		batch.FromValues(st.Field(0).Type, micros, arrowdata.Validity(instants)), batch.Fields(a)[1],
	})
}

// picosOf reads the picoseconds after the microseconds of a vector of long timestamps.
func picosOf(t *types.Type, v batch.Vector) func(row int) int64 {
	instants := v.Array
	if t.Kind == types.TimestampTZ {
		instants = batch.Fields(v.Array)[0]
	}
	values := batch.Values[decimal128.Num](instants)
	return func(row int) int64 {
		_, picos := types.SplitPicos(values[v.At(row)])
		return picos
	}
}

// withPicos is the inverse of microArray; picos returns the picoseconds of a row.
func withPicos(t *types.Type, a arrow.Array, picos func(row int) int64) arrow.Array {
	dt, instants := arrowtype.Of(t), a
	if t.Kind == types.TimestampTZ {
		instants = batch.Fields(a)[0]
	}
	micros := batch.Values[int64](instants)
	values := make([]decimal128.Num, len(micros))
	for i, m := range micros {
		values[i] = types.Picos(m, picos(i))
	}
	if t.Kind != types.TimestampTZ {
		return batch.FromValues(dt, values, arrowdata.Validity(a))
	}
	st := dt.(*arrow.StructType)
	return batch.FromFields(st, len(values), arrowdata.Validity(a), []arrow.Array{
		batch.FromValues(st.Field(0).Type, values, arrowdata.Validity(instants)), batch.Fields(a)[1],
	})
}
