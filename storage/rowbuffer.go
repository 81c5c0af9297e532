package storage

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/memory"
)

// rowBuffer holds appended records as they came.
type rowBuffer struct {
	records []arrow.Record
	rows    int64
	bytes   int64 // capacity of all distinct buffers
	seen    map[*memory.Buffer]bool
}

func (b *rowBuffer) add(rec arrow.Record) {
	if b.seen == nil {
		b.seen = map[*memory.Buffer]bool{}
	}
	b.records = append(b.records, rec)
	b.rows += rec.NumRows()
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
	if dictionary := data.Dictionary(); dictionary != nil && dictionary.Len() > 0 {
		b.count(dictionary)
	}
}
