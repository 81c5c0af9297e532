package processors

import (
	"context"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"
)

// Gate shares the processors among queries. It has a permit for each processor that long work is divided among; a goroutine of
// a query holds one while it computes, and gives it back where it waits for another goroutine. A query that is young never
// waits for a permit, nor does one that computes alone. The others wait while all permits are out, and give way, at
// points where they can, to one that was served less.
//
// So of the threads that run Go code at once, long queries take as many as there are processors, and those that BesideWork
// adds are free for requests and short questions. A gate is safe for concurrent use.
type Gate struct {
	permits     int
	youngFor    time.Duration // how long a query works before it waits for others
	longestWait time.Duration // for a permit; who has waited that long goes on without
	opened      time.Time
	waiting     atomic.Int32 // waiters; changed under mu

	mu      sync.Mutex
	inUse   int       // mu: by all shares
	waiters []*waiter // mu: those who came first, first
	active  []*Share  // mu: the shares that have worked for long, and work or wait
}

// Share is a query's part of a gate. A nil Share never waits.
type Share struct {
	gate *Gate
	done <-chan struct{} // closed when nobody of the share waits any more
	look atomic.Int64    // when Yield looks again, in nanoseconds since the gate opened

	// The others are the gate's, guarded by mu.
	held     int           // permits
	queued   int           // waiters
	hurries  int           // while it is not 0 nobody of the share waits
	worked   time.Duration // with all permits together
	served   time.Duration // the same since it was as much as the least of the active shares, for comparing
	noted    time.Duration // when worked and served were brought up to date
	isActive bool
}

// waiter is a goroutine that waits for a permit.
type waiter struct {
	share *Share
	ready chan struct{} // closed when it has one
}

const (
	// defaultYoungFor is the time in which what people call a short question is over.
	defaultYoungFor = 100 * time.Millisecond
	// quantum is how much more a query may be served than one that waits.
	quantum = 10 * time.Millisecond
	// lookEvery is how often Yield looks at most, since it is called for rows.
	lookEvery = time.Millisecond
	// defaultLongestWait bounds what those cost who hold permits and do not come to a point where they would give way, or wait
	// for something themselves.
	defaultLongestWait = time.Second
)

// NewGate returns a gate of some permits, at least one.
func NewGate(permits int) *Gate {
	return &Gate{permits: max(1, permits), youngFor: defaultYoungFor, longestWait: defaultLongestWait, opened: time.Now()}
}

// Strict has every query wait, from its beginning on and for as long as it takes, for one of so many permits, so that tests
// find those who would wait for ever. It is called before the first share is made.
func (g *Gate) Strict(permits int) { g.permits, g.youngFor, g.longestWait = permits, 0, math.MaxInt64 }

func (g *Gate) now() time.Duration { return time.Since(g.opened) }

// NewShare returns the share of a query, which waits for nothing once ctx is done.
func (g *Gate) NewShare(ctx context.Context) *Share { return &Share{gate: g, done: ctx.Done()} }

type shareKey struct{}

// With returns a context in which ShareOf finds the share.
func (s *Share) With(ctx context.Context) context.Context {
	return context.WithValue(ctx, shareKey{}, s)
}

// ShareOf is the share of the query that a context belongs to, nil without one.
func ShareOf(ctx context.Context) *Share {
	s, _ := ctx.Value(shareKey{}).(*Share)
	return s
}

// Enter waits for a permit, which the calling goroutine holds until it calls the function that is returned. It does not wait any
// longer than ctx.
func (s *Share) Enter(ctx context.Context) (leave func()) {
	if s == nil {
		return func() {}
	}
	s.enter(ctx.Done())
	return s.leave
}

// Aside has the calling goroutine, which holds a permit, wait for another one of its query without it.
func (s *Share) Aside(ctx context.Context, wait func()) {
	if s == nil {
		wait()
		return
	}
	s.leave()
	defer s.enter(ctx.Done())
	wait()
}

// Hurry has nobody of the share wait until the function that is returned is called. It is for those who wait for goroutines to end.
func (s *Share) Hurry() (done func()) {
	if s == nil {
		return func() {}
	}
	g := s.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	s.hurries++
	g.grantLocked()
	return func() {
		g.mu.Lock()
		defer g.mu.Unlock()
		s.hurries--
	}
}

// Yield gives way to a query that was served less, if one waits: the calling goroutine, which holds a permit, waits for one
// again. It holds no lock. It is cheap enough for every row.
func (s *Share) Yield() {
	if s == nil || s.gate.waiting.Load() == 0 {
		return
	}
	if at := int64(s.gate.now()); at >= s.look.Load() {
		s.look.Store(at + int64(lookEvery))
		s.giveWay()
	}
}

func (s *Share) giveWay() {
	g := s.gate
	g.mu.Lock()
	s.noteLocked()
	if s.held == 0 || !g.mustGiveWayLocked(s) {
		g.mu.Unlock()
		return
	}
	s.releaseLocked()
	w := g.queueLocked(s)
	g.grantLocked()
	g.mu.Unlock()
	g.await(w, nil)
}

// mustGiveWayLocked reports whether a goroutine of a share lets another work.
func (g *Gate) mustGiveWayLocked(s *Share) bool {
	if s.isFreeLocked() {
		return false
	}
	s.activateLocked()
	next := g.nextLocked()
	if next < 0 {
		return false
	}
	other := g.waiters[next].share
	return other != s && (g.inUse > g.permits || other.served+quantum < s.served)
}

func (s *Share) enter(done <-chan struct{}) {
	g := s.gate
	g.mu.Lock()
	s.noteLocked()
	if g.mayEnterLocked(s) {
		s.takeLocked()
		g.mu.Unlock()
		return
	}
	w := g.queueLocked(s)
	g.mu.Unlock()
	g.await(w, done)
}

func (s *Share) leave() {
	g := s.gate
	g.mu.Lock()
	defer g.mu.Unlock()
	s.noteLocked()
	s.releaseLocked()
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
	case <-w.share.done:
	case <-patience.C:
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if at := slices.Index(g.waiters, w); at >= 0 {
		g.admitLocked(at)
	}
}

// isFreeLocked reports whether the share's goroutines wait for nobody. noteLocked comes before it.
func (s *Share) isFreeLocked() bool { return s.hurries > 0 || s.worked < s.gate.youngFor }

// mayEnterLocked reports whether a goroutine of a share may work now.
func (g *Gate) mayEnterLocked(s *Share) bool {
	return s.isFreeLocked() || g.inUse < g.permits || g.inUse == s.held
}

// noteLocked brings what the share worked up to date.
func (s *Share) noteLocked() {
	at := s.gate.now()
	took := time.Duration(s.held) * (at - s.noted)
	s.worked += took
	s.served += took
	s.noted = at
}

// activateLocked counts a share in that has worked for long. It has no claim to what others were served before it came.
func (s *Share) activateLocked() {
	if s.isActive || s.worked < s.gate.youngFor {
		return
	}
	g := s.gate
	least := s.served
	for i, other := range g.active {
		other.noteLocked()
		if i == 0 || other.served < least {
			least = other.served
		}
	}
	s.served, s.isActive = least, true
	g.active = append(g.active, s)
}

// restLocked is called when the share has given a permit or a place back.
func (s *Share) restLocked() {
	if s.held > 0 || s.queued > 0 || !s.isActive {
		return
	}
	s.isActive = false
	at := slices.Index(s.gate.active, s)
	s.gate.active = slices.Delete(s.gate.active, at, at+1)
}

func (s *Share) takeLocked() {
	s.held++
	s.gate.inUse++
	s.activateLocked()
}

func (s *Share) releaseLocked() {
	s.held--
	s.gate.inUse--
	s.restLocked()
}

func (g *Gate) queueLocked(s *Share) *waiter {
	w := &waiter{share: s, ready: make(chan struct{})}
	g.waiters = append(g.waiters, w)
	g.waiting.Add(1)
	s.queued++
	s.activateLocked()
	return w
}

// nextLocked is the place of the waiter who comes next, the first of the share that was served least; -1: nobody waits.
func (g *Gate) nextLocked() int {
	next := -1
	for i, w := range g.waiters {
		w.share.noteLocked()
		if next < 0 || w.share.served < g.waiters[next].share.served {
			next = i
		}
	}
	return next
}

// grantLocked lets those in who may work now.
func (g *Gate) grantLocked() {
	for at := 0; at < len(g.waiters); {
		if g.waiters[at].share.isFreeLocked() {
			g.admitLocked(at)
		} else {
			at++
		}
	}
	for {
		next := g.nextLocked()
		if next < 0 || !g.mayEnterLocked(g.waiters[next].share) {
			return
		}
		g.admitLocked(next)
	}
}

func (g *Gate) admitLocked(at int) {
	w := g.waiters[at]
	g.waiters = slices.Delete(g.waiters, at, at+1)
	g.waiting.Add(-1)
	w.share.noteLocked()
	w.share.queued--
	w.share.takeLocked()
	close(w.ready)
}
