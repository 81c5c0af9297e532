package awsapi

import (
	"sync"
	"time"
)

// throttle lets an account make so many calls a second, whatever second that is.
type throttle struct {
	perSecond int
	now       func() time.Time

	mu    sync.Mutex
	calls map[string][]time.Time // mu: the last perSecond calls of each account that were let in, the oldest first
}

func newThrottle(perSecond int, now func() time.Time) *throttle {
	return &throttle{perSecond: perSecond, now: now, calls: map[string][]time.Time{}}
}

// enter counts a call of an account; the error is ThrottlingException, and the call does not count then.
func (t *throttle) enter(account string) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	at, last := t.now(), t.calls[account]
	if len(last) == t.perSecond {
		if since := at.Sub(last[0]); since >= 0 && since < time.Second { // not after the clock was set back
			return fail("ThrottlingException", "Rate exceeded: %d requests a second.", t.perSecond)
		}
		last = last[1:]
	}
	t.calls[account] = append(last[:len(last):len(last)], at)
	return nil
}
