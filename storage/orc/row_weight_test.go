package orc_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/orc"
)

// TestHeavyRows: rows that a reader could not take at once are in row groups of their own.
func TestHeavyRows(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine: nothing for the race detector; the unit stage runs it")
	}
	const rows, length = 150, 4 << 20
	codes := array.NewDictionaryBuilder(memory.DefaultAllocator, &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: textType}).(*array.BinaryDictionaryBuilder)
	for range rows {
		require.NoError(t, codes.AppendString(strings.Repeat("x", length)))
	}
	text := codes.NewArray()
	rec := array.NewRecord(fields(field("text", text.DataType())), []arrow.Array{text}, rows)
	heavy := func(cuts ...int64) []byte {
		var out bytes.Buffer
		w, err := orc.NewWriter(&out, fields(field("text", textType)), orc.WriterOptions{})
		require.NoError(t, err)
		from := int64(0)
		for _, to := range cuts {
			require.NoError(t, w.Write(rec.NewSlice(from, to)))
			from = to
		}
		_, err = w.Close()
		require.NoError(t, err)
		return out.Bytes()
	}
	file := heavy(rows)
	require.Equal(t, file, heavy(1, 63, 64, 130, rows), "the cut of records must not matter")
	r := open(t, file)
	require.Equal(t, 3, r.NumStripes())
	require.Equal(t, []int64{64, 64, 22}, []int64{r.StripeRows(0), r.StripeRows(1), r.StripeRows(2)})
}

// TestManyElements: the elements of a row group are no more than reading lets in.
func TestManyElements(t *testing.T) {
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	const rows, elements = 1200, 20_000
	for _, rowType := range []arrow.DataType{arrow.ListOf(arrow.PrimitiveTypes.Int8), arrow.ListOf(arrow.StructOf(field("a", arrow.PrimitiveTypes.Int8)))} {
		b := array.NewListBuilder(memory.DefaultAllocator, rowType.(*arrow.ListType).Elem())
		for range rows {
			b.Append(true)
			switch v := b.ValueBuilder().(type) {
			case *array.Int8Builder:
				v.AppendValues(make([]int8, elements), nil)
			case *array.StructBuilder:
				v.AppendValues(all(elements))
				v.FieldBuilder(0).(*array.Int8Builder).AppendValues(make([]int8, elements), nil)
			}
		}
		schema := fields(field("list", rowType))
		rec := array.NewRecord(schema, []arrow.Array{b.NewArray()}, rows)
		r := open(t, write(t, orc.WriterOptions{}, rec))
		read := int64(0)
		for i := range r.NumStripes() {
			s, err := r.Stripe(i)
			require.NoError(t, err)
			for g := range s.Groups() {
				got := readAllOf(t, s, g, orc.Column("list")).(*array.List)
				read += int64(got.ListValues().Len())
			}
		}
		require.EqualValues(t, rows*elements, read)
	}
}

func all(n int) []bool {
	valid := make([]bool, n)
	for i := range valid {
		valid[i] = true
	}
	return valid
}
