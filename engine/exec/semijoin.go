package exec

import (
	"context"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
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
	residual     expr.Evaluator // over left and right columns; nil for none
	nullAware    bool
	filters      []keyFilter // for the scans of the left input, of the right one with leftFirst
	leftFirst    *ahead      // nil: the right input is read first
	memory       *account

	build *joinTable // nil until the right input is read
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
	ids, err := s.build.lookup(keys, b.Len)
	if err != nil {
		return nil, nil, err
	}
	candidates := func(row int) []int32 { return s.build.matches(ids[row]) }
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

// mark notes the rows of b, left, that pass the residual beside a build row, right.
func (s *semiJoin) mark(b *batch.Batch, left, right []int32, passes []bool) error {
	pairs := s.build.rows.take(right)
	pairs.Columns = append(takeAll(b.Columns, left), pairs.Columns...)
	sel, err := s.residual.Filter(pairs)
	if err != nil {
		return err
	}
	if sel == nil {
		sel = iota32(len(left))
	}
	for _, i := range sel {
		passes[left[i]] = true
	}
	return nil
}

// anyPasses tells for each row of b whether one of its candidates passes the
// residual.
func (s *semiJoin) anyPasses(ctx context.Context, b *batch.Batch, candidates func(row int) []int32) ([]bool, error) {
	passes := make([]bool, b.Len)
	var left, right []int32
	flush := func() error {
		if len(left) == 0 {
			return ctx.Err()
		}
		for from := 0; from < len(left); {
			n := min(fitting(b.Columns, left[from:]), fitting(s.build.rows.vectors(), right[from:]))
			if err := s.mark(b, left[from:from+n], right[from:from+n], passes); err != nil {
				return err
			}
			from += n
		}
		left, right = left[:0], right[:0]
		return ctx.Err()
	}
	for row := range b.Len {
		found := candidates(row)
		if s.residual == nil {
			passes[row] = len(found) > 0
			continue
		}
		for len(found) > 0 && !passes[row] {
			n := min(len(found), batch.Rows-len(left))
			for _, other := range found[:n] {
				left, right = append(left, int32(row)), append(right, other)
			}
			found = found[n:]
			if len(left) == batch.Rows {
				if err := flush(); err != nil {
					return nil, err
				}
			}
		}
	}
	return passes, flush()
}
