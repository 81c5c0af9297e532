package processors

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// lingering holds the goroutines of a claim that have done their work but stay awake for some microseconds with
// their permit. Work comes in many short pieces, and a goroutine that sleeps or is newly created starts only when
// the system has woken a processor.
type lingering struct {
	number atomic.Int32 // length of idle; changed under mu

	mu   sync.Mutex
	idle []*lingerer // mu: those without new work
}

type lingerer struct {
	work atomic.Pointer[func()] // nil: none yet
}

// Go runs work in another goroutine of the claim: one that lingers, or a new one, which calls enter first.
func (c *Claim) Go(enter func() (leave func()), work func()) {
	if !c.offer(work) {
		c.goAnew(enter, work)
	}
}

// GoWhereFree is Go if a goroutine lingers or a permit is free that no goroutine waits for; otherwise it returns
// false.
func (c *Claim) GoWhereFree(work func()) bool {
	if c.offer(work) {
		return true
	}
	leave, isFree := c.TryEnter()
	if isFree {
		c.goAnew(func() func() { return leave }, work)
	}
	return isFree
}

func (c *Claim) goAnew(enter func() (leave func()), work func()) {
	go func() {
		defer enter()()
		for do := work; do != nil; do = c.linger() {
			do()
		}
	}()
	PassOn()
}

// ReceivesSoon waits for some microseconds until done is closed, and stops early once any goroutine waits for a
// permit. The calling goroutine holds one. It reports whether done is closed.
func (c *Claim) ReceivesSoon(done <-chan struct{}) bool {
	isClosed := false
	happensSoon(func() bool {
		isClosed = isReceived(done)
		return isClosed || c != nil && c.gate.waiting.Load() != 0
	})
	return isClosed
}

// offer gives work to a lingering goroutine, which begins at once. It returns false if there is none.
func (c *Claim) offer(work func()) bool {
	if c == nil || c.lingering.number.Load() == 0 {
		return false
	}
	l := &c.lingering
	l.mu.Lock()
	defer l.mu.Unlock()
	last := len(l.idle) - 1
	if last < 0 {
		return false
	}
	l.idle[last].work.Store(&work)
	l.idle[last] = nil // otherwise the work and all it references would live as long as the claim
	l.idle = l.idle[:last]
	l.number.Store(int32(last))
	return true
}

// linger waits for work offered to the calling goroutine, which holds a permit. It returns nil after some
// microseconds without work, and as soon as any goroutine waits for a permit.
func (c *Claim) linger() (work func()) {
	if c == nil {
		return nil
	}
	var own lingerer
	l := &c.lingering
	l.mu.Lock()
	l.idle = append(l.idle, &own)
	l.number.Store(int32(len(l.idle)))
	l.mu.Unlock()
	runtime.Gosched() // first run what the finished work has woken
	happensSoon(func() bool { return own.work.Load() != nil || c.gate.waiting.Load() != 0 })
	l.mu.Lock()
	defer l.mu.Unlock()
	if at := slices.Index(l.idle, &own); at >= 0 {
		l.idle = slices.Delete(l.idle, at, at+1)
		l.number.Store(int32(len(l.idle)))
		return nil
	}
	return *own.work.Load()
}
