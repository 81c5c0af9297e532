package exec

import (
	"context"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
)

// semiJoin adds a boolean to each left row: whether a right row matches. For
// EXISTS equal keys match. For IN, nullAware, keys match that are not distinct,
// and the mark of a row without a match is NULL when its key or a right one is.
type semiJoin struct {
	left, right  Operator
	rightColumns []*plan.Column
	leftKeys     []int
	rightKeys    []int
	condition    joinCondition
	nullAware    bool
	filters      []keyFilter // for the scans of the left input, of the right one with leftFirst
	leftFirst    *ahead      // nil: the right input is read first
	memory       *account

	build   *joinTable // nil until the right input is read
	matches *joinMatches
}

func (s *semiJoin) Next(ctx context.Context) (*batch.Batch, error) {
	if s.build == nil {
		if s.leftFirst != nil {
			if err := s.leftFirst.read(ctx, s.leftKeys, s.filters); err != nil {
				return nil, err
			}
			if s.leftFirst.isEmpty() {
				return nil, nil
			}
		}
		rows, err := drain(ctx, s.right, s.rightColumns, s.memory)
		if err != nil {
			return nil, err
		}
		newTable := newJoinTable
		if s.nullAware {
			newTable = newIdentityTable
		}
		if s.build, err = newTable(rows, s.rightKeys, s.memory); err != nil {
			return nil, err
		}
		if s.leftFirst == nil {
			s.build.publish(s.filters)
		}
		if err := s.memory.add(s.build.sizeBytes()); err != nil {
			return nil, err
		}
		if s.matches, err = s.condition.over(ctx, s.build, s.memory); err != nil {
			return nil, err
		}
	}
	next := s.left.Next
	if s.leftFirst != nil {
		next = s.leftFirst.next
	}
	b, err := next(ctx)
	if b == nil || err != nil {
		return nil, err
	}
	b = compact(b)
	marks, valid, err := s.marks(ctx, b)
	if err != nil {
		return nil, err
	}
	columns := append(append([]batch.Vector{}, b.Columns...), batch.Vector{Array: batch.FromBools(marks, valid)})
	return &batch.Batch{Columns: columns, Len: b.Len}, nil
}

func (s *semiJoin) Close() {
	s.memory.close()
	if s.leftFirst != nil {
		s.leftFirst.memory.close()
	}
	s.left.Close()
	s.right.Close()
}

// marks computes the new column; valid is nil when no mark is NULL.
func (s *semiJoin) marks(ctx context.Context, b *batch.Batch) (marks []bool, valid []byte, err error) {
	keys := pickColumns(b, s.leftKeys)
	candidates, err := s.matches.candidates(b, keys)
	if err != nil {
		return nil, nil, err
	}
	if marks, err = s.anyPasses(ctx, b, candidates); err != nil || !s.nullAware || s.build.rows.rows == 0 {
		return marks, nil, err
	}
	valid = arrowdata.FullValidity(b.Len)
	undecided := func(row int) {
		if !marks[row] {
			arrowdata.ClearBit(valid, row)
		}
	}
	for _, key := range keys {
		nulls(key, b.Len, undecided)
	}
	for row := 0; s.build.dropped && row < b.Len; row++ {
		undecided(row)
	}
	return marks, valid, nil
}

// anyPasses reports for each row of b whether one of its candidates matches.
func (s *semiJoin) anyPasses(ctx context.Context, b *batch.Batch, c *joinCandidates) ([]bool, error) {
	passes := make([]bool, b.Len)
	if c.filter == nil {
		for row := range passes {
			passes[row] = c.from[row] < c.to[row]
		}
		return passes, nil
	}
	var left, right []int32
	for row := range b.Len {
		found := s.build.members[c.from[row]:c.to[row]]
		for len(found) > 0 && !passes[row] {
			n := min(len(found), batch.Rows-len(left))
			for range n {
				left = append(left, int32(row))
			}
			right = append(right, found[:n]...)
			found = found[n:]
			if len(left) == batch.Rows {
				if err := s.markMatching(ctx, b, c.filter, left, right, passes); err != nil {
					return nil, err
				}
				left, right = left[:0], right[:0]
			}
		}
	}
	return passes, s.markMatching(ctx, b, c.filter, left, right, passes)
}

// markMatching notes the rows of b, left, that match beside a build row, right.
func (s *semiJoin) markMatching(ctx context.Context, b *batch.Batch, filter *pairFilter, left, right []int32, passes []bool) error {
	for len(left) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := filter.fittingPairs(b.Columns, s.build.rows, left, right)
		sel, err := filter.filterPairs(b.Columns, s.build.rows, left[:n], right[:n], s.memory)
		if err != nil {
			return err
		}
		for _, row := range pickRows(left[:n], sel) {
			passes[row] = true
		}
		left, right = left[n:], right[n:]
	}
	return ctx.Err()
}
