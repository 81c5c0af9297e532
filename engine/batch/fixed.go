package batch

import (
	"math/bits"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
)

// IsFixed reports whether all values of a type take the same number of whole bytes, as numbers and times do.
func IsFixed(dt arrow.DataType) bool {
	fixed, ok := dt.(arrow.FixedWidthDataType)
	return ok && fixed.BitWidth() >= 8 && dt.ID() != arrow.DICTIONARY && dt.ID() != arrow.FIXED_SIZE_BINARY
}

// WithoutNulls returns a copy of a in which NULLs are replaced by the first value of value. Both arrays have the
// same type, for which IsFixed.
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
