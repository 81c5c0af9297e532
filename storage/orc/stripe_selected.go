package orc

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/largepages"
	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// readsWhole reports whether a selection of a row group's rows is taken from the whole decoded column. So it is if
// at least half of the rows are selected and values are codes or of a fixed width: decoding all is then no slower,
// and the cache can hold the column. A missing cache makes no difference, because bytes scanned must not depend on
// it.
func (s *Stripe) readsWhole(c *column, group int, path Path, sel []int32) bool {
	if 2*len(sel) < s.Rows(group) || path.Keys != nil || len(c.children) > 0 || c.isMissing() || c.isRepeated() || c.mismatch != "" {
		return false
	}
	return s.hasRowsApart(c)
}

// hasRowsApart reports whether the values of a column without children are codes or of a width that atRows knows.
func (s *Stripe) hasRowsApart(c *column) bool {
	if c.isText() {
		kind := s.encodings[c.id].kind
		return kind == orcpb.ColumnEncoding_DICTIONARY || kind == orcpb.ColumnEncoding_DICTIONARY_V2
	}
	fixed, ok := c.dataType.(arrow.FixedWidthDataType)
	return ok && slices.Contains([]int{1, 32, 64}, fixed.BitWidth())
}

// selectedColumn is the cache's key of a column from which a selection was read.
type selectedColumn struct{ columnKey }

// readSelectedOfKept takes few rows of a column from the cache, which keeps the whole column from the second time
// on if there is room: finding some values in a stream takes about as long as decoding all. It returns nil if the
// rows must be read separately, for example because they need less of the file than the whole column.
func (s *Stripe) readSelectedOfKept(key columnKey, path Path, sel []int32, usage *Usage) (arrow.ArrayData, error) {
	if len(sel) == 0 || key.column.mismatch != "" || !s.hasRowsApart(key.column) {
		return nil, nil
	}
	var kept *keptColumn
	if known, ok := s.reader.cache.Get(key); ok {
		kept = known.(*keptColumn)
	} else if s.reader.cache.HasRoom(int64(s.Rows(key.group))*widestBytes) && s.reader.cache.AskedBefore(selectedColumn{key}) {
		blocks := &Usage{}
		data, err := s.readPath(key.column, key.group, path, nil, s.reader.cache.Holds(), blocks)
		if err != nil {
			return nil, nil // the wanted rows may lie before the damage
		}
		usage.read(blocks.bytesRead)
		kept = s.keepColumn(key, data, blocks)
	}
	if kept == nil || !kept.isOfOneBlock || !kept.hasValueAt(sel) {
		return nil, nil
	}
	data, err := s.restore(key.column, kept, usage)
	if err != nil {
		return nil, err
	}
	return atRows(data, sel), nil
}

// widestBytes is the size of the widest values that atRows knows.
const widestBytes = 8

// hasValueAt reports whether one of the rows is not NULL.
func (k *keptColumn) hasValueAt(sel []int32) bool {
	if k.nulls == 0 {
		return true
	}
	valid := bitmap(k.buffers[0].Bytes())
	return slices.ContainsFunc(sel, func(row int32) bool { return valid.has(int(row)) })
}

// isOfOneBlock reports whether at most one of the blocks belongs to each stream of values or presence of the column
// and of those above it.
func (s *Stripe) isOfOneBlock(c *column, blocks *Usage) bool {
	for ; c.parent != nil; c = c.parent {
		for _, stream := range s.streams[s.first[c.id]:s.first[c.id+1]] {
			if of := stream.kind; of != orcpb.Stream_PRESENT && of != orcpb.Stream_DATA && of != orcpb.Stream_SECONDARY {
				continue
			}
			count := 0
			for offset := range blocks.eachBlock {
				if stream.offset <= offset && offset < stream.end() {
					count++
				}
			}
			if count > 1 {
				return false
			}
		}
	}
	return true
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
	case 32: // includes codes
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
	out := largepages.Make[T](len(sel))
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
