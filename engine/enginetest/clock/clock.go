// Package clock is a lake's clock that tests move. A lake reads it in the
// background, too, so it is safe for concurrent use.
package clock

import (
	"sync"
	"time"
)

// Clock shows a time until it is told another.
type Clock struct {
	mu      sync.Mutex
	now     time.Time     // mu
	elapsed time.Duration // mu
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

// Pass lets time pass.
func (c *Clock) Pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now, c.elapsed = c.now.Add(d), c.elapsed+d
}
