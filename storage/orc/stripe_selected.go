package orc

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// readsWhole reports whether a selection of a row group's rows is taken of the whole column. It is where at least half
// of the rows are selected and values are codes or of a fixed width: decoding all of them takes no longer than finding
// the selected ones, and the cache keeps whole columns. Whether there is a cache makes no difference, as bytes scanned
// do not depend on it.
func (s *Stripe) readsWhole(c *column, group int, path Path, sel []int32) bool {
	if 2*len(sel) < s.Rows(group) || path.Keys != nil || len(c.children) > 0 || c.isMissing() || c.isRepeated() || c.mismatch != "" {
		return false
	}
	if c.isText() {
		kind := s.encodings[c.id].kind
		return kind == orcpb.ColumnEncoding_DICTIONARY || kind == orcpb.ColumnEncoding_DICTIONARY_V2
	}
	fixed, ok := c.dataType.(arrow.FixedWidthDataType)
	return ok && slices.Contains([]int{1, 32, 64}, fixed.BitWidth())
}

// atRows returns the selected rows of a column of codes or values of a fixed width.
func atRows(data arrow.ArrayData, sel []int32) arrow.ArrayData {
	if len(sel) == data.Len() {
		return data
	}
	var validity *memory.Buffer
	nulls := 0
	if data.NullN() > 0 {
		valid := bitmap(selectedBits(data.Buffers()[0].Bytes(), sel))
		if nulls = len(sel) - valid.countBetween(0, len(sel)); nulls > 0 {
			validity = memory.NewBufferBytes(valid)
		}
	}
	all := data.Buffers()[1].Bytes()
	var values []byte
	switch bits := data.DataType().(arrow.FixedWidthDataType).BitWidth(); bits {
	case 1:
		values = selectedBits(all, sel)
	case 32: // codes among them
		values = arrow.Int32Traits.CastToBytes(selectedValues(arrow.Int32Traits.CastFromBytes(all), sel))
	default:
		values = arrow.Int64Traits.CastToBytes(selectedValues(arrow.Int64Traits.CastFromBytes(all), sel))
	}
	buffers := []*memory.Buffer{validity, memory.NewBufferBytes(values)}
	if data.DataType().ID() == arrow.DICTIONARY {
		return array.NewDataWithDictionary(data.DataType(), len(sel), buffers, nulls, 0, data.Dictionary().(*array.Data))
	}
	return array.NewData(data.DataType(), len(sel), buffers, nil, nulls, 0)
}

func selectedValues[T int32 | int64](values []T, sel []int32) []T {
	out := uncleared[T](len(sel))
	for i, row := range sel {
		out[i] = values[row]
	}
	return out
}

func selectedBits(bits []byte, sel []int32) []byte {
	out := make([]byte, (len(sel)+7)/8)
	for i, row := range sel {
		out[i>>3] |= bits[row>>3] >> (row & 7) & 1 << (i & 7)
	}
	return out
}
