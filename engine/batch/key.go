package batch

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/bitutil"

	"github.com/auditlake/auditlake/arrowdata"
)

func isText(t arrow.DataType) bool { return t.ID() == arrow.STRING || t.ID() == arrow.BINARY }

// isWord reports whether values of type t are identified by at most 64 bits.
func isWord(t arrow.DataType) bool {
	switch t.ID() {
	case arrow.BOOL, arrow.INT8, arrow.INT16, arrow.INT32, arrow.INT64, arrow.FLOAT32, arrow.FLOAT64,
		arrow.DATE32, arrow.TIME32, arrow.TIME64, arrow.TIMESTAMP, arrow.DURATION, arrow.INTERVAL_MONTHS:
		return true
	}
	return false
}

// canonicalNaN stands for every NaN.
var canonicalNaN = math.Float64bits(math.NaN())

// floatWord maps equal numbers to equal words: one NaN, one zero.
func floatWord(f float64) uint64 {
	switch {
	case f == 0:
		return 0
	case f != f:
		return canonicalNaN
	}
	return math.Float64bits(f)
}

// wordReader returns the function that reads row i of a as a word.
func wordReader(a arrow.Array) (func(i int) uint64, error) {
	switch a := a.(type) {
	case *array.Boolean:
		return func(i int) uint64 {
			if a.Value(i) {
				return 1
			}
			return 0
		}, nil
	case *array.Int8:
		return reader(a.Int8Values()), nil
	case *array.Int16:
		return reader(a.Int16Values()), nil
	case *array.Int32:
		return reader(a.Int32Values()), nil
	case *array.Int64:
		return reader(a.Int64Values()), nil
	case *array.Date32:
		return reader(a.Date32Values()), nil
	case *array.Time32:
		return reader(a.Time32Values()), nil
	case *array.Time64:
		return reader(a.Time64Values()), nil
	case *array.Timestamp:
		return reader(a.TimestampValues()), nil
	case *array.Duration:
		return reader(a.DurationValues()), nil
	case *array.MonthInterval:
		return reader(a.MonthIntervalValues()), nil
	case *array.Float32:
		return func(i int) uint64 { return floatWord(float64(a.Value(i))) }, nil
	case *array.Float64:
		return func(i int) uint64 { return floatWord(a.Value(i)) }, nil
	}
	return nil, fmt.Errorf("batch: %s is no fixed-width type", a.DataType())
}

func reader[T ~int8 | ~int16 | ~int32 | ~int64](values []T) func(i int) uint64 {
	return func(i int) uint64 { return uint64(values[i]) }
}

// isItsWord reports whether the word of a value of type t is the value as an array stores it.
func isItsWord(t arrow.DataType) bool {
	return t.ID() != arrow.FLOAT64 && t.(arrow.FixedWidthDataType).BitWidth() == wordBits
}

// wordWidth returns how many bytes n values of type t take.
func wordWidth(t arrow.DataType, n int) int {
	return (t.(arrow.FixedWidthDataType).BitWidth()*n + 7) / 8
}

// putWord stores word w, as wordReader reads it, as value i of type t in b.
func putWord(b []byte, t arrow.DataType, i int, w uint64) {
	switch t.(arrow.FixedWidthDataType).BitWidth() {
	case 1:
		bitutil.SetBitTo(b, i, w == 1)
	case 8:
		b[i] = byte(w)
	case 16:
		binary.LittleEndian.PutUint16(b[2*i:], uint16(w))
	case 32:
		if t.ID() == arrow.FLOAT32 {
			w = uint64(math.Float32bits(float32(math.Float64frombits(w))))
		}
		binary.LittleEndian.PutUint32(b[4*i:], uint32(w))
	case 64:
		binary.LittleEndian.PutUint64(b[8*i:], w)
	}
}

// AppendKey appends an encoding of row i of a. Two rows have the same encoding exactly if they are not distinct. It
// is self-delimiting.
func AppendKey(dst []byte, a arrow.Array, i int) ([]byte, error) {
	if arrowdata.IsNull(a, i) {
		return append(dst, 0), nil
	}
	if d, ok := a.(*array.Dictionary); ok {
		return AppendKey(dst, d.Dictionary(), d.GetValueIndex(i))
	}
	if instants, ok := Instants(a); ok {
		return AppendKey(dst, instants, i)
	}
	dst = append(dst, 1)
	switch a := a.(type) {
	case *array.String:
		return appendBytes(dst, viewBytes(a.Value(i))), nil
	case *array.Binary:
		return appendBytes(dst, a.Value(i)), nil
	case *array.FixedSizeBinary:
		return append(dst, a.Value(i)...), nil
	case *array.Decimal128:
		v := a.Value(i)
		dst = binary.LittleEndian.AppendUint64(dst, uint64(v.HighBits()))
		return binary.LittleEndian.AppendUint64(dst, v.LowBits()), nil
	case *array.Map:
		return appendMapKey(dst, a, i)
	case *array.List:
		start, end := a.ValueOffsets(i)
		dst = binary.AppendUvarint(dst, uint64(end-start))
		return appendRange(dst, a.ListValues(), start, end)
	case *array.Struct:
		var err error
		for f := 0; f < a.NumField() && err == nil; f++ {
			dst, err = AppendKey(dst, a.Field(f), i)
		}
		return dst, err
	}
	word, err := wordReader(a)
	if err != nil {
		return nil, fmt.Errorf("batch: values of type %s cannot be grouped", a.DataType())
	}
	return binary.LittleEndian.AppendUint64(dst, word(i)), nil
}

func appendBytes(dst, b []byte) []byte {
	return append(binary.AppendUvarint(dst, uint64(len(b))), b...)
}

func appendRange(dst []byte, a arrow.Array, start, end int64) ([]byte, error) {
	var err error
	for j := start; j < end && err == nil; j++ {
		dst, err = AppendKey(dst, a, int(j))
	}
	return dst, err
}

// appendMapKey appends the encoded entries sorted, as the order of a map's entries means nothing.
func appendMapKey(dst []byte, a *array.Map, i int) ([]byte, error) {
	start, end := a.ValueOffsets(i)
	entries := make([][]byte, 0, end-start)
	for j := int(start); j < int(end); j++ {
		entry, err := AppendKey(nil, a.Keys(), j)
		if err != nil {
			return nil, err
		}
		if entry, err = AppendKey(entry, a.Items(), j); err != nil {
			return nil, err
		}
		entries = append(entries, entry)
	}
	slices.SortFunc(entries, slices.Compare)
	dst = binary.AppendUvarint(dst, uint64(len(entries)))
	for _, e := range entries {
		dst = append(dst, e...)
	}
	return dst, nil
}

func viewBytes(s string) []byte { return unsafe.Slice(unsafe.StringData(s), len(s)) }

// Instants returns the instants of an array of values with time zone (see engine/arrowtype). The zone plays no role
// in equality.
func Instants(a arrow.Array) (arrow.Array, bool) {
	if !hasInstants(a.DataType()) {
		return nil, false
	}
	return a.(*array.Struct).Field(0), true
}

// hasInstants reports whether t is a type of values with time zone.
func hasInstants(dt arrow.DataType) bool {
	t, ok := dt.(*arrow.StructType)
	if !ok || t.NumFields() != 2 || t.Field(0).Name != "instant" || t.Field(1).Name != "zone" {
		return false
	}
	switch instant := t.Field(0).Type.(type) {
	case *arrow.TimestampType:
		return instant.TimeZone != ""
	case *arrow.Time64Type, *arrow.DurationType, *arrow.Decimal128Type: // a user's own row type has no metadata
		return t.Field(1).HasMetadata()
	}
	return false
}

// hasWordInstants reports whether t is a type of values with time zone whose instants are words.
func hasWordInstants(t arrow.DataType) bool {
	return hasInstants(t) && isWord(t.(*arrow.StructType).Field(0).Type)
}
