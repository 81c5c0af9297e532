package batch

import (
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/bitutil"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/largepages"
)

// Values returns the values of a fixed-width array (but not of booleans) as a slice over its memory. T must have
// the width of the array's values. Values under NULLs are undefined.
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
	bits, n := boolBits(a.(*array.Boolean)), a.Len()
	out := make([]bool, n)
	i := 0
	for ; i+8 <= n; i += 8 {
		w, to := bits[i>>3], out[i:i+8:i+8]
		to[0], to[1], to[2], to[3] = w&1 != 0, w&2 != 0, w&4 != 0, w&8 != 0
		to[4], to[5], to[6], to[7] = w&16 != 0, w&32 != 0, w&64 != 0, w&128 != 0
	}
	for ; i < n; i++ {
		out[i] = arrowdata.IsSet(bits, i)
	}
	return out
}

// boolBits returns the values of a boolean array as a bitmap that begins at bit 0. It may share the array's memory.
func boolBits(a *array.Boolean) []byte {
	n, offset := a.Len(), a.Data().Offset()
	if n == 0 {
		return nil
	}
	bits := a.Data().Buffers()[1].Bytes()
	if offset%8 == 0 {
		return bits[offset/8:]
	}
	out := arrowdata.NewBitmap(n)
	bitutil.CopyBitmap(bits, offset, n, out, 0)
	return out
}

// TrueBits returns a bitmap of the values of a boolean vector that are true, neither false nor NULL. The caller
// owns it; for a Const it has one bit. A vector of the unknown type has only NULLs.
func TrueBits(v Vector) []byte {
	out := arrowdata.NewBitmap(v.Array.Len())
	a, ok := v.Array.(*array.Boolean)
	if !ok {
		return out
	}
	copy(out, boolBits(a))
	if valid := arrowdata.Validity(a); valid != nil {
		for i := range out {
			out[i] &= valid[i]
		}
	}
	return out
}

// Strings returns the values of a utf8 or binary array, dictionary-encoded or
// not, as strings over the array's memory. Values under NULLs are undefined.
func Strings(a arrow.Array) []string {
	out := make([]string, a.Len())
	largepages.Made(out)
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
		text, codes := textReader(x.Dictionary()), Codes(x) // reads only the texts that rows use
		for i := range out {
			if !x.IsNull(i) {
				out[i] = text(int(codes[i]))
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

// Lists returns the offsets and elements of a list or map array. Row i holds the elements offsets[i]:offsets[i+1]
// of elems, which are structs of key and value for maps. NULL rows may hold elements too.
func Lists(a arrow.Array) (offsets []int32, elems arrow.Array) {
	l := a.(array.ListLike)
	d := a.Data()
	if d.Len() == 0 {
		return []int32{0}, l.ListValues()
	}
	all := arrow.Int32Traits.CastFromBytes(d.Buffers()[1].Bytes())
	return all[d.Offset() : d.Offset()+d.Len()+1], l.ListValues()
}

// Maps returns the offsets, keys and values of a map array, as Lists does.
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
