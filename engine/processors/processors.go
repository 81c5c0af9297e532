// Package processors shares the processors of a machine between the queries of a lake.
// Every goroutine that computes for a query holds a processor meanwhile, and gives it up
// between two pieces of work, of a row group or a batch each. The next one is for the query
// that was served least: a short question beside long ones comes to its end as if it were
// nearly alone.
package processors

import (
	"context"
	"math"
	"slices"
	"sync"
	"time"
)

const (
	// headStart is how much less than others a query counts as served when it begins, or
	// begins again after a pause. What takes less is hardly held up by longer questions.
	headStart = 100 * time.Millisecond
	// longestWaitEvery is which of the grants are for who waits longest, whatever was served:
	// many short questions do not stop a long one.
	longestWaitEvery = 4
	// overdueAfter is how long a piece of work may take before its processor is lent to
	// others. A long kernel thus holds nobody up; the machine divides its time then.
	overdueAfter = 20 * time.Millisecond
)

// Pool is the processors of a lake. It is safe for concurrent use. It starts no goroutine.
type Pool struct {
	count int
	now   func() time.Time

	mu      sync.Mutex
	held    []*Turn       // mu: those that hold a processor
	waiting []*Turn       // mu: in the order in which they came
	grants  int           // mu: so far to those that waited
	served  time.Duration // mu: what the least served query at work has had; never less than before
}

// NewPool returns a pool of so many processors, at least one. now is the time, which is only
// compared with itself.
func NewPool(count int, now func() time.Time) *Pool {
	return &Pool{count: max(1, count), now: now}
}

// Query is one query's part of a pool.
type Query struct {
	pool *Pool

	turns  int           // pool.mu: that hold a processor, or wait
	served time.Duration // pool.mu: processor time so far
}

// NewQuery returns the part of a query that begins. It needs no end.
func (p *Pool) NewQuery() *Query { return &Query{pool: p} }

// NewTurn returns the turn of one more goroutine of the query; nil for no query.
func (q *Query) NewTurn() *Turn {
	if q == nil {
		return nil
	}
	return &Turn{query: q}
}

// Turn is one goroutine of a query, which alone calls its methods. The methods of a nil turn
// do nothing: it is that of a goroutine that is not bound to any processors.
type Turn struct {
	query *Query

	ready   chan struct{} // pool.mu to set; closed when a turn that waits holds a processor
	since   time.Time     // pool.mu: since when it holds a processor, up to where time was counted
	isHeld  bool          // pool.mu
	overdue bool          // pool.mu: its processor was lent to others
}

// Another returns a turn of the same query for another goroutine.
func (t *Turn) Another() *Turn {
	if t == nil {
		return nil
	}
	return t.query.NewTurn()
}

// Take waits for a processor. When ctx ends before, the turn has none, and the error is that
// of ctx.
func (t *Turn) Take(ctx context.Context) error {
	if t == nil {
		return ctx.Err()
	}
	if ready := t.query.pool.enter(t); ready != nil {
		return t.query.pool.await(ctx, t, ready)
	}
	return nil
}

// enter puts a turn in line. The channel is closed when the turn holds a processor; nil: it does.
func (p *Pool) enter(t *Turn) (ready <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.beginLocked(t.query)
	return p.queueLocked(t)
}

// await waits until a turn in line holds a processor.
func (p *Pool) await(ctx context.Context, t *Turn, ready <-chan struct{}) error {
	patience := time.NewTicker(overdueAfter)
	defer patience.Stop()
	for {
		select {
		case <-ready:
			return nil
		case <-ctx.Done():
			p.leave(t)
			return ctx.Err()
		case <-patience.C:
			p.mu.Lock()
			p.dispatchLocked()
			p.mu.Unlock()
		}
	}
}

// leave takes a turn out of the line, or its processor away.
func (p *Pool) leave(t *Turn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if at := slices.Index(p.waiting, t); at >= 0 {
		p.waiting = slices.Delete(p.waiting, at, at+1)
		t.query.turns--
		return
	}
	p.giveLocked(t)
}

// Give gives the processor up. A turn without one stays without.
func (t *Turn) Give() {
	if t == nil {
		return
	}
	p := t.query.pool
	p.mu.Lock()
	defer p.mu.Unlock()
	p.giveLocked(t)
}

// Pass is called between two pieces of work of a turn that holds a processor: it lets others
// have it if it is their turn, and waits for another one then. When ctx ends before, the turn
// has none, and the error is that of ctx.
func (t *Turn) Pass(ctx context.Context) error {
	if t == nil {
		return ctx.Err()
	}
	if ready := t.query.pool.pass(t); ready != nil {
		return t.query.pool.await(ctx, t, ready)
	}
	return ctx.Err()
}

// pass puts a turn in line if a query that was served less waits, or its processor was lent to others. The channel
// is that of enter.
func (p *Pool) pass(t *Turn) (ready <-chan struct{}) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.countLocked(t)
	switch {
	case !t.isHeld:
		return nil
	case t.overdue:
	case len(p.waiting) == 0 || p.waiting[p.nextLocked()].query.served >= t.query.served:
		return nil
	}
	p.dropLocked(t)
	return p.queueLocked(t)
}

// beginLocked sees to it that a query which did nothing for a while has saved up no more than its head start.
func (p *Pool) beginLocked(q *Query) {
	if q.turns == 0 {
		p.noteLeastLocked()
		q.served = max(q.served, p.served-headStart)
	}
}

// queueLocked is enter for a turn that may have held a processor until now.
func (p *Pool) queueLocked(t *Turn) <-chan struct{} {
	t.ready = make(chan struct{})
	t.query.turns++
	p.waiting = append(p.waiting, t)
	p.dispatchLocked()
	if t.isHeld {
		return nil
	}
	return t.ready
}

// dropLocked takes the processor of a turn away.
func (p *Pool) dropLocked(t *Turn) {
	p.countLocked(t)
	p.noteLeastLocked()
	t.isHeld, t.overdue = false, false
	t.query.turns--
	at := slices.Index(p.held, t)
	p.held = slices.Delete(p.held, at, at+1)
}

func (p *Pool) giveLocked(t *Turn) {
	if !t.isHeld {
		return
	}
	p.dropLocked(t)
	p.dispatchLocked()
}

// countLocked adds the time since it was last called to what a turn's query was served.
func (p *Pool) countLocked(t *Turn) {
	if t.isHeld {
		now := p.now()
		t.query.served += now.Sub(t.since)
		t.since = now
	}
}

// dispatchLocked gives free processors to those who wait.
func (p *Pool) dispatchLocked() {
	for len(p.waiting) > 0 && p.freeLocked() {
		at := p.nextLocked()
		p.grants++
		t := p.waiting[at]
		p.waiting = slices.Delete(p.waiting, at, at+1)
		t.isHeld, t.since = true, p.now()
		p.held = append(p.held, t)
		close(t.ready)
	}
}

// freeLocked reports whether a processor is free, those of overdue turns included.
func (p *Pool) freeLocked() bool {
	if len(p.held) < p.count {
		return true
	}
	now, busy := p.now(), 0
	for _, t := range p.held {
		if !t.overdue && now.Sub(t.since) > overdueAfter {
			t.overdue = true
		}
		if !t.overdue {
			busy++
		}
	}
	return busy < p.count
}

// nextLocked is the index of the turn in line that is next: of the least served query, or who waits longest.
func (p *Pool) nextLocked() int {
	least := 0
	for i, t := range p.waiting {
		if t.query.served < p.waiting[least].query.served {
			least = i
		}
	}
	if (p.grants+1)%longestWaitEvery == 0 {
		return 0
	}
	return least
}

// noteLeastLocked notes what the least served query at work has had.
func (p *Pool) noteLeastLocked() {
	if len(p.held)+len(p.waiting) == 0 {
		return
	}
	least := time.Duration(math.MaxInt64)
	for _, at := range [][]*Turn{p.held, p.waiting} {
		for _, t := range at {
			least = min(least, t.query.served)
		}
	}
	p.served = max(p.served, least)
}

type turnKey struct{}

// With returns a context of a goroutine with its turn.
func With(ctx context.Context, t *Turn) context.Context {
	if t == nil {
		return ctx
	}
	return context.WithValue(ctx, turnKey{}, t)
}

// Of returns the turn that a context was given, nil for none.
func Of(ctx context.Context) *Turn {
	t, _ := ctx.Value(turnKey{}).(*Turn)
	return t
}
