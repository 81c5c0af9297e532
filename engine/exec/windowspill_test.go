package exec

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/engine/spill"
	"github.com/auditlake/auditlake/internal/process"
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
	if w.whole == nil {
		w.rows.pieceRows = pieceRows
	}
	return w
}

// partitionsOf replaces the partitions of a sample: there are about so many, which begin anywhere.
func (s *windowSample) partitionsOf(number int, random *rand.Rand) {
	s.table.columns[0] = batch.FromValues(arrow.PrimitiveTypes.Int64, filled(s.rows, func() int64 { return random.Int64N(int64(number)) }), nil)
}

// TestWindowsInPieces: what is computed piece by piece, by several workers and over spilled rows, is what is computed at once, with
// frames of every unit between all bounds.
func TestWindowsInPieces(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 5))
	const limitBytes = 700_000
	for trial, b := range frameBounds {
		if process.UnderRace && trial%4 > 1 {
			continue // frames differ in what is computed, not in who does it
		}
		partitions := []int{1000, 40, 7, 3000}[trial%4]
		s := newWindowSample(3000, random)
		s.partitionsOf(partitions, random)
		key := plan.SortKey{Column: s.column("k"), Descending: random.IntN(2) == 0, NullsFirst: random.IntN(2) == 0}
		n := &plan.Window{PartitionBy: []*plan.Column{s.column("p")}, OrderBy: []plan.SortKey{key}, Calls: s.calls(t)}
		random.Shuffle(len(n.Calls), func(i, j int) { n.Calls[i], n.Calls[j] = n.Calls[j], n.Calls[i] })
		n.Calls = n.Calls[:9]
		for i := range n.Calls {
			n.Calls[i].Frame = s.frame(frameUnits[(trial+i)%len(frameUnits)], b.start, b.end, []string{"two", "some"}[trial%2], key.Descending)
			n.Calls[i].Column.ID += i
		}
		plainPool, _ := spilling(t, 0)
		want := rowsOf(t, spillingWindow(t, n, s, 500, 1, s.rows, plainPool, nil))
		for i, workers := range []int{1, 2, 7} {
			if process.UnderRace && workers != []int{2, 7}[trial%2] || !process.UnderRace && IsLeftOut(trial, i) {
				continue
			}
			t.Run(fmt.Sprintf("%d to %d, %d partitions, %d workers", b.start, b.end, partitions, workers), func(t *testing.T) {
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
	n := &plan.Window{PartitionBy: []*plan.Column{s.column("p")}, OrderBy: []plan.SortKey{{Column: s.column("k")}}, Calls: []plan.WindowCall{call}}
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

// TestPartitionsLargerThanMemory: ranks, neighbours and aggregates of frames that only grow are computed over any number of rows.
func TestPartitionsLargerThanMemory(t *testing.T) {
	random := rand.New(rand.NewPCG(7, 7))
	s := newWindowSample(4000, random)
	s.partitionsOf(2, random)
	constant := func(call plan.WindowCall, n int64) plan.WindowCall {
		call.Args[1] = &plan.Const{Value: types.Value{Type: types.BigIntType, V: n}}
		return call
	}
	frames := map[string]plan.Frame{
		"range": {Start: plan.UnboundedPreceding, End: plan.CurrentRow}, "rows": {Unit: plan.FrameRows, Start: plan.UnboundedPreceding, End: plan.CurrentRow},
		"groups": {Unit: plan.FrameGroups, Start: plan.UnboundedPreceding, End: plan.CurrentRow}, "all": {Start: plan.UnboundedPreceding, End: plan.UnboundedFollowing},
	}
	for name, frame := range frames {
		for _, ordered := range []bool{true, false} {
			if testing.Short() && name != "all" && (name != "rows" || !ordered) {
				continue // frames differ in what is computed, not in who does it
			}
			var failing, safe []plan.WindowCall
			for _, c := range strings.Split("n d r c v y s b", " ") {
				for _, f := range []string{"sum", "avg", "min", "count", "max_by"} {
					switch {
					case (f == "sum" || f == "avg") && (c == "s" || c == "b"):
					case f == "max_by":
						failing = append(failing, s.resolve(t, f, s.column("s"), s.column(c)))
					default:
						failing = append(failing, s.resolve(t, f, s.column(c)))
					}
				}
			}
			if frame.End == plan.UnboundedFollowing || !ordered {
				failing = append(failing, s.resolve(t, "approx_distinct", s.column("s")), s.resolve(t, "stddev", s.column("d")))
			}
			safe = append(safe, s.resolve(t, "row_number"), s.resolve(t, "rank"), s.resolve(t, "dense_rank"), s.resolve(t, "lag", s.column("s")),
				constant(s.resolve(t, "lag", s.column("d"), s.column("two")), 300), constant(s.resolve(t, "lead", s.column("s"), s.column("two")), 7),
				constant(s.resolve(t, "lead", s.column("n"), s.column("two"), s.column("k")), 0), constant(s.resolve(t, "lag", s.column("n"), s.column("two"), s.column("k")), 2))
			random.Shuffle(len(failing), func(i, j int) { failing[i], failing[j] = failing[j], failing[i] })
			for kind, calls := range map[string][]plan.WindowCall{"waiting": append(safe[:3:3], failing[:10]...), "at once": safe} {
				t.Run(fmt.Sprintf("%s, %s, ordered %t", kind, name, ordered), func(t *testing.T) {
					n := &plan.Window{PartitionBy: []*plan.Column{s.column("p")}, Calls: calls}
					if ordered {
						n.OrderBy = []plan.SortKey{{Column: s.column("b"), Descending: true}, {Column: s.column("k")}}
					}
					for i := range n.Calls {
						n.Calls[i].Column = &plan.Column{ID: 1000 + i, Type: n.Calls[i].Fn.Return}
						n.Calls[i].Frame = frame
					}
					plainPool, _ := spilling(t, 0)
					want := rowsOf(t, spillingWindow(t, n, s, 500, 1, s.rows, plainPool, nil))
					const limitBytes = 800_000
					pool, q := spilling(t, limitBytes)
					w := spillingWindow(t, n, s, 100, 2, 100, pool, q)
					opened := 0
					open := w.openLong
					w.openLong = func(ctx context.Context, piece *partitionPiece, rest *partitionStream, spiller *spill.Spiller) (pieceReader, error) {
						opened++
						return open(ctx, piece, rest, spiller)
					}
					got := rowsOf(t, w)
					require.Len(t, got, len(want))
					for i := range want {
						if want[i] != got[i] {
							require.Equal(t, want[i], got[i], "row %d of %s", i, n.Describe())
						}
					}
					require.Equal(t, 2, opened)
					require.Zero(t, pool.UsedBytes())
					require.LessOrEqual(t, pool.PeakBytes(), int64(limitBytes))
				})
			}
		}
	}
}

// TestWindowsThatNeedAllRows end with one error where a partition is larger than memory.
func TestWindowsThatNeedAllRows(t *testing.T) {
	s := newWindowSample(20_000, rand.New(rand.NewPCG(8, 8)))
	n := &plan.Window{OrderBy: []plan.SortKey{{Column: s.column("k")}}, Calls: []plan.WindowCall{s.resolve(t, "percent_rank")}}
	pool, q := spilling(t, 800_000)
	w := spillingWindow(t, n, s, 100, 2, 100, pool, q)
	_, err := w.Next(t.Context())
	require.Equal(t, types.ExceededMemoryLimit, types.ErrorName(err))
	w.Close()
	require.Zero(t, pool.UsedBytes())
}
