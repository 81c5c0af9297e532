package orc_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/orc"
)

// benchSchema has one column of each kind that matters for speed.
var benchSchema = arrow.NewSchema([]arrow.Field{
	{Name: "code", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "number", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	{Name: "map", Type: arrow.MapOf(arrow.BinaryTypes.String, arrow.BinaryTypes.String), Nullable: true},
	{Name: "text", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "time", Type: &arrow.TimestampType{Unit: arrow.Millisecond}, Nullable: true},
	{Name: "id", Type: arrow.BinaryTypes.String, Nullable: true},
}, nil)

const benchRows = 10 * orc.RowGroupRows

func benchRecord() arrow.Record {
	rnd := rand.New(rand.NewPCG(31, 32))
	b := array.NewRecordBuilder(memory.DefaultAllocator, benchSchema)
	m := b.Field(2).(*array.MapBuilder)
	for i := range benchRows {
		b.Field(0).(*array.StringBuilder).Append(fmt.Sprintf("Operation%d", rnd.IntN(300)))
		b.Field(1).(*array.Int64Builder).Append(rnd.Int64N(1 << 20))
		m.Append(true)
		for k := range rnd.IntN(5) {
			m.KeyBuilder().(*array.StringBuilder).Append(fmt.Sprintf("parameter%d", k))
			m.ItemBuilder().(*array.StringBuilder).Append(fmt.Sprintf("value-%x", rnd.Uint32()))
		}
		b.Field(3).(*array.StringBuilder).Append(longText(rnd, i))
		b.Field(4).(*array.TimestampBuilder).Append(arrow.Timestamp(1_700_000_000_000 + int64(i)*37))
		b.Field(5).(*array.StringBuilder).Append(fmt.Sprintf("%08x-%04x-4%03x-%016x", rnd.Uint32(), rnd.IntN(1<<16), rnd.IntN(1<<12), rnd.Uint64()))
	}
	return b.NewRecord()
}

func longText(rnd *rand.Rand, i int) string {
	return fmt.Sprintf(`{"eventVersion":"1.08","userIdentity":{"type":"AssumedRole","principalId":"AROA%x:session","arn":"arn:aws:sts::%012d:assumed-role/role-%d/session"},`+
		`"eventTime":"2025-03-04T08:%02d:%02dZ","eventSource":"s3.amazonaws.com","eventName":"Operation%d","requestParameters":{"bucketName":"bucket-%d","key":"%x"},"requestID":"%x"}`,
		rnd.IntN(50), rnd.IntN(9), rnd.IntN(30), i/60%60, i%60, rnd.IntN(300), rnd.IntN(100), rnd.Uint64(), rnd.Uint64())
}

// longTextRecord has one column of unlike texts of some hundred bytes.
func longTextRecord(rows int) arrow.Record {
	rnd := rand.New(rand.NewPCG(33, 34))
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: "text", Type: arrow.BinaryTypes.String}}, nil))
	for i := range rows {
		b.Field(0).(*array.StringBuilder).Append(longText(rnd, i))
	}
	return b.NewRecord()
}

func BenchmarkWrite(b *testing.B) {
	rec := benchRecord()
	for _, level := range []orc.Level{orc.Fastest, orc.Better} {
		for c := range benchSchema.Fields() {
			column := array.NewRecord(arrow.NewSchema(benchSchema.Fields()[c:c+1], nil), rec.Columns()[c:c+1], rec.NumRows())
			b.Run(fmt.Sprintf("level %d/%s", level, benchSchema.Field(c).Name), func(b *testing.B) {
				b.ReportAllocs()
				size := 0
				for range b.N {
					size = len(write(b, orc.WriterOptions{Level: level}, column))
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
				b.ReportMetric(float64(size)/benchRows, "stored-B/row")
			})
		}
	}
}

func BenchmarkRead(b *testing.B) {
	rec := benchRecord()
	file := write(b, orc.WriterOptions{}, rec)
	r, err := orc.Open(bytes.NewReader(file), int64(len(file)), "bench")
	require.NoError(b, err)
	paths := map[string]orc.Path{"map key": orc.Column("map").Entries("parameter1")}
	for _, f := range benchSchema.Fields() {
		paths[f.Name] = orc.Column(f.Name)
	}
	for _, name := range []string{"code", "number", "map", "map key", "text", "time", "id"} {
		for _, every := range []int{1, 100} {
			b.Run(fmt.Sprintf("%s/1 of %d", name, every), func(b *testing.B) {
				b.ReportAllocs()
				for range b.N {
					benchRead(b, r, paths[name], every)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/benchRows, "ns/row")
			})
		}
	}
}

func benchRead(b *testing.B, r *orc.Reader, path orc.Path, every int) {
	var sel []int32
	if every > 1 {
		for row := 0; row < r.GroupRows(); row += every {
			sel = append(sel, int32(row))
		}
	}
	for i := range r.NumStripes() {
		s, err := r.Stripe(i)
		require.NoError(b, err)
		for g := range s.Groups() {
			_, err := s.Read(context.Background(), g, []orc.Path{path}, sel, nil)
			require.NoError(b, err)
		}
	}
}
