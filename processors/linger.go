package processors

import (
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
)

// lingering knows the goroutines of a claim that have done their work, hold a permit and are awake for some
// microseconds more. Work comes in many short pieces, and a goroutine that sleeps, or is made anew, begins as late as
// the system takes to wake a processor.
type lingering struct {
	number atomic.Int32 // of idle; changed under mu

	mu   sync.Mutex
	idle []*lingerer // mu: who was given nothing yet
}

type lingerer struct {
	work atomic.Pointer[func()] // nil: none was given
}

// Go has another goroutine of the claim do work: one that lingers, or a new one, which enters before.
func (c *Claim) Go(enter func() (leave func()), work func()) {
	if !c.offer(work) {
		c.goAnew(enter, work)
	}
}

// GoWhereFree is Go where one lingers, or a permit is left that nobody waits for; otherwise it returns false.
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

// ReceivesSoon waits for some microseconds until a channel is closed, and no longer once anybody waits for a permit,
// which the calling goroutine holds. It reports whether the channel is closed.
func (c *Claim) ReceivesSoon(done <-chan struct{}) bool {
	isClosed := false
	happensSoon(func() bool {
		isClosed = isReceived(done)
		return isClosed || c != nil && c.gate.waiting.Load() != 0
	})
	return isClosed
}

// offer gives work to a goroutine that lingers, which begins at once; false: none does.
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
	l.idle[last] = nil // or the work, and what it holds, would be known for as long as the claim is
	l.idle = l.idle[:last]
	l.number.Store(int32(last))
	return true
}

// linger waits for work that is offered to the calling goroutine, which holds a permit. It returns nil after some
// microseconds without, and as soon as anybody waits for a permit.
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
	runtime.Gosched() // whom the work before has woken
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
