package awsapi

import (
	"context"
	"sync"
	"time"
)

// throttle limits the calls of each account by a token bucket: it holds the calls of one second, and fills evenly. A
// call that finds it empty waits for its turn. So a client that makes one call after the other is slowed down, and
// never refused; clients of the service retry a refused call only two to four times, and a paginator would end there.
type throttle struct {
	perSecond int
	now       func() time.Time
	afterFunc func(time.Duration, func()) (stop func() bool)

	mu   sync.Mutex
	full map[string]time.Time // mu: when the bucket of an account is full, if no further call comes
}

// maxThrottleWait is how long a call waits for its turn; one that would wait longer is refused.
const maxThrottleWait = 2 * time.Second

// newThrottle returns a throttle; nil, which lets all calls through, if perSecond is 0.
func newThrottle(perSecond int, now func() time.Time, afterFunc func(time.Duration, func()) func() bool) *throttle {
	if perSecond <= 0 {
		return nil
	}
	return &throttle{perSecond: perSecond, now: now, afterFunc: afterFunc, full: map[string]time.Time{}}
}

// enter returns when it is the turn of a call of an account. The error is ThrottlingException, and the call does not
// count then, or the context's.
func (t *throttle) enter(ctx context.Context, account string) error {
	if t == nil {
		return nil
	}
	wait := t.reserve(account)
	if wait > maxThrottleWait {
		return fail("ThrottlingException", "Rate exceeded: %d requests a second.", t.perSecond)
	}
	if wait <= 0 {
		return nil
	}
	turn := make(chan struct{})
	defer t.afterFunc(wait, func() { close(turn) })()
	select {
	case <-turn:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// reserve takes a call's place in the bucket of an account, and returns how long the call must wait; if that is
// longer than maxThrottleWait, no place is taken.
func (t *throttle) reserve(account string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now, full := t.now(), t.full[account]
	if full.Before(now) || full.Sub(now) > time.Second+maxThrottleWait { // it is full, or the clock was set back
		full = now
	}
	full = full.Add(time.Second / time.Duration(t.perSecond))
	wait := full.Sub(now) - time.Second
	if wait <= maxThrottleWait {
		t.full[account] = full
	}
	return wait
}
