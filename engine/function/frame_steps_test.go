package function

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// groupsAround are the frames GROUPS BETWEEN reach PRECEDING AND reach FOLLOWING of a partition of rows rows, whose groups have up to
// seven. With jumps, frames reach so far or less, from row to row.
func groupsAround(rows, reach int, jumps bool, random *rand.Rand) *Frames {
	var groupOf []int
	starts := []int32{0}
	for len(groupOf) < rows {
		for range min(1+random.IntN(7), rows-len(groupOf)) {
			groupOf = append(groupOf, len(starts)-1)
		}
		starts = append(starts, int32(len(groupOf)))
	}
	p := &WindowPartition{End: int32(rows)}
	for _, group := range groupOf {
		far := reach
		if jumps {
			far = random.IntN(reach + 1)
		}
		p.FrameStart = append(p.FrameStart, starts[max(0, group-far)])
		p.FrameEnd = append(p.FrameEnd, starts[min(len(starts)-1, group+far+1)])
	}
	return &Frames{Partitions: []*WindowPartition{p}, Rows: rows}
}

// secondsAround are the frames RANGE BETWEEN reach PRECEDING AND reach FOLLOWING of a partition whose rows are some seconds apart.
func secondsAround(rows, reach int, random *rand.Rand) *Frames {
	at := make([]int, rows)
	for i := 1; i < rows; i++ {
		at[i] = at[i-1] + random.IntN(4)
	}
	p := &WindowPartition{End: int32(rows)}
	from, to := 0, 0
	for i := range rows {
		for at[from] < at[i]-reach {
			from++
		}
		for to < rows && at[to] <= at[i]+reach {
			to++
		}
		p.FrameStart, p.FrameEnd = append(p.FrameStart, int32(from)), append(p.FrameEnd, int32(to))
	}
	return &Frames{Partitions: []*WindowPartition{p}, Rows: rows}
}

// TestFramesTakeStepsByRow: what aggregates do for frames that slide grows with the rows, however many of them each frame has.
func TestFramesTakeStepsByRow(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 8))
	const rows = 20_000
	values := make([]int64, rows)
	for i := range values {
		values[i] = random.Int64N(1000)
	}
	args := []batch.Vector{{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, values, nil)}}
	sum := &types.Resolved{Args: []*types.Type{types.BigIntType}, Return: types.BigIntType}
	for _, reach := range []int{5, 50, 500} {
		for name, f := range map[string]*Frames{"groups": groupsAround(rows, reach, false, random), "seconds": secondsAround(rows, reach, random)} {
			t.Run(fmt.Sprintf("%d %s", reach, name), func(t *testing.T) {
				p, steps := f.Partitions[0], 0
				count := func(step func(s *int64, v int64)) func(s *int64, v int64) {
					return func(s *int64, v int64) { steps++; step(s, v) }
				}
				counted := sliding[int64, int64, int64]{
					enter: count(func(s *int64, v int64) { *s += v }), leave: count(func(s *int64, v int64) { *s -= v }),
					value: func(s *int64) (int64, bool, error) { return *s, true, nil },
				}
				got, err := counted.frames(sum).Values(f, args)
				require.NoError(t, err)
				for i := 0; i < rows; i += 99 {
					want := int64(0)
					for _, v := range values[p.FrameStart[i]:p.FrameEnd[i]] {
						want += v
					}
					require.Equal(t, want, batch.Values[int64](got)[i], i)
				}
				require.LessOrEqual(t, steps, 3*rows, "values that enter and leave a sum")

				compared := 0
				greatest := func(row, other int32) bool { compared++; return values[row] > values[other] }
				out := make([]int32, rows)
				require.NoError(t, pickFrames(f, args[0], out, greatest))
				requireGreatest(t, p, values, out)
				require.LessOrEqual(t, compared, 3*rows, "values that a greatest is compared with")
			})
		}
		t.Run(fmt.Sprintf("%d groups or fewer", reach), func(t *testing.T) {
			f, compared := groupsAround(rows, reach, true, random), 0
			greatest := func(row, other int32) bool { compared++; return values[row] > values[other] }
			out := make([]int32, rows)
			require.NoError(t, pickFrames(f, args[0], out, greatest))
			requireGreatest(t, f.Partitions[0], values, out)
			require.LessOrEqual(t, compared, 2*16*rows, "rows of a tree, twice its height for each frame")
		})
	}
}

func requireGreatest(t *testing.T, p *WindowPartition, values []int64, out []int32) {
	t.Helper()
	for i := 0; i < len(out); i += 99 {
		for _, v := range values[p.FrameStart[i]:p.FrameEnd[i]] {
			require.LessOrEqual(t, v, values[out[i]], i)
		}
	}
}
