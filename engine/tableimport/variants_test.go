package tableimport_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/apache/arrow/go/v15/parquet"
	"github.com/apache/arrow/go/v15/parquet/compress"
	"github.com/apache/arrow/go/v15/parquet/pqarrow"
	"github.com/klauspost/compress/gzip"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/orc"
)

// mixed is a record of many types, of which some rows and items are NULL.
func mixed(t testing.TB, rows int) arrow.Record {
	list := func(of arrow.DataType) arrow.DataType { return arrow.ListOf(of) }
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "id", Type: arrow.PrimitiveTypes.Int64},
		{Name: "n", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
		{Name: "flag", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
		{Name: "f", Type: arrow.PrimitiveTypes.Float32, Nullable: true},
		{Name: "d", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
		{Name: "s", Type: arrow.BinaryTypes.String, Nullable: true},
		{Name: "code", Type: arrow.BinaryTypes.String},
		{Name: "day", Type: arrow.FixedWidthTypes.Date32, Nullable: true},
		{Name: "at", Type: &arrow.TimestampType{Unit: arrow.Microsecond}, Nullable: true},
		{Name: "price", Type: &arrow.Decimal128Type{Precision: 20, Scale: 3}, Nullable: true},
		{Name: "tags", Type: list(arrow.BinaryTypes.String), Nullable: true},
		{Name: "grid", Type: list(list(arrow.PrimitiveTypes.Int32)), Nullable: true},
		{Name: "m", Type: arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Int64), Nullable: true},
		{Name: "r", Type: arrow.StructOf(arrow.Field{Name: "x", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
			arrow.Field{Name: "l", Type: list(arrow.StructOf(arrow.Field{Name: "y", Type: arrow.BinaryTypes.String, Nullable: true})), Nullable: true}), Nullable: true},
	}, nil)
	random := rand.New(rand.NewPCG(3, 4))
	maybe := func(format string, args ...any) string {
		if random.IntN(6) == 0 {
			return "null"
		}
		return fmt.Sprintf(format, args...)
	}
	items := func(item func() string) string {
		return "[" + strings.Join(some(random.IntN(4), item), ",") + "]"
	}
	number := func() string { return maybe("%d", random.IntN(1000)-500) }
	text := func() string { return maybe("%q", strings.Repeat("ab", random.IntN(5))+fmt.Sprint(random.IntN(50))) }
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	for i := range rows {
		require.NoError(t, b.UnmarshalJSON([]byte(fmt.Sprintf(
			`{"id":%d,"n":%s,"flag":%s,"f":%s,"d":%s,"s":%s,"code":"c%d","day":%s,"at":%s,"price":%s,"tags":%s,"grid":%s,"m":%s,"r":%s}`,
			i*7, number(), maybe("%t", i%3 == 0), maybe("%d.5", i), maybe("%d.25", -i), text(), i%5,
			maybe(`"2026-01-%02d"`, 1+i%28), maybe(`"2026-01-31T10:%02d:00.%06d"`, i%60, i), maybe(`"%d.125"`, i*1_000_003),
			maybe("%s", items(text)), maybe("%s", items(func() string { return maybe("%s", items(number)) })),
			maybe(`[{"key":"a","value":%s},{"key":"b%d","value":2}]`, number(), i),
			maybe(`{"x":%s,"l":%s}`, number(), maybe("%s", items(func() string { return maybe(`{"y":%s}`, text()) })))))))
	}
	return b.NewRecord()
}

func some(n int, item func() string) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = item()
	}
	return out
}

// parquetVariants are a record in the codecs, encodings and versions of pages of
// Parquet.
func parquetVariants(t testing.TB, record arrow.Record) map[string][]byte {
	plain := parquet.WithDictionaryDefault(false)
	variants := map[string][]parquet.WriterProperty{
		"dictionary, snappy": {parquet.WithCompression(compress.Codecs.Snappy)},
		"plain, none":        {plain},
		"plain, gzip":        {plain, parquet.WithCompression(compress.Codecs.Gzip)},
		"dictionary, brotli": {parquet.WithCompression(compress.Codecs.Brotli)},
		"differences, zstd": {plain, parquet.WithCompression(compress.Codecs.Zstd),
			parquet.WithEncodingFor("id", parquet.Encodings.DeltaBinaryPacked), parquet.WithEncodingFor("n", parquet.Encodings.DeltaBinaryPacked),
			parquet.WithEncodingFor("at", parquet.Encodings.DeltaBinaryPacked),
			parquet.WithEncodingFor("s", parquet.Encodings.DeltaByteArray), parquet.WithEncodingFor("code", parquet.Encodings.DeltaLengthByteArray)},
		"version 2, zstd":    {parquet.WithDataPageVersion(parquet.DataPageV2), parquet.WithCompression(compress.Codecs.Zstd)},
		"version 2, none":    {parquet.WithDataPageVersion(parquet.DataPageV2), plain},
		"many small pages":   {parquet.WithDataPageSize(64), parquet.WithBatchSize(16), parquet.WithCompression(compress.Codecs.Snappy)},
		"many row groups":    {parquet.WithMaxRowGroupLength(37)},
		"dictionary too big": {parquet.WithDictionaryPageSizeLimit(100), parquet.WithDataPageSize(200), parquet.WithBatchSize(16)},
	}
	out := map[string][]byte{}
	for name, properties := range variants {
		var file bytes.Buffer
		w, err := pqarrow.NewFileWriter(record.Schema(), &file, parquet.NewWriterProperties(properties...), pqarrow.DefaultWriterProps())
		require.NoError(t, err)
		require.NoError(t, w.Write(record))
		require.NoError(t, w.Close())
		out[name] = file.Bytes()
	}
	return out
}

// asORC is a record as an ORC file.
func asORC(t testing.TB, record arrow.Record, options orc.WriterOptions) []byte {
	var file bytes.Buffer
	w, err := orc.NewWriter(&file, record.Schema(), options)
	require.NoError(t, err)
	require.NoError(t, w.Write(record))
	_, err = w.Close()
	require.NoError(t, err)
	return file.Bytes()
}

// asCSV is a text table of some rows.
func asCSV(t testing.TB, rows int) []byte {
	var file bytes.Buffer
	w := csv.NewWriter(&file)
	for i := range rows {
		require.NoError(t, w.Write([]string{fmt.Sprint(i), fmt.Sprintf("text \"%d\",\n", i), "2026-01-31", fmt.Sprint(i%2 == 0)}))
	}
	w.Flush()
	return file.Bytes()
}

func asNDJSON(rows int) []byte {
	return []byte(strings.Join(some(rows, func() string { return `{"a":1,"b":{"c":["x",null,"\u00e9"]},"d":1e3,"e":"2026-01-31 10:00:00"}` }), "\n"))
}

func zipped(t testing.TB, text []byte) []byte {
	var file bytes.Buffer
	w := gzip.NewWriter(&file)
	_, err := w.Write(text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return file.Bytes()
}

// TestParquetVariants reads one record in every codec and encoding: the rows are
// those of the same record in ORC.
func TestParquetVariants(t *testing.T) {
	record := mixed(t, 300)
	columns, want, err := read(t, write(t, "a.orc", string(asORC(t, record, orc.WriterOptions{}))), "")
	require.NoError(t, err)
	require.Len(t, want, 300)
	for name, file := range parquetVariants(t, record) {
		t.Run(name, func(t *testing.T) {
			path := write(t, "a.parquet", string(file))
			gotColumns, got, err := read(t, path, "")
			require.NoError(t, err)
			// The writer makes an instant of every timestamp.
			require.Equal(t, columns, strings.ReplaceAll(gotColumns, "timestamp(6) with time zone", "timestamp(6)"))
			require.Equal(t, want, strings.Split(strings.ReplaceAll(strings.Join(got, "\x00"), " UTC'", "'"), "\x00"))
			_, got, err = read(t, path, "m map(varchar, bigint), id varchar")
			require.NoError(t, err)
			require.Len(t, got, 300)
			require.True(t, strings.HasSuffix(got[3], "| '21'"), got[3])
		})
	}
}
