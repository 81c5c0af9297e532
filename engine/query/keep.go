package query

import (
	"cmp"
	"errors"
	"fmt"

	"github.com/auditlake/auditlake/engine/query/spool"
	"github.com/auditlake/auditlake/storage/catalog"
)

// Result is a kept result of a query.
type Result = spool.Result

// Room is the space, among that of kept results, of a file stored next to them.
type Room = spool.Room

// ErrNotKept means that a query has no kept result.
var ErrNotKept = spool.ErrNotKept

// Keep keeps the answer in the lake once it has been read to its end. Queries.Results opens it until the query
// leaves the history. A read-only lake keeps it until the lake is closed, unless the query is Durable. If a query
// reaches its time limit, the rows until then are kept; Queries.PartialResults opens them.
//
// An answer that cannot be kept ends with GENERIC_INSUFFICIENT_RESOURCES: it is too long, the lake keeps too much
// already, or the disk is full.
func Keep() Option { return func(o *request) { o.keep = true } }

// openResults opens the folder of kept results. Without it queries run, but none can be kept.
func (q *Queries) openResults() {
	files, dir := q.options.Storage.ResultsFolder()
	q.results, q.resultsFailed = spool.Open(spool.Options{
		FS: files, Dir: dir, ReadOnly: q.options.ReadOnly,
		MaxResultBytes: q.options.MaxResultBytes, MaxLakeBytes: q.options.MaxResultsBytes,
	})
	if q.resultsFailed != nil {
		q.options.Log.Error("kept results cannot be read", "error", q.resultsFailed)
	}
	if !q.options.ReadOnly {
		return
	}
	var err error
	if q.passing, err = newPassing(q.options); err != nil {
		q.options.Log.Error("answers cannot be kept", "error", err)
	}
}

// Results opens the kept result of a finished query; the id may lack its hyphens. ErrNotFound: there is no such
// query; ErrNotKept: it has no kept result. The caller closes the result.
func (q *Queries) Results(id string) (*Result, error) { return q.keptIn(id, Finished) }

// PartialResults opens the rows that a query returned until its time limit (TimedOut), if they were to be kept. The
// errors are those of Results. The caller closes the result.
func (q *Queries) PartialResults(id string) (*Result, error) { return q.keptIn(id, TimedOut) }

// NewRoom returns the room of a temporary file next to the kept results, which counts as they do.
func (q *Queries) NewRoom() (*Room, error) {
	if q.resultsFailed != nil {
		return nil, q.resultsFailed
	}
	return q.results.NewRoom()
}

// keptIn opens the kept rows of a query that ended in a state.
func (q *Queries) keptIn(id string, state State) (*Result, error) {
	info, err := q.Get(id)
	switch {
	case err != nil:
		return nil, err
	case info.State != state:
		return nil, fmt.Errorf("query %s is %s: %w", info.ID, info.State, ErrNotKept)
	case q.passing.query(info.ID) != nil:
		return q.passing.results.OpenResult(info.ID)
	case q.resultsFailed != nil:
		return nil, q.resultsFailed
	}
	return q.results.OpenResult(info.ID)
}

// removeResults removes the results of queries that are no longer in the history. A query with a result is either
// noted or on disk.
func (h *history) removeResults() {
	if h.results == nil {
		return
	}
	before := h.horizon()
	err := h.results.RemoveOthers(func(id string) bool {
		record := h.noted()[id]
		if record == nil {
			err := h.lake.Catalog().View(func(tx *catalog.Tx) (err error) {
				record, err = tx.Query(id)
				return err
			})
			if err != nil {
				return !errors.Is(err, catalog.ErrNotFound)
			}
		}
		return !record.CreatedAt.Before(before)
	})
	if err != nil {
		h.log.Error("kept results of old queries cannot be removed", "error", err)
	}
}

// keep starts keeping the answer.
func (r *Rows) keep() (err error) {
	q := r.query.queries
	results := q.results
	if q.passing.query(r.query.ID()) != nil {
		results = q.passing.results
	} else if q.resultsFailed != nil {
		return q.resultsFailed
	}
	r.reading.Lock() // stopped may read r.kept
	defer r.reading.Unlock()
	head, err := r.statement.view.snapshot.ChainHead()
	if err != nil {
		return err
	}
	if r.kept, err = results.Create(r.query.ID(), r.columns, r.pool.Account("the kept result")); err != nil {
		return err
	}
	if r.request.overResult != "" {
		return nil
	}
	r.kept.SetOrigin(spool.Origin{
		Statement: cmp.Or(r.request.written, r.statement.sql), Arguments: r.request.arguments, Instant: r.statement.view.now.UTC(),
		ChainEntries: head.Entries, ChainHead: head.Hash,
	})
	return nil
}

// keepRows keeps the current rows; 0: there are no more.
func (r *Rows) keepRows(rows int) error {
	switch {
	case r.kept == nil:
		return nil
	case rows > 0:
		return r.kept.AddArrays(r.arrays)
	}
	return r.kept.Finish()
}

// keepPart keeps the rows returned so far if err is the query's time limit. The caller holds reading. It is called
// before the query's end is visible, so that clients who see the end find the rows.
func (r *Rows) keepPart(err error) {
	if r.kept == nil || err == nil || endOf(err) != catalog.QueryTimedOut {
		return
	}
	if err := r.kept.FinishPart(); err != nil {
		r.query.queries.options.Log.Error("the rows of a query that took too long cannot be kept", "query", r.query.ID(), "error", err)
	}
}
