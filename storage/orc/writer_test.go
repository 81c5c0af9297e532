package orc_test

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/orc"
)

func TestWriterRefuses(t *testing.T) {
	for _, c := range []struct {
		name     string
		dataType arrow.DataType
		opts     orc.WriterOptions
		want     string
	}{
		{"unsigned", arrow.PrimitiveTypes.Uint32, orc.WriterOptions{}, "Arrow type uint32"},
		{"inside a list", arrow.ListOf(arrow.BinaryTypes.LargeString), orc.WriterOptions{}, "Arrow type large_utf8"},
		{"time of day", arrow.FixedWidthTypes.Time64us, orc.WriterOptions{}, "Arrow type time64"},
		{"zone", &arrow.TimestampType{Unit: arrow.Second, TimeZone: "Asia/Tokyo"}, orc.WriterOptions{}, "Arrow type timestamp[s, tz=Asia/Tokyo]"},
		{"union", arrow.SparseUnionOf(nil, nil), orc.WriterOptions{}, "Arrow type sparse_union"},
		{"LZ4", arrow.PrimitiveTypes.Int64, orc.WriterOptions{Compression: orc.LZ4}, "writing lz4 compression"},
		{"LZO", arrow.PrimitiveTypes.Int64, orc.WriterOptions{Compression: orc.LZO}, "writing lzo compression"},
		{"block size", arrow.PrimitiveTypes.Int64, orc.WriterOptions{BlockBytes: 1 << 23}, "BlockBytes 8388608"},
		{"stride", arrow.PrimitiveTypes.Int64, orc.WriterOptions{RowIndexStride: -1}, "RowIndexStride -1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := orc.NewWriter(&bytes.Buffer{}, arrow.NewSchema([]arrow.Field{{Name: "c", Type: c.dataType}}, nil), c.opts)
			require.ErrorContains(t, err, c.want)
		})
	}
}

func timestamps(unit arrow.TimeUnit, values ...arrow.Timestamp) arrow.Record {
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: "t", Type: &arrow.TimestampType{Unit: unit}}}, nil))
	b.Field(0).(*array.TimestampBuilder).AppendValues(values, nil)
	return b.NewRecord()
}

func writeError(rec arrow.Record, schema *arrow.Schema, opts orc.WriterOptions) error {
	w, err := orc.NewWriter(&bytes.Buffer{}, schema, opts)
	if err != nil {
		return err
	}
	if err := w.Write(rec); err != nil {
		return err
	}
	_, err = w.Close()
	return err
}

func TestWriteErrors(t *testing.T) {
	numbers := arrow.NewSchema([]arrow.Field{{Name: "s", Type: arrow.PrimitiveTypes.Int64}}, nil)
	require.ErrorContains(t, writeError(texts("a"), numbers, orc.WriterOptions{}), "column s is int64, got an array of utf8")
	require.ErrorContains(t, writeError(texts("a"), arrow.NewSchema(nil, nil), orc.WriterOptions{}), "record has 1 columns, the file 0")

	late := timestamps(arrow.Millisecond, -500)
	require.ErrorContains(t, writeError(late, late.Schema(), orc.WriterOptions{}), "the last second before 1970 in column t")
	far := timestamps(arrow.Second, 1<<61)
	require.ErrorContains(t, writeError(far, far.Schema(), orc.WriterOptions{}), "not supported: timestamp")

	required := orc.WriterOptions{Attributes: func(string) map[string]string { return map[string]string{"iceberg.required": "true"} }}
	require.ErrorContains(t, writeError(texts("a", nil), texts().Schema(), required), "column s is required and has a NULL")
	require.NoError(t, writeError(texts("a"), texts().Schema(), required))
}

// fullDisk takes so many bytes.
type fullDisk struct{ left int }

var errDiskFull = errors.New("no space left on device")

func (d *fullDisk) Write(p []byte) (int, error) {
	if len(p) > d.left {
		return d.left, errDiskFull
	}
	d.left -= len(p)
	return len(p), nil
}

func TestFullDisk(t *testing.T) {
	rec := randomRecord(rand.New(rand.NewPCG(91, 92)), everyType, 2000, 0.1)
	size := len(write(t, orc.WriterOptions{StripeBytes: 1}, rec))
	for _, room := range []int{0, 2, 1000, size / 2, size - 1} {
		w, err := orc.NewWriter(&fullDisk{room}, everyType, orc.WriterOptions{StripeBytes: 1})
		if err == nil {
			if err = w.Write(rec); err == nil {
				_, err = w.Close()
			}
		}
		require.ErrorIs(t, err, errDiskFull, "room for %d of %d bytes", room, size)
	}
}

func TestClosedWriter(t *testing.T) {
	w, err := orc.NewWriter(&bytes.Buffer{}, texts().Schema(), orc.WriterOptions{})
	require.NoError(t, err)
	_, err = w.Close()
	require.NoError(t, err)
	require.ErrorContains(t, w.Write(texts("a")), "closed")
	_, err = w.Close()
	require.ErrorContains(t, err, "closed")
}

func TestAttributesAndMetadata(t *testing.T) {
	opts := orc.WriterOptions{
		Attributes:   func(path string) map[string]string { return map[string]string{"iceberg.id": "id of " + path} },
		UserMetadata: map[string][]byte{"category": []byte("Management"), "empty": {}},
	}
	r := open(t, write(t, opts, randomRecord(rand.New(rand.NewPCG(1, 1)), everyType, 10, 0)))
	for _, path := range []string{"flag", "who", "who.session.issuer", "deep"} {
		attributes, err := r.Attributes(orc.ParsePath(path))
		require.NoError(t, err)
		require.Equal(t, "id of "+path, attributes["iceberg.id"])
	}
	deep, ok := r.Schema().Field(18).Type.(*arrow.ListType)
	require.True(t, ok)
	require.Equal(t, []string{"id of deep.element"}, deep.ElemField().Metadata.Values())
	tags, ok := r.Schema().Field(16).Type.(*arrow.MapType)
	require.True(t, ok)
	require.Equal(t, []string{"id of tags.key"}, tags.KeyField().Metadata.Values())
	require.Equal(t, []string{"id of tags.value"}, tags.ItemField().Metadata.Values())
	unit, err := r.Attributes(orc.Column("ms"))
	require.NoError(t, err)
	require.Equal(t, "ms", unit["auditlake.unit"])

	value, ok := r.UserMetadata("category")
	require.True(t, ok)
	require.Equal(t, "Management", string(value))
	_, ok = r.UserMetadata("absent")
	require.False(t, ok)
}

func TestFileInfo(t *testing.T) {
	var out bytes.Buffer
	w, err := orc.NewWriter(&out, texts().Schema(), orc.WriterOptions{})
	require.NoError(t, err)
	require.NoError(t, w.Write(texts("b", nil, "a")))
	info, err := w.Close()
	require.NoError(t, err)
	require.Equal(t, orc.FileInfo{Rows: 3, Bytes: int64(out.Len()), Stripes: 1, Columns: map[string]orc.Statistics{
		"s": {Known: true, Values: 2, HasNull: true,
			Min: orc.Bound{Kind: orc.TextBound, Text: "a", Exact: true}, Max: orc.Bound{Kind: orc.TextBound, Text: "b", Exact: true}},
	}}, info)
}
