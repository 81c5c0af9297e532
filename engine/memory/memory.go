// Package memory is the leaf that accounts for the memory a query holds. It
// counts what operators declare; it allocates nothing.
package memory

import (
	"fmt"
	"sync/atomic"

	"github.com/auditlake/auditlake/planner/types"
)

// Pool is the budget of one query. It is safe for concurrent use.
type Pool struct {
	limitBytes int64
	used, peak atomic.Int64
	stopped    atomic.Pointer[error]
}

// NewPool returns a pool of limitBytes; 0 or less means no limit.
func NewPool(limitBytes int64) *Pool { return &Pool{limitBytes: limitBytes} }

// UsedBytes is what is reserved now.
func (p *Pool) UsedBytes() int64 { return p.used.Load() }

// PeakBytes is the most that was ever reserved at once.
func (p *Pool) PeakBytes() int64 { return p.peak.Load() }

// Stop makes every later reservation of more, and every look at Stopped, fail
// with err. What computes for long looks there, so that it ends soon after its
// statement does.
func (p *Pool) Stop(err error) { p.stopped.CompareAndSwap(nil, &err) }

// Stopped returns what Stop was called with, nil before.
func (p *Pool) Stopped() error {
	if err := p.stopped.Load(); err != nil {
		return *err
	}
	return nil
}

// Account returns the account of one operator, whose name errors will show.
func (p *Pool) Account(operator string) *Account { return &Account{pool: p, operator: operator} }

// Account is an operator's share of a pool. It is safe for concurrent use.
type Account struct {
	pool     *Pool
	operator string
	used     atomic.Int64
}

// Reserve adds bytes to the account, or returns a *types.Error
// EXCEEDED_LOCAL_MEMORY_LIMIT, or what the pool was stopped with, and adds
// nothing.
func (a *Account) Reserve(bytes int64) error {
	p := a.pool
	if err := p.Stopped(); err != nil && bytes > 0 {
		return err
	}
	used := p.used.Load()
	for {
		if bytes > 0 && p.limitBytes > 0 && used+bytes > p.limitBytes {
			return types.Errorf(types.ExceededMemoryLimit, types.Pos{},
				"Query exceeded its memory limit of %s: %s needs %s more beside %s in use",
				formatBytes(p.limitBytes), a.operator, formatBytes(bytes), formatBytes(used))
		}
		if p.used.CompareAndSwap(used, used+bytes) {
			break
		}
		used = p.used.Load()
	}
	used += bytes
	a.used.Add(bytes)
	for peak := p.peak.Load(); used > peak && !p.peak.CompareAndSwap(peak, used); peak = p.peak.Load() {
	}
	return nil
}

// Stopped is the pool's.
func (a *Account) Stopped() error { return a.pool.Stopped() }

// Resize makes the account hold bytes in all, with the errors of Reserve. It
// is for one goroutine at a time.
func (a *Account) Resize(bytes int64) error { return a.Reserve(bytes - a.used.Load()) }

// Release gives bytes back.
func (a *Account) Release(bytes int64) {
	a.used.Add(-bytes)
	a.pool.used.Add(-bytes)
}

// Close gives back all that is left. It may be called again.
func (a *Account) Close() { a.Release(a.used.Load()) }

// UsedBytes is what the account holds now.
func (a *Account) UsedBytes() int64 { return a.used.Load() }

func formatBytes(n int64) string {
	switch {
	case n >= 1<<30:
		return fmt.Sprintf("%.1f GiB", float64(n)/(1<<30))
	case n >= 1<<20:
		return fmt.Sprintf("%.1f MiB", float64(n)/(1<<20))
	case n >= 1<<10:
		return fmt.Sprintf("%.1f KiB", float64(n)/(1<<10))
	}
	return fmt.Sprintf("%d bytes", n)
}
