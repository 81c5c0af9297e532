package batch_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"sync/atomic"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// nestedMaker makes arrays of nested types of few different values.
type nestedMaker struct {
	random *rand.Rand
	values int
}

func (m nestedMaker) validity(rows int) []byte {
	valid := arrowdata.FullValidity(rows)
	for i := range rows {
		if m.random.IntN(8) == 0 {
			arrowdata.ClearBit(valid, i)
		}
	}
	return valid
}

// texts makes texts with or without a dictionary, which repeats some.
func (m nestedMaker) texts(t *testing.T, rows int, valid []byte) arrow.Array {
	list := make([]string, m.values)
	for i := range list {
		list[i] = fmt.Sprint("t", m.random.IntN(m.values))
	}
	dictionary, err := batch.FromStrings(arrow.BinaryTypes.String, list, nil)
	require.NoError(t, err)
	codes := make([]int32, rows)
	for i := range codes {
		codes[i] = m.random.Int32N(int32(m.values))
	}
	coded := batch.FromCodes(codes, valid, dictionary)
	if m.random.IntN(2) == 0 {
		return coded
	}
	return batch.Decode(coded)
}

// numbers makes zeros of both signs, numbers that are none, and others.
func (m nestedMaker) numbers(rows int) arrow.Array {
	numbers := make([]float64, rows)
	for i := range numbers {
		numbers[i] = []float64{0, math.Copysign(0, -1), math.NaN(), 1, -2}[m.random.IntN(5)]
	}
	return batch.FromValues(arrow.PrimitiveTypes.Float64, numbers, m.validity(rows))
}

// offsets are those of lists of up to three elements, the first of which is not at 0.
func (m nestedMaker) offsets(rows int) []int32 {
	offsets := []int32{2}
	for range rows {
		offsets = append(offsets, offsets[len(offsets)-1]+m.random.Int32N(4))
	}
	return offsets
}

func (m nestedMaker) lists(rows int) arrow.Array {
	offsets := m.offsets(rows)
	return batch.FromLists(offsets, m.validity(rows), m.numbers(int(offsets[rows])+3))
}

// maps have the keys a, b and c in any order.
func (m nestedMaker) maps(t *testing.T, rows int) arrow.Array {
	offsets := m.offsets(rows)
	keys := make([]string, offsets[rows]+1)
	for row := range rows {
		for i, k := range m.random.Perm(3)[:offsets[row+1]-offsets[row]] {
			keys[int(offsets[row])+i] = string(rune('a' + k))
		}
	}
	names, err := batch.FromStrings(arrow.BinaryTypes.String, keys, nil)
	require.NoError(t, err)
	return batch.FromMaps(offsets, m.validity(rows), names, m.texts(t, len(keys), m.validity(len(keys))))
}

func (m nestedMaker) rows(t *testing.T, rows int) arrow.Array {
	fields := []arrow.Array{m.texts(t, rows, m.validity(rows)), m.lists(rows), m.maps(t, rows), m.numbers(rows)}
	var types []arrow.Field
	for _, f := range fields {
		types = append(types, arrow.Field{Name: "f", Type: f.DataType(), Nullable: true})
	}
	return batch.FromFields(arrow.StructOf(types...), rows, m.validity(rows), fields)
}

// TestInternerOfNestedValues: lists, maps and rows of them have the codes that what tells them apart says, are found by these, here and by others
// that find, and come out as they went in first.
func TestInternerOfNestedValues(t *testing.T) {
	for seed := range uint64(30) {
		m := nestedMaker{rand.New(rand.NewPCG(seed, 7)), 1 + int(seed)%5}
		for name, arrays := range map[string]func(rows int) arrow.Array{
			"lists": m.lists,
			"maps":  func(rows int) arrow.Array { return m.maps(t, rows) },
			"rows":  func(rows int) arrow.Array { return m.rows(t, rows) },
			"lists of rows": func(rows int) arrow.Array {
				offsets := m.offsets(rows)
				return batch.FromLists(offsets, m.validity(rows), m.rows(t, int(offsets[rows])+1))
			},
		} {
			first := arrays(50)
			in, keys := batch.NewInterner(batch.Decode(first).DataType()), byKeys{}
			for _, a := range []arrow.Array{first, arrays(80), array.NewSlice(arrays(60), 10, 50), arrays(0)} {
				want, got := keys.codes(t, a, true), make([]int32, a.Len())
				before, room := in.SizeBytes(), in.GrowthBytes(batch.Vector{Array: a}, a.Len())
				require.NoError(t, in.Insert(batch.Vector{Array: a}, a.Len(), got))
				require.LessOrEqual(t, in.SizeBytes()-before, room+2048, "%s of seed %d", name, seed)
				require.Equal(t, want, got, "%s of seed %d", name, seed)
				requireFirsts(t, in.Values(), a, got)
			}
			other := arrays(100)
			want := keys.codes(t, other, false)
			for _, finds := range []*batch.Interner{in, in.Finder(), in.Finder()} {
				got := make([]int32, other.Len())
				require.NoError(t, finds.Find(batch.Vector{Array: other}, other.Len(), got))
				require.Equal(t, want, got, "%s of seed %d", name, seed)
			}
			values := in.Values().Len()
			in.ForgetLookups()
			require.Equal(t, values, in.Len())
			require.Equal(t, values, in.Values().Len())
		}
	}
}

// requireFirsts requires that the values of codes are not distinct from the rows that have them.
func requireFirsts(t *testing.T, values, a arrow.Array, codes []int32) {
	for row, code := range codes {
		want, err := batch.AppendKey(nil, a, row)
		require.NoError(t, err)
		got, err := batch.AppendKey(nil, values, int(code))
		require.NoError(t, err)
		require.Equal(t, want, got)
	}
}

// TestLookupsOfPartsAreDivided: goroutines of their own give parts of many rows the codes that one gives, also where nobody asks for values.
func TestLookupsOfPartsAreDivided(t *testing.T) {
	m := nestedMaker{rand.New(rand.NewPCG(1, 8)), 40}
	const rows = batch.PieceRows
	for name, arrays := range map[string]func(rows int) arrow.Array{
		"maps": func(rows int) arrow.Array { return m.maps(t, rows) },
		"rows": func(rows int) arrow.Array { return m.rows(t, rows) },
		"rows of flat fields": func(rows int) arrow.Array {
			texts, numbers := m.texts(t, rows, m.validity(rows)), m.numbers(rows)
			return batch.FromFields(arrow.StructOf(arrow.Field{Name: "t", Type: texts.DataType(), Nullable: true},
				arrow.Field{Name: "n", Type: numbers.DataType(), Nullable: true}), rows, m.validity(rows), []arrow.Array{texts, numbers})
		},
		"rows of the same data twice": func(rows int) arrow.Array {
			part := array.NewSlice(m.rows(t, rows+1), 1, int64(rows)+1) // whose NULLs nobody has counted
			field := arrow.Field{Name: "f", Type: part.DataType(), Nullable: true}
			return batch.FromFields(arrow.StructOf(field, field), rows, nil, []arrow.Array{part, part})
		},
	} {
		t.Run(name, func(t *testing.T) {
			first := arrays(rows)
			inTurn, divided := batch.NewInterner(batch.Decode(first).DataType()), batch.NewInterner(batch.Decode(first).DataType())
			divided.WithoutValues()
			var isDivided atomic.Bool
			divided.DivideLookups(func(pieces int, do func(piece int)) {
				isDivided.Store(true)
				batch.AllAtOnce(pieces, do)
			})
			for _, a := range []arrow.Array{first, arrays(rows)} {
				want, got := make([]int32, rows), make([]int32, rows)
				require.NoError(t, divided.Insert(batch.Vector{Array: a}, rows, got)) // first, when nobody has counted NULLs
				require.NoError(t, inTurn.Insert(batch.Vector{Array: a}, rows, want))
				require.Equal(t, want, got)
				require.NoError(t, divided.Find(batch.Vector{Array: a}, rows, got))
				require.Equal(t, want, got)
			}
			require.True(t, isDivided.Load())
			require.LessOrEqual(t, divided.SizeBytes(), inTurn.SizeBytes())
		})
	}
}
