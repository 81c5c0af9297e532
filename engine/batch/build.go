package batch

import (
	"encoding/binary"
	"math"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/planner/types"
)

// FromValues makes an array of a fixed-width type (but not boolean) over vals,
// which it takes over. valid may be nil.
func FromValues[T any](dt arrow.DataType, vals []T, valid []byte) arrow.Array {
	var zero T
	bytes := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(vals))), len(vals)*int(unsafe.Sizeof(zero)))
	buf, nulls := arrowdata.NullBuffer(valid, len(vals))
	return array.MakeFromData(array.NewData(dt, len(vals),
		[]*memory.Buffer{buf, memory.NewBufferBytes(bytes)}, nil, nulls, 0))
}

// FromBools makes a boolean array.
func FromBools(vals []bool, valid []byte) *array.Boolean {
	bits, n := arrowdata.NewBitmap(len(vals)), len(vals)
	ones := unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(vals))), n) // a bool is a byte of 0 or 1
	i := 0
	for ; i+8 <= n; i += 8 {
		const gather = 0x0102_0408_1020_4080 // moves the lowest bit of byte k to bit 56+k
		bits[i>>3] = byte(binary.LittleEndian.Uint64(ones[i:]) * gather >> 56)
	}
	for ; i < n; i++ {
		bits[i>>3] |= ones[i] << (i & 7)
	}
	return FromBits(bits, n, valid)
}

// FromBits makes a boolean array of n values over a bitmap.
func FromBits(bits []byte, n int, valid []byte) *array.Boolean {
	buf, nulls := arrowdata.NullBuffer(valid, n)
	return array.NewBooleanData(array.NewData(arrow.FixedWidthTypes.Boolean, n,
		[]*memory.Buffer{buf, memory.NewBufferBytes(bits)}, nil, nulls, 0))
}

// FromStrings makes a utf8, binary or fixed_size_binary array with copies of
// vals. Values under NULLs are dropped. An array past 2 GiB is an error.
func FromStrings[S ~string | ~[]byte](dt arrow.DataType, vals []S, valid []byte) (arrow.Array, error) {
	return FromStringsDivided(dt, vals, valid, InTurn)
}

// FromStringsDivided is FromStrings with the copying divided by by.
func FromStringsDivided[S ~string | ~[]byte](dt arrow.DataType, vals []S, valid []byte, by Divide) (arrow.Array, error) {
	if fixed, ok := dt.(*arrow.FixedSizeBinaryType); ok {
		return fixedStrings(fixed, vals, valid), nil
	}
	offsets, total := make([]int32, len(vals)+1), 0
	for i, s := range vals {
		if arrowdata.IsValid(valid, i) {
			total += len(s)
		}
		if total > math.MaxInt32 {
			return nil, TooBig("text")
		}
		offsets[i+1] = int32(total)
	}
	data := make([]byte, total)
	by.bytes(offsets, func(from, to int) {
		for i := from; i < to; i++ {
			if at := offsets[i]; at < offsets[i+1] {
				CopyText(data[at:], vals[i])
			}
		}
	})
	return FromText(dt, offsets, data, valid), nil
}

func fixedStrings[S ~string | ~[]byte](dt *arrow.FixedSizeBinaryType, vals []S, valid []byte) arrow.Array {
	data := make([]byte, len(vals)*dt.ByteWidth)
	for i, s := range vals {
		copy(data[i*dt.ByteWidth:(i+1)*dt.ByteWidth], s)
	}
	buf, nulls := arrowdata.NullBuffer(valid, len(vals))
	return array.MakeFromData(array.NewData(dt, len(vals),
		[]*memory.Buffer{buf, memory.NewBufferBytes(data)}, nil, nulls, 0))
}

// TooBig returns the error for an array whose texts, elements or the like pass 2 GiB.
func TooBig(what string) error {
	return types.Errorf(types.ExceededMemoryLimit, types.Pos{}, "a column of %s passes 2 GiB in one batch", what)
}

// FromText makes a utf8 or binary array of len(offsets)-1 values.
func FromText(dt arrow.DataType, offsets []int32, data []byte, valid []byte) arrow.Array {
	n := len(offsets) - 1
	buf, nulls := arrowdata.NullBuffer(valid, n)
	return array.MakeFromData(array.NewData(dt, n,
		[]*memory.Buffer{buf, int32Buffer(offsets), memory.NewBufferBytes(data)}, nil, nulls, 0))
}

func int32Buffer(vals []int32) *memory.Buffer {
	return memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(vals))
}

// FromCodes makes a dictionary array of utf8 over dict, whose values must not be NULL but may repeat. Several
// goroutines may read it: FromCodes already makes Arrow build the dictionary's array, which Arrow does on first
// use.
func FromCodes(codes []int32, valid []byte, dict arrow.Array) *array.Dictionary {
	dt := &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: dict.DataType()}
	a := array.NewDictionaryArray(dt, FromValues(arrow.PrimitiveTypes.Int32, codes, valid), dict)
	a.Dictionary()
	return a
}

// FromLists makes a list array: row i holds elems[offsets[i]:offsets[i+1]].
func FromLists(offsets []int32, valid []byte, elems arrow.Array) *array.List {
	n := len(offsets) - 1
	buf, nulls := arrowdata.NullBuffer(valid, n)
	return array.NewListData(array.NewData(arrow.ListOf(elems.DataType()), n,
		[]*memory.Buffer{buf, int32Buffer(offsets)}, []arrow.ArrayData{elems.Data()}, nulls, 0))
}

// FromMaps makes a map array: row i holds the entries offsets[i]:offsets[i+1].
func FromMaps(offsets []int32, valid []byte, keys, values arrow.Array) *array.Map {
	n := len(offsets) - 1
	dt := arrow.MapOf(keys.DataType(), values.DataType())
	entries := array.NewData(dt.Elem(), keys.Len(), []*memory.Buffer{nil},
		[]arrow.ArrayData{keys.Data(), values.Data()}, 0, 0)
	buf, nulls := arrowdata.NullBuffer(valid, n)
	return array.NewMapData(array.NewData(dt, n,
		[]*memory.Buffer{buf, int32Buffer(offsets)}, []arrow.ArrayData{entries}, nulls, 0))
}

// FromFields makes a struct array of n rows. The type of each field is its array's: a dictionary may stand where dt
// has utf8.
func FromFields(dt *arrow.StructType, n int, valid []byte, fields []arrow.Array) *array.Struct {
	children := make([]arrow.ArrayData, len(fields))
	declared := make([]arrow.Field, len(fields))
	for i, f := range fields {
		children[i] = f.Data()
		declared[i] = dt.Field(i)
		declared[i].Type = f.DataType()
	}
	buf, nulls := arrowdata.NullBuffer(valid, n)
	return array.NewStructData(array.NewData(arrow.StructOf(declared...), n,
		[]*memory.Buffer{buf}, children, nulls, 0))
}
