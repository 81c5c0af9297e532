package query

import (
	"context"
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/storage/catalog"
)

// Check plans a statement without running it, and returns the ids of the stores that it reads. The error is the one that
// running it would begin with; what goes wrong with the data shows only then.
func (q *Queries) Check(ctx context.Context, sql string, options ...Option) (storeIDs []string, err error) {
	s, err := q.plan(ctx, sql, requestOf(options))
	if err != nil {
		return nil, err
	}
	defer s.view.close()
	return storesOf(s.root, nil), nil
}

// storesOf appends the ids of the stores that a plan reads to those that are known.
func storesOf(root plan.Node, ids []string) []string {
	for _, scan := range scansOf(root) {
		store, ok := scan.Table.Handle.(*catalog.Store)
		if ok && !slices.Contains(ids, store.ID) {
			ids = append(slices.Clip(ids), store.ID)
		}
	}
	return ids
}
