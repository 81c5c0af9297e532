package exec

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/engine/spill"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// spillingWindow computes a window over a table that it gets in batches of some rows, in pieces of some rows.
func spillingWindow(t *testing.T, n *plan.Window, s *windowSample, size, workers, pieceRows int, pool *memory.Pool, q *spill.Query) *partitionwise {
	env := &Env{Function: &function.Env{}, Memory: Accounted(pool), Stats: NewStats(false), Spill: q, Workers: workers}
	input := &feed{reader: &tableReader{table: s.table}, size: size, random: rand.New(rand.NewPCG(3, 4))}
	o, _, err := (&builder{ctx: context.Background(), env: env}).window(n, input, s.columns)
	require.NoError(t, err)
	w := o.(*partitionwise)
	w.rows.pieceRows = pieceRows
	return w
}

// partitionsOf replaces the partitions of a sample: there are about so many, which begin anywhere.
func (s *windowSample) partitionsOf(number int, random *rand.Rand) {
	s.table.columns[0] = batch.FromValues(arrow.PrimitiveTypes.Int64, filled(s.rows, func() int64 { return random.Int64N(int64(number)) }), nil)
}

// TestWindowsInPieces: what is computed piece by piece, by several workers and over spilled rows, is what is computed at once.
func TestWindowsInPieces(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	const limitBytes = 700_000
	bounds := [][2]plan.BoundKind{
		{plan.UnboundedPreceding, plan.CurrentRow}, {plan.UnboundedPreceding, plan.UnboundedFollowing}, {plan.Preceding, plan.Following},
		{plan.CurrentRow, plan.UnboundedFollowing},
	}
	for trial, partitions := range []int{1000, 40, 7, 3000} {
		s := newWindowSample(3000, random)
		s.partitionsOf(partitions, random)
		key := plan.SortKey{Column: s.column("k"), Descending: random.IntN(2) == 0, NullsFirst: random.IntN(2) == 0}
		n := &plan.Window{PartitionBy: []*plan.Column{s.column("p")}, OrderBy: []plan.SortKey{key}, Calls: s.calls(t)}
		random.Shuffle(len(n.Calls), func(i, j int) { n.Calls[i], n.Calls[j] = n.Calls[j], n.Calls[i] })
		n.Calls = n.Calls[:8]
		for i := range n.Calls {
			n.Calls[i].Frame = s.frame(plan.FrameUnit(trial%3), bounds[trial][0], bounds[trial][1], "two", key.Descending)
			n.Calls[i].Column.ID += i
		}
		plainPool, _ := spilling(t, 0)
		want := rowsOf(t, spillingWindow(t, n, s, 500, 1, s.rows, plainPool, nil))
		for _, workers := range []int{1, 2, 7} {
			t.Run(fmt.Sprintf("%d partitions, %d workers", partitions, workers), func(t *testing.T) {
				pool, _ := spilling(t, 0)
				require.Equal(t, want, rowsOf(t, spillingWindow(t, n, s, 300, workers, 100, pool, nil)), "in memory")
				require.Zero(t, pool.UsedBytes())
				pool, q := spilling(t, limitBytes)
				require.Equal(t, want, rowsOf(t, spillingWindow(t, n, s, []int{100, 1, 33}[workers%3], workers, 100, pool, q)), "spilled")
				require.Positive(t, q.SpilledBytes())
				require.Zero(t, pool.UsedBytes())
				require.LessOrEqual(t, pool.PeakBytes(), int64(limitBytes))
			})
		}
	}
}

// TestPartitionsBeforeAnErrorAreGivenOut, whatever is computed at once: an error belongs to its partition.
func TestPartitionsBeforeAnErrorAreGivenOut(t *testing.T) {
	random := rand.New(rand.NewPCG(6, 6))
	s := newWindowSample(2000, random)
	p, x := make([]int64, s.rows), make([]int64, s.rows)
	for i := range p {
		p[i] = int64(i % 500)
	}
	for i := range x {
		if p[i] == 300 || p[i] == 301 { // their sums are too large
			x[i] = 1 << 62
		}
	}
	s.table.columns[0] = batch.FromValues(arrow.PrimitiveTypes.Int64, p, nil)
	s.table.columns[s.column("n").ID] = batch.FromValues(arrow.PrimitiveTypes.Int64, x, nil)
	call := s.resolve(t, "sum", s.column("n"))
	call.Frame = plan.Frame{Start: plan.UnboundedPreceding, End: plan.UnboundedFollowing}
	n := &plan.Window{PartitionBy: []*plan.Column{s.column("p")}, Calls: []plan.WindowCall{call}}
	for _, workers := range []int{1, 2, 7} {
		for _, limitBytes := range []int64{0, 500_000} {
			pool, q := spilling(t, limitBytes)
			w := spillingWindow(t, n, s, 100, workers, 64, pool, q)
			rows := 0
			b, err := w.Next(t.Context())
			for ; b != nil; b, err = w.Next(t.Context()) {
				rows += b.Live()
			}
			require.Equal(t, types.NumericValueOutOfRange, types.ErrorName(err))
			require.Equal(t, 300*4, rows)
			w.Close()
			require.Zero(t, pool.UsedBytes())
			require.Equal(t, limitBytes > 0, q.SpilledBytes() > 0)
		}
	}
}
