package query

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// ErrNotFound means that no query with the id is known: there never was one, or it left the history.
var ErrNotFound = errors.New("query not found")

// ErrOver means that a query can no longer be cancelled.
var ErrOver = errors.New("the query has ended")

// liveQueries are the queries of this process that have not ended.
type liveQueries struct {
	mu     sync.Mutex
	byID   map[string]*Query // mu
	closed bool              // mu
}

func (l *liveQueries) addQuery(s *Query) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return storage.ErrClosed
	}
	l.byID[s.ID()] = s
	return nil
}

func (l *liveQueries) removeQuery(s *Query) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.byID, s.ID())
}

func (l *liveQueries) query(id string) *Query {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.byID[id]
}

func (l *liveQueries) all() (out []*Query) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, s := range l.byID {
		out = append(out, s)
	}
	return out
}

// Open returns the queries that have not ended.
func (q *Queries) Open() (out []*Info) {
	for _, s := range q.live.all() {
		out = append(out, s.Info())
	}
	return out
}

// close refuses further queries and returns the open ones.
func (l *liveQueries) close() []*Query {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	return l.all()
}

// Close cancels the queries that have not ended and records what they did until then. Their readers get
// storage.ErrClosed. It must be called before the lake's storage is closed.
func (q *Queries) Close() error {
	for _, s := range q.live.close() {
		s.Cancel(storage.ErrClosed)
		s.end(storage.ErrClosed)
	}
	q.spills.Close()
	if q.history == nil {
		return q.passing.close()
	}
	if err := q.history.end(); err != nil {
		return &HistoryError{err}
	}
	return nil
}

// HistoryError means that the history of queries could not be written.
type HistoryError struct{ Err error }

func (e *HistoryError) Error() string { return "history of queries: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *HistoryError) Unwrap() error { return e.Err }

// Flush writes the history of queries and usage to the disk, which otherwise happens within a second.
func (q *Queries) Flush() error {
	if q.history == nil {
		return nil
	}
	return q.history.flush()
}

// Filter selects queries. The zero value selects the latest 100.
type Filter struct {
	StoreID string // that read the store
	User    string // of the user
	Door    string // that came through the door
	// WithoutDoors excludes queries that came through one of these doors.
	WithoutDoors []string
	Alias        string // that were requested by the alias
	// RefreshID selects the queries of one refresh of a dashboard; "": any.
	RefreshID string
	States    []State   // in one of these
	Since     time.Time // submitted at that instant or later
	Until     time.Time // submitted at that instant or earlier; zero: until now
	After     *Place    // that follow this query in the list; nil: from the latest on
	Limit     int       // maximum number of queries; 0: 100
	// Keep, if not nil, excludes the queries for which it returns false: they do not count for Limit. It must not
	// call the lake.
	Keep func(*Info) bool
}

// Place is the position of a query in the list, the latest first. It stays the same while others come and go.
type Place struct {
	CreatedAt time.Time
	ID        string
}

// Place returns the position of the query in the list.
func (i *Info) Place() Place { return Place{i.CreatedAt, i.ID} }

// compare is negative if p comes before other.
func (p Place) compare(other Place) int {
	return cmp.Or(other.CreatedAt.Compare(p.CreatedAt), strings.Compare(p.ID, other.ID))
}

const defaultListed = 100

// matches reports whether the filter selects a record.
func (f *Filter) matches(r *catalog.Query) bool {
	if f.After != nil && (Place{r.CreatedAt, r.ID}).compare(*f.After) <= 0 || !f.Until.IsZero() && r.CreatedAt.After(f.Until) || f.Door != "" && r.Door != f.Door || f.Alias != "" && r.Alias != f.Alias ||
		f.RefreshID != "" && r.RefreshID != f.RefreshID {
		return false
	}
	if slices.Contains(f.WithoutDoors, r.Door) {
		return false
	}
	return (f.StoreID == "" || slices.Contains(r.StoreIDs, f.StoreID)) && (f.User == "" || r.User == f.User) &&
		(len(f.States) == 0 || slices.Contains(f.States, State(r.Status))) && !r.CreatedAt.Before(f.Since)
}

// List returns the queries that a filter selects within the history (Options.KeepHistory), the latest first.
func (q *Queries) List(ctx context.Context, f Filter) ([]*Info, error) {
	if oldest := q.oldest(); f.Since.Before(oldest) {
		f.Since = oldest
	}
	if f.After != nil && (f.Until.IsZero() || f.After.CreatedAt.Before(f.Until)) {
		f.Until = f.After.CreatedAt
	}
	limit := cmp.Or(f.Limit, defaultListed)
	chooses := func(r *catalog.Query) bool { return f.matches(r) && (f.Keep == nil || f.Keep(q.infoOf(r))) }
	// Memory first: a query that moves to the disk meanwhile is seen twice, not missed.
	records := q.inMemory()
	var found []*catalog.Query
	for _, r := range records {
		if chooses(r) {
			found = append(found, r)
		}
	}
	err := q.options.Storage.Catalog().View(func(tx *catalog.Tx) error {
		written, err := tx.LatestQueries(catalog.QueryFilter{StoreID: f.StoreID, Alias: f.Alias, User: f.User, Since: f.Since, Until: f.Until}, limit, func(r *catalog.Query) bool {
			_, isInMemory := records[r.ID]
			return !isInMemory && chooses(q.asOfNow(r))
		})
		for _, r := range written {
			found = append(found, q.asOfNow(r))
		}
		return err
	})
	if err := errors.Join(err, ctx.Err()); err != nil {
		return nil, fmt.Errorf("list queries: %w", err)
	}
	slices.SortFunc(found, func(a, b *catalog.Query) int {
		return Place{a.CreatedAt, a.ID}.compare(Place{b.CreatedAt, b.ID})
	})
	var out []*Info
	for _, r := range found[:min(limit, len(found))] {
		out = append(out, q.infoOf(r))
	}
	return out, nil
}

// inMemory returns the queries whose state in memory may be newer than on disk.
func (q *Queries) inMemory() map[string]*catalog.Query {
	live := q.live.all() // before the noted ones, so that those that end meanwhile are among these
	out := q.passing.noted()
	if q.history != nil {
		out = q.history.noted()
	}
	for _, s := range live {
		record := s.recordOfNow()
		out[record.ID] = record
	}
	return out
}

// oneInMemory returns the record that inMemory has for one query, or nil.
func (q *Queries) oneInMemory(id string) *catalog.Query {
	live := q.live.query(id) // before the noted ones, see inMemory
	if live != nil {
		return live.recordOfNow()
	}
	if q.history == nil {
		return q.passing.query(id)
	}
	return q.history.queryInMemory(id)
}

// recordOfNow returns a copy of a live query's record.
func (s *Query) recordOfNow() *catalog.Query {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.record.Status.IsOver() {
		s.takeStatsLocked()
	}
	record := s.record
	return &record
}

// asOfNow returns a written record as it is now. In a read-only lake nothing runs and interrupted queries are not
// recorded, so an unfinished query was interrupted.
func (q *Queries) asOfNow(r *catalog.Query) *catalog.Query {
	if r.Status.IsOver() || q.history != nil {
		return r
	}
	return interrupted(r)
}

// Get returns a query; its id may lack the hyphens. ErrNotFound: it is unknown.
func (q *Queries) Get(id string) (*Info, error) {
	parsed, err := uuid.Parse(id)
	if err != nil {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	if live := q.live.query(parsed.String()); live != nil {
		return live.Info(), nil
	}
	record, err := q.record(parsed.String())
	if err != nil {
		return nil, err
	}
	return q.infoOf(q.asOfNow(record)), nil
}

// record returns the latest state of a query, which the caller must not change. ErrNotFound: it never existed, or
// left the history.
func (q *Queries) record(id string) (record *catalog.Query, err error) {
	record = q.oneInMemory(id)
	if record == nil {
		err = q.options.Storage.Catalog().View(func(tx *catalog.Tx) (err error) {
			record, err = tx.Query(id)
			return err
		})
	}
	if errors.Is(err, catalog.ErrNotFound) || err == nil && record.CreatedAt.Before(q.oldest()) {
		return nil, fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	return record, err
}

// oldest returns the instant before which queries are no longer listed.
func (q *Queries) oldest() time.Time { return q.options.Now().Add(-q.options.KeepHistory) }

// CancelOfKey cancels the open queries of an access key that was revoked: waiting, running, or waiting for their
// reader. For a query submitted at the same time, the function given to MayRun refuses it.
func (q *Queries) CancelOfKey(keyID string) {
	for _, s := range q.live.all() {
		if asker := s.request.asker; asker != nil && asker.KeyID == keyID {
			s.Cancel(types.Errorf(types.UserCanceled, types.Pos{}, "Query was canceled: the access key %s was revoked", keyID))
		}
	}
}

// Cancel ends a waiting or running query with ErrCancelled. ErrNotFound: there is none with the id; ErrOver: it has
// ended.
func (q *Queries) Cancel(id string) error {
	info, err := q.Get(id)
	if err != nil {
		return err
	}
	s := q.live.query(info.ID)
	if s == nil {
		return fmt.Errorf("%w: %s is %s", ErrOver, info.ID, info.State)
	}
	s.Cancel(ErrCancelled)
	return nil
}
