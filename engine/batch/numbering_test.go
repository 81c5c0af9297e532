package batch_test

import (
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
)

// TestNumbering numbers columns of several batches with one Numbering: rows of
// one number are the same value, numbers come in order, and only a dictionary
// with repeats gives a value two.
func TestNumbering(t *testing.T) {
	random := rand.New(rand.NewPCG(9, 9))
	const rows = 300
	var column func(name string, distinct int) arrow.Array
	column = func(name string, distinct int) arrow.Array {
		numbers, words, codes := make([]int64, rows), make([]string, rows), make([]int32, rows)
		decimals := make([]decimal128.Num, rows)
		for i := range rows {
			codes[i] = random.Int32N(int32(distinct))
			numbers[i], words[i], decimals[i] = int64(codes[i]), strconv.Itoa(int(codes[i])), decimal128.FromI64(int64(codes[i]))
		}
		valid := make([]byte, rows/8+1)
		for i := range valid {
			some, more := random.Uint32(), random.Uint32()
			valid[i] = byte(some | more)
		}
		switch name {
		case "bigint":
			return batch.FromValues(arrow.PrimitiveTypes.Int64, numbers, valid)
		case "varchar":
			a, err := batch.FromStrings(arrow.BinaryTypes.String, words, valid)
			require.NoError(t, err)
			return a
		case "decimal":
			return batch.FromValues(&arrow.Decimal128Type{Precision: 20}, decimals, valid)
		case "unknown":
			return array.NewNull(rows)
		case "row", "row without dictionary":
			fields := []arrow.Array{column("bigint", 2), column("varchar", distinct)}
			if name == "row" {
				fields = []arrow.Array{column("dictionary", distinct), column("row without dictionary", 2), column("decimal", 2), column("dictionary", 3)}
			}
			t := arrow.StructOf(arrow.Field{Name: "a", Type: fields[0].DataType(), Nullable: true}, arrow.Field{Name: "b", Type: fields[1].DataType(), Nullable: true})
			if name == "row" {
				t = arrow.StructOf(t.Field(0), t.Field(1), arrow.Field{Name: "c", Type: fields[2].DataType(), Nullable: true},
					arrow.Field{Name: "d", Type: fields[3].DataType(), Nullable: true})
			}
			return batch.FromFields(t, rows, valid, fields)
		}
		entries := make([]string, distinct)
		for i := range entries {
			entries[i] = strconv.Itoa(i % (distinct - distinct/3)) // some repeat
		}
		return batch.FromCodes(codes, valid, texts(t, entries...))
	}
	for _, name := range []string{"bigint", "varchar", "decimal", "unknown", "dictionary", "row", "row without dictionary"} {
		t.Run(name, func(t *testing.T) {
			var numbering batch.Numbering
			for _, distinct := range []int{1, 7, 1000, 3} {
				v := batch.Vector{Array: column(name, distinct)}
				numbers, codes := make([]int32, rows), make([]int32, rows)
				firsts, err := numbering.Number(v, rows, numbers, nil)
				require.NoError(t, err)
				require.NoError(t, batch.NewInterner(v.Array.DataType()).Insert(v, rows, codes))
				requireNumbers(t, numbers, firsts, func(a, b int32) bool { return codes[a] == codes[b] })
				if name != "dictionary" && name != "row" {
					slices.Sort(codes)
					require.Len(t, firsts, len(slices.Compact(codes)), "a value has one number")
				}
				require.Positive(t, numbering.SizeBytes()+1)

				firsts, err = numbering.Number(batch.Vector{Array: array.NewSlice(v.Array, 5, 6), Const: true}, rows, numbers, nil)
				require.NoError(t, err)
				require.Equal(t, []int32{0}, firsts)
				require.Equal(t, make([]int32, rows), numbers)
			}
		})
	}
}

// requireNumbers checks that numbers count from 0 by first appearance in the
// rows firsts, and that rows of one number are the same.
func requireNumbers(t *testing.T, numbers, firsts []int32, same func(a, b int32) bool) {
	t.Helper()
	next := int32(0)
	for row, n := range numbers {
		if n == next {
			require.Equal(t, int32(row), firsts[n])
			next++
		}
		require.Less(t, n, next)
		require.True(t, same(firsts[n], int32(row)), "rows %d and %d", firsts[n], row)
	}
	require.Len(t, firsts, int(next))
}

func TestNumberingPairs(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 3))
	const rows = 5000
	var numbering batch.Numbering
	for _, c := range []struct{ count, other int }{{1, 1}, {3, 7}, {256, 256}, {512, 512}, {513, 512}, {4000, 5000}, {2, 900}} {
		first, second := make([]int32, rows), make([]int32, rows)
		for i := range rows {
			first[i], second[i] = random.Int32N(int32(c.count)), random.Int32N(int32(c.other))
		}
		pairs := slices.Clone(first)
		firsts := numbering.Pair(pairs, c.count, second, c.other, nil)
		requireNumbers(t, pairs, firsts, func(a, b int32) bool { return first[a] == first[b] && second[a] == second[b] })
		seen := map[[2]int32]bool{}
		for i := range rows {
			seen[[2]int32{first[i], second[i]}] = true
		}
		require.Len(t, firsts, len(seen))
	}
}

// TestPairEntries: pairs with the entries of a dictionary are numbered as those with the numbers of its column are, few of them and many,
// with NULLs and without.
func TestPairEntries(t *testing.T) {
	random := rand.New(rand.NewPCG(4, 4))
	var numbering, plain batch.Numbering
	for _, c := range []struct{ rows, count, entries int }{{0, 1, 1}, {1, 1, 1}, {300, 1, 5}, {1000, 3, 40}, {1001, 20, 3000}, {5000, 1, 9000}, {257, 100, 2}} {
		valid := make([]byte, c.rows/8+1)
		for i := range valid {
			some, more := random.Uint32(), random.Uint32()
			valid[i] = byte(some | more)
		}
		entries := make([]string, c.entries)
		for i := range entries {
			entries[i] = strconv.Itoa(i)
		}
		codes, groups := make([]int32, c.rows), make([]int32, c.rows)
		for i := range c.rows {
			codes[i], groups[i] = random.Int32N(int32(c.entries)), random.Int32N(int32(c.count))
		}
		for _, valid := range [][]byte{nil, valid} {
			padded := make([]int32, 3+c.rows) // an array that begins within another, with any codes where there is NULL
			copy(padded[3:], codes)
			var bits []byte
			if valid != nil {
				bits = make([]byte, len(padded)/8+1)
				for i := range codes {
					if valid[i/8]>>(i%8)&1 == 0 {
						padded[3+i] = []int32{-1, 1 << 30, 0}[i%3]
					} else {
						bits[(3+i)/8] |= 1 << ((3 + i) % 8)
					}
				}
			}
			v := batch.Vector{Array: array.NewSlice(batch.FromCodes(padded, bits, texts(t, entries...)), 3, int64(len(padded)))}
			require.True(t, batch.PairsEntries(c.count, v))
			numbers := make([]int32, c.rows)
			firsts, err := plain.Number(v, c.rows, numbers, nil)
			require.NoError(t, err)
			want := slices.Clone(groups)
			wantFirsts := plain.Pair(want, c.count, numbers, max(1, len(firsts)), nil)

			got := slices.Clone(groups)
			require.Equal(t, wantFirsts, numbering.PairEntries(got, c.count, v, nil))
			require.Equal(t, want, got)
			requireNumbers(t, got, wantFirsts, func(a, b int32) bool {
				return groups[a] == groups[b] && v.Array.IsNull(int(a)) == v.Array.IsNull(int(b)) && (v.Array.IsNull(int(a)) || codes[a] == codes[b])
			})
		}
	}
	require.False(t, batch.PairsEntries(1<<17, batch.Vector{Array: batch.FromCodes([]int32{0}, nil, texts(t, "a", "b"))}), "too many places")
	require.False(t, batch.PairsEntries(1, batch.Vector{Array: texts(t, "a")}), "no dictionary")
	require.False(t, batch.PairsEntries(1, batch.Vector{Array: batch.FromCodes([]int32{0}, nil, texts(t, "a")), Const: true}), "a constant")
}
