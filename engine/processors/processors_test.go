package processors

import (
	"context"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// clock is a time that tests move.
type clock struct{ nanos atomic.Int64 }

func (c *clock) now() time.Time           { return time.Unix(0, c.nanos.Load()) }
func (c *clock) advance(by time.Duration) { c.nanos.Add(int64(by)) }

func newPool(count int) (*Pool, *clock) {
	c := &clock{}
	return NewPool(count, c.now), c
}

func TestNoMoreThanTheProcessorsAreHeld(t *testing.T) {
	p, _ := newPool(3)
	var held, most atomic.Int64
	work := func() {
		n := held.Add(1)
		for m := most.Load(); n > m && !most.CompareAndSwap(m, n); m = most.Load() {
		}
		held.Add(-1)
	}
	var all sync.WaitGroup
	for range 5 {
		q := p.NewQuery()
		for range 4 {
			all.Add(1)
			go func() {
				defer all.Done()
				turn := q.NewTurn()
				for range 100 {
					if turn.Take(t.Context()) != nil {
						return
					}
					work()
					if turn.Pass(t.Context()) != nil {
						return
					}
					work()
					turn.Give()
				}
			}()
		}
	}
	all.Wait()
	require.Positive(t, most.Load())
	require.LessOrEqual(t, most.Load(), int64(3))
	require.Empty(t, p.held)
	require.Empty(t, p.waiting)
}

// worker is a goroutine of a query that a test plays: it has pieces of work of a millisecond.
type worker struct {
	turn   *Turn
	pieces int
}

// play lets the workers do all their work, one piece after the other in the order in which the pool says, and calls
// done after each piece, which may bring more workers in.
func play(t *testing.T, p *Pool, c *clock, workers []*worker, done func(w *worker) []*worker) {
	t.Helper()
	for _, w := range workers {
		p.enter(w.turn)
	}
	for len(p.held) > 0 {
		turn := p.held[0]
		w := workers[0]
		for _, other := range workers {
			if other.turn == turn {
				w = other
			}
		}
		require.Same(t, turn, w.turn)
		c.advance(time.Millisecond)
		w.pieces--
		for _, more := range done(w) {
			workers = append(workers, more)
			p.enter(more.turn)
		}
		if w.pieces == 0 {
			turn.Give()
		} else {
			p.pass(turn)
		}
	}
	for _, w := range workers {
		require.Zero(t, w.pieces)
	}
}

func TestShortQuestionsComeSoon(t *testing.T) {
	p, c := newPool(1)
	var long []*worker
	for range 5 {
		long = append(long, &worker{p.NewQuery().NewTurn(), 1000})
	}
	short := &worker{p.NewQuery().NewTurn(), 50}
	all, shortBegan, shortEnded := 0, 0, 0
	play(t, p, c, long, func(w *worker) (more []*worker) {
		all++
		if all == 2000 {
			shortBegan, more = all, []*worker{short}
		}
		if w == short && short.pieces == 0 {
			shortEnded = all
		}
		return more
	})
	require.Equal(t, 5*1000+50, all)
	// One piece was under way; then the short question is next until it has had its head start.
	require.LessOrEqual(t, shortEnded-shortBegan, 50+1)
}

func TestQueriesAreServedAlike(t *testing.T) {
	p, c := newPool(1)
	done := map[*Query]int{}
	one, other := p.NewQuery(), p.NewQuery()
	workers := []*worker{{one.NewTurn(), 500}}
	for range 4 { // more goroutines do not bring more processors
		workers = append(workers, &worker{other.NewTurn(), 125})
	}
	play(t, p, c, workers, func(w *worker) []*worker {
		done[w.turn.query]++
		if done[one] < 500 && done[other] < 500 {
			require.InDelta(t, done[one], done[other], 5)
		}
		return nil
	})
}

func TestShortQuestionsDoNotStopALongOne(t *testing.T) {
	p, c := newPool(1)
	long := &worker{p.NewQuery().NewTurn(), 200}
	shorts := 0
	next := func() *worker {
		shorts++
		return &worker{p.NewQuery().NewTurn(), 2}
	}
	workers := []*worker{long, next(), next()}
	pieces, longEnded := 0, 0
	play(t, p, c, workers, func(w *worker) []*worker {
		pieces++
		if w == long && long.pieces == 0 {
			longEnded = pieces
		}
		if w != long && w.pieces == 0 && longEnded == 0 && shorts < 10_000 {
			return []*worker{next()} // there are always two that are served less
		}
		return nil
	})
	require.Less(t, longEnded, 200*4*longestWaitEvery)
}

func TestNoCreditForHavingDoneNothing(t *testing.T) {
	p, c := newPool(1)
	idle, busy := p.NewQuery(), p.NewQuery()
	turn := idle.NewTurn()
	require.NoError(t, turn.Take(t.Context()))
	turn.Give()
	play(t, p, c, []*worker{{busy.NewTurn(), 300}, {busy.NewTurn(), 300}}, func(*worker) []*worker { return nil })
	p.enter(turn)
	require.GreaterOrEqual(t, idle.served, 500*time.Millisecond-headStart)
	turn.Give()
}

func TestProcessorsOfLongPiecesAreLent(t *testing.T) {
	p, c := newPool(1)
	slow, quick := p.NewQuery().NewTurn(), p.NewQuery().NewTurn()
	require.NoError(t, slow.Take(t.Context()))
	c.advance(overdueAfter)
	require.NotNil(t, p.enter(quick), "the piece is not too long yet")
	quick.query.pool.leave(quick)
	c.advance(1)
	require.NoError(t, quick.Take(t.Context()))
	third := p.NewQuery().NewTurn()
	require.NotNil(t, p.enter(third), "lent once")
	require.NotNil(t, p.pass(slow), "who comes back waits")
	quick.Give()
	require.True(t, third.isHeld, "it was served less")
	require.False(t, slow.isHeld)
	third.Give()
	require.True(t, slow.isHeld)
	slow.Give()
	require.Empty(t, p.held)
}

func TestWaitingEndsWithItsContext(t *testing.T) {
	p, _ := newPool(1)
	holder, waiter := p.NewQuery().NewTurn(), p.NewQuery().NewTurn()
	require.NoError(t, holder.Take(t.Context()))
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error)
	go func() { ended <- waiter.Take(ctx) }()
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	require.Empty(t, p.waiting)
	waiter.Give() // it has none
	require.Zero(t, waiter.query.turns)
	holder.Give()
	require.NoError(t, waiter.Take(t.Context()))
	require.ErrorIs(t, waiter.Pass(ctx), context.Canceled)
	waiter.Give()
	require.Zero(t, waiter.query.turns)
}

func TestNoPool(t *testing.T) {
	var q *Query
	turn := q.NewTurn()
	require.Nil(t, turn)
	require.Nil(t, turn.Another())
	require.NoError(t, turn.Take(t.Context()))
	require.NoError(t, turn.Pass(t.Context()))
	turn.Give()
	require.Nil(t, Of(With(t.Context(), turn)))
	turn = NewPool(1, time.Now).NewQuery().NewTurn()
	require.Same(t, turn, Of(With(t.Context(), turn)))
}
