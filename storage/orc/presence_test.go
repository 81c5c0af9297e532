package orc_test

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/orc"
)

// presenceRecord has structs, lists in them, and structs in them, each of which is NULL in some rows.
func presenceRecord(rows int) arrow.Record {
	inner := arrow.StructOf(field("name", textType))
	b := array.NewRecordBuilder(memory.DefaultAllocator, fields(field("s", arrow.StructOf(field("l", arrow.ListOf(inner)), field("in", inner)))))
	s := b.Field(0).(*array.StructBuilder)
	list, in := s.FieldBuilder(0).(*array.ListBuilder), s.FieldBuilder(1).(*array.StructBuilder)
	element := list.ValueBuilder().(*array.StructBuilder)
	for row := range rows {
		if row%3 == 0 {
			s.AppendNull()
			continue
		}
		s.Append(true)
		if row%5 == 0 {
			list.AppendNull()
		} else {
			list.Append(true)
			for range row % 4 {
				element.AppendNull()
			}
		}
		if row%7 == 0 {
			in.AppendNull()
		} else {
			in.Append(true)
			in.FieldBuilder(0).AppendNull()
		}
	}
	return b.NewRecord()
}

// TestPresence: structs and lists are there in the rows in which they and those around them are, whatever they hold.
func TestPresence(t *testing.T) {
	const rows, stride = 2000, 700
	r := open(t, write(t, orc.WriterOptions{RowIndexStride: stride}, presenceRecord(rows)))
	s, err := r.Stripe(0)
	require.NoError(t, err)
	paths := []orc.Path{orc.Column("s").Entries(), orc.Column("s", "l").Entries(), orc.Column("s", "in").Entries()}
	for i, path := range paths {
		require.Equal(t, path, orc.ParsePath(path.String()))
		paths[i] = orc.ParsePath(path.String())
	}
	for g := range s.Groups() {
		for _, sel := range [][]int32{nil, {}, {0, 1, 5, 99, 598}, {599}} {
			got, err := s.Read(t.Context(), g, paths, sel, nil)
			require.NoError(t, err)
			count := s.Rows(g)
			if sel != nil {
				count = len(sel)
			}
			for i := range count {
				row := g*stride + i
				if sel != nil {
					row = g*stride + int(sel[i])
				}
				isThere := []bool{row%3 != 0, row%3 != 0 && row%5 != 0, row%3 != 0 && row%7 != 0}
				for c, want := range isThere {
					require.Equal(t, want, got[c].IsValid(i), "%s of row %d", paths[c], row)
					require.True(t, !want || got[c].(*array.Boolean).Value(i))
				}
			}
			require.Equal(t, count, got[0].Len())
		}
	}
}

// TestPresenceReadsNulls: nothing but the nulls of a column and of those around it is read, and counted.
func TestPresenceReadsNulls(t *testing.T) {
	r := open(t, write(t, orc.WriterOptions{BlockBytes: 4 << 10}, presenceRecord(8000)))
	s, err := r.Stripe(0)
	require.NoError(t, err)
	bytes := func(path orc.Path) int64 { return readGroupUsage(t, s, 0, []orc.Path{path}, nil).Bytes() }
	require.Less(t, bytes(orc.Column("s").Entries()), bytes(orc.Column("s", "in").Entries()))
	require.Less(t, bytes(orc.Column("s", "in").Entries()), bytes(orc.Column("s")))
	require.Less(t, bytes(orc.Column("s", "l").Entries()), bytes(orc.Column("s", "l")))
}

func TestPresenceIsOfStructsAndLists(t *testing.T) {
	r := open(t, write(t, orc.WriterOptions{}, presenceRecord(10)))
	for _, path := range []orc.Path{orc.Column("s").Entries("a"), orc.Column("s", "in", "name").Entries()} {
		_, err := readOne(r, path, nil)
		var unsupported *orc.UnsupportedError
		require.ErrorAs(t, err, &unsupported, path.String())
	}
}
