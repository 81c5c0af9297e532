package query

import (
	"errors"
	"fmt"

	"github.com/auditlake/auditlake/engine/query/spool"
	"github.com/auditlake/auditlake/storage/catalog"
)

// Result is a kept result of a query.
type Result = spool.Result

// ErrNotKept means that a query has no kept result.
var ErrNotKept = spool.ErrNotKept

// Keep keeps the answer in the lake, once it is read to its end: Queries.Results opens it until the query leaves the
// history. What cannot be kept, because it is too long, the lake keeps too much already, or the disk is full, ends with
// GENERIC_INSUFFICIENT_RESOURCES.
func Keep() Option { return func(o *request) { o.keep = true } }

// openResults opens the folder of kept results. Without it queries run, and none can be kept.
func (q *Queries) openResults() {
	files, dir := q.options.Storage.ResultsFolder()
	q.results, q.resultsFailed = spool.Open(spool.Options{
		FS: files, Dir: dir, ReadOnly: q.options.ReadOnly,
		MaxResultBytes: q.options.MaxResultBytes, MaxLakeBytes: q.options.MaxResultsBytes,
	})
	if q.resultsFailed != nil {
		q.options.Log.Error("kept results cannot be read", "error", q.resultsFailed)
	}
}

// Results opens the kept result of a query that has finished; its id may be written without hyphens. ErrNotFound: there
// is no such query; ErrNotKept: it has no kept result. The caller closes it.
func (q *Queries) Results(id string) (*Result, error) {
	info, err := q.Get(id)
	switch {
	case err != nil:
		return nil, err
	case info.State != Finished:
		return nil, fmt.Errorf("query %s is %s: %w", info.ID, info.State, ErrNotKept)
	case q.resultsFailed != nil:
		return nil, q.resultsFailed
	}
	return q.results.OpenResult(info.ID)
}

// removeResults removes the results of queries that are not in the history any more. A query that has a result is among
// the noted ones or on disk.
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

// keep begins to keep the answer.
func (r *Rows) keep() (err error) {
	q := r.query.queries
	if q.resultsFailed != nil {
		return q.resultsFailed
	}
	r.kept, err = q.results.Create(r.query.ID(), r.columns, r.pool.Account("the kept result"))
	return err
}

// keepRows keeps the current rows; none: they were all.
func (r *Rows) keepRows(rows int) error {
	switch {
	case r.kept == nil:
		return nil
	case rows > 0:
		return r.kept.AddArrays(r.arrays)
	}
	return r.kept.Finish()
}
