package query

import (
	"context"
	"slices"

	"github.com/auditlake/auditlake/storage/catalog"
)

// Reads are the sources that a statement reads.
type Reads struct {
	StoreIDs []string
	Tables   []string // names of reference tables
}

// Check plans a statement without running it, and returns what it reads. The error is the one with which running it
// would begin; errors in the data show only at run time.
//
// Checks have a queue of their own, so that a door can answer at once that a statement is wrong, or queued, while
// long statements run. At most MaxRunning checks run and MaxWaiting wait; more fail with QUERY_QUEUE_FULL.
func (q *Queries) Check(ctx context.Context, sql string, options ...Option) (reads Reads, err error) {
	o := requestOf(options)
	leave, err := takeTurn(ctx, q.checks, o)
	if err != nil {
		return Reads{}, err
	}
	defer leave()
	s, err := q.plan(ctx, sql, o)
	if err != nil {
		return Reads{}, err
	}
	defer s.view.close()
	reads.Tables, _ = s.view.tablesRead()
	reads.StoreIDs = s.storesRead(nil)
	return reads, nil
}

// storesRead appends the ids of the stores that a statement reads to ids: first the scanned ones, then those that
// it names but the plan does not use.
func (s *statement) storesRead(ids []string) []string {
	ids = slices.Clip(ids)
	for _, scan := range scansOf(s.root) {
		if store, ok := scan.Table.Handle.(*catalog.Store); ok && !slices.Contains(ids, store.ID) {
			ids = append(ids, store.ID)
		}
	}
	for _, id := range s.view.named {
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids
}
