package batch_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// TestShortTexts: texts have numbers in the order of their first rows, are found and are given back, whether they are all short, some of them or
// none, and whether they differ in zero bytes at their ends only.
func TestShortTexts(t *testing.T) {
	for _, c := range []struct {
		name    string
		lengths []int // the most bytes of a text, by batch
	}{
		{"short", []int{3, 7, 0}},
		{"short, then long, then short", []int{7, 12, 7}},
		{"long, then short", []int{40, 7, 40}},
		{"around what is short", []int{8, 9, 8}},
	} {
		t.Run(c.name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(7, uint64(c.lengths[0])))
			in := batch.NewInterner(arrow.BinaryTypes.String)
			var all []string // by code, from 1 on
			seen := map[string]int32{}
			for _, length := range c.lengths {
				values, valid := make([]string, 3000), arrowdata.FullValidity(3000)
				want := make([]int32, len(values))
				for i := range values {
					text := strings.Repeat("\x00", random.IntN(length+1)) + fmt.Sprint(random.IntN(1000)) + strings.Repeat("\x00", 3)
					values[i] = text[:random.IntN(min(length, len(text))+1)]
					if random.IntN(9) == 0 {
						arrowdata.ClearBit(valid, i)
						continue
					}
					if seen[values[i]] == 0 {
						all = append(all, values[i])
						seen[values[i]] = int32(len(all))
					}
					want[i] = seen[values[i]]
				}
				column, err := batch.FromStrings(arrow.BinaryTypes.String, values, valid)
				require.NoError(t, err)
				v := batch.Vector{Array: column}
				got := make([]int32, len(values))
				room := in.SizeBytes() + in.GrowthBytes(v, len(values))
				require.NoError(t, in.Insert(v, len(values), got))
				require.Equal(t, want, got)
				require.LessOrEqual(t, in.SizeBytes(), room)
				require.NoError(t, in.Find(v, len(values), got))
				require.Equal(t, want, got)
			}
			others := batch.Vector{Array: texts(t, "none", "\x00\x00\x00\x00none", "none of them")}
			codes := make([]int32, 3)
			require.NoError(t, in.Find(others, 3, codes))
			require.Equal(t, []int32{batch.Absent, batch.Absent, batch.Absent}, codes)
			require.Equal(t, all, batch.Strings(in.Values().(*array.String))[1:])
		})
	}
}
