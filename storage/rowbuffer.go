package storage

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"unsafe"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"

	"github.com/auditlake/auditlake/storage/catalog"
)

// rowBuffer holds appended records as they came.
type rowBuffer struct {
	records [][]arrow.Array // columns
	rows    int64
	bytes   int64 // capacity of all distinct buffers, and what sorting will need
	seen    map[*memory.Buffer]bool
}

// rowRef names a buffered row.
type rowRef struct {
	time     int64 // eventtime, milliseconds
	rec, row int32
}

func (b *rowBuffer) add(rec arrow.Record) {
	if b.seen == nil {
		b.seen = map[*memory.Buffer]bool{}
	}
	b.records = append(b.records, rec.Columns())
	b.rows += rec.NumRows()
	b.bytes += rec.NumRows() * int64(unsafe.Sizeof(rowRef{}))
	for _, column := range rec.Columns() {
		b.count(column.Data())
	}
}

// count adds what an array holds in memory; slices share buffers.
func (b *rowBuffer) count(data arrow.ArrayData) {
	for _, buffer := range data.Buffers() {
		if buffer != nil && !b.seen[buffer] {
			b.seen[buffer] = true
			b.bytes += int64(buffer.Cap())
		}
	}
	for _, child := range data.Children() {
		b.count(child)
	}
}

// sorted lists the rows by eventtime; equal times keep the order of arrival.
func (b *rowBuffer) sorted(timeColumn int) []rowRef {
	order := make([]rowRef, 0, b.rows)
	for i, rec := range b.records {
		for row, t := range rec[timeColumn].(*array.Timestamp).TimestampValues() {
			order = append(order, rowRef{time: int64(t), rec: int32(i), row: int32(row)})
		}
	}
	slices.SortFunc(order, func(x, y rowRef) int {
		return cmp.Or(cmp.Compare(x.time, y.time), cmp.Compare(x.rec, y.rec), cmp.Compare(x.row, y.row))
	})
	return order
}

// sortedRows hands out buffered rows of one day in their order.
type sortedRows struct {
	records [][]arrow.Array
	rows    []rowRef
}

// more implements rowSource.
func (s *sortedRows) more() bool { return len(s.rows) > 0 }

// next implements rowSource.
func (s *sortedRows) next(_ context.Context, n int) ([][]arrow.Array, []rowRef, error) {
	rows := s.rows[:min(n, len(s.rows))]
	s.rows = s.rows[len(rows):]
	return s.records, rows, nil
}

// daySize is how many of the sorted rows, from the first on, lie in day.
func daySize(rows []rowRef, day catalog.Day) int {
	end := day.End()
	return sort.Search(len(rows), func(i int) bool { return rows[i].time >= end })
}
