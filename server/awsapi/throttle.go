package awsapi

import (
	"context"
	"sync"
	"time"
)

// throttle limits the calls of each account with a token bucket, which holds the calls of one second and fills
// evenly. A call that finds the bucket empty waits. So a client that calls sequentially is slowed down but never
// refused. That matters, because AWS clients retry a refused call only two to four times, after which a paginator
// would fail.
type throttle struct {
	perSecond int
	now       func() time.Time
	afterFunc func(time.Duration, func()) (stop func() bool)

	mu   sync.Mutex
	full map[string]time.Time // mu: by account, when its bucket is full if no call follows
}

// maxThrottleWait is the longest wait of a call; a call that would wait longer is refused.
const maxThrottleWait = 2 * time.Second

// newThrottle returns a throttle; if perSecond is 0 or less, nil, which lets all calls through.
func newThrottle(perSecond int, now func() time.Time, afterFunc func(time.Duration, func()) func() bool) *throttle {
	if perSecond <= 0 {
		return nil
	}
	return &throttle{perSecond: perSecond, now: now, afterFunc: afterFunc, full: map[string]time.Time{}}
}

// enter waits until a call of an account may proceed. The error is ThrottlingException, for a call that then does
// not count, or the context's.
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

// reserve takes a call's token from an account's bucket, and returns how long the call must wait. If that is longer
// than maxThrottleWait, it takes no token.
func (t *throttle) reserve(account string) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	now, full := t.now(), t.full[account]
	if full.Before(now) || full.Sub(now) > time.Second+maxThrottleWait { // full, or the clock was set back
		full = now
	}
	full = full.Add(time.Second / time.Duration(t.perSecond))
	wait := full.Sub(now) - time.Second
	if wait <= maxThrottleWait {
		t.full[account] = full
	}
	return wait
}
