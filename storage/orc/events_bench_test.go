package orc_test

import (
	"bytes"
	"slices"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/bench/gen"
	"github.com/auditlake/auditlake/ingest/record"
	"github.com/auditlake/auditlake/storage/orc"
	"github.com/auditlake/auditlake/storage/schema"
)

// eventRows are the events of a day when thirty days hold a million.
const eventRows = 33_000

// eventDay is a day of generated events as an import writes it: sorted by time, a record a row group.
var eventDay = sync.OnceValue(func() []arrow.Record {
	var events []gen.Event
	for e := range gen.Events(gen.Options{Seed: 1, Events: eventRows, Days: 1}) {
		e.JSON = bytes.Clone(e.JSON)
		events = append(events, e)
	}
	slices.SortStableFunc(events, func(a, b gen.Event) int { return a.Time.Compare(b.Time) })
	appender := record.NewAppender(eventTable())
	var records []arrow.Record
	for i, e := range events {
		if _, failure := appender.Scan(e.JSON); failure != nil {
			panic(failure.Message)
		}
		appender.Append()
		if appender.Rows() == orc.RowGroupRows || i == len(events)-1 {
			records = append(records, appender.Flush())
		}
	}
	return records
})

func eventTable() *schema.Table {
	table, ok := schema.ForCategory("Management")
	if !ok {
		panic("no table of management events")
	}
	return table
}

// BenchmarkWriteEvents encodes a day of events as a segment holds them: all columns, then each by
// itself. MB/s are of the Arrow columns. memcpy moves the same columns and nothing more.
func BenchmarkWriteEvents(b *testing.B) {
	records := eventDay()
	b.Run("memcpy", func(b *testing.B) { benchCopy(b, records) })
	b.Run("all", func(b *testing.B) { benchWriteEvents(b, records) })
	for i, field := range records[0].Schema().Fields() {
		columns := make([]arrow.Record, len(records))
		for j, rec := range records {
			columns[j] = array.NewRecord(arrow.NewSchema([]arrow.Field{field}, nil), rec.Columns()[i:i+1], rec.NumRows())
		}
		b.Run(field.Name, func(b *testing.B) { benchWriteEvents(b, columns) })
	}
}

func benchWriteEvents(b *testing.B, records []arrow.Record) {
	table := eventTable()
	opts := orc.WriterOptions{
		Bloom: func(path string) bool {
			column, ok := table.Lookup(path)
			return ok && column.Bloom
		},
		Attributes: table.Attributes,
	}
	rows, columnBytes, size := int64(0), int64(0), 0
	for _, rec := range records {
		rows += rec.NumRows()
		columnBytes += recordBytes(rec)
	}
	b.SetBytes(columnBytes)
	b.ReportAllocs()
	for b.Loop() {
		size = len(write(b, opts, records...))
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rows), "ns/row")
	b.ReportMetric(float64(size)/float64(rows), "stored-B/row")
}

func benchCopy(b *testing.B, records []arrow.Record) {
	var buffers [][]byte
	total := int64(0)
	for _, rec := range records {
		total += recordBytes(rec)
		for _, column := range rec.Columns() {
			eachBuffer(column.Data(), func(p []byte) { buffers = append(buffers, p) })
		}
	}
	room := make([]byte, total)
	b.SetBytes(total)
	for b.Loop() {
		at := 0
		for _, p := range buffers {
			at += copy(room[at:], p)
		}
		require.Equal(b, int(total), at)
	}
}

func recordBytes(rec arrow.Record) (n int64) {
	for _, column := range rec.Columns() {
		eachBuffer(column.Data(), func(p []byte) { n += int64(len(p)) })
	}
	return n
}

func eachBuffer(data arrow.ArrayData, visit func([]byte)) {
	for _, buffer := range data.Buffers() {
		if buffer != nil {
			visit(buffer.Bytes())
		}
	}
	for _, child := range data.Children() {
		eachBuffer(child, visit)
	}
}
