// Package arrowdata holds the primitives over Arrow arrays that storage, ingest and the engine share: validity
// bitmaps, the keys and values of maps, and NULLs that a value inherits from its parent.
//
// A bitmap describes the values from bit 0 on. A nil bitmap means that no value is NULL.
package arrowdata

import (
	"encoding/binary"
	"math/bits"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/bitutil"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// Validity returns a bitmap of the values that are not NULL, nil if there is no NULL. It may share the array's
// memory.
func Validity(a arrow.Array) []byte {
	n := a.Len()
	if a.DataType().ID() == arrow.NULL {
		return NewBitmap(n)
	}
	if a.NullN() == 0 {
		return nil
	}
	bits, offset := a.NullBitmapBytes(), a.Data().Offset()
	if offset%8 == 0 {
		return bits[offset/8:]
	}
	out := NewBitmap(n)
	bitutil.CopyBitmap(bits, offset, n, out, 0)
	return out
}

// IsNull reports whether value i is NULL, including in arrays of type null.
func IsNull(a arrow.Array, i int) bool { return a.IsNull(i) || a.DataType().ID() == arrow.NULL }

// NewBitmap returns a bitmap of n bits, none of them set.
func NewBitmap(n int) []byte { return make([]byte, bitutil.BytesForBits(int64(n))) }

// FullValidity returns a bitmap of n set bits.
func FullValidity(n int) []byte {
	out := NewBitmap(n)
	for i := range out {
		out[i] = 0xff
	}
	return out
}

// IsValid reports whether bit i is set; a nil bitmap means all are.
func IsValid(valid []byte, i int) bool { return valid == nil || IsSet(valid, i) }

// IsSet reports whether bit i is set. The bitmap must not be nil.
func IsSet(bitmap []byte, i int) bool { return bitmap[i>>3]&(1<<(i&7)) != 0 }

// SetBit sets bit i. In a validity bitmap this marks value i as not NULL.
func SetBit(bitmap []byte, i int) { bitmap[i>>3] |= 1 << (i & 7) }

// ClearBit clears bit i. In a validity bitmap this marks value i as NULL.
func ClearBit(bitmap []byte, i int) { bitmap[i>>3] &^= 1 << (i & 7) }

// CountBits counts the set bits among the first n.
func CountBits(bitmap []byte, n int) int { return bitutil.CountSetBits(bitmap, 0, n) }

// AppendSetBits appends the positions of the set bits among the first n.
func AppendSetBits(out []int32, bitmap []byte, n int) []int32 {
	i := 0
	for ; i+64 <= n; i += 64 {
		w := binary.LittleEndian.Uint64(bitmap[i>>3:])
		if w == ^uint64(0) {
			out = appendRun(out, int32(i))
			continue
		}
		for ; w != 0; w &= w - 1 {
			out = append(out, int32(i+bits.TrailingZeros64(w)))
		}
	}
	for ; i < n; i += 8 {
		w := bitmap[i>>3]
		if n-i < 8 {
			w &= 1<<(n-i) - 1
		}
		for ; w != 0; w &= w - 1 {
			out = append(out, int32(i+bits.TrailingZeros8(w)))
		}
	}
	return out
}

// appendRun appends the 64 positions from first on.
func appendRun(out []int32, first int32) []int32 {
	from := len(out)
	out = append(out, make([]int32, 64)...)
	for i := range out[from:] {
		out[from+i] = first + int32(i)
	}
	return out
}

// And intersects two validity bitmaps of n bits. Either may be nil. The result may be one of them.
func And(a, b []byte, n int) []byte {
	if a == nil {
		return b
	}
	if b == nil {
		return a
	}
	out := NewBitmap(n)
	for i := range out {
		out[i] = a[i] & b[i]
	}
	return out
}

// NullBuffer returns a validity bitmap of n values in the form that arrays hold, and the number of NULLs. Without
// NULLs the buffer is nil. It shares the bitmap's memory.
func NullBuffer(valid []byte, n int) (buffer *memory.Buffer, nulls int) {
	if valid == nil {
		return nil, 0
	}
	if nulls = n - CountBits(valid, n); nulls == 0 {
		return nil, 0
	}
	return memory.NewBufferBytes(valid), nulls
}

// KeysOf returns the keys of maps as lists over the same memory.
func KeysOf(m *array.Map) arrow.Array { return listsOf(m, m.Keys()) }

// ValuesOf returns the values of maps as lists over the same memory.
func ValuesOf(m *array.Map) arrow.Array { return listsOf(m, m.Items()) }

// FieldOf returns the field called name of the structs in lists, as lists. The field must exist. Its value is NULL
// where the struct is.
func FieldOf(l *array.List, name string) arrow.Array {
	structs := l.ListValues().(*array.Struct)
	at, _ := structs.DataType().(*arrow.StructType).FieldIdx(name)
	return listsOf(l, NullsOf(structs, structs.Field(at)))
}

// listsOf returns lists with the offsets and validity of a list or map array, over other elements.
func listsOf(of arrow.Array, elements arrow.Array) arrow.Array {
	data := of.Data()
	return array.NewListData(array.NewData(arrow.ListOf(elements.DataType()), data.Len(), data.Buffers()[:2],
		[]arrow.ArrayData{elements.Data()}, data.NullN(), data.Offset()))
}

// NullsOf returns values with the parent's NULLs added.
func NullsOf(parent, values arrow.Array) arrow.Array {
	if parent.NullN() == 0 {
		return values
	}
	data := values.Data()
	valid := NewBitmap(data.Offset() + data.Len())
	nulls := 0
	for i := range data.Len() {
		if parent.IsNull(i) || values.IsNull(i) {
			nulls++
		} else {
			SetBit(valid, data.Offset()+i)
		}
	}
	buffers := slices.Clone(data.Buffers())
	buffers[0] = memory.NewBufferBytes(valid)
	return array.MakeFromData(array.NewData(data.DataType(), data.Len(), buffers, data.Children(), nulls, data.Offset()))
}
