package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
)

// values returns constant rows. Expressions are evaluated when rows are read, so one that fails only fails the
// statement if it runs.
type values struct {
	rows    [][]expr.Evaluator
	columns int

	next int // row to return next
}

func (v *values) Next(ctx context.Context) (*batch.Batch, error) {
	if err := ctx.Err(); err != nil || v.next >= len(v.rows) {
		return nil, err
	}
	rows := v.rows[v.next:min(len(v.rows), v.next+batch.Rows)]
	v.next += len(rows)
	one := &batch.Batch{Len: 1}
	out := &batch.Batch{Len: len(rows)}
	parts := make([][]arrow.Array, v.columns)
	for _, row := range rows {
		for c := range parts {
			value, err := row[c].Eval(one)
			if err != nil {
				return nil, err
			}
			parts[c] = append(parts[c], value.Array)
		}
	}
	for _, column := range parts {
		out.Columns = append(out.Columns, batch.Vector{Array: batch.Concat(column)})
	}
	return out, nil
}

func (v *values) Close() {}
