package orc

import (
	"bytes"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"
	"google.golang.org/protobuf/proto"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// FuzzMessages decodes messages by hand and with the library for them: what the library reads must come out the same,
// and no more may be refused than it refuses.
func FuzzMessages(f *testing.F) {
	statistics := &orcpb.ColumnStatistics{NumberOfValues: proto.Uint64(7), HasNull: proto.Bool(true),
		IntStatistics:       &orcpb.IntegerStatistics{Minimum: proto.Int64(-3), Maximum: proto.Int64(1 << 40), Sum: proto.Int64(1)},
		DoubleStatistics:    &orcpb.DoubleStatistics{Minimum: proto.Float64(-1.5), Maximum: proto.Float64(2), Sum: proto.Float64(3)},
		StringStatistics:    &orcpb.StringStatistics{Minimum: proto.String("a"), UpperBound: proto.String("zz"), Sum: proto.Int64(9)},
		BucketStatistics:    &orcpb.BucketStatistics{Count: []uint64{3}},
		DecimalStatistics:   &orcpb.DecimalStatistics{Minimum: proto.String("1.5"), Maximum: proto.String("7")},
		DateStatistics:      &orcpb.DateStatistics{Minimum: proto.Int32(-1), Maximum: proto.Int32(20000)},
		TimestampStatistics: &orcpb.TimestampStatistics{MinimumUtc: proto.Int64(-5), MaximumUtc: proto.Int64(5), MaximumNanos: proto.Int32(3)},
	}
	for kind, m := range []proto.Message{
		&orcpb.StripeFooter{WriterTimezone: proto.String("UTC"),
			Streams: []*orcpb.Stream{{Kind: orcpb.Stream_DATA.Enum(), Column: proto.Uint32(1), Length: proto.Uint64(1 << 33)}, {}},
			Columns: []*orcpb.ColumnEncoding{{Kind: orcpb.ColumnEncoding_DICTIONARY_V2.Enum(), DictionarySize: proto.Uint32(9)}, {}}},
		&orcpb.RowIndex{Entry: []*orcpb.RowIndexEntry{{Positions: []uint64{0, 300, 1 << 40}, Statistics: statistics}, {}}},
		&orcpb.BloomFilterIndex{BloomFilter: []*orcpb.BloomFilter{{NumHashFunctions: proto.Uint32(7), Utf8Bitset: bytes.Repeat([]byte{5}, 16)}, {}}},
		statistics,
	} {
		encoded, err := proto.Marshal(m)
		require.NoError(f, err)
		f.Add(kind, encoded)
		f.Add(kind, append(encoded, encoded...)) // fields that come twice
	}
	f.Fuzz(func(t *testing.T, kind int, encoded []byte) {
		switch kind & 3 {
		case 0:
			requireSameFooter(t, encoded)
		case 1:
			requireSameIndex(t, encoded)
		case 2:
			requireSameBlooms(t, encoded)
		case 3:
			requireSameStatistics(t, encoded)
		}
	})
}

func requireSameFooter(t *testing.T, encoded []byte) {
	var want orcpb.StripeFooter
	if proto.Unmarshal(encoded, &want) != nil {
		_, _ = decodeStripeFooter(encoded)
		return
	}
	got, err := decodeStripeFooter(encoded)
	require.NoError(t, err)
	require.Equal(t, want.GetWriterTimezone(), got.timeZone)
	require.Equal(t, len(want.GetEncryption()) > 0, got.encrypted)
	require.Len(t, got.streams, len(want.GetStreams()))
	for i, s := range want.GetStreams() {
		require.Equal(t, footerStream{s.GetKind(), s.GetColumn(), s.GetLength()}, got.streams[i])
	}
	require.Len(t, got.encodings, len(want.GetColumns()))
	for i, e := range want.GetColumns() {
		require.Equal(t, columnEncoding{e.GetKind(), e.GetDictionarySize()}, got.encodings[i])
	}
}

func requireSameIndex(t *testing.T, encoded []byte) {
	var want orcpb.RowIndex
	if proto.Unmarshal(encoded, &want) != nil {
		_, _ = decodeRowIndex(encoded)
		return
	}
	got, err := decodeRowIndex(encoded)
	require.NoError(t, err)
	require.Len(t, got, len(want.GetEntry()))
	for i, e := range want.GetEntry() {
		require.Equal(t, e.GetPositions(), got[i].positions)
		requireAlike(t, e.GetStatistics(), got[i].statistics)
	}
}

func requireSameBlooms(t *testing.T, encoded []byte) {
	var want orcpb.BloomFilterIndex
	if proto.Unmarshal(encoded, &want) != nil {
		_, _ = decodeBlooms(encoded)
		return
	}
	got, err := decodeBlooms(encoded)
	require.NoError(t, err)
	require.Len(t, got, len(want.GetBloomFilter()))
	for i, b := range want.GetBloomFilter() {
		require.EqualValues(t, b.GetNumHashFunctions(), got[i].hashFunctions)
		require.Equal(t, len(b.GetUtf8Bitset()), len(got[i].bits))
		require.True(t, bytes.Equal(b.GetUtf8Bitset(), got[i].bits))
	}
}

func requireSameStatistics(t *testing.T, encoded []byte) {
	var want orcpb.ColumnStatistics
	if proto.Unmarshal(encoded, &want) != nil {
		_, _ = decodeStatistics(encoded)
		return
	}
	requireAlike(t, &want, encoded)
}

// requireAlike compares what statistics say of columns of each type that has bounds.
func requireAlike(t *testing.T, want *orcpb.ColumnStatistics, encoded []byte) {
	got, err := decodeStatistics(encoded)
	require.NoError(t, err)
	if want == nil {
		want = &orcpb.ColumnStatistics{}
	}
	// What no bound is read of is not compared, and neither is NaN, which equals nothing.
	for _, c := range []*column{
		{kind: orcpb.Type_LONG, dataType: arrow.PrimitiveTypes.Int64},
		{kind: orcpb.Type_STRING, dataType: arrow.BinaryTypes.String},
		{kind: orcpb.Type_BOOLEAN, dataType: arrow.FixedWidthTypes.Boolean},
		{kind: orcpb.Type_DECIMAL, dataType: &arrow.Decimal128Type{Precision: 10, Scale: 2}},
		{kind: orcpb.Type_TIMESTAMP, dataType: &arrow.TimestampType{Unit: arrow.Microsecond}},
	} {
		require.Equal(t, readStatistics(c, want, 8), readStatistics(c, got, 8))
		// One kind of statistics hides the next: each is looked at by itself.
		for _, hide := range []func(*orcpb.ColumnStatistics){
			func(m *orcpb.ColumnStatistics) { m.IntStatistics = nil },
			func(m *orcpb.ColumnStatistics) { m.DateStatistics = nil },
			func(m *orcpb.ColumnStatistics) { m.BucketStatistics = nil },
			func(m *orcpb.ColumnStatistics) { m.DoubleStatistics = nil },
			func(m *orcpb.ColumnStatistics) { m.StringStatistics = nil },
			func(m *orcpb.ColumnStatistics) { m.DecimalStatistics = nil },
		} {
			hide(want)
			hide(got)
			require.Equal(t, readStatistics(c, want, 8), readStatistics(c, got, 8))
		}
	}
}
