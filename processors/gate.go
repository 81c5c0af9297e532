package processors

import (
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Gate limits the goroutines that compute long queries and lets short queries go first.
//
// It has one permit for each processor that long work is divided among. A goroutine of a query holds a permit while
// it computes, and returns it while it waits for another goroutine. A fresh query never waits for a permit, nor
// does one that computes alone. A young query waits while young queries hold all permits, an old one while all
// permits are in use. In Yield, a goroutine gives way to younger queries and to those served less. While fresh
// queries arrive, the others together have one permit less.
//
// So of the threads that run Go code at once, old queries use at most one per processor and young ones as many
// again. The other threads of BesideWork are free for requests and for queries of some milliseconds. A Gate is safe
// for concurrent use.
type Gate struct {
	permits     int
	freshFor    time.Duration // work after which a query waits for young ones
	youngFor    time.Duration // work after which a query waits for all others
	longestWait time.Duration // for a permit; after it a waiter takes one beyond permits
	opened      time.Time
	waiting     atomic.Int32 // waiters, and one more while keeping.isAsked; changed under mu

	mu      sync.Mutex
	passed  time.Duration // mu: what a goroutine would have computed that always held a permit, see passLocked
	at      time.Duration // mu: time of the last update of passed, since the gate opened
	inUse   int           // mu: by all claims
	waiters []*waiter     // mu: in order of arrival
	claims  []*Claim      // mu: those that hold permits or wait
	keeping keeping       // mu: the processor kept for fresh queries
}

// Claim is a query's share of a gate. A nil Claim never waits.
type Claim struct {
	gate *Gate
	done <-chan struct{} // once closed, no goroutine of the claim waits
	look atomic.Int64    // when Yield checks again, in nanoseconds since the gate opened

	lingering lingering

	// mu of the gate guards the fields below.
	held    int           // permits
	queued  int           // waiters
	hurries int           // while it is not 0, no goroutine of the claim waits
	worked  time.Duration // with all permits together
	served  time.Duration // worked, for comparing claims; adjusted by compareLocked
	noted   time.Duration // passed when worked and served were updated
	isOld   bool
}

// waiter is a goroutine that waits for a permit.
type waiter struct {
	claim *Claim
	ready chan struct{} // closed when it has a permit
}

const (
	// defaultFreshFor is the time, with all processors, of queries that need little more than what is in memory.
	defaultFreshFor = 5 * time.Millisecond
	// defaultYoungFor is the time, with all processors, of what people call a short query.
	defaultYoungFor = 100 * time.Millisecond
	// quantum is how much more a query may have been served than a waiting one before it gives way.
	quantum = 10 * time.Millisecond
	// lookEvery is the least time between two checks of Yield, which is called for rows.
	lookEvery = time.Millisecond
	// defaultLongestWait bounds the wait for holders of permits that reach no Yield, or wait for something
	// themselves.
	defaultLongestWait = time.Second
)

// NewGate returns a gate with the given number of permits, at least one.
func NewGate(permits int) *Gate {
	permits = max(1, permits)
	all := time.Duration(permits)
	return &Gate{permits: permits, freshFor: all * defaultFreshFor, youngFor: all * defaultYoungFor, longestWait: defaultLongestWait, opened: time.Now()}
}

// Strict makes every query wait, from its start and without a time limit, for one of the given permits, so that
// tests find goroutines that would wait forever. It must be called before the first claim is made.
func (g *Gate) Strict(permits int) {
	g.permits, g.freshFor, g.youngFor, g.longestWait = permits, 0, 0, math.MaxInt64
}

func (g *Gate) now() time.Duration { return time.Since(g.opened) }

// NewClaim returns the claim of a query. It waits for nothing once ctx is done.
func (g *Gate) NewClaim(ctx context.Context) *Claim { return &Claim{gate: g, done: ctx.Done()} }

type claimKey struct{}

// With returns a context from which ClaimOf returns the claim.
func (c *Claim) With(ctx context.Context) context.Context {
	return context.WithValue(ctx, claimKey{}, c)
}

// ClaimOf returns the claim of the query that a context belongs to, or nil.
func ClaimOf(ctx context.Context) *Claim {
	c, _ := ctx.Value(claimKey{}).(*Claim)
	return c
}

// Enter waits for a permit, at most until ctx is done. The calling goroutine holds the permit until it calls leave.
func (c *Claim) Enter(ctx context.Context) (leave func()) {
	if c == nil {
		return func() {}
	}
	c.enter(ctx.Done())
	return c.leave
}

// TryEnter takes a permit if one is free and no goroutine waits for it; otherwise it returns false at once.
func (c *Claim) TryEnter() (leave func(), isFree bool) {
	if c == nil {
		return func() {}, true
	}
	g := c.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	c.noteLocked()
	if g.inUse >= g.permits || len(g.waiters) > 0 || !g.mayEnterLocked(c) {
		return nil, false
	}
	c.takeLocked()
	return c.leave, true
}

// Aside calls wait, in which the calling goroutine waits for another one of its query, without the caller's permit.
func (c *Claim) Aside(ctx context.Context, wait func()) {
	if c == nil {
		wait()
		return
	}
	c.leave()
	defer c.enter(ctx.Done())
	wait()
}

// Hurry lets all goroutines of the claim proceed without waiting until done is called. It is for a caller that
// waits for goroutines to end.
func (c *Claim) Hurry() (done func()) {
	if c == nil {
		return func() {}
	}
	g := c.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	c.hurries++
	g.grantLocked()
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		c.hurries--
	}
}

// Yield gives way to a waiting query that was served less: the calling goroutine, which holds a permit, waits for a
// permit again. The caller must hold no lock. Yield is cheap enough to call for every row.
func (c *Claim) Yield() {
	if c == nil || c.gate.waiting.Load() == 0 {
		return
	}
	if at := int64(c.gate.now()); at >= c.look.Load() {
		c.look.Store(at + int64(lookEvery))
		c.giveWay()
	}
}

func (c *Claim) giveWay() {
	g := c.gate
	g.mu.Lock()
	c.noteLocked()
	g.grantLocked() // a waiter that was young may be old by now
	if c.held == 0 || !g.mustGiveWayLocked(c) {
		g.keptLocked()
		g.mu.Unlock()
		return
	}
	c.releaseLocked()
	w := g.queueLocked(c)
	g.grantLocked()
	g.mu.Unlock()
	g.await(w, nil)
}

// mustGiveWayLocked reports whether a goroutine of the claim must let another work. noteLocked must come before it.
func (g *Gate) mustGiveWayLocked(c *Claim) bool {
	if c.isFreeLocked() {
		return false
	}
	if g.keepsLocked(c) && g.othersHeldLocked() >= g.permits {
		return true
	}
	next := g.nextLocked()
	if next < 0 {
		return false
	}
	other := g.waiters[next].claim
	if other == c || other.isOld && !c.isOld {
		return false
	}
	return g.crowdLocked(c) > g.permits || other.isOld == c.isOld && other.served+quantum < c.served
}

func (c *Claim) enter(done <-chan struct{}) {
	g := c.gate
	g.mu.Lock()
	c.noteLocked()
	if g.mayEnterLocked(c) {
		c.takeLocked()
		g.mu.Unlock()
		return
	}
	w := g.queueLocked(c)
	g.mu.Unlock()
	g.await(w, done)
}

func (c *Claim) leave() {
	g := c.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	c.noteLocked()
	c.releaseLocked()
	g.grantLocked()
}

// await waits until w has a permit. If that takes too long or the query is done, w takes one beyond the limit.
func (g *Gate) await(w *waiter, done <-chan struct{}) {
	patience := time.NewTimer(g.longestWait)
	defer patience.Stop()
	select {
	case <-w.ready:
		return
	case <-done:
	case <-w.claim.done:
	case <-patience.C:
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if at := slices.Index(g.waiters, w); at >= 0 {
		g.admitLocked(at)
	}
}

// isFreeLocked reports whether the claim's goroutines need not wait. noteLocked must come before it.
func (c *Claim) isFreeLocked() bool { return c.hurries > 0 || c.worked < c.gate.freshFor }

// mayEnterLocked reports whether a goroutine of the claim may work now. noteLocked must come before it.
func (g *Gate) mayEnterLocked(c *Claim) bool {
	if c.isFreeLocked() {
		return true
	}
	if g.keepsLocked(c) && g.othersHeldLocked() >= g.permits-1 {
		return false
	}
	crowd := g.crowdLocked(c)
	return crowd < g.permits || crowd == c.held
}

// crowdLocked returns the permits held by claims for which c waits: all claims or, if c is young, the young ones.
func (g *Gate) crowdLocked(c *Claim) int {
	if c.isOld {
		return g.inUse
	}
	crowd := 0
	for _, other := range g.claims {
		if other.noteLocked(); !other.isOld {
			crowd += other.held
		}
	}
	return crowd
}

// noteLocked brings the claim's work up to date.
func (c *Claim) noteLocked() {
	c.gate.passLocked()
	took := time.Duration(c.held) * (c.gate.passed - c.noted)
	c.worked += took
	c.served += took
	c.noted = c.gate.passed
	if !c.isOld && c.worked >= c.gate.youngFor {
		c.isOld = true
		c.compareLocked()
	}
}

// passLocked brings passed up to date. With more permits in use than processors, each goroutine gets less of a
// processor and time passes more slowly: a short query does not age sooner because of others. It must come before
// inUse changes.
func (g *Gate) passLocked() {
	at := g.now()
	g.passed += (at - g.at) * time.Duration(g.permits) / time.Duration(max(g.permits, g.inUse))
	g.at = at
}

// compareLocked sets an old claim's served to the least of the other old claims. What those were served before does
// not count in its favor.
func (c *Claim) compareLocked() {
	isFirst := true
	for _, other := range c.gate.claims {
		if other == c || !other.isOld {
			continue
		}
		other.noteLocked()
		if isFirst || other.served < c.served {
			c.served, isFirst = other.served, false
		}
	}
}

// joinLocked is called when the claim has taken a permit or begun to wait.
func (c *Claim) joinLocked() {
	if c.held+c.queued > 1 {
		return
	}
	if c.isOld {
		c.compareLocked()
	}
	c.gate.claims = append(c.gate.claims, c)
}

// restLocked is called when the claim has returned a permit or stopped waiting.
func (c *Claim) restLocked() {
	if c.held > 0 || c.queued > 0 {
		return
	}
	at := slices.Index(c.gate.claims, c)
	c.gate.claims = slices.Delete(c.gate.claims, at, at+1)
}

func (c *Claim) takeLocked() {
	c.held++
	c.gate.inUse++
	c.joinLocked()
	if c.worked < c.gate.freshFor {
		c.gate.keepLocked(c)
	}
}

func (c *Claim) releaseLocked() {
	c.held--
	c.gate.inUse--
	c.restLocked()
	c.gate.keptLocked()
}

func (g *Gate) queueLocked(c *Claim) *waiter {
	w := &waiter{claim: c, ready: make(chan struct{})}
	g.waiters = append(g.waiters, w)
	g.waiting.Add(1)
	c.queued++
	c.joinLocked()
	if g.keepsLocked(c) {
		g.timeKeepingLocked()
	}
	return w
}

// nextLocked returns the index of the next waiter: the first one of the claim served least, young claims before old
// ones; -1: no goroutine waits.
func (g *Gate) nextLocked() int {
	next := -1
	for i, w := range g.waiters {
		w.claim.noteLocked()
		if next < 0 || w.claim.comesBeforeLocked(g.waiters[next].claim) {
			next = i
		}
	}
	return next
}

func (c *Claim) comesBeforeLocked(other *Claim) bool {
	if c.isOld != other.isOld {
		return other.isOld
	}
	return c.served < other.served
}

// grantLocked admits the waiters that may work now.
func (g *Gate) grantLocked() {
	for at := 0; at < len(g.waiters); {
		if g.waiters[at].claim.isFreeLocked() {
			g.admitLocked(at)
		} else {
			at++
		}
	}
	for {
		next := g.nextLocked()
		if next < 0 || !g.mayEnterLocked(g.waiters[next].claim) {
			return
		}
		g.admitLocked(next)
	}
}

func (g *Gate) admitLocked(at int) {
	w := g.waiters[at]
	g.waiters = slices.Delete(g.waiters, at, at+1)
	g.waiting.Add(-1)
	w.claim.noteLocked()
	w.claim.takeLocked()
	w.claim.queued--
	close(w.ready)
}
