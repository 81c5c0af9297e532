package batch_test

import (
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// TestTakeRunsOfRows: texts, lists and maps taken in runs of rows, with gaps and without, are those that are taken one by one.
func TestTakeRunsOfRows(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 3))
	for range 300 {
		rows := 1 + random.IntN(60)
		texts := randomTexts(random, rows)
		lists := batch.FromLists(randomOffsets(random, rows, texts.Len()), randomValidity(random, rows), texts)
		maps := batch.FromMaps(randomOffsets(random, rows, texts.Len()), randomValidity(random, rows), randomKeys(random, rows), texts)
		idx := randomRuns(random, rows)
		for _, a := range []arrow.Array{texts, lists, maps} {
			slice := array.NewSlice(a, int64(rows/3), int64(rows))
			of := a
			picked := idx
			if random.IntN(2) == 0 && slice.Len() > 0 {
				of, picked = slice, nil
				for _, i := range idx {
					picked = append(picked, min(i, int32(slice.Len()-1)))
				}
			}
			taken := batch.Take(of, picked)
			require.Equal(t, len(picked), taken.Len())
			for o, i := range picked {
				if i < 0 {
					require.True(t, taken.IsNull(o))
					continue
				}
				require.Equal(t, of.ValueStr(int(i)), taken.ValueStr(o))
			}
		}
	}
}

// TestTakeSharesElements: leaving out NULL rows copies no elements, and a few rows do not keep the elements of all.
func TestTakeSharesElements(t *testing.T) {
	texts := words(t, "a", "b", "c", "d", "e", "f")
	valid := arrowdata.FullValidity(4)
	arrowdata.ClearBit(valid, 1)
	lists := batch.FromLists([]int32{0, 2, 2, 4, 6}, valid, texts)
	_, elems := batch.Lists(batch.Take(lists, []int32{0, 2, 3}))
	require.Same(t, texts.Data().Buffers()[2], elems.Data().Buffers()[2])
	_, elems = batch.Lists(batch.Take(lists, []int32{2}))
	require.NotSame(t, texts.Data().Buffers()[2], elems.Data().Buffers()[2])
	require.Equal(t, []string{"c", "d"}, list(elems))
}

func randomTexts(random *rand.Rand, rows int) arrow.Array {
	keys := randomKeys(random, rows)
	offsets, data := batch.Text(keys)
	return batch.FromText(arrow.BinaryTypes.String, offsets, data, randomValidity(random, rows)) // which leaves texts under NULLs
}

// randomKeys are texts without NULLs.
func randomKeys(random *rand.Rand, rows int) arrow.Array {
	offsets, data := []int32{0}, []byte{}
	for range rows {
		data = append(data, strings.Repeat(string(rune('a'+random.IntN(26))), random.IntN(4))...)
		offsets = append(offsets, int32(len(data)))
	}
	return batch.FromText(arrow.BinaryTypes.String, offsets, data, nil)
}

func randomValidity(random *rand.Rand, rows int) []byte {
	if random.IntN(2) == 0 {
		return nil
	}
	valid := arrowdata.FullValidity(rows)
	for i := range rows {
		if random.IntN(4) == 0 {
			arrowdata.ClearBit(valid, i)
		}
	}
	return valid
}

// randomOffsets divides some elements among rows, also among rows that turn out NULL.
func randomOffsets(random *rand.Rand, rows, elements int) []int32 {
	offsets := make([]int32, rows+1)
	for i := range rows {
		offsets[i+1] = min(offsets[i]+int32(random.IntN(3)), int32(elements))
	}
	return offsets
}

// randomRuns lists rows that mostly follow each other.
func randomRuns(random *rand.Rand, rows int) []int32 {
	var idx []int32
	for next := 0; next < rows; next++ {
		switch random.IntN(8) {
		case 0:
			idx = append(idx, -1)
		case 1:
			next = random.IntN(rows)
		}
		if random.IntN(6) > 0 {
			idx = append(idx, int32(next))
		}
		if len(idx) > 4*rows {
			break
		}
	}
	return idx
}
