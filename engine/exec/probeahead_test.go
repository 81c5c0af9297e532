package exec

import (
	"context"
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// TestProbesAhead: rows that are joined with themselves, and are looked up ahead since they were computed for the right side, give what
// one goroutine gives, in its order.
func TestProbesAhead(t *testing.T) {
	kinds := []plan.JoinKind{plan.InnerJoin, plan.LeftJoin, plan.RightJoin, plan.FullJoin, plan.CrossJoin}
	everySize(t, func(t *testing.T, input func(*table) *feed, random *rand.Rand) {
		for _, kind := range kinds {
			for _, keys := range [][]int{{0}, {1}, {0, 1, 2}, {}} {
				from := sample(40, random)
				var want []string
				for _, workers := range []int{1, 2, 7} {
					source := input(from)
					_, both := readers(source, 2, maxReusedBytes)
					j := &hashJoin{kind: kind, left: both[0], right: both[1], leftColumns: sampleColumns(1), rightColumns: sampleColumns(5),
						leftKeys: keys, rightKeys: keys, memory: unlimited(), out: unlimited(), condition: onlyDifferent, gathering: gathering{workers: workers}}
					got := rowsOf(t, j)
					require.Equal(t, workers > 1, j.ahead != nil)
					require.True(t, source.closed)
					if want == nil {
						require.Equal(t, sorted(naiveJoin(kind, from, from, pairsOf(from, from, keys, true))), sorted(got))
						want = got
					}
					require.Equal(t, want, got, "%d workers", workers)
				}
			}
		}
	})
}

// TestProbesAheadEnd: a join that is closed early leaves nobody at work, and holds nothing.
func TestProbesAheadEnd(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	_, both := readers(&feed{reader: &tableReader{table: sample(300, random)}, size: 3, random: random}, 2, maxReusedBytes)
	j := &hashJoin{kind: plan.InnerJoin, left: both[0], right: both[1], leftColumns: sampleColumns(1), rightColumns: sampleColumns(5),
		leftKeys: []int{0}, rightKeys: []int{0}, memory: unlimited(), out: unlimited(), gathering: gathering{workers: 3}}
	b, err := j.Next(t.Context())
	require.NoError(t, err)
	require.NotNil(t, b)
	require.NotEmpty(t, j.ahead.work.begun)
	j.Close()
	require.Empty(t, j.ahead.work.begun)
	require.Zero(t, j.out.UsedBytes())
}

// breaking fails after some batches, or panics with what the root of a query reports.
type breaking struct {
	*feed
	batches int
	panics  bool
}

var errBroken = errors.New("broken")

func (o *breaking) Next(ctx context.Context) (*batch.Batch, error) {
	switch {
	case o.batches == 0 && o.panics:
		panic(types.Errorf(types.NotSupported, types.Pos{}, "broken"))
	case o.batches == 0:
		return nil, errBroken
	}
	o.batches--
	return o.feed.Next(ctx)
}

// TestProbesAheadOfAllRows: left rows that are all read are looked up ahead although they are not at hand, and an error of them comes after what
// is joined of the rows before it, as with one worker.
func TestProbesAheadOfAllRows(t *testing.T) {
	const batches = 20
	from := sample(batches*4+1, rand.New(rand.NewPCG(5, 6)))
	input := func() *feed {
		return &feed{reader: &tableReader{table: from}, size: 4, random: rand.New(rand.NewPCG(7, 8))}
	}
	joins := map[string]func(left Operator, workers int) (Operator, func() bool){
		"join": func(left Operator, workers int) (Operator, func() bool) {
			j := &hashJoin{kind: plan.FullJoin, left: left, right: input(), leftColumns: sampleColumns(1), rightColumns: sampleColumns(5),
				leftKeys: []int{1}, rightKeys: []int{1}, memory: unlimited(), out: unlimited(), gathering: gathering{workers: workers}}
			readToEnd(j)
			return j, func() bool { return j.ahead != nil && j.out.UsedBytes() > 0 }
		},
		"exists": func(left Operator, workers int) (Operator, func() bool) {
			s := &semiJoin{left: left, right: input(), rightColumns: sampleColumns(5), leftKeys: []int{1}, rightKeys: []int{1},
				condition: onlyDifferent, memory: unlimited(), out: unlimited(), gathering: gathering{workers: workers}}
			readToEnd(s)
			return s, func() bool { return s.marking != nil && s.out.UsedBytes() > 0 }
		},
	}
	for name, build := range joins {
		t.Run(name, func(t *testing.T) {
			var want []string
			for i, workers := range []int{1, 2, 7, 2, 7} {
				o, isAhead := build(&breaking{input(), batches, i > 2}, workers)
				var got []string
				b, err := (&guard{o}).Next(t.Context())
				for ; b != nil; b, err = (&guard{o}).Next(t.Context()) {
					require.Equal(t, workers > 1, isAhead())
					b = compact(b)
					for row := range b.Len {
						got = append(got, rowText(b.Columns, row))
					}
				}
				require.ErrorContains(t, err, "broken")
				o.Close()
				if want == nil {
					want = got
				}
				require.NotEmpty(t, got)
				require.Equal(t, want, got, "%d workers", workers)
			}
		})
	}
}

// TestProbesAheadOfCancelledStatements: a statement that is cancelled while workers look rows up leaves them their batches until they are done.
func TestProbesAheadOfCancelledStatements(t *testing.T) {
	from := sample(500, rand.New(rand.NewPCG(9, 9)))
	for try := range 100 {
		ctx, cancel := context.WithCancel(t.Context())
		left := &feed{reader: &tableReader{table: from}, size: 3, random: rand.New(rand.NewPCG(1, 2))}
		probe := func(_ context.Context, b *batch.Batch) (*batch.Batch, error) { return compact(b), nil }
		p := newProbesAhead(left, true, probe, 4, unlimited())
		go func() {
			time.Sleep(time.Duration(try) * 5 * time.Microsecond)
			cancel()
		}()
		b, err := p.next(ctx)
		for b != nil && err == nil {
			b, err = p.next(ctx)
		}
		p.close()
		cancel()
	}
}
