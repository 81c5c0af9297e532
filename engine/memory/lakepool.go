package memory

import (
	"slices"
	"sync"
	"sync/atomic"

	"github.com/auditlake/auditlake/planner/types"
)

const (
	// grantStepBytes is how much a query's pool takes from the lake's beyond its need, so that most reservations do
	// not take the lake's lock.
	grantStepBytes = 1 << 20
	// trimSpareBytes is how much a query's pool may have without using it before
	// it gives back all but grantStepBytes of that.
	trimSpareBytes = 4 << 20
	// limitBytes/keptShare of the lake's memory is kept for small queries, so that large ones do not make short ones
	// fail. A query is small while it holds at most limitBytes/smallShare.
	keptShare  = 32
	smallShare = 4 * keptShare
)

// LakePool is the memory that all queries of a lake hold together. Each query has
// a Pool of it. It is safe for concurrent use.
type LakePool struct {
	limitBytes int64

	mu      sync.Mutex
	granted atomic.Int64       // changed under mu: the sum of what queries were granted
	queries map[*Pool]struct{} // mu
	loans   []*loan            // mu

	spillBytes int64 // see SpillFrom

	// largeBytes and beforeLarge, and grantsStepBytes and onGrants, are set before the first query; nil: nothing is
	// done.
	largeBytes  int64
	beforeLarge func(bytes int64)

	grantsStepBytes int64
	onGrants        func(grantedBytes int64)
}

// Cache is memory that a lake holds only while no query needs it. It may be asked by several goroutines.
type Cache interface {
	UsedBytes() int64
	// ShrinkTo gives back all but so much.
	ShrinkTo(bytes int64)
}

// loan is memory that a cache has for now.
type loan struct {
	cache Cache
	room  func() int64
}

// Lend lets a cache use memory that queries do not need, up to what room returns, and shrinks the cache as they
// need it. end ends the loan. room must not wait for the cache.
func (l *LakePool) Lend(cache Cache, room func() int64) (end func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	lent := &loan{cache, room}
	l.loans = append(l.loans, lent)
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.loans = slices.DeleteFunc(l.loans, func(other *loan) bool { return other == lent })
	}
}

// BeforeLarge sets a function that is called when a query was granted largeBytes or more at once, by the goroutine
// that reserves. It is set before the first query.
func (l *LakePool) BeforeLarge(largeBytes int64, do func(bytes int64)) {
	l.largeBytes, l.beforeLarge = largeBytes, do
}

// OnGrants sets a function that is called with what queries are granted together, each time that this passes a
// multiple of stepBytes. The pool's lock is held, so the function must not call the pool. It is set before the
// first query.
func (l *LakePool) OnGrants(stepBytes int64, do func(grantedBytes int64)) {
	l.grantsStepBytes, l.onGrants = stepBytes, do
}

// addGrantedLocked adds bytes, which may be negative, to what queries were granted.
func (l *LakePool) addGrantedLocked(bytes int64) {
	granted := l.granted.Add(bytes)
	if l.onGrants != nil && granted/l.grantsStepBytes != (granted-bytes)/l.grantsStepBytes {
		l.onGrants(granted)
	}
}

// SpillFrom makes operators of all queries spill as in a SpillingPool, without lowering what each query may hold.
// It is set before the first query.
func (l *LakePool) SpillFrom(limitBytes int64) { l.spillBytes = limitBytes }

// SpareBytes is how much is granted to no query: what a cache may use.
func (l *LakePool) SpareBytes() int64 { return max(0, l.limitBytes-l.granted.Load()) }

// shrinkCachesLocked leaves the caches what queries do not have.
func (l *LakePool) shrinkCachesLocked() {
	for _, lent := range l.loans {
		if room := lent.room(); lent.cache.UsedBytes() > room {
			lent.cache.ShrinkTo(room)
		}
	}
}

// NewLakePool returns the pool of a lake whose queries may hold limitBytes; 0 or
// less: DefaultLakeBytes.
func NewLakePool(limitBytes int64) *LakePool {
	if limitBytes <= 0 {
		limitBytes = DefaultLakeBytes()
	}
	return &LakePool{limitBytes: limitBytes, queries: map[*Pool]struct{}{}}
}

// LimitBytes is what all queries may hold together.
func (l *LakePool) LimitBytes() int64 { return l.limitBytes }

// QueryLimitBytes is the most that one query may hold, whatever its own limit is:
// half of LimitBytes.
func (l *LakePool) QueryLimitBytes() int64 { return max(1, l.limitBytes/2) }

// UsedBytes is what queries reserve now.
func (l *LakePool) UsedBytes() (used int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for p := range l.queries {
		used += p.UsedBytes()
	}
	return used
}

// QueryPool returns the pool of one query, which may hold limitBytes but never more
// than QueryLimitBytes; 0 or less: QueryLimitBytes. The caller closes it.
func (l *LakePool) QueryPool(limitBytes int64) *Pool {
	p := &Pool{limitBytes: l.QueryLimitBytes(), spillBytes: l.spillBytes, lake: l}
	if limitBytes > 0 && limitBytes < p.limitBytes {
		p.limitBytes, p.hasOwnLimit = limitBytes, true
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.queries[p] = struct{}{}
	return p
}

// Close returns everything that a query holds to its lake, also what accounts still have. Later reservations fail.
// It may be called again, and does nothing to a pool without a lake.
func (p *Pool) Close() {
	if p.lake == nil {
		return
	}
	p.lake.mu.Lock()
	defer p.lake.mu.Unlock()
	delete(p.lake.queries, p)
	p.lake.addGrantedLocked(-p.granted.Swap(0))
}

// cover makes the lake grant what the pool uses, including an operator's reservation of bytes. Without an error the
// operator may keep these bytes; with an error they are taken back.
func (l *LakePool) cover(p *Pool, operator string, bytes int64) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if _, open := l.queries[p]; !open {
		p.used.Add(-bytes)
		return types.Errorf(types.GenericInternalError, types.Pos{}, "%s needs memory of a query that has ended", operator)
	}
	missing := p.used.Load() - p.granted.Load()
	if missing <= 0 {
		return nil // another goroutine of the query took enough meanwhile
	}
	limitBytes := l.limitBytes
	if p.used.Load() > l.limitBytes/smallShare {
		limitBytes -= l.limitBytes / keptShare
	}
	if l.granted.Load()+missing > limitBytes {
		l.trimQueriesLocked()
	}
	free := limitBytes - l.granted.Load()
	if missing > free {
		p.used.Add(-bytes)
		return types.Errorf(types.ClusterOutOfMemory, types.Pos{},
			Exhausted+"The queries of the lake hold all of the %s that they may hold together (the last %s are kept for small queries): "+
				"%s needs %s more, this query holds %s, %d others hold %s; ask again when they have ended, or raise the limit with --memory",
			FormatBytes(l.limitBytes), FormatBytes(l.limitBytes/keptShare), operator, FormatBytes(bytes), FormatBytes(p.granted.Load()),
			len(l.queries)-1, FormatBytes(l.granted.Load()-p.granted.Load()))
	}
	step := min(missing+grantStepBytes, free)
	l.addGrantedLocked(step)
	p.granted.Add(step)
	l.shrinkCachesLocked()
	return nil
}

// trim gives back what the pool has and does not use.
func (p *Pool) trim() {
	p.lake.mu.Lock()
	defer p.lake.mu.Unlock()
	p.lake.addGrantedLocked(-p.takeSpareLocked(grantStepBytes))
}

// trimQueriesLocked takes back from all queries what they do not use.
func (l *LakePool) trimQueriesLocked() {
	for p := range l.queries {
		l.addGrantedLocked(-p.takeSpareLocked(0))
	}
}

// takeSpareLocked takes from the pool what it was granted and does not use, but for
// keep, and returns how much that was. A reservation that runs meanwhile first adds
// to used and then reads granted; this function first lowers granted and then reads
// used. So at least one of the two sees the other: the reservation calls cover, or
// this function gives back what is missing.
func (p *Pool) takeSpareLocked(keep int64) int64 {
	spare := p.granted.Load() - p.used.Load() - keep
	if spare <= 0 {
		return 0
	}
	left := p.granted.Add(-spare)
	if missing := p.used.Load() - left; missing > 0 {
		back := min(missing, spare)
		p.granted.Add(back)
		spare -= back
	}
	return spare
}
