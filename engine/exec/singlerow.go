package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// singleRow returns exactly one row: the only one of its input, or NULLs if there is none.
type singleRow struct {
	input   Operator
	columns []*plan.Column

	done bool // the row was returned
}

func (s *singleRow) Next(ctx context.Context) (*batch.Batch, error) {
	if s.done {
		return nil, nil
	}
	s.done = true
	first, err := s.input.Next(ctx)
	if err != nil {
		return nil, err
	}
	if first == nil {
		return nullRow(s.columns), nil
	}
	more := first.Live() > 1
	if !more {
		second, err := s.input.Next(ctx)
		if err != nil {
			return nil, err
		}
		more = second != nil
	}
	if more {
		return nil, types.Errorf(types.SubqueryMultipleRows, types.Pos{}, "Scalar sub-query has returned multiple rows")
	}
	return first, nil
}

func (s *singleRow) Close() { s.input.Close() }

func nullRow(columns []*plan.Column) *batch.Batch {
	b := &batch.Batch{Len: 1}
	for _, c := range columns {
		b.Columns = append(b.Columns, batch.Vector{Array: batch.Nulls(arrowtype.Of(c.Type), 1)})
	}
	return b
}
