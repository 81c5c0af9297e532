package query

import (
	"fmt"
	"strconv"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/query/spool"
	"github.com/auditlake/auditlake/planner/metadata"
)

// OverResultName is the table that a statement with the option OverResult has, in quotes. No store has such a name.
const OverResultName = "$result"

// OverResult lets a statement read the kept result of a query as the table OverResultName, with the columns
// ResultColumn(0) and so on, because those of answers need no names of their own. That scans nothing. The caller has
// seen to it that whoever asks may read the result. Of the answer it is not kept what it was computed from.
func OverResult(queryID string) Option { return func(o *request) { o.overResult = queryID } }

// ResultColumn is the name of a column of OverResultName, the first being 0.
func ResultColumn(i int) string { return "c" + strconv.Itoa(i) }

// addResult adds the table of a kept result to what a statement sees.
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
