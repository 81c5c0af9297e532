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

// estimateAfter is how long a statement runs before its estimate is made, for whoever looks at its progress: most have
// ended by then.
const estimateAfter = 250 * time.Millisecond

// ErrCancelled is what ends a query that somebody cancels.
var ErrCancelled = types.Errorf(types.UserCanceled, types.Pos{}, "Query was canceled")

// errClosedEarly ends a query whose reader wanted no more.
var errClosedEarly = types.Errorf(types.UserCanceled, types.Pos{}, "The answer was closed before its end")

// Query is a statement that was submitted. It ends once: with its answer, with an error, or when it is cancelled. It is
// safe for concurrent use.
type Query struct {
	queries *Queries
	sql     string
	request request
	ctx     context.Context
	cancel  context.CancelCauseFunc
	unwatch func() bool // ends the watch of ctx
	noLimit func() bool // ends the watch of the clock
	turn    *admission.Ticket

	ending sync.Once // see end

	mu     sync.Mutex
	record catalog.Query // mu
	rows   *Rows         // mu: what runs; nil: nothing yet
}

// Submit takes in a statement: it has an id, is QUEUED, and others see it. The caller calls Rows, or Cancel. The
// error is that too many wait already (QUERY_QUEUE_FULL), or that the query cannot be recorded, if Durable asks for
// that.
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

// newRecord is what the history has first of a statement.
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

// NoteEnded takes in a statement that has ended already, without a turn: its door has made the change of a session
// that it asked for, or it cannot be run because of err. It returns the statement's id.
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

// noteEnd notes in a record how its query ended, nil: with its answer.
func noteEnd(record *catalog.Query, at time.Time, err error) {
	record.EndedAt, record.Status = at, catalog.QueryFinished
	if err != nil {
		record.Status, record.ErrorName, record.ErrorMessage = endOf(err), types.ErrorName(err), beginning(err.Error())
		noteUndelivered(record)
	}
}

// enter makes the query known, and watches what may stop it.
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

// beginning is a text, cut off after maxTextCharacters.
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

// ID is the query's, a UUID.
func (s *Query) ID() string { return s.record.ID } // never changes

// Context is done when the query has ended or is being cancelled; its cause says why.
func (s *Query) Context() context.Context { return s.ctx }

// Cancel ends the query with an error, which its reader gets: ErrCancelled, or another reason. Of a query that has
// ended nothing changes.
func (s *Query) Cancel(reason error) {
	s.cancel(reason)
	s.stopped()
}

// stopped ends a query whose context is done, unless somebody is at work on it, who will notice and end it: what is at
// work counts what it scans.
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

// Rows runs the statement when its turn has come, and returns its answer, which the caller closes. It is called once.
// While the caller is at work on rows it was given, others have their turn.
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

// begin makes the query RUNNING when its turn has come.
func (s *Query) begin() error {
	if err := s.turn.Wait(s.ctx); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil { // stopped may be about to end a query that waits
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

// notePlan notes which stores and reference tables the statement reads. Whoever may read its answer is asked by these.
func (s *Query) notePlan(planned *statement) {
	tables, isKnown := planned.view.tablesRead()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.record.StoreIDs = planned.storesRead(s.record.StoreIDs)
	s.record.Tables, s.record.TablesNoted = tables, isKnown
}

// noteUnplanned notes that the query ends without having read a reference table.
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

// noteRows says what runs from now on.
func (s *Query) noteRows(r *Rows) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = r
	if s.ctx.Err() != nil { // stopped could not know of them
		r.pool.Stop(context.Cause(s.ctx))
	}
}

// estimateSoon makes the estimate when the statement has run for a while. The function it returns ends that, and
// waits: after it nothing reads the snapshot any more.
func (s *Query) estimateSoon(planned *statement) (end func()) {
	if s.request.maxBytes > 0 || len(scansOf(planned.root)) == 0 { // is made already, or nothing to make
		return func() {}
	}
	ctx, cancel := context.WithCancel(s.ctx)
	done := make(chan struct{})
	timer := time.AfterFunc(estimateAfter, func() {
		defer close(done)
		var err error
		defer s.recovered(&err) // a defect here shows in the log, and the query goes on
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

// translate is the reason for which a query was stopped, in place of the error of what noticed it first.
func (s *Query) translate(err error) error {
	if err != nil && s.ctx.Err() != nil {
		return context.Cause(s.ctx)
	}
	return err
}

// end notes how the query ended, nil: with its answer. Only the first call counts, and each returns when the query
// has ended. Whoever is told of the end is told before others can see it, so that they find what follows from it.
func (s *Query) end(err error) {
	s.ending.Do(func() {
		at := s.queries.options.Now()
		defer s.noteEnd(at, err) // also where one who is told panics
		s.request.ending()
		s.queries.tellEnded(s.endedAt(at, err), s.request)
	})
}

// tellEnded tells whoever wants to know of a query that has ended.
func (q *Queries) tellEnded(record *catalog.Query, o request) {
	info := q.infoOf(record)
	info.Asker = o.asker
	q.options.Ended(info)
}

// endedAt is the query's record as it will be when the query has ended.
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
	s.turn.Leave() // before others see the end, who may want the place
	s.noteLocked(s.usageLocked())
	s.queries.live.removeQuery(s)
	s.noLimit()
	s.unwatch()
	s.cancel(err)
}

// endOf is the state of a query that an error ended.
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

// takeStatsLocked brings the record up to date with what runs.
func (s *Query) takeStatsLocked() {
	if s.rows == nil {
		return
	}
	stats, r := s.rows.Stats(), &s.record
	r.Rows, r.EventsScanned, r.EventsMatched = stats.Rows, stats.EventsScanned, stats.EventsMatched
	r.FreeBytes = stats.FreeBytes
	r.BytesScanned, r.BytesRead, r.PeakMemoryBytes, r.SpilledBytes = stats.BytesScanned, stats.BytesRead, stats.PeakMemoryBytes, stats.SpilledBytes
}

// usageLocked is what the query counts as in its stores' usage: once, in that of the first.
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

// noteLocked hands the query's state to the history.
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

// Info is what is known of the query now.
func (s *Query) Info() *Info {
	s.mu.Lock()
	if !s.record.Status.IsOver() {
		s.takeStatsLocked()
	}
	record := s.record
	s.mu.Unlock()
	return s.queries.infoOf(&record)
}
