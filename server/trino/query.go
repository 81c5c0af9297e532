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

// query is one statement of a client: it runs, at the client's pace, in a
// goroutine of its own, which hands over pages.
type query struct {
	id, slug  string
	sql       string // as the client wrote it
	session   *session
	statement *statement
	asked     *engine.Query // nil: it asks for nothing that runs
	created   time.Time

	ctx    context.Context
	cancel context.CancelCauseFunc
	idle   *time.Timer // ends a query nobody asks for
	pages  chan page   // closed after the last

	serving sync.Mutex // held by the one request that is being answered

	// of serving
	token  int64       // of the answer given last, -1 for none
	answer reply       // given last, for a client that asks again
	note   http.Header // goes with the answer

	isOver atomic.Bool // the final answer was given
	polled atomic.Bool // the client has asked for a page

	seenMillis atomic.Int64 // when the client was last heard of, since 1970

	// Guarded by Door.mu.
	released    bool  // has its final answer, or was canceled
	unreadBytes int64 // while it is in Door.unread

	handedBytes atomic.Int64 // rows in pages

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

// run runs the statement, and closes pages at the end. It calls ended once, before
// the client can learn how the statement ended.
func (q *query) run(d *Door, ended func(error)) {
	defer close(q.pages)
	last, err := q.read(d.options.Log)
	if err != nil && q.ctx.Err() != nil {
		err = context.Cause(q.ctx)
	}
	ended(err)
	d.settle(q, q.handedBytes.Load()+int64(last.bytes())) // before the client can learn of the end: what ends first is dropped first
	q.finishUnlessDropped(err)
	if err != nil || last == nil {
		return
	}
	if err := q.hand(q.ctx, page{rows: last, last: true}); err != nil {
		q.finish(err) // rows are missing
	}
}

// read hands over all pages but the last, which is nil when there are no rows.
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
	handOver := func(p page) error { return q.hand(q.asked.Context(), p) } // a query that is cancelled waits for no client
	for source.Next() {
		if err := writer.add(source.Arrays(), handOver); err != nil {
			return nil, err
		}
	}
	return writer.rest(), source.Err()
}

// hand gives a page to the client; it waits until the one before is taken, or ctx is done.
func (q *query) hand(ctx context.Context, p page) error {
	select {
	case q.pages <- p:
		q.handedBytes.Add(int64(p.rows.bytes()))
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// stateLocked is the query's state in the protocol's words.
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

// finishUnlessDropped is finish of a query whose rows are still there.
func (q *query) finishUnlessDropped(err error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.ended.IsZero() {
		q.err, q.ended = err, time.Now()
	}
}

// drop ends the query with an error, though it may have finished, and frees the
// rows that wait for its client.
func (q *query) drop(err error) {
	q.cancel(err)
	q.finish(err) // before rows vanish: an answer without them must not look complete
	select {
	case <-q.pages:
	default:
	}
}

// wait waits for the next page, no longer than limit. more is false when there
// is none left, which ends the query.
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
