package exec

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// candidates returns the rows of b that come before the bar, or with ties equal it, as a dense batch.
func (t *topN) candidates(b *batch.Batch, bar []arrow.Array, withTies bool) *batch.Batch {
	if bar == nil {
		return compact(b)
	}
	live := b.Live()
	columns := make([]arrow.Array, len(t.keys))
	for i, k := range t.keys {
		columns[i] = batch.Expand(liveColumn(b, k.position), live)
	}
	rows, isKnown := notAfter(columns[0], bar[0], t.keys[0])
	if !isKnown {
		rows = iota32(live)
	}
	order, kept := orderBetween(columns, bar, t.keys), rows[:0]
	for _, row := range rows {
		if c := order(row, 0); c < 0 || c == 0 && withTies {
			if b.Sel != nil {
				row = b.Sel[row]
			}
			kept = append(kept, row)
		}
	}
	return &batch.Batch{Columns: takeAll(b.Columns, kept), Len: len(kept)}
}

// notAfter returns the rows of a column that do not come after a bar of one row in the order of a key. It compares
// whole numbers and times in a loop, and returns false for other types.
func notAfter(column, bar arrow.Array, key sortKey) ([]int32, bool) {
	if bar.IsNull(0) || column.DataType().ID() != bar.DataType().ID() {
		return nil, false
	}
	valid := arrowdata.Validity(column)
	switch column.(type) {
	case *array.Int32, *array.Date32:
		return numbersNotAfter(batch.Values[int32](column), valid, batch.Values[int32](bar)[0], key), true
	case *array.Int64, *array.Timestamp:
		return numbersNotAfter(batch.Values[int64](column), valid, batch.Values[int64](bar)[0], key), true
	}
	return nil, false
}

func numbersNotAfter[T int32 | int64](values []T, valid []byte, bar T, key sortKey) []int32 {
	rows, n := make([]int32, len(values)), 0
	for i, v := range values {
		is := v <= bar
		if key.descending {
			is = v >= bar
		}
		if !arrowdata.IsValid(valid, i) {
			is = key.nullsFirst
		}
		rows[n] = int32(i)
		if is {
			n++
		}
	}
	return rows[:n]
}
