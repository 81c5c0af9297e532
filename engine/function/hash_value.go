package function

import (
	bytesof "encoding/binary"
	"math"
	"math/bits"
	"strings"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function/internal/hashes"
	"github.com/auditlake/auditlake/planner/types"
)

// hasher hashes the value of a row of an array. The value is not NULL.
type hasher = func(i int) uint64

// valueHasher hashes the values of a comparable type as Trino's operators for xxHash64 do. Values that are not
// distinct have equal hashes, and checksums and estimates of distinct values equal Trino's.
func valueHasher(t *types.Type, v batch.Vector) func(row int) uint64 {
	hash := hasherOf(t, v.Array, hashWord)
	return func(row int) uint64 { return hash(v.At(row)) }
}

func hashWord(w uint64) uint64 {
	var b [8]byte
	bytesof.LittleEndian.PutUint64(b[:], w)
	return hashes.XX64(b[:])
}

// mixWord is the faster hash of numbers, which Trino uses for the fields of rows.
func mixWord(w uint64) uint64 { return bits.RotateLeft64(w*hashes.XXPrime2, 31) * hashes.XXPrime1 }

// hasherOf hashes numbers, and values held as numbers, with word.
func hasherOf(t *types.Type, a arrow.Array, word func(uint64) uint64) hasher {
	if d, ok := a.(*array.Dictionary); ok {
		hash := hasherOf(t, d.Dictionary(), word)
		return func(i int) uint64 { return hash(d.GetValueIndex(i)) }
	}
	switch t.Kind {
	case types.Unknown:
		return func(int) uint64 { return 0 }
	case types.Boolean:
		b := a.(*array.Boolean)
		return func(i int) uint64 {
			if b.Value(i) {
				return hashWord(1)
			}
			return hashWord(0)
		}
	case types.TinyInt:
		return numberHasher(batch.Values[int8](a), word)
	case types.SmallInt:
		return numberHasher(batch.Values[int16](a), word)
	case types.Integer, types.Date, types.IntervalYear, types.Color:
		return numberHasher(batch.Values[int32](a), word)
	case types.BigInt, types.IntervalDay:
		return numberHasher(batch.Values[int64](a), word)
	case types.Real:
		values := batch.Values[float32](a)
		return func(i int) uint64 { return word(uint64(int64(int32(javaBits32(values[i]))))) }
	case types.Double:
		values := batch.Values[float64](a)
		return func(i int) uint64 { return word(javaBits(values[i] + 0)) } // -0 becomes 0
	case types.Decimal:
		return decimalHasher(t, a, word)
	case types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ:
		return timeHasher(t, a, word)
	case types.Array, types.Map, types.Row:
		return nestedHasher(t, a, word)
	case types.UUID, types.IPAddress:
		texts := batch.Strings(a)
		return func(i int) uint64 { return hashes.XX64Text(texts[i][:8]) ^ hashes.XX64Text(texts[i][8:]) }
	case types.Char:
		texts := batch.Strings(a)
		return func(i int) uint64 { return hashes.XX64Text(strings.TrimRight(texts[i], " ")) }
	}
	texts := batch.Strings(a)
	return func(i int) uint64 { return hashes.XX64Text(texts[i]) }
}

func numberHasher[T int8 | int16 | int32 | int64](values []T, word func(uint64) uint64) hasher {
	return func(i int) uint64 { return word(uint64(values[i])) }
}

// javaBits32 returns the bits of a number, with a single zero and a single NaN.
func javaBits32(f float32) uint32 {
	switch {
	case f != f:
		return 0x7FC00000
	case f == 0:
		return 0
	}
	return math.Float32bits(f)
}

// maxShortPrecision is the greatest precision of decimals that Trino holds in 64 bits.
const maxShortPrecision = 18

func decimalHasher(t *types.Type, a arrow.Array, word func(uint64) uint64) hasher {
	values := batch.Values[decimal128.Num](a)
	if t.Precision <= maxShortPrecision {
		return func(i int) uint64 { return word(values[i].LowBits()) }
	}
	return func(i int) uint64 { return hashWord(uint64(values[i].HighBits())) ^ hashWord(values[i].LowBits()) }
}

// timeHasher uses Trino's units. Times count picoseconds, or nanoseconds with a zone; instants count microseconds,
// or milliseconds with a zone. If a type has room for more digits of an instant, Trino hashes them separately, as
// picoseconds.
func timeHasher(t *types.Type, a arrow.Array, word func(uint64) uint64) hasher {
	if t.Kind == types.TimeTZ || t.Kind == types.TimestampTZ {
		a = batch.Fields(a)[0]
	}
	if t.IsLong() {
		return longHasher(t, a)
	}
	values, units := batch.Values[int64](a), arrowtype.UnitsPerSecond(t)
	switch {
	case t.Kind == types.Time:
		return func(i int) uint64 { return word(uint64(values[i] * (1e12 / units))) }
	case t.Kind == types.TimeTZ:
		day, scale := secondsPerDay*units, max(1, 1e9/units) // beyond nanoseconds it counts picoseconds
		return func(i int) uint64 {
			return word(uint64((values[i] - day*types.FloorDiv(values[i], day)) * scale))
		}
	}
	whole, isShort := int64(1e6), t.Precision <= 6
	if t.Kind == types.TimestampTZ {
		whole, isShort = 1e3, t.Precision <= 3
	}
	if isShort {
		return func(i int) uint64 { return word(uint64(values[i] * (whole / units))) }
	}
	perWhole := units / whole
	return func(i int) uint64 {
		n := types.FloorDiv(values[i], perWhole)
		return hashWord(uint64(n)) ^ hashWord(uint64((values[i]-n*perWhole)*(1e12/units)))
	}
}

func longHasher(t *types.Type, a arrow.Array) hasher {
	values, microsPerWhole := longValues(a), int64(1)
	if t.Kind == types.TimestampTZ {
		microsPerWhole = 1000
	}
	return func(i int) uint64 {
		v := values[i]
		n := types.FloorDiv(v.micros, microsPerWhole)
		rest := (v.micros-n*microsPerWhole)*types.PicosPerMicro + v.picos
		return hashWord(uint64(n)) ^ hashWord(uint64(rest))
	}
}

// nestedHasher combines the hashes of the parts of values; that of NULL is 0. For rows it always uses the faster
// hash.
func nestedHasher(t *types.Type, a arrow.Array, word func(uint64) uint64) hasher {
	switch t.Kind {
	case types.Array:
		offsets, elems := batch.Lists(a)
		hash := orZero(elems, hasherOf(t.Elem, elems, word))
		return func(i int) uint64 {
			h := uint64(0)
			for k := offsets[i]; k < offsets[i+1]; k++ {
				h = 31*h + hash(int(k))
			}
			return h
		}
	case types.Map:
		offsets, keys, values := batch.Maps(a)
		hashKey, hashValue := hasherOf(t.Key, keys, word), orZero(values, hasherOf(t.Elem, values, word))
		return func(i int) uint64 {
			h := uint64(0)
			for k := offsets[i]; k < offsets[i+1]; k++ {
				h += hashKey(int(k)) ^ hashValue(int(k))
			}
			return h
		}
	}
	fields := make([]hasher, len(t.Fields))
	for i, f := range batch.Fields(a) {
		fields[i] = orZero(f, hasherOf(t.Fields[i].Type, f, mixWord))
	}
	return func(i int) uint64 {
		h := uint64(1)
		for _, hash := range fields {
			h = 31*h + hash(i)
		}
		return h
	}
}

// orZero returns 0 for NULL.
func orZero(a arrow.Array, hash hasher) hasher {
	return func(i int) uint64 {
		if arrowdata.IsNull(a, i) {
			return 0
		}
		return hash(i)
	}
}
