package query

import (
	"fmt"
	"strconv"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/query/spool"
	"github.com/auditlake/auditlake/planner/metadata"
)

// OverResultName is the name, to be quoted, of the table that OverResult adds. No store has such a name.
const OverResultName = "$result"

// OverResult lets a statement read the kept result of a query as the table OverResultName. Its columns are
// ResultColumn(0) and so on, because an answer's columns need not have names. Reading it scans nothing. The caller
// must have checked that the user may read the result. The new answer has no record of what it was computed from.
func OverResult(queryID string) Option { return func(o *request) { o.overResult = queryID } }

// ResultColumn is the name of column i of OverResultName, counted from 0.
func ResultColumn(i int) string { return "c" + strconv.Itoa(i) }

// addResult adds the table of a kept result to the view.
func (q *Queries) addResult(v *view, id string) error {
	info, err := q.Get(id)
	if err != nil {
		return err
	}
	open := q.Results
	if info.State == TimedOut {
		open = q.PartialResults
	}
	result, err := open(id)
	if err != nil {
		return fmt.Errorf("read the result of query %s: %w", id, err)
	}
	t := &metadata.Table{Name: OverResultName, Rows: result.Rows(), Handle: &referenceTable{spool.NewRecords(result, batch.Rows)}}
	for i, c := range result.Columns() {
		t.Columns = append(t.Columns, metadata.Column{Name: ResultColumn(i), Type: c.Type})
	}
	v.opened[OverResultName], v.result = t, info
	return nil
}
