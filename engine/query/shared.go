package query

import (
	"context"
	"sync"
	"time"

	"github.com/auditlake/auditlake/storage"
)

// Shared lets several statements read one snapshot at one instant, so that their answers agree.
//
// What one statement has read and decoded stays cached for the others until Close, in memory that no query needs.
// Each statement is charged as if it ran alone.
type Shared struct {
	queries *Queries
	now     time.Time

	mu       sync.Mutex
	snapshot *storage.Snapshot // mu
	users    int               // mu: statements that read it, plus one until Close
	isClosed bool              // mu
	endLoan  func()
}

// Share returns the current lake for statements with the option Over. The caller closes it.
func (q *Queries) Share(ctx context.Context) (*Shared, error) {
	snapshot, err := q.options.Storage.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	s := &Shared{queries: q, now: q.options.Now(), snapshot: snapshot, users: 1, endLoan: func() {}}
	q.sharing.Add(1)
	if held := snapshot.Hold(q.memory.LimitBytes()); held.Holds() {
		held.SetRoom(q.sharedRoom)
		s.endLoan = q.memory.Lend(held, q.sharedRoom)
	}
	return s, nil
}

// sharedRoom returns how much one Shared may cache: its share of the memory beyond queries and the lake's cache.
func (q *Queries) sharedRoom() int64 {
	return max(0, q.memory.SpareBytes()-q.cacheLimitBytes) / max(1, q.sharing.Load())
}

// Now returns the instant of the statements, their now().
func (s *Shared) Now() time.Time { return s.now }

// Over makes a statement read the shared snapshot.
func Over(s *Shared) Option { return func(o *request) { o.shared = s } }

// take lends a statement the snapshot until it calls giveBack.
func (s *Shared) take(context.Context) (snapshot *storage.Snapshot, giveBack func(), err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.isClosed {
		return nil, nil, storage.ErrClosed
	}
	s.users++
	return s.snapshot, sync.OnceFunc(s.leave), nil
}

// Close ends the sharing once the statements that read it have ended. Later ones fail. Further calls do nothing.
func (s *Shared) Close() {
	s.mu.Lock()
	wasClosed := s.isClosed
	s.isClosed = true
	s.mu.Unlock()
	if !wasClosed {
		s.leave()
	}
}

func (s *Shared) leave() {
	s.mu.Lock()
	s.users--
	isLast := s.users == 0
	s.mu.Unlock()
	if isLast {
		s.endLoan()
		s.snapshot.Close()
		s.queries.sharing.Add(-1)
	}
}

// snapshot takes a snapshot for a single statement.
func (q *Queries) snapshot(ctx context.Context) (snapshot *storage.Snapshot, giveBack func(), err error) {
	if snapshot, err = q.options.Storage.Snapshot(ctx); err != nil {
		return nil, nil, err
	}
	return snapshot, snapshot.Close, nil
}
