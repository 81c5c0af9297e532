package orc_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/arrowtest"
	"github.com/auditlake/auditlake/storage/orc"
)

// texts makes a record of one string column; a nil is a NULL.
func texts(values ...any) arrow.Record {
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: "s", Type: arrow.BinaryTypes.String, Nullable: true}}, nil))
	for _, v := range values {
		if v == nil {
			b.Field(0).AppendNull()
			continue
		}
		b.Field(0).(*array.StringBuilder).Append(v.(string))
	}
	return b.NewRecord()
}

func TestTextBounds(t *testing.T) {
	long := strings.Repeat("x", 300)
	exact := func(s string) orc.Bound { return orc.Bound{Kind: orc.TextBound, Text: s, Exact: true} }
	cut := func(s string) orc.Bound { return orc.Bound{Kind: orc.TextBound, Text: s} }
	for _, c := range []struct {
		name     string
		values   []any
		min, max orc.Bound
		hasNull  bool
	}{
		{"short", []any{"b", "a", "c"}, exact("a"), exact("c"), false},
		{"with NULL", []any{"b", nil}, exact("b"), exact("b"), true},
		{"only NULL", []any{nil}, orc.Bound{}, orc.Bound{}, true},
		{"empty text", []any{""}, exact(""), exact(""), false},
		{"by bytes", []any{"z", "é", "日本"}, exact("z"), exact("日本"), false},
		{"long", []any{long}, cut(long[:256]), cut(long[:255] + "y"), false},
		{"cut at a code point", []any{strings.Repeat("é", 127) + "xé" + long}, cut(strings.Repeat("é", 127) + "x"), cut(strings.Repeat("é", 127) + "y"), false},
		{"before the surrogates", []any{strings.Repeat("a", 253) + "\ud7ff" + long}, cut(strings.Repeat("a", 253) + "\ud7ff"), cut(strings.Repeat("a", 253) + "\ue000"), false},
		{"largest code point", []any{"a" + strings.Repeat("\U0010ffff", 100)}, cut("a" + strings.Repeat("\U0010ffff", 63)), cut("b"), false},
		{"nothing above", []any{strings.Repeat("\U0010ffff", 100)}, orc.Bound{}, orc.Bound{}, false},
		{"not UTF-8", []any{"a\xff"}, orc.Bound{}, orc.Bound{}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := open(t, write(t, orc.WriterOptions{}, texts(c.values...)))
			s, err := r.Stripe(0)
			require.NoError(t, err)
			group, err := s.Statistics(0, orc.Column("s"), nil)
			require.NoError(t, err)
			stripe, err := r.StripeStatistics(0, orc.Column("s"))
			require.NoError(t, err)
			file, err := r.Statistics(orc.Column("s"))
			require.NoError(t, err)
			for _, got := range []orc.Statistics{group, stripe, file} {
				require.True(t, got.Known)
				require.Equal(t, c.min, got.Min)
				require.Equal(t, c.max, got.Max)
				require.Equal(t, c.hasNull, got.HasNull)
				require.True(t, utf8.ValidString(got.Min.Text) && utf8.ValidString(got.Max.Text))
			}
		})
	}
}

// TestBoundsHold compares the statistics of each row group with its values.
func TestBoundsHold(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	rec := randomRecord(rand.New(rand.NewPCG(61, 62)), everyType, 9000, 0.3)
	r := open(t, write(t, orc.WriterOptions{RowIndexStride: 700, StripeBytes: 200 << 10}, rec))
	paths := columnPaths(everyType)[:15]
	paths = append(paths, orc.ParsePath("who.session.issuer"), orc.ParsePath("who.id"))
	bounded := 0
	for i := range r.NumStripes() {
		s, err := r.Stripe(i)
		require.NoError(t, err)
		for g := range s.Groups() {
			for _, path := range paths {
				arrays := readAllOf(t, s, g, path)
				group, err := s.Statistics(g, path, nil)
				require.NoError(t, err)
				stripe, err := r.StripeStatistics(i, path)
				require.NoError(t, err)
				file, err := r.Statistics(path)
				require.NoError(t, err)
				require.Equal(t, int64(arrays.Len()-arrays.NullN()), group.Values, path)
				require.Equal(t, arrays.NullN() > 0, group.HasNull, path)
				for _, statistics := range []orc.Statistics{group, stripe, file} {
					bounded += requireBounds(t, arrays, statistics, path.String())
				}
			}
		}
	}
	require.Greater(t, bounded, 10000)
}

func readAllOf(t *testing.T, s *orc.Stripe, g int, path orc.Path) arrow.Array {
	arrays, err := s.Read(t.Context(), g, []orc.Path{path}, nil, nil)
	require.NoError(t, err)
	return arrowtest.Plain(t, arrays[0])
}

// requireBounds counts the values it checked.
func requireBounds(t *testing.T, arr arrow.Array, s orc.Statistics, what string) (checked int) {
	for i := range arr.Len() {
		if arr.IsNull(i) || s.Min.Kind == orc.NoBound {
			continue
		}
		checked++
		switch v := boundValue(arr, i).(type) {
		case int64:
			require.True(t, s.Min.Int <= v && v <= s.Max.Int, "%s: %d not in %d … %d", what, v, s.Min.Int, s.Max.Int)
		case float64:
			require.True(t, s.Min.Float <= v && v <= s.Max.Float, "%s: %v not in %v … %v", what, v, s.Min.Float, s.Max.Float)
		case string:
			require.True(t, s.Min.Text <= v && v <= s.Max.Text, "%s: %q not in %q … %q", what, v, s.Min.Text, s.Max.Text)
		}
		if d, ok := arr.(*array.Decimal128); ok {
			require.False(t, d.Value(i).Less(s.Min.Decimal) || s.Max.Decimal.Less(d.Value(i)), what)
		}
	}
	return checked
}

func boundValue(arr arrow.Array, i int) any {
	switch arr := arr.(type) {
	case *array.Boolean:
		if arr.Value(i) {
			return int64(1)
		}
		return int64(0)
	case *array.Int8:
		return int64(arr.Value(i))
	case *array.Int16:
		return int64(arr.Value(i))
	case *array.Int32:
		return int64(arr.Value(i))
	case *array.Int64:
		return arr.Value(i)
	case *array.Date32:
		return int64(arr.Value(i))
	case *array.Timestamp:
		return int64(arr.Value(i))
	case *array.Float32:
		return float64(arr.Value(i))
	case *array.Float64:
		return arr.Value(i)
	case *array.String:
		return arr.Value(i)
	}
	return nil
}

func TestNaNHasNoBounds(t *testing.T) {
	b := array.NewRecordBuilder(memory.DefaultAllocator, arrow.NewSchema([]arrow.Field{{Name: "f", Type: arrow.PrimitiveTypes.Float64}}, nil))
	b.Field(0).(*array.Float64Builder).AppendValues([]float64{1, math.NaN(), 3}, nil)
	r := open(t, write(t, orc.WriterOptions{}, b.NewRecord()))
	s, err := r.Statistics(orc.Column("f"))
	require.NoError(t, err)
	require.Equal(t, orc.Statistics{Known: true, Values: 3}, s)
}

func TestBloom(t *testing.T) {
	var values []any
	for i := range 3000 {
		values = append(values, fmt.Sprintf("id-%d", i))
	}
	r := open(t, write(t, orc.WriterOptions{RowIndexStride: 1000, Bloom: func(path string) bool { return path == "s" }}, texts(values...)))
	s, err := r.Stripe(0)
	require.NoError(t, err)
	require.True(t, s.HasBloom(orc.Column("s")))
	usage := &orc.Usage{}
	mistaken := 0
	for g := range s.Groups() {
		for i := range 3000 {
			may, err := s.MayContain(g, orc.Column("s"), []string{fmt.Sprintf("id-%d", i)}, usage)
			require.NoError(t, err)
			if i/1000 == g {
				require.True(t, may, "id-%d is in row group %d", i, g)
			} else if may {
				mistaken++
			}
		}
	}
	require.Less(t, mistaken, 6000*2/100, "about one in a hundred may pass")
	require.Positive(t, usage.Bytes())
}
