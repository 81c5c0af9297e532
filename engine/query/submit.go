package query

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/engine/query/admission"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// maxTextCharacters is how much of a statement its record keeps.
const maxTextCharacters = 10_000

// estimateAfter is how long a statement runs before its estimate is made, for showing progress. Most have ended by
// then.
const estimateAfter = 250 * time.Millisecond

// ErrCancelled is the error of a query that was cancelled.
var ErrCancelled = types.Errorf(types.UserCanceled, types.Pos{}, "Query was canceled")

// errClosedEarly is the error of a query whose answer was closed before its end.
var errClosedEarly = types.Errorf(types.UserCanceled, types.Pos{}, "The answer was closed before its end")

// Query is a submitted statement. It ends once: with its answer, with an error, or when it is cancelled. It is safe
// for concurrent use.
type Query struct {
	queries *Queries
	sql     string
	request request
	ctx     context.Context
	cancel  context.CancelCauseFunc
	unwatch func() bool // stops watching ctx
	noLimit func() bool // stops watching the clock
	turn    *admission.Ticket

	ending sync.Once // see end

	mu     sync.Mutex
	record catalog.Query // mu
	rows   *Rows         // mu: what runs; nil: not yet
}

// Submit accepts a statement: it gets an id, is QUEUED, and is listed. The caller calls Rows or Cancel. The error
// says that too many wait already (QUERY_QUEUE_FULL), or that the query cannot be recorded, if Durable is set.
func (q *Queries) Submit(ctx context.Context, sql string, options ...Option) (*Query, error) {
	o := requestOf(options)
	o.id = uuid.NewString()
	s := &Query{queries: q, sql: sql, request: o, noLimit: func() bool { return true }, record: q.newRecord(sql, o)}
	s.ctx, s.cancel = context.WithCancelCause(ctx)
	if err := s.enter(); err != nil {
		noteEnd(&s.record, s.record.CreatedAt, err)
		q.tellEnded(&s.record, o)
		return nil, err
	}
	if o.isDurable && q.history != nil {
		if err := q.history.flush(); err != nil {
			s.end(err)
			return nil, fmt.Errorf("record the query: %w", err)
		}
	}
	return s, nil
}

// newRecord returns the first record of a statement.
func (q *Queries) newRecord(sql string, o request) catalog.Query {
	record := catalog.Query{
		ID: o.id, Alias: o.alias, RefreshID: o.refreshID, Prompt: o.prompt, SQL: beginning(cmp.Or(o.written, sql)), Status: catalog.QueryQueued, User: o.user, Door: o.door, Source: o.source,
		CreatedAt: q.options.Now(), DeliveryURI: o.deliverTo,
	}
	if o.reads != nil {
		record.StoreIDs, record.Tables, record.TablesNoted = slices.Clone(o.reads.StoreIDs), slices.Clone(o.reads.Tables), true
	}
	if o.deliverTo != "" {
		record.DeliveryStatus = catalog.DeliveryPending
	}
	return record
}

// NoteEnded records a statement that has already ended, without a turn: its door has applied the session change
// that it asked for, or it cannot run because of err. It returns the statement's id.
func (q *Queries) NoteEnded(sql string, err error, options ...Option) (id string) {
	o := requestOf(options)
	o.id = uuid.NewString()
	record := q.newRecord(sql, o)
	record.TablesNoted = true // it read nothing
	noteEnd(&record, record.CreatedAt, err)
	if q.history != nil {
		q.history.note(&record, nil)
	}
	q.tellEnded(&record, o)
	return o.id
}

// noteEnd records how a query ended; nil: with its answer.
func noteEnd(record *catalog.Query, at time.Time, err error) {
	record.EndedAt, record.Status = at, catalog.QueryFinished
	if err != nil {
		record.Status, record.ErrorName, record.ErrorMessage = endOf(err), types.ErrorName(err), beginning(err.Error())
		noteUndelivered(record)
	}
}

// enter registers the query, and watches what may stop it.
func (s *Query) enter() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	var err error
	if s.turn, err = s.queries.turns.Join(s.request.client()); err != nil {
		s.cancel(err)
		return err
	}
	if err := s.queries.live.addQuery(s); err != nil {
		s.turn.Leave()
		s.cancel(err)
		return err
	}
	s.noteLocked(nil)
	s.unwatch = context.AfterFunc(s.ctx, s.stopped)
	s.watchClock()
	return nil
}

// watchClock ends the query at its time limit, and at the instant of Until.
func (s *Query) watchClock() {
	o, after := s.request, s.queries.options.AfterFunc
	if o.timeout > 0 {
		limit := types.Errorf(types.ExceededTimeLimit, types.Pos{}, "Query exceeded its time limit of %s", o.timeout)
		s.noLimit = after(o.timeout, func() { s.Cancel(limit) })
	}
	if o.until.IsZero() {
		return
	}
	noTimeout := s.noLimit
	over := types.Errorf(types.UserCanceled, types.Pos{}, "Query was canceled: %s", o.untilReason)
	noEnd := after(max(0, o.until.Sub(s.queries.options.Now())), func() { s.Cancel(over) })
	s.noLimit = func() bool {
		noEnd()
		return noTimeout()
	}
}

// beginning returns a text, cut after maxTextCharacters.
func beginning(text string) string {
	if len(text) <= maxTextCharacters {
		return text
	}
	count := 0
	for at := range text {
		if count == maxTextCharacters {
			return text[:at]
		}
		count++
	}
	return text
}

// ID returns the query's id, a UUID.
func (s *Query) ID() string { return s.record.ID } // never changes

// Context is done when the query has ended or is being cancelled; its cause says why.
func (s *Query) Context() context.Context { return s.ctx }

// Cancel ends the query with an error, ErrCancelled or another reason, which its reader gets. If the query has
// ended, Cancel does nothing.
func (s *Query) Cancel(reason error) {
	s.cancel(reason)
	s.stopped()
}

// stopped ends a query whose context is done. If a goroutine is working on it, that goroutine will notice and end
// the query, so that what it scans is counted.
func (s *Query) stopped() {
	reason := context.Cause(s.ctx)
	s.mu.Lock()
	status, rows := s.record.Status, s.rows
	s.mu.Unlock()
	switch {
	case status == catalog.QueryQueued:
		s.end(reason)
	case rows != nil && rows.reading.TryLock():
		defer rows.reading.Unlock()
		rows.pool.Stop(reason)
		rows.keepPart(reason)
		s.end(reason)
	case rows != nil:
		rows.pool.Stop(reason)
	}
}

// Rows runs the statement when its turn comes, and returns its answer, which the caller closes. It is called once.
// While the caller works on returned rows, other queries have their turn.
func (s *Query) Rows() (*Rows, error) {
	rows, err := s.run()
	if err != nil {
		err = s.translate(err)
		s.end(err)
		return nil, err
	}
	if s.request.keep {
		if err := rows.keep(); err != nil {
			s.end(err)
			return nil, errors.Join(err, rows.Close())
		}
	}
	s.turn.Pause()
	return rows, nil
}

func (s *Query) run() (*Rows, error) {
	if err := s.begin(); err != nil {
		return nil, err
	}
	if s.request.mayRun != nil {
		if err := s.request.mayRun(); err != nil {
			return nil, types.Errorf(types.PermissionDenied, types.Pos{}, "Access Denied: %v", err)
		}
	}
	if err := s.applyCaps(); err != nil {
		return nil, err
	}
	q := s.queries
	planned, err := q.plan(s.ctx, s.sql, s.request)
	if err != nil {
		s.noteUnplanned()
		return nil, err
	}
	s.notePlan(planned)
	explain, isExplain := planned.root.(*plan.Explain)
	if s.request.maxBytes > 0 && (!isExplain || explain.Analyze) {
		if err := s.checkEstimate(planned); err != nil {
			planned.view.close()
			return nil, err
		}
	}
	if isExplain {
		return q.explainRows(s, planned, explain)
	}
	rows := q.newRows(s, planned, s.request)
	if err := rows.open(); err != nil {
		return nil, err
	}
	return rows, nil
}

// begin sets the query to RUNNING when its turn comes.
func (s *Query) begin() error {
	if err := s.turn.Wait(s.ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil { // stopped may be about to end a waiting query
		return context.Cause(s.ctx)
	}
	if s.record.Status != catalog.QueryQueued {
		return errors.New("query: Rows was called before")
	}
	s.record.Status, s.record.StartedAt = catalog.QueryRunning, s.queries.options.Now()
	s.noteLocked(nil)
	return nil
}

func (s *Query) checkEstimate(planned *statement) error {
	e, err := s.queries.estimate(s.ctx, planned)
	if err != nil {
		return err
	}
	s.noteEstimate(e)
	if e.LowBytes > s.request.maxBytes {
		return s.overLimit(planned, e)
	}
	return nil
}

// notePlan records the stores and reference tables that the statement reads. They decide who may read its answer.
func (s *Query) notePlan(planned *statement) {
	tables, isKnown := planned.view.tablesRead()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.record.StoreIDs = planned.storesRead(s.record.StoreIDs)
	s.record.Tables, s.record.TablesNoted = tables, isKnown
}

// noteUnplanned records that the query ends without having read a reference table.
func (s *Query) noteUnplanned() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.record.TablesNoted = true
}

func (s *Query) noteEstimate(e *Estimate) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.record.PlannedLowBytes, s.record.PlannedHighBytes = e.LowBytes, e.HighBytes
}

// noteRows sets the running answer.
func (s *Query) noteRows(r *Rows) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = r
	if s.ctx.Err() != nil { // stopped did not see r
		r.pool.Stop(context.Cause(s.ctx))
	}
}

// estimateSoon makes the estimate when the statement has run for a while. end stops that and waits: after it,
// nothing reads the snapshot any more.
func (s *Query) estimateSoon(planned *statement) (end func()) {
	if s.request.maxBytes > 0 || len(scansOf(planned.root)) == 0 { // already made, or nothing to estimate
		return func() {}
	}
	ctx, cancel := context.WithCancel(s.ctx)
	done := make(chan struct{})
	timer := time.AfterFunc(estimateAfter, func() {
		defer close(done)
		var err error
		defer s.recovered(&err) // a defect here is logged, and the query continues
		if e, err := s.queries.estimate(ctx, planned); err == nil {
			s.noteEstimate(e)
		}
	})
	return func() {
		cancel()
		if !timer.Stop() {
			<-done
		}
	}
}

// translate replaces the error of the operation that first noticed a stop with the reason of the stop.
func (s *Query) translate(err error) error {
	if err != nil && s.ctx.Err() != nil {
		return context.Cause(s.ctx)
	}
	return err
}

// end records how the query ended; nil: with its answer. Only the first call counts, and every call returns after
// the query has ended. Options.Ended is called before others can see the end, so that they find its consequences.
func (s *Query) end(err error) {
	s.ending.Do(func() {
		at := s.queries.options.Now()
		defer s.noteEnd(at, err) // even if a callback panics
		s.request.ending()
		s.queries.tellEnded(s.endedAt(at, err), s.request)
	})
}

// tellEnded calls Options.Ended for a query that has ended.
func (q *Queries) tellEnded(record *catalog.Query, o request) {
	info := q.infoOf(record)
	info.Asker = o.asker
	q.options.Ended(info)
}

// endedAt returns the query's record as it will be after its end.
func (s *Query) endedAt(at time.Time, err error) *catalog.Query {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.takeStatsLocked()
	record := s.record
	noteEnd(&record, at, err)
	return &record
}

func (s *Query) noteEnd(at time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.takeStatsLocked()
	noteEnd(&s.record, at, err)
	s.turn.Leave() // before the end is visible to others who may want the place
	s.noteLocked(s.usageLocked())
	s.queries.live.removeQuery(s)
	s.noLimit()
	s.unwatch()
	s.cancel(err)
}

// endOf returns the state of a query that ended with an error.
func endOf(err error) catalog.QueryStatus {
	switch name := types.ErrorName(err); {
	case name == types.ExceededTimeLimit || errors.Is(err, context.DeadlineExceeded):
		return catalog.QueryTimedOut
	case name == types.UserCanceled || name == types.AbandonedQuery || name == types.ServerShuttingDown,
		errors.Is(err, context.Canceled), errors.Is(err, storage.ErrClosed):
		return catalog.QueryCancelled
	}
	return catalog.QueryFailed
}

// takeStatsLocked updates the record from the running answer.
func (s *Query) takeStatsLocked() {
	if s.rows == nil {
		return
	}
	stats, r := s.rows.Stats(), &s.record
	r.Rows, r.EventsScanned, r.EventsMatched = stats.Rows, stats.EventsScanned, stats.EventsMatched
	r.FreeBytes = stats.FreeBytes
	r.BytesScanned, r.BytesRead, r.PeakMemoryBytes, r.SpilledBytes = stats.BytesScanned, stats.BytesRead, stats.PeakMemoryBytes, stats.SpilledBytes
}

// usageLocked returns the usage of the stores read. The query itself is counted once, for the first store.
func (s *Query) usageLocked() (out []catalog.Usage) {
	if s.rows == nil {
		return nil
	}
	day := catalog.DayOf(s.record.CreatedAt.UnixMilli())
	for i, u := range s.rows.scanned() {
		usage := catalog.Usage{StoreID: u.storeID, Day: day, ScannedBytes: u.bytes}
		if i == 0 {
			usage.Queries = 1
		}
		out = append(out, usage)
	}
	return out
}

// noteLocked passes the query's state to the history.
func (s *Query) noteLocked(used []catalog.Usage) {
	record := s.record
	switch q := s.queries; {
	case q.history != nil:
		q.history.note(&record, used)
	case q.passing != nil && s.request.keep && !s.request.isDurable:
		if err := q.passing.note(&record); err != nil {
			q.options.Log.Error("the answer of an old query cannot be removed", "error", err)
		}
	}
}

// Info returns the current state of the query.
func (s *Query) Info() *Info {
	s.mu.Lock()
	if !s.record.Status.IsOver() {
		s.takeStatsLocked()
	}
	record := s.record
	s.mu.Unlock()
	return s.queries.infoOf(&record)
}
