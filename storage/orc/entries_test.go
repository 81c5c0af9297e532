package orc_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/orc"
)

// mapRecord has maps of a few keys, some twice in a map, as foreign writers may write them.
func mapRecord(rnd *rand.Rand, rows int) arrow.Record {
	schema := fields(field("m", arrow.MapOf(textType, textType)), field("s", arrow.StructOf(field("m", arrow.MapOf(textType, int64Type)))))
	b := array.NewRecordBuilder(memory.DefaultAllocator, schema)
	m, s := b.Field(0).(*array.MapBuilder), b.Field(1).(*array.StructBuilder)
	inner := s.FieldBuilder(0).(*array.MapBuilder)
	for range rows {
		if rnd.IntN(5) == 0 {
			m.AppendNull()
		} else {
			m.Append(true)
			for range rnd.IntN(6) {
				m.KeyBuilder().(*array.StringBuilder).Append([]string{"a", "b", "it's", "", "é", fmt.Sprint(rnd.Uint64())}[rnd.IntN(6)])
				if rnd.IntN(4) == 0 {
					m.ItemBuilder().AppendNull()
				} else {
					m.ItemBuilder().(*array.StringBuilder).Append(strings.Repeat("v", rnd.IntN(30)) + fmt.Sprint(rnd.IntN(100)))
				}
			}
		}
		switch rnd.IntN(4) {
		case 0:
			s.AppendNull()
		case 1:
			s.Append(true)
			inner.AppendNull()
		default:
			s.Append(true)
			inner.Append(true)
			inner.KeyBuilder().(*array.StringBuilder).Append("a")
			inner.ItemBuilder().(*array.Int64Builder).Append(rnd.Int64N(9))
		}
	}
	return b.NewRecord()
}

// entriesText prints the entries of a map under some keys, as a path with them must give it.
func entriesText(m *array.Map, row int, keys []string) string {
	if m.IsNull(row) {
		return "null"
	}
	var list []string
	start, end := m.ValueOffsets(row)
	for i := int(start); i < int(end); i++ {
		if key := m.Keys().ValueStr(i); slices.Contains(keys, key) {
			list = append(list, cellText(m.Keys(), i)+":"+cellText(m.Items(), i))
		}
	}
	return "{" + strings.Join(list, ",") + "}"
}

func TestEntries(t *testing.T) {
	rnd := rand.New(rand.NewPCG(61, 62))
	rec := mapRecord(rnd, 3000)
	r := open(t, write(t, orc.WriterOptions{RowIndexStride: 700}, rec))
	whole := rec.Column(0).(*array.Map)
	inner := rec.Column(1).(*array.Struct).Field(0).(*array.Map)
	s, err := r.Stripe(0)
	require.NoError(t, err)
	for _, keys := range [][]string{{}, {"a"}, {"it's", "a"}, {"", "é"}, {"none"}, {"a", "b", "it's", "", "é"}} {
		paths := []orc.Path{orc.Column("m").Entries(keys...), orc.Column("s", "m").Entries(keys...)}
		for i, path := range paths {
			require.Equal(t, path, orc.ParsePath(path.String()))
			paths[i] = orc.ParsePath(path.String())
		}
		for g := range s.Groups() {
			for _, sel := range [][]int32{nil, {}, {0, 1, 5, 99, 698}, {699}} {
				if g == s.Groups()-1 && len(sel) == 5 {
					sel = []int32{0, 1, 5, 99, 199}
				} else if len(sel) == 1 && s.Rows(g) < 700 {
					sel = []int32{100}
				}
				got, err := s.Read(t.Context(), g, paths, sel, nil)
				require.NoError(t, err)
				rows := sel
				if sel == nil {
					for row := range s.Rows(g) {
						rows = append(rows, int32(row))
					}
				}
				require.Equal(t, len(rows), got[0].Len())
				for i, row := range rows {
					at := g*700 + int(row)
					require.Equal(t, entriesText(whole, at, keys), cellText(got[0], i), "%v of row %d", keys, at)
					want := "null"
					if rec.Column(1).IsValid(at) {
						want = entriesText(inner, at, keys)
					}
					require.Equal(t, want, cellText(got[1], i), "%v of row %d", keys, at)
				}
				require.True(t, arrow.TypeEqual(whole.DataType(), got[0].DataType()))
			}
		}
	}
}

func TestEntriesReadLess(t *testing.T) {
	rnd := rand.New(rand.NewPCG(63, 64))
	b := array.NewRecordBuilder(memory.DefaultAllocator, fields(field("m", arrow.MapOf(textType, textType))))
	m := b.Field(0).(*array.MapBuilder)
	for i := range 8000 {
		m.Append(true)
		key := "often"
		if i == 4000 {
			key = "once"
		}
		m.KeyBuilder().(*array.StringBuilder).Append(key)
		m.ItemBuilder().(*array.StringBuilder).Append(fmt.Sprintf("%x", rnd.Uint64()))
	}
	r := open(t, write(t, orc.WriterOptions{BlockBytes: 4 << 10}, b.NewRecord()))
	s, err := r.Stripe(0)
	require.NoError(t, err)
	bytes := func(path orc.Path) int64 { return readGroupUsage(t, s, 0, []orc.Path{path}, nil).Bytes() }
	whole, keys := bytes(orc.Column("m")), bytes(orc.Column("m", "key"))
	require.Less(t, keys, whole/20)
	require.Equal(t, whole, bytes(orc.Column("m").Entries("often")))
	require.Less(t, bytes(orc.Column("m").Entries("once")), whole/4, "one block of values")
	require.Equal(t, keys, bytes(orc.Column("m").Entries("never")), "no values")
	require.Zero(t, bytes(orc.Column("m").Entries()), "no map is NULL: there is nothing to read")
}
