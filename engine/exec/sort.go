package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
)

// sorter gives its input's rows in order; rows that compare equal keep theirs.
type sorter struct {
	input   Operator
	columns []*plan.Column
	keys    []sortKey
	workers int
	memory  *account

	sorted *tableReader // nil until the input is consumed
}

func (s *sorter) Next(ctx context.Context) (*batch.Batch, error) {
	if s.sorted == nil {
		t, err := drain(ctx, s.input, s.columns, s.memory)
		if err != nil {
			return nil, err
		}
		rows, err := sortedRows(ctx, t, s.keys, s.workers, s.memory)
		if err != nil {
			return nil, err
		}
		s.sorted = &tableReader{table: t, rows: rows}
	}
	return s.sorted.next(), ctx.Err()
}

func (s *sorter) Close() {
	s.memory.close()
	s.input.Close()
}
