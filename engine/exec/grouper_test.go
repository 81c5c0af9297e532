package exec

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/memory"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
)

// TestGroupsAreNumberedByFirstRows: groups have numbers in the order of their first rows, are found again, and give their keys back, also when
// their lookups are forgotten; NULL is a key like any other, wherever it comes first.
func TestGroupsAreNumberedByFirstRows(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 5))
	for columns := range 5 {
		for _, nulls := range []int{0, 1, 3} { // of ten values
			t.Run(fmt.Sprintf("%d columns, %d NULLs of ten", columns, nulls), func(t *testing.T) {
				var types []arrow.DataType
				for i := range columns {
					types = append(types, []arrow.DataType{arrow.PrimitiveTypes.Int64, arrow.BinaryTypes.String}[i%2])
				}
				g := newGrouper(types)
				var keys []string // by group
				seen := map[string]int32{}
				for range 4 {
					rows := 1 + random.IntN(2000)
					vectors := randomKeys(random, types, rows, nulls)
					out := make([]int32, rows)
					require.NoError(t, g.insert(vectors, rows, out))
					for row, key := range keyTexts(vectors, rows) {
						group := out[row]
						if _, known := seen[key]; !known {
							seen[key] = int32(len(keys))
							keys = append(keys, key)
						}
						if seen[key] != group {
							require.Equal(t, seen[key], group, "row %d", row)
						}
					}
					require.Equal(t, len(keys), g.groups)
				}
				rows := 1000
				others := randomKeys(random, types, rows, 2)
				found := make([]int32, rows)
				require.NoError(t, g.finder().find(others, rows, found))
				for row, key := range keyTexts(others, rows) {
					wanted, known := seen[key]
					if !known {
						wanted = batch.Absent
					}
					require.Equal(t, wanted, found[row])
				}
				g.forgetLookups()
				given := make([]batch.Vector, columns)
				for i := range given {
					given[i] = batch.Vector{Array: g.column(i, batch.InTurn)}
				}
				require.Equal(t, keys, keyTexts(given, len(keys)))
			})
		}
	}
}

// randomKeys are columns of a few values.
func randomKeys(random *rand.Rand, types []arrow.DataType, rows, nulls int) []batch.Vector {
	vectors := make([]batch.Vector, len(types))
	for i, dataType := range types {
		values := array.NewBuilder(memory.DefaultAllocator, dataType)
		for range rows {
			switch value := random.IntN(12); {
			case random.IntN(10) < nulls:
				values.AppendNull()
			case i%2 == 0:
				values.(*array.Int64Builder).Append(int64(value))
			default:
				values.(*array.StringBuilder).Append(fmt.Sprint("text ", value))
			}
		}
		vectors[i] = batch.Vector{Array: values.NewArray()}
	}
	return vectors
}

// keyTexts are the keys of each row as text.
func keyTexts(keys []batch.Vector, rows int) []string {
	texts := make([]string, rows)
	for _, key := range keys {
		values := batch.Decode(key.Array)
		for row := range texts {
			texts[row] += values.ValueStr(row) + "|"
		}
	}
	return texts
}
