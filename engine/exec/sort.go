package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
)

// sorter returns its input's rows in order; rows that compare equal keep their input order.
type sorter struct {
	input Operator
	runs  *sortedRuns
	plain *plainRows // makes the answer's rows plain; nil: the rows are not the answer's

	sorted   rowStream      // nil until the input is consumed
	gatherer *tableGatherer // is sorted if all rows are in memory
}

func (s *sorter) Next(ctx context.Context) (*batch.Batch, error) {
	if s.sorted == nil {
		if err := s.runs.addAll(ctx, s.input); err != nil {
			return nil, err
		}
		var err error
		if s.sorted, err = s.runs.finish(ctx); err != nil {
			return nil, err
		}
		if t, ok := s.sorted.(*tableReader); ok && t.rows != nil {
			s.gatherer = newTableGatherer(t.table, t.rows, s.runs.workers, s.runs.memory, s.plain)
			s.sorted = s.gatherer
		}
	}
	return s.sorted.nextOrdered(ctx)
}

func (s *sorter) Close() {
	if s.gatherer != nil {
		s.gatherer.close()
	}
	s.runs.close()
	s.input.Close()
}
