package orc_test

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/arrowtest"
	"github.com/auditlake/auditlake/storage/orc"
)

// everyType has each type, alone and nested.
var everyType = arrow.NewSchema([]arrow.Field{
	{Name: "flag", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
	{Name: "i8", Type: arrow.PrimitiveTypes.Int8, Nullable: true},
	{Name: "i16", Type: arrow.PrimitiveTypes.Int16, Nullable: true},
	{Name: "i32", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
	{Name: "i64", Type: arrow.PrimitiveTypes.Int64, Nullable: true},
	{Name: "f32", Type: arrow.PrimitiveTypes.Float32, Nullable: true},
	{Name: "f64", Type: arrow.PrimitiveTypes.Float64, Nullable: true},
	{Name: "dec", Type: &arrow.Decimal128Type{Precision: 30, Scale: 4}, Nullable: true},
	{Name: "few", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "unique", Type: arrow.BinaryTypes.String, Nullable: true},
	{Name: "bin", Type: arrow.BinaryTypes.Binary, Nullable: true},
	{Name: "day", Type: arrow.FixedWidthTypes.Date32, Nullable: true},
	{Name: "ms", Type: &arrow.TimestampType{Unit: arrow.Millisecond}, Nullable: true},
	{Name: "us", Type: &arrow.TimestampType{Unit: arrow.Microsecond}, Nullable: true},
	{Name: "ns", Type: &arrow.TimestampType{Unit: arrow.Nanosecond, TimeZone: "UTC"}, Nullable: true},
	{Name: "list", Type: arrow.ListOf(arrow.PrimitiveTypes.Int64), Nullable: true},
	{Name: "tags", Type: arrow.MapOf(arrow.BinaryTypes.String, arrow.BinaryTypes.String), Nullable: true},
	{Name: "who", Type: arrow.StructOf(
		arrow.Field{Name: "name", Type: arrow.BinaryTypes.String, Nullable: true},
		arrow.Field{Name: "id", Type: arrow.PrimitiveTypes.Int32, Nullable: true},
		arrow.Field{Name: "session", Type: arrow.StructOf(
			arrow.Field{Name: "mfa", Type: arrow.FixedWidthTypes.Boolean, Nullable: true},
			arrow.Field{Name: "issuer", Type: arrow.BinaryTypes.String, Nullable: true},
		), Nullable: true},
	), Nullable: true},
	{Name: "deep", Type: arrow.ListOf(arrow.StructOf(
		arrow.Field{Name: "arn", Type: arrow.BinaryTypes.String, Nullable: true},
		arrow.Field{Name: "counts", Type: arrow.ListOf(arrow.PrimitiveTypes.Int16), Nullable: true},
		arrow.Field{Name: "more", Type: arrow.MapOf(arrow.BinaryTypes.String, arrow.PrimitiveTypes.Float64), Nullable: true},
	)), Nullable: true},
}, nil)

// randomRecord fills a schema with rows; nullShare is the chance of a NULL at each level.
func randomRecord(rnd *rand.Rand, schema *arrow.Schema, rows int, nullShare float64) arrow.Record {
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	for i := range rows {
		for _, field := range b.Fields() {
			appendRandom(rnd, field, i, nullShare)
		}
	}
	return b.NewRecord()
}

func appendRandom(rnd *rand.Rand, b array.Builder, row int, nullShare float64) {
	if rnd.Float64() < nullShare {
		b.AppendNull()
		return
	}
	switch b := b.(type) {
	case *array.BooleanBuilder:
		b.Append(rnd.IntN(3) == 0)
	case *array.Int8Builder:
		b.Append(int8(rnd.IntN(256)))
	case *array.Int16Builder:
		b.Append(int16(rnd.IntN(1<<16) * (rnd.IntN(8) / 7)))
	case *array.Int32Builder:
		b.Append(int32(row * 3))
	case *array.Int64Builder:
		b.Append(randomInt(rnd, row))
	case *array.Float32Builder:
		b.Append(float32(rnd.NormFloat64()))
	case *array.Float64Builder:
		b.Append(rnd.NormFloat64() * 1e9)
	case *array.Decimal128Builder:
		b.Append(decimal128.New(int64(rnd.IntN(1<<20))-1<<19, rnd.Uint64()))
	case *array.StringBuilder:
		b.Append(randomText(rnd, row))
	case *array.BinaryBuilder:
		v := make([]byte, rnd.IntN(20))
		for i := range v {
			v[i] = byte(rnd.Uint32())
		}
		b.Append(v)
	case *array.Date32Builder:
		b.Append(arrow.Date32(rnd.IntN(60000) - 20000))
	case *array.TimestampBuilder:
		perSecond := int64(time.Second / b.Type().(*arrow.TimestampType).Unit.Multiplier())
		seconds := rnd.Int64N(8e9) - 2e9
		if seconds == -1 { // ORC cannot hold all of the second before 1970
			seconds = 0
		}
		b.Append(arrow.Timestamp(seconds*perSecond + rnd.Int64N(perSecond)))
	case *array.ListBuilder:
		b.Append(true)
		for range rnd.IntN(4) {
			appendRandom(rnd, b.ValueBuilder(), row, nullShare)
		}
	case *array.MapBuilder:
		b.Append(true)
		for i := range rnd.IntN(5) {
			b.KeyBuilder().(*array.StringBuilder).Append(fmt.Sprintf("key%d", i*3%7))
			appendRandom(rnd, b.ItemBuilder(), row, nullShare)
		}
	case *array.StructBuilder:
		b.Append(true)
		for i := range b.NumField() {
			appendRandom(rnd, b.FieldBuilder(i), row, nullShare)
		}
	default:
		panic(fmt.Sprintf("no random %T", b))
	}
}

func randomInt(rnd *rand.Rand, row int) int64 {
	switch row / 700 % 6 {
	case 0:
		return int64(row)
	case 1:
		return 42
	case 2:
		return int64(rnd.Uint64())
	case 3:
		if rnd.IntN(40) == 0 {
			return rnd.Int64N(1 << 40)
		}
		return 1000 + rnd.Int64N(100)
	case 4:
		return -int64(row*row) * 100
	}
	return int64(row / 9)
}

func randomText(rnd *rand.Rand, row int) string {
	switch rnd.IntN(4) {
	case 0:
		return fmt.Sprintf("%x-%x", rnd.Uint64(), row)
	case 1:
		return ""
	}
	return []string{"GetObject", "日本語", "AssumeRole", strings.Repeat("ü", 300)}[rnd.IntN(4)]
}

func write(t testing.TB, opts orc.WriterOptions, records ...arrow.Record) []byte {
	var out bytes.Buffer
	w, err := orc.NewWriter(&out, records[0].Schema(), opts)
	require.NoError(t, err)
	rows := int64(0)
	for _, rec := range records {
		require.NoError(t, w.Write(rec))
		rows += rec.NumRows()
	}
	info, err := w.Close()
	require.NoError(t, err)
	require.Equal(t, rows, info.Rows)
	require.Equal(t, int64(out.Len()), info.Bytes)
	return out.Bytes()
}

func open(t testing.TB, file []byte) *orc.Reader {
	r, err := orc.Open(bytes.NewReader(file), int64(len(file)), "test.orc")
	require.NoError(t, err)
	return r
}

func columnPaths(schema *arrow.Schema) []orc.Path {
	var paths []orc.Path
	for _, f := range schema.Fields() {
		paths = append(paths, orc.Column(f.Name))
	}
	return paths
}

// readAll reads whole columns, group by group, dictionaries decoded.
func readAll(t testing.TB, r *orc.Reader, paths []orc.Path) []arrow.Array {
	pieces := make([][]arrow.Array, len(paths))
	for i := range r.NumStripes() {
		s, err := r.Stripe(i)
		require.NoError(t, err)
		for g := range s.Groups() {
			arrays, err := s.Read(context.Background(), g, paths, nil, nil)
			require.NoError(t, err)
			for c, arr := range arrays {
				require.Equal(t, s.Rows(g), arr.Len())
				pieces[c] = append(pieces[c], arrowtest.Plain(t, arr))
			}
		}
	}
	whole := make([]arrow.Array, len(paths))
	for c := range paths {
		if len(pieces[c]) == 0 {
			continue
		}
		var err error
		whole[c], err = array.Concatenate(pieces[c], memory.DefaultAllocator)
		require.NoError(t, err)
	}
	return whole
}

// requireSame compares values, not the shape of buffers.
func requireSame(t testing.TB, want, got arrow.Array, what string) {
	require.Equal(t, want.Len(), got.Len(), what)
	if array.Equal(want, got) {
		return
	}
	for i := range want.Len() {
		require.Equal(t, want.ValueStr(i), got.ValueStr(i), "%s, row %d", what, i)
	}
	require.Equal(t, want.DataType().String(), got.DataType().String(), what)
}

func TestRoundTrip(t *testing.T) {
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	for _, compression := range []orc.Compression{orc.Zstd, orc.Zlib, orc.Snappy, orc.None} {
		for _, nullShare := range []float64{0, 0.2, 1} {
			for _, rows := range []int{0, 1, 100, 8191, 8192, 8193, 20000} {
				if compression != orc.Zstd && (nullShare != 0.2 || rows != 8193) {
					continue
				}
				t.Run(fmt.Sprintf("%v/%d rows/%v null", compression, rows, nullShare), func(t *testing.T) {
					rnd := rand.New(rand.NewPCG(1, uint64(rows)))
					rec := randomRecord(rnd, everyType, rows, nullShare)
					file := write(t, orc.WriterOptions{Compression: compression, BlockBytes: 16 << 10, StripeBytes: 1 << 20}, rec)
					r := open(t, file)
					require.Equal(t, int64(rows), r.NumRows())
					for i, got := range readAll(t, r, columnPaths(everyType)) {
						if rows > 0 {
							requireSame(t, rec.Column(i), got, everyType.Field(i).Name)
						}
					}
				})
			}
		}
	}
}

func TestSelection(t *testing.T) {
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	rnd := rand.New(rand.NewPCG(3, 4))
	rec := randomRecord(rnd, everyType, 20000, 0.2)
	want := textsOf(rec)
	for _, compression := range []orc.Compression{orc.Zstd, orc.Zlib, orc.Snappy, orc.None} {
		r := open(t, write(t, orc.WriterOptions{Compression: compression, BlockBytes: 8 << 10}, rec))
		for _, share := range []float64{0, 0.0005, 0.01, 0.3, 1} {
			t.Run(fmt.Sprintf("%v/%v", compression, share), func(t *testing.T) {
				requireSelection(t, r, want, rnd, share)
			})
		}
	}
}

// textsOf returns the rows of each column as texts.
func textsOf(rec arrow.Record) [][]string {
	out := make([][]string, rec.NumCols())
	for c, column := range rec.Columns() {
		for row := range column.Len() {
			out[c] = append(out[c], column.ValueStr(row))
		}
	}
	return out
}

func requireSelection(t *testing.T, r *orc.Reader, texts [][]string, rnd *rand.Rand, share float64) {
	first := 0
	for i := range r.NumStripes() {
		s, err := r.Stripe(i)
		require.NoError(t, err)
		for g := range s.Groups() {
			sel := []int32{}
			for row := range s.Rows(g) {
				if rnd.Float64() < share {
					sel = append(sel, int32(row))
				}
			}
			arrays, err := s.Read(context.Background(), g, columnPaths(everyType), sel, nil)
			require.NoError(t, err)
			for c, got := range arrays {
				require.Equal(t, len(sel), got.Len())
				got = arrowtest.Plain(t, got)
				for i, row := range sel {
					if want, found := texts[c][first+int(row)], got.ValueStr(i); want != found { // testify takes longer
						require.Equal(t, want, found, "%s, row %d", everyType.Field(c).Name, row)
					}
				}
			}
			first += s.Rows(g)
		}
	}
}

func TestFields(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	rnd := rand.New(rand.NewPCG(5, 6))
	rec := randomRecord(rnd, everyType, 10000, 0.3)
	r := open(t, write(t, orc.WriterOptions{}, rec))
	who := rec.Column(17).(*array.Struct)
	session := who.Field(2).(*array.Struct)
	got := readAll(t, r, []orc.Path{orc.ParsePath("who.session.issuer"), orc.Column("who", "id")})
	for i := range int(rec.NumRows()) {
		issuer := array.NullValueStr
		if who.IsValid(i) && session.IsValid(i) {
			issuer = session.Field(1).ValueStr(i)
		}
		require.Equal(t, issuer, got[0].ValueStr(i), i)
		id := array.NullValueStr
		if who.IsValid(i) {
			id = who.Field(1).ValueStr(i)
		}
		require.Equal(t, id, got[1].ValueStr(i), i)
	}
}

// TestPartsOfLists reads fields of list elements, and keys and values of maps, without the rest.
func TestPartsOfLists(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	rec := randomRecord(rand.New(rand.NewPCG(9, 10)), everyType, 3000, 0.2)
	r := open(t, write(t, orc.WriterOptions{RowIndexStride: 700}, rec))
	tags := rec.Column(16).(*array.Map)
	deep := rec.Column(18).(*array.List)
	elements := deep.ListValues().(*array.Struct)
	counts := elements.Field(1).(*array.List)
	got := readAll(t, r, []orc.Path{orc.Column("tags", "key"), orc.Column("tags", "value"), orc.Column("deep", "element", "arn"),
		orc.Column("deep", "element", "counts", "element"), orc.Column("list", "element")})
	arn := func(j int) string {
		if elements.IsNull(j) {
			return "null"
		}
		return cellText(elements.Field(0), j)
	}
	numbers := func(j int) string {
		if elements.IsNull(j) {
			return "null"
		}
		return cellText(counts, j)
	}
	for i := range int(rec.NumRows()) {
		requireList(t, tags.List, i, func(j int) string { return cellText(tags.Keys(), j) }, got[0])
		requireList(t, tags.List, i, func(j int) string { return cellText(tags.Items(), j) }, got[1])
		requireList(t, deep, i, arn, got[2])
		requireList(t, deep, i, numbers, got[3])
	}
	requireSame(t, rec.Column(15), got[4], "list")

	usage := &orc.Usage{}
	s, err := r.Stripe(0)
	require.NoError(t, err)
	_, err = s.Read(t.Context(), 0, []orc.Path{orc.Column("tags", "key")}, nil, usage)
	require.NoError(t, err)
	require.Less(t, usage.Bytes(), readGroupUsage(t, s, 0, []orc.Path{orc.Column("tags")}, nil).Bytes()/2, "values are not read")
}

func requireList(t *testing.T, list *array.List, row int, text func(j int) string, got arrow.Array) {
	want := "null"
	if list.IsValid(row) {
		want = "[" + elementTexts(list, row, text) + "]"
	}
	require.Equal(t, want, cellText(got, row), "row %d", row)
}

func TestOutputIsDeterministic(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	rec := randomRecord(rand.New(rand.NewPCG(7, 8)), everyType, 9000, 0.1)
	opts := orc.WriterOptions{Bloom: func(string) bool { return true }, UserMetadata: map[string][]byte{"a": {1}, "b": {2}}}
	require.Equal(t, write(t, opts, rec), write(t, opts, rec))
	require.Equal(t, write(t, opts, rec), write(t, opts, rec.NewSlice(0, 10), rec.NewSlice(10, 8999), rec.NewSlice(8999, 9000)),
		"the cut of records must not matter")
}

func TestEdgeRecords(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine: nothing for the race detector; the unit stage runs it")
	}
	for name, rec := range edgeRecords() {
		t.Run(name, func(t *testing.T) {
			r := open(t, write(t, orc.WriterOptions{}, rec))
			requireSame(t, rec.Column(0), readAll(t, r, columnPaths(rec.Schema()))[0], name)
		})
	}
}
