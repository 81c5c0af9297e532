package query

import (
	"context"
	"slices"

	"github.com/auditlake/auditlake/storage/catalog"
)

// Reads is what a statement reads.
type Reads struct {
	StoreIDs []string
	Tables   []string // names of reference tables
}

// Check plans a statement without running it, and returns what it reads. The error is the one that running it would
// begin with; what goes wrong with the data shows only then. Checks take turns among themselves, not with statements,
// so that a door can answer at once that a statement is wrong, or queued, while others run for long: as many as
// statements may run are planned at once, and as many may wait (QUERY_QUEUE_FULL).
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

// storesRead appends the ids of the stores that a statement reads to those that are known: first the scanned ones,
// then those that it names and planning found no use for.
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
