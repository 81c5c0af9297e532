package orc_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/orc"
)

// numbered makes rows of text, so many of them distinct, every seventh NULL.
func numbered(rows, distinct int) arrow.Record {
	values := make([]any, rows)
	rnd := rand.New(rand.NewPCG(81, 82))
	number := func(i int) int { return i }
	if distinct < rows {
		number = func(int) int { return rnd.IntN(distinct) }
	}
	for i := range values {
		if i%7 != 3 {
			values[i] = fmt.Sprintf("value %06d of a column", number(i))
		}
	}
	return texts(values...)
}

func TestDictionaryOrDirect(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	for _, c := range []struct {
		name       string
		rows       int
		distinct   int
		dictionary bool
	}{
		{"few values", 20000, 10, true},
		{"many repeats", 80000, 20000, true},
		{"all distinct, few rows", 900, 900, false},
		{"all distinct", 20000, 20000, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			rec := numbered(c.rows, c.distinct)
			r := open(t, write(t, orc.WriterOptions{}, rec))
			s, err := r.Stripe(0)
			require.NoError(t, err)
			var shared arrow.ArrayData
			for g := range s.Groups() {
				arrays, err := s.Read(t.Context(), g, columnPaths(rec.Schema()), nil, nil)
				require.NoError(t, err)
				d, isDictionary := arrays[0].(*array.Dictionary)
				require.Equal(t, c.dictionary, isDictionary)
				if isDictionary {
					require.True(t, shared == nil || shared == d.Dictionary().Data(), "row groups share one dictionary")
					shared = d.Dictionary().Data()
				}
			}
			requireSame(t, rec.Column(0), readAll(t, r, columnPaths(rec.Schema()))[0], c.name)
		})
	}
}

// TestDictionaryInLists reads texts in lists, alone and in structs: they have their dictionary, too, and lists of such elements can be written.
func TestDictionaryInLists(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	texts := numbered(20000, 10).Column(0)
	element := arrow.StructOf(arrow.Field{Name: "s", Type: arrow.BinaryTypes.String, Nullable: true})
	elements := array.MakeFromData(array.NewData(element, texts.Len(), []*memory.Buffer{nil}, []arrow.ArrayData{texts.Data()}, 0, 0))
	pairs := make([]int32, texts.Len()/2+1)
	for i := range pairs {
		pairs[i] = int32(2 * i)
	}
	lists := func(elements arrow.Array) arrow.Array {
		return array.MakeFromData(array.NewData(arrow.ListOfField(arrow.Field{Name: "element", Type: elements.DataType(), Nullable: true}), len(pairs)-1,
			[]*memory.Buffer{nil, memory.NewBufferBytes(arrow.Int32Traits.CastToBytes(pairs))}, []arrow.ArrayData{elements.Data()}, 0, 0))
	}
	columns := []arrow.Array{lists(texts), lists(elements)}
	schema := arrow.NewSchema([]arrow.Field{{Name: "l", Type: columns[0].DataType(), Nullable: true}, {Name: "m", Type: columns[1].DataType(), Nullable: true}}, nil)
	file := write(t, orc.WriterOptions{}, array.NewRecord(schema, columns, int64(len(pairs)-1)))
	r := open(t, file)
	var out bytes.Buffer
	w, err := orc.NewWriter(&out, schema, orc.WriterOptions{})
	require.NoError(t, err)
	s, err := r.Stripe(0)
	require.NoError(t, err)
	for g := range s.Groups() {
		arrays, err := s.Read(t.Context(), g, columnPaths(schema), nil, nil)
		require.NoError(t, err)
		require.IsType(t, &array.Dictionary{}, arrays[0].(*array.List).ListValues())
		require.IsType(t, &array.Dictionary{}, arrays[1].(*array.List).ListValues().(*array.Struct).Field(0))
		coded := arrow.NewSchema([]arrow.Field{{Name: "l", Type: arrays[0].DataType(), Nullable: true}, {Name: "m", Type: arrays[1].DataType(), Nullable: true}}, nil)
		require.NoError(t, w.Write(array.NewRecord(coded, arrays, int64(s.Rows(g)))))
	}
	_, err = w.Close()
	require.NoError(t, err)
	require.Equal(t, file, out.Bytes())
	for i, got := range readAll(t, r, columnPaths(schema)) {
		requireSame(t, columns[i], got, schema.Field(i).Name)
	}
}

// TestDictionaryInput writes dictionary arrays, as compaction does: the file is that of the plain texts.
func TestDictionaryInput(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	for _, distinct := range []int{5, 3000, 30000} {
		rec := numbered(30000, distinct)
		var coded []arrow.Record
		for from := int64(0); from < rec.NumRows(); from += 4000 {
			part := rec.NewSlice(from, min(from+4000, rec.NumRows()))
			coded = append(coded, codedRecord(part))
		}
		opts := orc.WriterOptions{StripeBytes: 100 << 10, Bloom: func(string) bool { return true }}
		var out bytes.Buffer
		w, err := orc.NewWriter(&out, rec.Schema(), opts)
		require.NoError(t, err)
		for _, part := range coded {
			require.NoError(t, w.Write(part))
		}
		_, err = w.Close()
		require.NoError(t, err)
		require.Equal(t, write(t, opts, rec), out.Bytes(), distinct)
	}
}

func codedRecord(rec arrow.Record) arrow.Record {
	codes := encoded(rec.Column(0).(*array.String))
	schema := arrow.NewSchema([]arrow.Field{{Name: "s", Type: codes.DataType(), Nullable: true}}, nil)
	return array.NewRecord(schema, []arrow.Array{codes}, rec.NumRows())
}

func encoded(texts *array.String) arrow.Array {
	b := array.NewDictionaryBuilder(memory.DefaultAllocator, &arrow.DictionaryType{IndexType: arrow.PrimitiveTypes.Int32, ValueType: arrow.BinaryTypes.String}).(*array.BinaryDictionaryBuilder)
	for i := range texts.Len() {
		if texts.IsNull(i) {
			b.AppendNull()
			continue
		}
		if err := b.AppendString(texts.Value(i)); err != nil {
			panic(err)
		}
	}
	return b.NewArray()
}

func TestLongTexts(t *testing.T) {
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	big := bytes.Repeat([]byte("long text "), 1<<20/10)
	var values []any
	for i := range 300 {
		for j := 0; j < len(big); j += 1 + i {
			big[j] = byte('a' + (i+j)%26)
		}
		values = append(values, string(big))
	}
	rec := texts(values...)
	r := open(t, write(t, orc.WriterOptions{StripeBytes: 1 << 30}, rec))
	require.Greater(t, r.NumStripes(), 0)
	for i := range r.NumStripes() {
		require.LessOrEqual(t, r.StripeGroups(i), 2)
	}
	requireSame(t, rec.Column(0), readAll(t, r, columnPaths(rec.Schema()))[0], "long text")
}
