package trino

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/panics"
)

// query is one statement of a client. It runs at the client's pace, in its own goroutine, which hands over pages.
type query struct {
	id, slug  string
	sql       string // as the client wrote it
	session   *session
	statement *statement
	asked     *engine.Query // nil: there is nothing to run
	created   time.Time

	ctx    context.Context
	cancel context.CancelCauseFunc
	idle   *time.Timer // ends a query that no client polls
	pages  chan page   // closed after the last page

	serving sync.Mutex // held by the one request being answered

	// Guarded by serving.
	token  int64       // of the last answer, -1 for none
	answer reply       // the last answer, for a repeated request
	note   http.Header // headers of the answer

	isOver atomic.Bool // the final answer was sent
	polled atomic.Bool // the client has asked for a page

	seenMillis atomic.Int64 // time of the client's last request, since 1970

	// Guarded by Door.mu.
	released    bool  // has its final answer, or was canceled
	unreadBytes int64 // set while the query is in Door.unread

	handedBytes atomic.Int64 // size of the rows in pages

	mu      sync.Mutex   // guards what follows
	rows    *engine.Rows // nil before the query runs
	columns []byte       // JSON, nil before they are known
	err     error
	ended   time.Time // zero while it runs
}

func newQuery(s *session, sql string) *query {
	now := time.Now()
	q := &query{slug: random(16), sql: sql, session: s, created: now, pages: make(chan page, 1), token: -1}
	q.seenMillis.Store(now.UnixMilli())
	q.ctx, q.cancel = context.WithCancelCause(context.Background())
	return q
}

// The states of a query, in the protocol's words.
const (
	stateQueued   = "QUEUED"
	statePlanning = "PLANNING"
	stateRunning  = "RUNNING"
	stateFinished = "FINISHED"
	stateFailed   = "FAILED"
)

var (
	errCanceled  = failed("USER_CANCELED", "Query was canceled")
	errAbandoned = failed("ABANDONED_QUERY", "Query was abandoned by the client, as it may have exited or stopped checking for query results")
	errShutdown  = failed("SERVER_SHUTTING_DOWN", "The server is shutting down")
)

// run runs the statement and closes pages at the end. It calls ended once, before the client can learn how the
// statement ended.
func (q *query) run(d *Door, ended func(error)) {
	defer close(q.pages)
	last, err := q.read(d.options.Log)
	if err != nil && q.ctx.Err() != nil {
		err = context.Cause(q.ctx)
	}
	ended(err)
	// Before the client can learn of the end, so that queries are dropped in the order of their ends.
	d.settle(q, q.handedBytes.Load()+int64(last.bytes()))
	q.finishUnlessDropped(err)
	if err != nil || last == nil {
		return
	}
	if err := q.hand(q.ctx, page{rows: last, last: true}); err != nil {
		q.finish(err) // rows are missing
	}
}

// read hands over all pages but the last, which it returns; nil: no rows are left.
func (q *query) read(log *slog.Logger) (last rows, err error) {
	defer panics.Catch(log, "answer to a Trino client", func(caught error) { err = failed("GENERIC_INTERNAL_ERROR", caught.Error()) })
	source, err := q.asked.Rows()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, source.Close()) }()
	writer := &pageWriter{columns: source.Columns(), millis: !q.session.parametricDatetime}
	q.mu.Lock()
	q.rows, q.columns = source, appendColumns(nil, source.Columns(), writer.millis)
	q.mu.Unlock()
	// After a cancel, handing over does not wait for the client.
	handOver := func(p page) error { return q.hand(q.asked.Context(), p) }
	for source.Next() {
		if err := writer.add(source.Arrays(), handOver); err != nil {
			return nil, err
		}
	}
	return writer.rest(), source.Err()
}

// hand gives a page to the client. It waits until the page before is taken, or ctx is done.
func (q *query) hand(ctx context.Context, p page) error {
	select {
	case q.pages <- p:
		q.handedBytes.Add(int64(p.rows.bytes()))
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// stateLocked returns the query's state in the protocol's words.
func (q *query) stateLocked() string {
	switch {
	case !q.ended.IsZero() && q.err != nil:
		return stateFailed
	case !q.ended.IsZero():
		return stateFinished
	case q.rows != nil:
		return stateRunning
	case q.asked == nil || q.asked.Info().State == engine.QueryQueued:
		return stateQueued
	}
	return statePlanning
}

func (q *query) finish(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.err, q.ended = err, time.Now()
}

// finishUnlessDropped is finish for a query whose rows were not dropped.
func (q *query) finishUnlessDropped(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended.IsZero() {
		q.err, q.ended = err, time.Now()
	}
}

// drop ends the query with an error, even a finished one, and frees its unread rows.
func (q *query) drop(err error) {
	q.cancel(err)
	q.finish(err) // before the rows are freed: an answer without them must not look complete
	select {
	case <-q.pages:
	default:
	}
}

// wait waits for the next page, at most for limit. more is false if the query has no page left, which ends it.
func (q *query) wait(ctx context.Context, limit time.Duration) (p page, more bool) {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case p, more = <-q.pages:
		q.handedBytes.Add(-int64(p.rows.bytes()))
		return p, more
	case <-timer.C:
	case <-ctx.Done():
	}
	return page{}, true
}
