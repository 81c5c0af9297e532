package function

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// Spreads that are computed beside each other have the bits of those that are computed one by one, in frames of any kind.
func TestSpreadsBesideEachOther(t *testing.T) {
	const rows = 2000
	random := rand.New(rand.NewPCG(5, 6))
	values := make([]float64, rows)
	for i := range values {
		values[i] = random.NormFloat64() * math.Pow(10, float64(random.IntN(9)))
	}
	values[1500] = math.Inf(1)
	bound := map[string]func(row, size int) (from, to int){
		"moving":         func(row, _ int) (int, int) { return row - 60, row },
		"centred":        func(row, _ int) (int, int) { return row - 3, row + 4 },
		"of one row":     func(row, _ int) (int, int) { return row, row + 1 },
		"mostly empty":   func(row, _ int) (int, int) { return row, row + max(0, row%7-3) },
		"all after":      func(row, size int) (int, int) { return row, size },
		"all before":     func(row, _ int) (int, int) { return 0, row },
		"of other sizes": func(row, _ int) (int, int) { return row - row*7919%50, row + row*31%20 },
	}
	for name, bounds := range bound {
		f := &Frames{Rows: rows}
		for _, part := range [][2]int{{0, 1}, {1, 700}, {700, 703}, {703, rows}} {
			p := &WindowPartition{Start: int32(part[0]), End: int32(part[1])}
			size := part[1] - part[0]
			for row := range size {
				from, to := bounds(row, size)
				p.FrameStart = append(p.FrameStart, int32(part[0]+max(0, from)))
				p.FrameEnd = append(p.FrameEnd, int32(part[0]+min(size, to)))
			}
			f.Partitions = append(f.Partitions, p)
		}
		require.Equal(t, name != "all before", allMove(f.Partitions), name)
		fn := &types.Resolved{Args: []*types.Type{types.DoubleType}, Return: types.DoubleType}
		args := []batch.Vector{{Array: batch.FromValues(arrow.PrimitiveTypes.Float64, values, nil)}}
		got, err := spreadFrames(fn, root((*spread).sample)).Values(f, args)
		require.NoError(t, err)
		want, err := growingFrames(fn, addSpread[int64], addSpread[float64], root((*spread).sample)).Values(f, args)
		require.NoError(t, err)
		for row := range rows {
			require.Equal(t, arrowdata.IsNull(want, row), arrowdata.IsNull(got, row), "%s, row %d", name, row)
			if !arrowdata.IsNull(want, row) {
				require.Equal(t, math.Float64bits(batch.Values[float64](want)[row]), math.Float64bits(batch.Values[float64](got)[row]), "%s, row %d", name, row)
			}
		}
	}
}
