package exec

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// wholeCalls are the calls of a sample that take whole partitions.
func wholeCalls(t *testing.T, s *windowSample, random *rand.Rand) []plan.WindowCall {
	calls := slices.DeleteFunc(s.calls(t), func(c plan.WindowCall) bool {
		_, isAggregate := c.Fn.Impl.(*function.AggregateImpl)
		return !isAggregate || c.Distinct || len(c.OrderBy) > 0
	})
	for i := range calls {
		calls[i].Column = &plan.Column{ID: 1000 + i, Name: "result", Type: calls[i].Fn.Return}
		calls[i].Frame = plan.Frame{Unit: frameUnits[i%3], Start: plan.UnboundedPreceding, End: plan.UnboundedFollowing}
		if i%3 > 0 {
			calls[i].Frame = plan.Frame{Start: plan.UnboundedPreceding, End: plan.CurrentRow}
		}
	}
	random.Shuffle(len(calls), func(i, j int) { calls[i], calls[j] = calls[j], calls[i] })
	return calls[:12]
}

// TestWholePartitions: rows get what they get where they are sorted by partition, in their own order, also when they are sorted after all.
func TestWholePartitions(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 8))
	for trial, partitions := range []int{1, 150, 3000} {
		if process.UnderRace && trial != 1 {
			continue
		}
		s := newWindowSample(6000, random)
		s.partitionsOf(partitions, random)
		n := &plan.Window{PartitionBy: []*plan.Column{s.column("p")}, Calls: wholeCalls(t, s, random)}
		if trial == 0 {
			n.PartitionBy = nil
		}
		var order []string
		for row := range s.rows {
			order = append(order, rowText(s.vectors(), row))
		}
		plainPool, _ := spilling(t, 0)
		want := rowsOf(t, spillingWindow(t, n, s, 500, 1, 0, plainPool, nil))
		for row, text := range want {
			require.Equal(t, order[row], text[:len(order[row])])
		}
		require.Equal(t, sorted(rowsOf(t, sortedSample(t, n, s))), sorted(want))
		for i, workers := range []int{1, 2, 7} {
			if process.UnderRace && workers < 7 || !process.UnderRace && IsLeftOut(trial, i) {
				continue
			}
			for _, limitBytes := range []int64{0, 700_000} {
				t.Run(fmt.Sprintf("%d partitions, %d workers, %d bytes", partitions, workers, limitBytes), func(t *testing.T) {
					pool, q := spilling(t, limitBytes)
					w := spillingWindow(t, n, s, []int{300, 1, 33}[workers%3], workers, 0, pool, q)
					require.Equal(t, want, rowsOf(t, w))
					require.Equal(t, limitBytes > 0, w.whole.inOrder != nil)
					require.Equal(t, limitBytes > 0, q.SpilledBytes() > 0)
					require.Zero(t, pool.UsedBytes())
				})
			}
		}
	}
}

// sortedSample computes a window over rows that it sorts.
func sortedSample(t *testing.T, n *plan.Window, s *windowSample) Operator {
	b := &builder{ctx: context.Background(), env: &Env{Function: &function.Env{}, Memory: Accounted(nil), Stats: NewStats(false), Workers: 1}}
	var calls []*windowCall
	for _, call := range n.Calls {
		c, err := b.windowCall(call, s.columns)
		require.NoError(t, err)
		calls = append(calls, c)
	}
	o, _, err := b.sortedWindow(n, &feed{reader: &tableReader{table: s.table}, size: 100, random: rand.New(rand.NewPCG(9, 9))}, s.columns, calls)
	require.NoError(t, err)
	return o
}

// TestErrorsOfWholePartitions: the error is that of the first partition that has one, and no row comes before it.
func TestErrorsOfWholePartitions(t *testing.T) {
	s := newWindowSample(2000, rand.New(rand.NewPCG(6, 6)))
	p, x := make([]int64, s.rows), make([]int64, s.rows)
	for i := range p {
		if p[i] = int64(i % 500); p[i] >= 300 {
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
			w := spillingWindow(t, n, s, 100, workers, 0, pool, q)
			b, err := w.Next(t.Context())
			require.Nil(t, b)
			require.Equal(t, types.NumericValueOutOfRange, types.ErrorName(err))
			w.Close()
			require.Zero(t, pool.UsedBytes())
		}
	}
}
