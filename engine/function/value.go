package function

import (
	"fmt"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// Constant returns v as a Const vector.
func Constant(v types.Value) (batch.Vector, error) {
	a, err := ArrayOf(v.Type, []types.Value{v})
	return batch.Vector{Array: a, Const: true}, err
}

// ArrayOf returns an array of constants of type t. It fails for a constant that no array can hold (an unknown time
// zone, text beyond 2 GiB).
func ArrayOf(t *types.Type, vals []types.Value) (arrow.Array, error) {
	dt := arrowtype.Of(t)
	valid := make([]byte, (len(vals)+7)/8)
	for i, v := range vals {
		if !v.IsNull() {
			arrowdata.SetBit(valid, i)
		}
	}
	switch t.Kind {
	case types.Unknown:
		return array.NewNull(len(vals)), nil
	case types.Boolean:
		return batch.FromBools(unbox[bool](vals), valid), nil
	case types.TinyInt:
		return batch.FromValues(dt, unboxInt[int8](vals, 1), valid), nil
	case types.SmallInt:
		return batch.FromValues(dt, unboxInt[int16](vals, 1), valid), nil
	case types.Integer, types.Date, types.IntervalYear, types.Color:
		return batch.FromValues(dt, unboxInt[int32](vals, 1), valid), nil
	case types.BigInt, types.IntervalDay, types.Time, types.Timestamp:
		if t.IsLong() {
			return batch.FromValues(dt, unbox[decimal128.Num](vals), valid), nil
		}
		return batch.FromValues(dt, unboxInt[int64](vals, constantScale(t)), valid), nil
	case types.Real:
		return batch.FromValues(dt, unbox[float32](vals), valid), nil
	case types.Double:
		return batch.FromValues(dt, unbox[float64](vals), valid), nil
	case types.Decimal:
		return batch.FromValues(dt, unbox[decimal128.Num](vals), valid), nil
	case types.Varchar, types.Char, types.JSON, types.JSONPath:
		return batch.FromStrings(dt, unbox[string](vals), valid)
	case types.TimestampTZ, types.TimeTZ:
		return zonedConstants(t, dt, vals, valid)
	case types.Array, types.Map:
		return listConstants(t, vals, valid)
	case types.Row:
		return rowConstants(t, vals, valid)
	}
	return batch.FromStrings(dt, unbox[[]byte](vals), valid)
}

// constantScale returns how many array units are one unit of a constant of type t. It differs from 1 only for
// times.
func constantScale(t *types.Type) int64 {
	if t.Kind == types.Time || t.Kind == types.TimeTZ {
		return arrowtype.UnitsPerSecond(t) / types.UnitsPerSecond(t.Precision)
	}
	return 1
}

func unbox[T any](vals []types.Value) []T {
	out := make([]T, len(vals))
	for i, v := range vals {
		if !v.IsNull() {
			out[i] = v.V.(T)
		}
	}
	return out
}

func unboxInt[T int8 | int16 | int32 | int64](vals []types.Value, scale int64) []T {
	out := make([]T, len(vals))
	for i, v := range vals {
		if !v.IsNull() {
			out[i] = T(v.V.(int64) * scale)
		}
	}
	return out
}

func zonedConstants(t *types.Type, dt arrow.DataType, vals []types.Value, valid []byte) (arrow.Array, error) {
	if t.IsLong() {
		return longZonedConstants(dt, vals, valid)
	}
	out := make([]zoned, len(vals))
	for i, z := range unbox[types.Zoned](vals) {
		if vals[i].IsNull() {
			continue
		}
		zone, err := arrowtype.ParseZone(z.Zone)
		if err != nil {
			return nil, argumentError("%v", err)
		}
		out[i] = zoned{z.Instant * constantScale(t), zone}
	}
	return zonedArray(dt, out, valid), nil
}

func longZonedConstants(dt arrow.DataType, vals []types.Value, valid []byte) (arrow.Array, error) {
	out := make([]longZoned, len(vals))
	for i, z := range unbox[types.LongZoned](vals) {
		if vals[i].IsNull() {
			continue
		}
		zone, err := arrowtype.ParseZone(z.Zone)
		if err != nil {
			return nil, argumentError("%v", err)
		}
		out[i].instant.micros, out[i].instant.picos = types.SplitPicos(z.Instant)
		out[i].zone = zone
	}
	return longZonedArray(dt, out, valid), nil
}

func listConstants(t *types.Type, vals []types.Value, valid []byte) (arrow.Array, error) {
	offsets := make([]int32, len(vals)+1)
	var keys, elems []types.Value
	for i, v := range vals {
		switch x := v.V.(type) {
		case []types.Value:
			elems = append(elems, x...)
		case types.MapValue:
			keys = append(keys, x.Keys...)
			elems = append(elems, x.Values...)
		}
		offsets[i+1] = int32(len(elems))
	}
	values, err := ArrayOf(t.Elem, elems)
	if err != nil || t.Kind == types.Array {
		return batch.FromLists(offsets, valid, values), err
	}
	keyArray, err := ArrayOf(t.Key, keys)
	if err != nil {
		return nil, err
	}
	return batch.FromMaps(offsets, valid, keyArray, values), nil
}

func rowConstants(t *types.Type, vals []types.Value, valid []byte) (arrow.Array, error) {
	fields := make([]arrow.Array, len(t.Fields))
	for f, field := range t.Fields {
		column := make([]types.Value, len(vals))
		for i, v := range vals {
			if !v.IsNull() {
				column[i] = v.V.([]types.Value)[f]
			}
		}
		var err error
		if fields[f], err = ArrayOf(field.Type, column); err != nil {
			return nil, err
		}
	}
	return batch.FromFields(arrowtype.Of(t).(*arrow.StructType), len(vals), valid, fields), nil
}

// ValueAt returns a copy of value i of an array of type t as a constant.
func ValueAt(t *types.Type, a arrow.Array, i int) types.Value {
	if arrowdata.IsNull(a, i) {
		return types.Null(t)
	}
	return types.Value{Type: t, V: goValue(t, a, i)}
}

func goValue(t *types.Type, a arrow.Array, i int) any {
	switch x := a.(type) {
	case *array.Boolean:
		return x.Value(i)
	case *array.Int8:
		return int64(x.Value(i))
	case *array.Int16:
		return int64(x.Value(i))
	case *array.Int32:
		return int64(x.Value(i))
	case *array.Int64:
		return x.Value(i)
	case *array.Date32:
		return int64(x.Value(i))
	case *array.Time64:
		return int64(x.Value(i)) / constantScale(t)
	case *array.Duration: // see arrowtype.Clock
		return int64(x.Value(i))
	case *array.Timestamp:
		return int64(x.Value(i))
	case *array.Float32:
		return x.Value(i)
	case *array.Float64:
		return x.Value(i)
	case *array.Decimal128:
		return x.Value(i)
	case *array.String:
		return string([]byte(x.Value(i)))
	case *array.Binary:
		return append([]byte{}, x.Value(i)...)
	case *array.FixedSizeBinary:
		return append([]byte{}, x.Value(i)...)
	case *array.Dictionary:
		return goValue(t, x.Dictionary(), x.GetValueIndex(i))
	}
	return nestedValue(t, a, i)
}

func nestedValue(t *types.Type, a arrow.Array, i int) any {
	switch x := a.(type) {
	case *array.Map:
		offsets, keys, values := batch.Maps(x)
		return types.MapValue{Keys: valuesAt(t.Key, keys, offsets[i], offsets[i+1]),
			Values: valuesAt(t.Elem, values, offsets[i], offsets[i+1])}
	case *array.List:
		offsets, elems := batch.Lists(x)
		return valuesAt(t.Elem, elems, offsets[i], offsets[i+1])
	case *array.Struct:
		if t.IsLong() {
			fields := batch.Fields(x)
			zone := batch.Values[arrowtype.Zone](fields[1])[i]
			return types.LongZoned{Instant: batch.Values[decimal128.Num](fields[0])[i], Zone: arrowtype.ZoneName(zone)}
		}
		if t.Kind == types.TimestampTZ || t.Kind == types.TimeTZ {
			z := zonedValues(x)[i]
			return types.Zoned{Instant: z.instant / constantScale(t), Zone: arrowtype.ZoneName(z.zone)}
		}
		fields := make([]types.Value, len(t.Fields))
		for f, field := range t.Fields {
			fields[f] = ValueAt(field.Type, x.Field(f), i)
		}
		return fields
	}
	panic(fmt.Sprintf("function: no constant of %s from %s", t, a.DataType()))
}

func valuesAt(t *types.Type, a arrow.Array, lo, hi int32) []types.Value {
	out := make([]types.Value, 0, hi-lo)
	for i := lo; i < hi; i++ {
		out = append(out, ValueAt(t, a, int(i)))
	}
	return out
}

// SessionEnv returns the Env of a session.
func SessionEnv(s *metadata.Session) *Env {
	env := &Env{Now: s.Now, Location: s.Location, Zone: s.Zone}
	if env.Location == nil {
		env.Location, env.Zone = time.UTC, "UTC"
	}
	return env
}
