package batch

import (
	"math/bits"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
)

// IsFixed reports whether values of a type take whole bytes, each as many, as numbers and times do.
func IsFixed(dt arrow.DataType) bool {
	fixed, ok := dt.(arrow.FixedWidthDataType)
	return ok && fixed.BitWidth() >= 8 && dt.ID() != arrow.DICTIONARY && dt.ID() != arrow.FIXED_SIZE_BINARY
}

// WithNulls returns an array of a type that IsFixed with NULLs where bits are set besides its own, over the memory of its values.
func WithNulls(a arrow.Array, bits []byte) arrow.Array {
	valid := make([]byte, len(bits))
	for i, b := range bits {
		valid[i] = ^b
	}
	valid = arrowdata.And(valid, arrowdata.Validity(a), a.Len())
	size := a.DataType().(arrow.FixedWidthDataType).BitWidth() / 8
	return withBuffer(a.DataType(), a.Len(), valid, valueBytes(a, size))
}

// valueBytes are the values of an array, of which each takes so many bytes.
func valueBytes(a arrow.Array, size int) []byte {
	d := a.Data()
	if d.Len() == 0 || d.Buffers()[1] == nil {
		return make([]byte, d.Len()*size)
	}
	return d.Buffers()[1].Bytes()[d.Offset()*size : (d.Offset()+d.Len())*size]
}

// WithoutNulls returns an array of a type that IsFixed in which NULLs have the value that value, an array of that type, has in its first row.
func WithoutNulls(a, value arrow.Array) arrow.Array {
	switch dt := a.DataType(); dt.(arrow.FixedWidthDataType).BitWidth() {
	case 8:
		return FromValues(dt, filled[uint8](a, value), nil)
	case 16:
		return FromValues(dt, filled[uint16](a, value), nil)
	case 32:
		return FromValues(dt, filled[uint32](a, value), nil)
	case 64:
		return FromValues(dt, filled[uint64](a, value), nil)
	default:
		return FromValues(dt, filled[[2]uint64](a, value), nil)
	}
}

func filled[T any](a, value arrow.Array) []T {
	out, with, valid := slices.Clone(Values[T](a)), Values[T](value)[0], arrowdata.Validity(a)
	for i := 0; 8*i < len(out) && valid != nil; i++ {
		eight := out[8*i : min(8*i+8, len(out))]
		for null := ^valid[i]; null != 0; null &= null - 1 {
			if at := bits.TrailingZeros8(null); at < len(eight) {
				eight[at] = with
			}
		}
	}
	return out
}
