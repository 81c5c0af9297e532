// Package memory is the leaf that accounts for the memory a query holds. It
// counts what operators declare; it allocates nothing.
package memory

import (
	"cmp"
	"fmt"
	"sync/atomic"

	"github.com/auditlake/auditlake/planner/types"
)

// Pool is the budget of one query. It is safe for concurrent use.
type Pool struct {
	limitBytes  int64
	spillBytes  int64     // see SpillingPool
	hasOwnLimit bool      // limitBytes is less than the lake allows a query
	lake        *LakePool // nil: the pool is part of none
	used, peak  atomic.Int64
	granted     atomic.Int64 // by the lake; changed under its lock only
	stopped     atomic.Pointer[error]
	pace        func() // see SetPace; nil: nothing is done
}

// NewPool returns a pool of limitBytes that is part of no lake's; 0 or less means
// no limit.
func NewPool(limitBytes int64) *Pool { return &Pool{limitBytes: limitBytes} }

// SpillingPool returns a pool without limit in which operators spill as if it had one of limitBytes. Tests use it
// to see operators spill with few rows.
func SpillingPool(limitBytes int64) *Pool { return &Pool{spillBytes: limitBytes} }

// UsedBytes is what is reserved now.
func (p *Pool) UsedBytes() int64 { return p.used.Load() }

// PeakBytes is the most that was ever reserved at once.
func (p *Pool) PeakBytes() int64 { return p.peak.Load() }

// Stop makes every later reservation of more, and every look at Stopped, fail
// with err. What computes for long looks there, so that it ends soon after its
// statement does.
func (p *Pool) Stop(err error) { p.stopped.CompareAndSwap(nil, &err) }

// SetPace sets a function that is called wherever the query's work reserves more or checks whether it was stopped.
// The working goroutine calls it and may wait there for other queries, so it must hold no lock. It is set before
// the first account.
func (p *Pool) SetPace(pace func()) { p.pace = pace }

// pacedStopped is Stopped where the work may wait for other queries.
func (p *Pool) pacedStopped() error {
	if p.pace != nil {
		p.pace()
	}
	return p.Stopped()
}

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
	peak     *Peak // of the accounts that it is one of, or nil
}

// Peak is the most that several accounts held together.
type Peak struct{ used, peak atomic.Int64 }

// Bytes is the most so far.
func (p *Peak) Bytes() int64 { return p.peak.Load() }

func (p *Peak) noteMore(bytes int64) {
	used := p.used.Add(bytes)
	for peak := p.peak.Load(); used > peak && !p.peak.CompareAndSwap(peak, used); peak = p.peak.Load() {
	}
}

// CountIn makes the account count in a peak. It is called before the account holds anything.
func (a *Account) CountIn(peak *Peak) { a.peak = peak }

// noteMore adds bytes, which may be negative, to what the account holds.
func (a *Account) noteMore(bytes int64) {
	a.used.Add(bytes)
	if a.peak != nil {
		a.peak.noteMore(bytes)
	}
}

// Reserve adds bytes to the account, or returns an error and adds nothing: a
// *types.Error EXCEEDED_LOCAL_MEMORY_LIMIT at the limit of the query,
// CLUSTER_OUT_OF_MEMORY at the limit of all queries of the lake, or what the pool
// was stopped with.
func (a *Account) Reserve(bytes int64) error {
	p := a.pool
	if bytes > 0 {
		if err := p.pacedStopped(); err != nil {
			return err
		}
	}
	used := p.used.Load()
	for {
		if bytes > 0 && p.limitBytes > 0 && used+bytes > p.limitBytes {
			return p.exceeded(a.operator, bytes, used)
		}
		if p.used.CompareAndSwap(used, used+bytes) {
			break
		}
		used = p.used.Load()
	}
	used += bytes
	if p.lake != nil {
		if bytes > 0 && used > p.granted.Load() {
			if err := p.lake.cover(p, a.operator, bytes); err != nil {
				return err
			}
		} else if bytes < 0 {
			p.released(used)
		}
	}
	a.noteMore(bytes)
	for peak := p.peak.Load(); used > peak && !p.peak.CompareAndSwap(peak, used); peak = p.peak.Load() {
	}
	if p.lake != nil && p.lake.beforeLarge != nil && bytes >= p.lake.largeBytes {
		p.lake.beforeLarge(bytes)
	}
	return nil
}

// Exhausted begins the messages of queries that need more than there is, TooLarge those of answers that are too
// long. Both are in the words of the service's guide.
const (
	Exhausted = "Query exhausted resources at this scale factor: "
	TooLarge  = "Query response is too large: "
)

// exceeded is the error at the query's limit.
func (p *Pool) exceeded(operator string, bytes, used int64) error {
	which := ""
	if p.lake != nil && !p.hasOwnLimit {
		which = ", half of what all queries of the lake may hold together (--memory sets that)"
	}
	return types.Errorf(types.ExceededMemoryLimit, types.Pos{},
		Exhausted+"Query exceeded its memory limit of %s%s: %s needs %s more beside %s in use",
		FormatBytes(p.limitBytes), which, operator, FormatBytes(bytes), FormatBytes(used))
}

// released gives memory back to the lake if the pool, which now uses used bytes, was granted much more.
func (p *Pool) released(used int64) {
	if p.granted.Load()-used > trimSpareBytes {
		p.trim()
	}
}

// ShouldSpill reports whether an operator that can write what it holds to disk should do so instead of reserving
// bytes more. That is the case if the query would then hold more than three quarters of its limit, or all queries
// of the lake more than seven eighths of theirs. The rest is for operators that cannot spill. An operator that
// holds less than a sixteenth of its query's limit does not spill, as it would gain too little.
func (a *Account) ShouldSpill(bytes int64) bool {
	p, limitBytes := a.pool, a.LimitBytes()
	if limitBytes <= 0 || a.used.Load() < limitBytes/16 {
		return false
	}
	used := p.used.Load() + bytes
	if used > limitBytes/4*3 {
		return true
	}
	return p.lake != nil && used > p.granted.Load() && p.lake.granted.Load()-p.granted.Load()+used > p.lake.limitBytes/8*7
}

// HasRoom reports whether, with bytes more, one in share bytes of the query's memory were still free. An operator
// that can do with less should leave this room: the query's other goroutines go on computing, and need memory, too.
func (a *Account) HasRoom(bytes, share int64) bool {
	limitBytes := a.LimitBytes()
	return limitBytes <= 0 || a.pool.used.Load()+bytes <= limitBytes-limitBytes/share
}

// LimitBytes is what the account's query may hold, 0 for no limit: operators that spill choose by it how much they
// keep.
func (a *Account) LimitBytes() int64 { return cmp.Or(a.pool.spillBytes, a.pool.limitBytes) }

// IsFull reports whether err means that a reservation was too much for the query or the lake. Such a reservation
// may succeed when memory was released.
func IsFull(err error) bool {
	name := types.ErrorName(err)
	return name == types.ExceededMemoryLimit || name == types.ClusterOutOfMemory
}

// Stopped is the pool's. The work may wait for other queries here, see SetPace.
func (a *Account) Stopped() error { return a.pool.pacedStopped() }

// Resize makes the account hold bytes in all, with the errors of Reserve. It
// is for one goroutine at a time.
func (a *Account) Resize(bytes int64) error { return a.Reserve(bytes - a.used.Load()) }

// Release gives bytes back.
func (a *Account) Release(bytes int64) {
	a.noteMore(-bytes)
	used := a.pool.used.Add(-bytes)
	if a.pool.lake != nil {
		a.pool.released(used)
	}
}

// Close gives back all that is left. It may be called again.
func (a *Account) Close() { a.Release(a.used.Load()) }

// UsedBytes is what the account holds now.
func (a *Account) UsedBytes() int64 { return a.used.Load() }

// FormatBytes is a number of bytes as messages show it, such as 1.5 GiB.
func FormatBytes(n int64) string {
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
