package spill

import (
	"sync"
	"sync/atomic"

	"github.com/auditlake/auditlake/engine/memory"
)

// Query is what one query spills. It is safe for concurrent use.
type Query struct {
	space   *Space
	spilled atomic.Int64

	mu     sync.Mutex
	runs   map[*Run]struct{} // mu: not closed
	closed bool              // mu
}

// NewQuery returns what a query spills with, nil for a nil Space: nothing can be spilled. The
// caller closes it when the query's operators are closed.
func (s *Space) NewQuery() *Query {
	if s == nil {
		return nil
	}
	return &Query{space: s, runs: map[*Run]struct{}{}}
}

// SpilledBytes is what the query has written so far, including files that were removed since.
func (q *Query) SpilledBytes() int64 {
	if q == nil {
		return 0
	}
	return q.spilled.Load()
}

// Close removes the files of all runs that are left; new runs fail. It may be called again.
func (q *Query) Close() {
	if q == nil {
		return
	}
	q.mu.Lock()
	q.closed = true
	left := make([]*Run, 0, len(q.runs))
	for r := range q.runs {
		left = append(left, r)
	}
	q.mu.Unlock()
	for _, r := range left {
		r.Close()
	}
}

// opened notes a run, unless the query has ended.
func (q *Query) opened(r *Run) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return false
	}
	q.runs[r] = struct{}{}
	return true
}

func (q *Query) forget(r *Run) {
	q.mu.Lock()
	defer q.mu.Unlock()
	delete(q.runs, r)
}

// NewSpiller returns the spiller of an operator, which reserves memory in the operator's
// account; nil for a nil Query.
func (q *Query) NewSpiller(account *memory.Account) *Spiller {
	if q == nil {
		return nil
	}
	return &Spiller{query: q, account: account, recordBytes: recordBytes(account.LimitBytes())}
}

// Spiller makes the runs of one operator. It is safe for concurrent use. A nil *Spiller means that the query cannot
// spill: the operator checks before it makes a run.
type Spiller struct {
	query       *Query
	account     *memory.Account
	recordBytes int64
	spilled     atomic.Int64
}

// SpilledBytes is what the operator has written so far.
func (s *Spiller) SpilledBytes() int64 {
	if s == nil {
		return 0
	}
	return s.spilled.Load()
}

// RecordBytes is about how much a reader holds in memory, besides rows that are longer.
func (s *Spiller) RecordBytes() int64 { return s.recordBytes }

// WritingBytes is the memory for writing a record, unless the record is one long row.
func (s *Spiller) WritingBytes() int64 { return s.packingBytes(s.recordBytes) }

const (
	maxRecordBytes = 256 << 10
	minRecordBytes = 4 << 10
	// recordShare: a record is one in recordShare bytes of a query's memory at most.
	recordShare = 64
)

// recordBytes is the length of records in a query that may hold limitBytes, 0 for no limit.
func recordBytes(limitBytes int64) int64 {
	if limitBytes <= 0 {
		return maxRecordBytes
	}
	return min(maxRecordBytes, max(minRecordBytes, limitBytes/recordShare))
}
