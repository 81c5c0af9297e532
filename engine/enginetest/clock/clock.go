// Package clock is a lake's clock that tests move. A lake reads it in the
// background, too, so it is safe for concurrent use.
package clock

import (
	"slices"
	"sync"
	"time"
)

// Clock shows a time until it is set to another.
type Clock struct {
	mu      sync.Mutex
	now     time.Time     // mu
	elapsed time.Duration // mu
	timers  []*timer      // mu
}

// timer is a function to be called at an elapsed time.
type timer struct {
	after time.Duration
	call  func() // nil: was called, or stopped
}

// New returns a clock that shows now.
func New(now time.Time) *Clock { return &Clock{now: now} }

// Now returns the time shown.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// Elapsed returns how much time passed since New, by a clock that cannot be set.
func (c *Clock) Elapsed() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.elapsed
}

// Set sets the clock; no time passes.
func (c *Clock) Set(now time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = now
}

// Pass lets time pass, and calls what is due, one after the other.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	c.now, c.elapsed = c.now.Add(d), c.elapsed+d
	var due []func()
	for _, t := range c.timers {
		if t.call != nil && t.after <= c.elapsed {
			due = append(due, t.call)
			t.call = nil
		}
	}
	c.timers = slices.DeleteFunc(c.timers, func(t *timer) bool { return t.call == nil })
	c.mu.Unlock()
	for _, call := range due {
		call()
	}
}

// AfterFunc calls a function when so much time has passed, unless stop is called before, which reports whether it was
// in time.
func (c *Clock) AfterFunc(d time.Duration, call func()) (stop func() bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	t := &timer{c.elapsed + d, call}
	c.timers = append(c.timers, t)
	return func() bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		isWaiting := t.call != nil
		t.call = nil
		return isWaiting
	}
}
