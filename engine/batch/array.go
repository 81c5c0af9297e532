package batch

import (
	"math"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/bitutil"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/planner/types"
)

// Values returns the values of a fixed-width array (but not of booleans) as a
// slice over its memory: T must have the width of the array's values. Values
// under NULLs are undefined.
func Values[T any](a arrow.Array) []T {
	d := a.Data()
	n := d.Len()
	if n == 0 {
		return nil
	}
	if d.Buffers()[1] == nil {
		return make([]T, n) // all NULL
	}
	base := unsafe.Pointer(unsafe.SliceData(d.Buffers()[1].Bytes()))
	return unsafe.Slice((*T)(base), d.Offset()+n)[d.Offset():]
}

// Bools returns the values of a boolean array, one byte each.
func Bools(a arrow.Array) []bool {
	b := a.(*array.Boolean)
	out := make([]bool, b.Len())
	for i := range out {
		out[i] = b.Value(i)
	}
	return out
}

// Strings returns the values of a utf8 or binary array, dictionary-encoded or
// not, as strings over the array's memory. Values under NULLs are undefined.
func Strings(a arrow.Array) []string {
	out := make([]string, a.Len())
	switch x := a.(type) {
	case *array.String:
		for i := range out {
			out[i] = x.Value(i)
		}
	case *array.Binary:
		for i := range out {
			out[i] = viewString(x.Value(i))
		}
	case *array.FixedSizeBinary:
		for i := range out {
			out[i] = viewString(x.Value(i))
		}
	case *array.Dictionary:
		values, codes := Strings(x.Dictionary()), Codes(x)
		for i := range out {
			if !x.IsNull(i) {
				out[i] = values[codes[i]]
			}
		}
	default:
		panic("batch: no strings in " + a.DataType().String())
	}
	return out
}

// Text returns the offsets and bytes of a utf8 or binary array: value i is
// data[offsets[i]:offsets[i+1]].
func Text(a arrow.Array) (offsets []int32, data []byte) {
	d := a.Data()
	if d.Len() == 0 {
		return []int32{0}, nil
	}
	all := arrow.Int32Traits.CastFromBytes(d.Buffers()[1].Bytes())
	if d.Buffers()[2] != nil {
		data = d.Buffers()[2].Bytes()
	}
	return all[d.Offset() : d.Offset()+d.Len()+1], data
}

func viewString(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// Codes returns the indices of a dictionary array. Undefined under NULLs.
func Codes(d *array.Dictionary) []int32 {
	if d.Indices().DataType().ID() == arrow.INT32 {
		return Values[int32](d.Indices())
	}
	out := make([]int32, d.Len())
	for i := range out {
		if !d.IsNull(i) {
			out[i] = int32(d.GetValueIndex(i))
		}
	}
	return out
}

// Validity returns which values are not NULL as a bitmap from bit 0 on, nil
// when there is no NULL. It may share the array's memory.
func Validity(a arrow.Array) []byte {
	n := a.Len()
	if a.DataType().ID() == arrow.NULL {
		return make([]byte, bitutil.BytesForBits(int64(n)))
	}
	if a.NullN() == 0 {
		return nil
	}
	bits, offset := a.NullBitmapBytes(), a.Data().Offset()
	if offset%8 == 0 {
		return bits[offset/8:]
	}
	out := make([]byte, bitutil.BytesForBits(int64(n)))
	bitutil.CopyBitmap(bits, offset, n, out, 0)
	return out
}

// IsNull reports whether value i is NULL, also in arrays of type null.
func IsNull(a arrow.Array, i int) bool { return a.IsNull(i) || a.DataType().ID() == arrow.NULL }

// IsValid reports whether bit i is set; a nil bitmap means all are.
func IsValid(valid []byte, i int) bool { return valid == nil || valid[i>>3]&(1<<(i&7)) != 0 }

// FullValidity returns a bitmap of n set bits.
func FullValidity(n int) []byte {
	out := make([]byte, bitutil.BytesForBits(int64(n)))
	for i := range out {
		out[i] = 0xff
	}
	return out
}

// ClearBit marks value i NULL.
func ClearBit(valid []byte, i int) { valid[i>>3] &^= 1 << (i & 7) }

// And intersects two validity bitmaps of n bits; either may be nil. The result
// may be one of them.
func And(a, b []byte, n int) []byte {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	out := make([]byte, bitutil.BytesForBits(int64(n)))
	for i := range out {
		out[i] = a[i] & b[i]
	}
	return out
}

func nullBuffer(valid []byte, n int) (*memory.Buffer, int) {
	if valid == nil {
		return nil, 0
	}
	nulls := n - bitutil.CountSetBits(valid, 0, n)
	if nulls == 0 {
		return nil, 0
	}
	return memory.NewBufferBytes(valid), nulls
}

// FromValues makes an array of a fixed-width type (but not boolean) over vals,
// which it takes over. valid may be nil.
func FromValues[T any](dt arrow.DataType, vals []T, valid []byte) arrow.Array {
	var zero T
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(vals))), len(vals)*int(unsafe.Sizeof(zero)))
	buf, nulls := nullBuffer(valid, len(vals))
	return array.MakeFromData(array.NewData(dt, len(vals),
		[]*memory.Buffer{buf, memory.NewBufferBytes(bytes)}, nil, nulls, 0))
}

// FromBools makes a boolean array.
func FromBools(vals []bool, valid []byte) *array.Boolean {
	bits := make([]byte, bitutil.BytesForBits(int64(len(vals))))
	for i, v := range vals {
		if v {
			bits[i>>3] |= 1 << (i & 7)
		}
	}
	return FromBits(bits, len(vals), valid)
}

// FromBits makes a boolean array of n values over a bitmap.
func FromBits(bits []byte, n int, valid []byte) *array.Boolean {
	buf, nulls := nullBuffer(valid, n)
	return array.NewBooleanData(array.NewData(arrow.FixedWidthTypes.Boolean, n,
		[]*memory.Buffer{buf, memory.NewBufferBytes(bits)}, nil, nulls, 0))
}

// FromStrings makes a utf8, binary or fixed_size_binary array with copies of
// vals. Values under NULLs are dropped. An array past 2 GiB is an error.
func FromStrings[S ~string | ~[]byte](dt arrow.DataType, vals []S, valid []byte) (arrow.Array, error) {
	if fixed, ok := dt.(*arrow.FixedSizeBinaryType); ok {
		return fixedStrings(fixed, vals, valid), nil
	}
	total := 0
	for i, s := range vals {
		if IsValid(valid, i) {
			total += len(s)
		}
	}
	if total > math.MaxInt32 {
		return nil, tooBig("text")
	}
	offsets := make([]int32, len(vals)+1)
	data := make([]byte, 0, total)
	for i, s := range vals {
		if IsValid(valid, i) {
			data = append(data, s...)
		}
		offsets[i+1] = int32(len(data))
	}
	return FromText(dt, offsets, data, valid), nil
}

func fixedStrings[S ~string | ~[]byte](dt *arrow.FixedSizeBinaryType, vals []S, valid []byte) arrow.Array {
	data := make([]byte, len(vals)*dt.ByteWidth)
	for i, s := range vals {
		copy(data[i*dt.ByteWidth:(i+1)*dt.ByteWidth], s)
	}
	buf, nulls := nullBuffer(valid, len(vals))
	return array.MakeFromData(array.NewData(dt, len(vals),
		[]*memory.Buffer{buf, memory.NewBufferBytes(data)}, nil, nulls, 0))
}

func tooBig(what string) error {
	return types.Errorf(types.ExceededMemoryLimit, types.Pos{}, "a column of %s passes 2 GiB in one batch", what)
}

// FromText makes a utf8 or binary array of len(offsets)-1 values.
func FromText(dt arrow.DataType, offsets []int32, data []byte, valid []byte) arrow.Array {
	n := len(offsets) - 1
	buf, nulls := nullBuffer(valid, n)
	return array.MakeFromData(array.NewData(dt, n,
		[]*memory.Buffer{buf, int32Buffer(offsets), memory.NewBufferBytes(data)}, nil, nulls, 0))
}

func int32Buffer(vals []int32) *memory.Buffer {
	return memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(vals))
}

// FromCodes makes a dictionary array of utf8 over dict, whose values must not
// be NULL but may repeat.
func FromCodes(codes []int32, valid []byte, dict arrow.Array) *array.Dictionary {
	dt := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: dict.DataType()}
	return array.NewDictionaryArray(dt, FromValues(arrow.PrimitiveTypes.Int32, codes, valid), dict)
}

// FromLists makes a list array: row i holds elems[offsets[i]:offsets[i+1]].
func FromLists(offsets []int32, valid []byte, elems arrow.Array) *array.List {
	n := len(offsets) - 1
	buf, nulls := nullBuffer(valid, n)
	return array.NewListData(array.NewData(arrow.ListOf(elems.DataType()), n,
		[]*memory.Buffer{buf, int32Buffer(offsets)}, []arrow.ArrayData{elems.Data()}, nulls, 0))
}

// FromMaps makes a map array: row i holds the entries offsets[i]:offsets[i+1].
func FromMaps(offsets []int32, valid []byte, keys, values arrow.Array) *array.Map {
	n := len(offsets) - 1
	dt := arrow.MapOf(keys.DataType(), values.DataType())
	entries := array.NewData(dt.Elem(), keys.Len(), []*memory.Buffer{nil},
		[]arrow.ArrayData{keys.Data(), values.Data()}, 0, 0)
	buf, nulls := nullBuffer(valid, n)
	return array.NewMapData(array.NewData(dt, n,
		[]*memory.Buffer{buf, int32Buffer(offsets)}, []arrow.ArrayData{entries}, nulls, 0))
}

// FromFields makes a struct array of n rows. The type of each field is its
// array's (a dictionary may stand where the type says utf8).
func FromFields(dt *arrow.StructType, n int, valid []byte, fields []arrow.Array) *array.Struct {
	children := make([]arrow.ArrayData, len(fields))
	declared := make([]arrow.Field, len(fields))
	for i, f := range fields {
		children[i] = f.Data()
		declared[i] = dt.Field(i)
		declared[i].Type = f.DataType()
	}
	buf, nulls := nullBuffer(valid, n)
	return array.NewStructData(array.NewData(arrow.StructOf(declared...), n,
		[]*memory.Buffer{buf}, children, nulls, 0))
}

// Lists returns the parts of a list or map array as its rows see them: row i
// holds the elements offsets[i]:offsets[i+1] of elems (a struct of key and
// value for maps). NULL rows may hold elements too.
func Lists(a arrow.Array) (offsets []int32, elems arrow.Array) {
	l := a.(array.ListLike)
	d := a.Data()
	if d.Len() == 0 {
		return []int32{0}, l.ListValues()
	}
	all := arrow.Int32Traits.CastFromBytes(d.Buffers()[1].Bytes())
	return all[d.Offset() : d.Offset()+d.Len()+1], l.ListValues()
}

// Maps returns the parts of a map array, as Lists does.
func Maps(a arrow.Array) (offsets []int32, keys, values arrow.Array) {
	offsets, _ = Lists(a)
	m := a.(*array.Map)
	return offsets, m.Keys(), m.Items()
}

// Fields returns the field arrays of a struct array, aligned with its rows.
// NULL rows may hold field values.
func Fields(a arrow.Array) []arrow.Array {
	s := a.(*array.Struct)
	out := make([]arrow.Array, s.NumField())
	for i := range out {
		out[i] = s.Field(i)
	}
	return out
}
