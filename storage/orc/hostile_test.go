package orc

import (
	"bytes"
	"context"
	"runtime"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// rewriteTail writes a small file without compression and changes its footer and stripe footer.
func rewriteTail(t *testing.T, change func(*orcpb.Footer, *orcpb.StripeFooter)) []byte {
	schema := arrow.NewSchema([]arrow.Field{
		{Name: "s", Type: arrow.BinaryTypes.String},
		{Name: "l", Type: arrow.ListOf(arrow.PrimitiveTypes.Int64)},
	}, nil)
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	for range 1000 {
		b.Field(0).(*array.StringBuilder).Append("same")
		b.Field(1).(*array.ListBuilder).Append(true)
		b.Field(1).(*array.ListBuilder).ValueBuilder().(*array.Int64Builder).Append(7)
	}
	var out bytes.Buffer
	w, err := NewWriter(&out, schema, WriterOptions{Compression: None})
	require.NoError(t, err)
	require.NoError(t, w.Write(b.NewRecord()))
	_, err = w.Close()
	require.NoError(t, err)

	r, err := Open(bytes.NewReader(out.Bytes()), int64(out.Len()), "small")
	require.NoError(t, err)
	footerAt := int(uint64(out.Len()) - 1 - uint64(out.Bytes()[out.Len()-1]) - r.postScript.GetFooterLength())
	var footer orcpb.Footer
	require.NoError(t, proto.Unmarshal(out.Bytes()[footerAt:footerAt+int(r.postScript.GetFooterLength())], &footer))
	stripe := footer.GetStripes()[0]
	stripeFooterAt := int(stripe.GetOffset() + stripe.GetIndexLength() + stripe.GetDataLength())
	var stripeFooter orcpb.StripeFooter
	require.NoError(t, proto.Unmarshal(out.Bytes()[stripeFooterAt:stripeFooterAt+int(stripe.GetFooterLength())], &stripeFooter))

	change(&footer, &stripeFooter)
	file := bytes.Clone(out.Bytes()[:stripeFooterAt])
	encoded, err := proto.Marshal(&stripeFooter)
	require.NoError(t, err)
	stripe.FooterLength = proto.Uint64(uint64(len(encoded)))
	file = append(file, encoded...)
	encoded, err = proto.Marshal(&footer)
	require.NoError(t, err)
	file = append(file, encoded...)
	r.postScript.FooterLength, r.postScript.MetadataLength = proto.Uint64(uint64(len(encoded))), proto.Uint64(0)
	encoded, err = proto.Marshal(r.postScript)
	require.NoError(t, err)
	return append(append(file, encoded...), byte(len(encoded)))
}

// TestHugeClaims reads files that claim much more than they hold: refused, without the memory claimed.
func TestHugeClaims(t *testing.T) {
	const allowedBytes = 300 << 20
	setRows := func(f *orcpb.Footer, rows uint64) {
		f.NumberOfRows, f.GetStripes()[0].NumberOfRows = proto.Uint64(rows), proto.Uint64(rows)
	}
	for _, c := range []struct {
		name   string
		change func(*orcpb.Footer, *orcpb.StripeFooter)
		want   string
	}{
		{"nothing", func(*orcpb.Footer, *orcpb.StripeFooter) {}, ""},
		{"rows", func(f *orcpb.Footer, _ *orcpb.StripeFooter) { setRows(f, 1<<39) }, "row index"},
		{"rows without index", func(f *orcpb.Footer, _ *orcpb.StripeFooter) { setRows(f, 1<<39); f.RowIndexStride = proto.Uint32(0) }, "the stream ends"},
		{"rows in one group", func(f *orcpb.Footer, _ *orcpb.StripeFooter) {
			setRows(f, 1<<31)
			f.RowIndexStride = proto.Uint32(1 << 31)
		}, "the stream ends"},
		{"more rows than can be", func(f *orcpb.Footer, _ *orcpb.StripeFooter) { setRows(f, 1<<60) }, "has 1152921504606846976 rows"},
		{"dictionary", func(_ *orcpb.Footer, s *orcpb.StripeFooter) {
			s.GetColumns()[1].DictionarySize = proto.Uint32(1<<32 - 1)
		}, "has a dictionary of 4294967295 entries"},
		{"stripe length", func(f *orcpb.Footer, _ *orcpb.StripeFooter) { f.GetStripes()[0].DataLength = proto.Uint64(1 << 62) }, "beyond the end of the file"},
		{"stream length", func(_ *orcpb.Footer, s *orcpb.StripeFooter) { s.GetStreams()[0].Length = proto.Uint64(1 << 62) }, "passes the end of its stripe"},
		{"no encodings", func(_ *orcpb.Footer, s *orcpb.StripeFooter) { s.Columns = nil }, "encodings of 0 columns"},
		{"type tree with a loop", func(f *orcpb.Footer, _ *orcpb.StripeFooter) { f.GetTypes()[2].Subtypes = []uint32{0} }, "has subtype 0"},
		{"type that is used twice", func(f *orcpb.Footer, _ *orcpb.StripeFooter) { f.GetTypes()[2].Subtypes = []uint32{1} }, "has subtype 1"},
		{"geometry", func(f *orcpb.Footer, _ *orcpb.StripeFooter) { f.GetTypes()[3].Kind = orcpb.Type_GEOMETRY.Enum() }, "type GEOMETRY of column l.element"},
		{"encrypted", func(f *orcpb.Footer, _ *orcpb.StripeFooter) { f.Encryption = &orcpb.Encryption{} }, "column encryption"},
	} {
		t.Run(c.name, func(t *testing.T) {
			file := rewriteTail(t, c.change)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			err := readFirstGroup(file)
			runtime.ReadMemStats(&after)
			require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(allowedBytes))
			if c.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorContains(t, err, c.want)
			require.NotContains(t, err.Error(), "decoding failed")
		})
	}
}

func readFirstGroup(file []byte) error {
	r, err := Open(bytes.NewReader(file), int64(len(file)), "hostile.orc")
	if err != nil {
		return err
	}
	s, err := r.Stripe(0)
	if err != nil {
		return err
	}
	for _, name := range []string{"s", "l"} {
		if _, err := s.Statistics(0, Column(name), nil); err != nil {
			return err
		}
		if _, err := s.Read(context.Background(), 0, []Path{Column(name)}, nil, nil); err != nil {
			return err
		}
	}
	return nil
}
