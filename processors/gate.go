package processors

import (
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Gate shares the processors among queries. It has a permit for each processor that long work is divided among; a
// goroutine of a query holds one while it computes, and gives it back where it waits for another goroutine. A query
// that is fresh never waits for a permit, nor does one that computes alone. One that is young waits while the young
// ones have all permits, the others while all are out, and each gives way, at points where it can, to a younger one
// and to one that was served less. While fresh ones come, the others have one permit less between them.
//
// So of the threads that run Go code at once, long queries take as many as there are processors, those that may be
// short as many more, and the rest of those that BesideWork adds are free for requests and for questions of some
// milliseconds. A gate is safe for concurrent use.
type Gate struct {
	permits     int
	freshFor    time.Duration // how long a query works before it waits for young ones
	youngFor    time.Duration // how long a query works before it waits for all others
	longestWait time.Duration // for a permit; who has waited that long goes on without
	opened      time.Time
	waiting     atomic.Int32 // waiters, and one more while keeping.isAsked; changed under mu

	mu      sync.Mutex
	passed  time.Duration // mu: how long a goroutine with a permit has computed that was there all the time, see passLocked
	at      time.Duration // mu: when passed was brought up to date, since the gate opened
	inUse   int           // mu: by all claims
	waiters []*waiter     // mu: those who came first, first
	claims  []*Claim      // mu: those that work or wait
	keeping keeping       // mu: of a processor for fresh ones
}

// Claim is what a query has to do with a gate. A nil Claim never waits.
type Claim struct {
	gate *Gate
	done <-chan struct{} // closed when nobody of the claim waits any more
	look atomic.Int64    // when Yield looks again, in nanoseconds since the gate opened

	lingering lingering

	// The others are the gate's, guarded by mu.
	held    int           // permits
	queued  int           // waiters
	hurries int           // while it is not 0 nobody of the claim waits
	worked  time.Duration // with all permits together
	served  time.Duration // the same, for comparing; of an old claim since it was as much as the least of the old ones that work or wait
	noted   time.Duration // what had passed when worked and served were brought up to date
	isOld   bool
}

// waiter is a goroutine that waits for a permit.
type waiter struct {
	claim *Claim
	ready chan struct{} // closed when it has one
}

const (
	// defaultFreshFor is the time, with all processors, in which questions are over that need little more than what
	// is in memory.
	defaultFreshFor = 5 * time.Millisecond
	// defaultYoungFor is the time, with all processors, in which what people call a short question is over.
	defaultYoungFor = 100 * time.Millisecond
	// quantum is how much more a query may be served than one that waits.
	quantum = 10 * time.Millisecond
	// lookEvery is how often Yield looks at most, since it is called for rows.
	lookEvery = time.Millisecond
	// defaultLongestWait bounds what those cost who hold permits and do not come to a point where they would give
	// way, or wait for something themselves.
	defaultLongestWait = time.Second
)

// NewGate returns a gate of some permits, at least one.
func NewGate(permits int) *Gate {
	permits = max(1, permits)
	all := time.Duration(permits)
	return &Gate{permits: permits, freshFor: all * defaultFreshFor, youngFor: all * defaultYoungFor, longestWait: defaultLongestWait, opened: time.Now()}
}

// Strict has every query wait, from its beginning on and for as long as it takes, for one of so many permits, so that
// tests find those who would wait for ever. It is called before the first claim is made.
func (g *Gate) Strict(permits int) {
	g.permits, g.freshFor, g.youngFor, g.longestWait = permits, 0, 0, math.MaxInt64
}

func (g *Gate) now() time.Duration { return time.Since(g.opened) }

// NewClaim returns the claim of a query, which waits for nothing once ctx is done.
func (g *Gate) NewClaim(ctx context.Context) *Claim { return &Claim{gate: g, done: ctx.Done()} }

type claimKey struct{}

// With returns a context in which ClaimOf finds the claim.
func (c *Claim) With(ctx context.Context) context.Context {
	return context.WithValue(ctx, claimKey{}, c)
}

// ClaimOf is the claim of the query that a context belongs to, nil without one.
func ClaimOf(ctx context.Context) *Claim {
	c, _ := ctx.Value(claimKey{}).(*Claim)
	return c
}

// Enter waits for a permit, which the calling goroutine holds until it calls the function that is returned. It does
// not wait any longer than ctx.
func (c *Claim) Enter(ctx context.Context) (leave func()) {
	if c == nil {
		return func() {}
	}
	c.enter(ctx.Done())
	return c.leave
}

// TryEnter is Enter where a permit is left that nobody waits for; otherwise it returns false at once.
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

// Aside has the calling goroutine, which holds a permit, wait for another one of its query without it.
func (c *Claim) Aside(ctx context.Context, wait func()) {
	if c == nil {
		wait()
		return
	}
	c.leave()
	defer c.enter(ctx.Done())
	wait()
}

// Hurry has nobody of the claim wait until the function that is returned is called. It is for those who wait for
// goroutines to end.
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

// Yield gives way to a query that was served less, if one waits: the calling goroutine, which holds a permit, waits
// for one again. It holds no lock. It is cheap enough for every row.
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
	g.grantLocked() // who waited while it was young does not wait for it when it is old
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

// mustGiveWayLocked reports whether a goroutine of a claim lets another work. noteLocked comes before it.
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

// await waits until w has a permit, and takes one without being granted it if that takes too long.
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

// isFreeLocked reports whether the claim's goroutines wait for nobody. noteLocked comes before it.
func (c *Claim) isFreeLocked() bool { return c.hurries > 0 || c.worked < c.gate.freshFor }

// mayEnterLocked reports whether a goroutine of a claim may work now. noteLocked comes before it.
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

// crowdLocked is the permits that those have for whom a claim waits: all, but a young one does not wait for those
// that are old.
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

// noteLocked brings what the claim worked up to date.
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

// passLocked brings what has passed up to date. Where more permits are out than there are processors each goroutine
// has the less of them, and time passes slower: a short question beside others does not grow old sooner. It comes
// before inUse changes.
func (g *Gate) passLocked() {
	at := g.now()
	g.passed += (at - g.at) * time.Duration(g.permits) / time.Duration(max(g.permits, g.inUse))
	g.at = at
}

// compareLocked has an old claim compared with the others that are old from now on. It has no claim to what they were
// served before.
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

// joinLocked is called when the claim takes a permit or a place.
func (c *Claim) joinLocked() {
	if c.held+c.queued > 1 {
		return
	}
	if c.isOld {
		c.compareLocked()
	}
	c.gate.claims = append(c.gate.claims, c)
}

// restLocked is called when the claim has given a permit or a place back.
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

// nextLocked is the place of the waiter who comes next, the first of the claim that was served least of the young
// ones, or of all if none of these is young; -1: nobody waits.
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

// grantLocked lets those in who may work now.
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
