package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
)

// sortedTop passes on the first rows of its input, which is sorted by keys: count rows, at least one, after
// skipping offset. With ties it also passes on the rows after them that equal the last one. Then it stops reading
// its input.
type sortedTop struct {
	input         Operator
	keys          []sortKey
	offset, count int64
	withTies      bool

	skipped, passed int64         // rows skipped and passed on so far
	last            []arrow.Array // keys of the last counted row, one row each; nil before it, and without ties
	isDone          bool
}

func (t *sortedTop) Next(ctx context.Context) (*batch.Batch, error) {
	for !t.isDone {
		b, err := t.input.Next(ctx)
		if b == nil || err != nil {
			return nil, err
		}
		b = compact(b)
		from := int(min(t.offset-t.skipped, int64(b.Len)))
		to := from + int(min(t.count-t.passed, int64(b.Len-from)))
		t.skipped, t.passed = t.skipped+int64(from), t.passed+int64(to-from)
		if t.passed == t.count {
			to = t.endOfTies(b, from, to)
			t.isDone = to < b.Len || !t.withTies
		}
		if from < to {
			return part(b, from, to), nil
		}
	}
	return nil, nil
}

// endOfTies returns the end of the rows of b, at least to, that equal the last counted row. That is row to-1 of b
// unless it came before.
func (t *sortedTop) endOfTies(b *batch.Batch, from, to int) int {
	if !t.withTies {
		return to
	}
	columns := make([]arrow.Array, len(t.keys))
	for i, k := range t.keys {
		columns[i] = batch.Expand(b.Columns[k.position], b.Len)
	}
	if t.last == nil {
		for _, c := range columns {
			t.last = append(t.last, batch.Decode(batch.Take(c, []int32{int32(to - 1)})))
		}
	}
	order := orderBetween(columns, t.last, t.keys)
	for to < b.Len && order(int32(to), 0) == 0 {
		to++
	}
	return to
}

func (t *sortedTop) Close() { t.input.Close() }
