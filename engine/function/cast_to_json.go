package function

import (
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/javaformat"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/types"
)

// castToJSON writes values as JSON text. Types without a JSON form have no cast, not even inside arrays, maps and
// rows.
func castToJSON(from *types.Type) (caster, bool) {
	if !hasJSON(from) {
		return nil, false
	}
	return func(try bool) Bind {
		return func(*types.Resolved) Kernel {
			return arrayKernel(func(env *Env, a arrow.Array) (arrow.Array, error) { return jsonColumn(env, from, a) }, try)
		}
	}, true
}

func hasJSON(t *types.Type) bool {
	switch t.Kind {
	case types.Unknown, types.Boolean, types.TinyInt, types.SmallInt, types.Integer, types.BigInt, types.Real,
		types.Double, types.Decimal, types.Varchar, types.JSON, types.Date, types.Timestamp:
		return true
	case types.Array:
		return hasJSON(t.Elem)
	case types.Map:
		_, hasText := castKernel(t.Key, types.VarcharType, false)
		return hasText && hasJSON(t.Elem)
	case types.Row:
		return !slices.ContainsFunc(t.Fields, func(f types.Field) bool { return !hasJSON(f.Type) })
	}
	return false
}

func jsonColumn(env *Env, t *types.Type, a arrow.Array) (arrow.Array, error) {
	write, err := jsonWriter(t, a)
	if err != nil {
		return nil, err
	}
	const (
		looked          = 128 // values from which the total length is estimated
		maxGuessedBytes = 8 << 20
	)
	offsets := make([]int32, a.Len()+1)
	var data []byte
	for i := range a.Len() {
		before := cap(data)
		if i == looked {
			data = slices.Grow(data, min(maxGuessedBytes, len(data)/looked*(a.Len()-looked)*9/8))
		}
		if !arrowdata.IsNull(a, i) {
			data = write(data, i)
		}
		if grown := int64(cap(data) - before); grown > 0 { // during the move, old and new memory were in use
			if err := meterOf(env).Grow(grown + int64(before)); err != nil {
				return nil, err
			}
			if err := env.Settle(env.Held() - int64(before)); err != nil {
				return nil, err
			}
		}
		if len(data) > math.MaxInt32 {
			return nil, types.Errorf(types.ExceededMemoryLimit, types.Pos{}, "a column of json passes 2 GiB in one batch")
		}
		offsets[i+1] = int32(len(data))
	}
	return batch.FromText(arrow.BinaryTypes.String, offsets, data, arrowdata.Validity(a)), nil
}

// writeJSON appends value i of an array as JSON. The value is not NULL.
type writeJSON func(out []byte, i int) []byte

func jsonWriter(t *types.Type, a arrow.Array) (writeJSON, error) {
	switch t.Kind {
	case types.Unknown:
		return func(out []byte, _ int) []byte { return append(out, "null"...) }, nil
	case types.Boolean:
		vals := batch.Bools(a)
		return func(out []byte, i int) []byte { return strconv.AppendBool(out, vals[i]) }, nil
	case types.TinyInt:
		return writeIntegers(batch.Values[int8](a)), nil
	case types.SmallInt:
		return writeIntegers(batch.Values[int16](a)), nil
	case types.Integer:
		return writeIntegers(batch.Values[int32](a)), nil
	case types.BigInt:
		return writeIntegers(batch.Values[int64](a)), nil
	case types.Real:
		return writeFloats(batch.Values[float32](a), 32), nil
	case types.Double:
		return writeFloats(batch.Values[float64](a), 64), nil
	case types.Decimal:
		vals := batch.Values[decimal128.Num](a)
		return func(out []byte, i int) []byte { return appendJSONDecimal(out, vals[i], t.Scale) }, nil
	case types.Varchar:
		vals := batch.Strings(a)
		return func(out []byte, i int) []byte { return jsontext.AppendQuoted(out, vals[i], jsontext.Canonical) }, nil
	case types.JSON:
		vals := batch.Strings(a)
		return func(out []byte, i int) []byte { return append(out, vals[i]...) }, nil
	case types.Date:
		vals := batch.Values[int32](a)
		return func(out []byte, i int) []byte { return append(append(append(out, '"'), dateText(vals[i])...), '"') }, nil
	case types.Timestamp:
		if t.IsLong() {
			vals := batch.Values[decimal128.Num](a)
			return func(out []byte, i int) []byte {
				return append(arrowtype.AppendLong(append(out, '"'), vals[i], t.Precision), '"')
			}, nil
		}
		vals, units := batch.Values[int64](a), arrowtype.UnitsPerSecond(t)
		return func(out []byte, i int) []byte {
			return append(arrowtype.AppendTimestamp(append(out, '"'), vals[i], units, t.Precision), '"')
		}, nil
	case types.Array:
		return writeArrays(t, a)
	case types.Map:
		return writeMaps(t, a)
	}
	return writeRows(t, a)
}

// appendJSONDecimal writes a decimal as Java's BigDecimal does: with an exponent if more than five zeros would
// follow the point.
func appendJSONDecimal(out []byte, d decimal128.Num, scale int) []byte {
	digits := appendDigits(nil, d.Abs())
	exponent := len(digits) - 1 - scale
	if exponent >= javaformat.LeastFixedExponent {
		return appendDecimal(out, d, scale)
	}
	if d.Sign() < 0 {
		out = append(out, '-')
	}
	return javaformat.AppendWithExponent(out, digits, exponent)
}

func writeIntegers[T integer](vals []T) writeJSON {
	return func(out []byte, i int) []byte { return strconv.AppendInt(out, int64(vals[i]), 10) }
}

func writeFloats[T float32 | float64](vals []T, bits int) writeJSON {
	return func(out []byte, i int) []byte { return appendJSONFloat(out, float64(vals[i]), bits) }
}

// appendJSONFloat writes NaN and infinities as strings.
func appendJSONFloat(out []byte, f float64, bits int) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(arrowtype.AppendDouble(append(out, '"'), f, bits), '"')
	}
	return arrowtype.AppendDouble(out, f, bits)
}

// nullable writes null for NULL.
func nullable(a arrow.Array, write writeJSON) writeJSON {
	valid := arrowdata.Validity(a)
	if valid == nil {
		return write
	}
	return func(out []byte, i int) []byte {
		if !arrowdata.IsSet(valid, i) {
			return append(out, "null"...)
		}
		return write(out, i)
	}
}

func writeArrays(t *types.Type, a arrow.Array) (writeJSON, error) {
	offsets, elems := batch.Lists(a)
	write, err := jsonWriter(t.Elem, elems)
	if err != nil {
		return nil, err
	}
	write = nullable(elems, write)
	return func(out []byte, i int) []byte {
		out = append(out, '[')
		for j := offsets[i]; j < offsets[i+1]; j++ {
			if j > offsets[i] {
				out = append(out, ',')
			}
			out = write(out, int(j))
		}
		return append(out, ']')
	}, nil
}

// writeMaps writes objects with sorted keys. Only some types can be object keys; for the others the cast fails when
// it runs, as in Trino.
func writeMaps(t *types.Type, a arrow.Array) (writeJSON, error) {
	offsets, keys, values := batch.Maps(a)
	write, err := jsonWriter(t.Elem, values)
	if err != nil {
		return nil, err
	}
	write = nullable(values, write)
	names, err := newObjectKeys(t, keys)
	if err != nil {
		return nil, err
	}
	var order []int // reused for each map
	return func(out []byte, i int) []byte {
		order = order[:0]
		for j := offsets[i]; j < offsets[i+1]; j++ {
			order = append(order, int(j))
		}
		slices.SortFunc(order, names.compare)
		out = append(out, '{')
		for n, j := range order {
			if n > 0 {
				out = append(out, ',')
			}
			out = write(names.write(out, j), j)
		}
		return append(out, '}')
	}, nil
}

// keyTexts returns the keys as texts.
func keyTexts(t *types.Type, keys arrow.Array) ([]string, error) {
	switch {
	case t.Key.Kind == types.Unknown:
		return make([]string, keys.Len()), nil
	case !isObjectKey(t.Key):
		return nil, castError("Cannot cast %s to JSON", t)
	case t.Key.Kind == types.Varchar:
		return batch.Strings(keys), nil
	case t.Key.Kind == types.Decimal: // values may have an exponent, keys do not
		out := make([]string, keys.Len())
		for i, d := range batch.Values[decimal128.Num](keys) {
			out[i] = formatDecimal(d, t.Key.Scale)
		}
		return out, nil
	}
	write, err := jsonWriter(t.Key, keys)
	if err != nil {
		return nil, err
	}
	out := make([]string, keys.Len())
	for i := range out {
		out[i] = strings.Trim(string(write(nil, i)), `"`)
	}
	return out, nil
}

// isObjectKey reports whether values of a type can be keys of JSON objects.
func isObjectKey(t *types.Type) bool {
	return t.Kind == types.Boolean || t.Kind == types.Varchar || t.IsNumeric()
}

func writeRows(t *types.Type, a arrow.Array) (writeJSON, error) {
	fields := batch.Fields(a)
	writers := make([]writeJSON, len(fields))
	for f, field := range fields {
		write, err := jsonWriter(t.Fields[f].Type, field)
		if err != nil {
			return nil, err
		}
		writers[f] = nullable(field, write)
	}
	return func(out []byte, i int) []byte {
		out = append(out, '{')
		for f, write := range writers {
			if f > 0 {
				out = append(out, ',')
			}
			out = write(append(jsontext.AppendQuoted(out, t.Fields[f].Name, jsontext.Canonical), ':'), i)
		}
		return append(out, '}')
	}, nil
}
