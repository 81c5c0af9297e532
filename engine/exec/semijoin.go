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
// Where the left input is a scan, it may be one of its stages: then there is no
// left, and workers call expand, which is safe for concurrent use.
type semiJoin struct {
	left, right  Operator
	rightColumns []*plan.Column
	leftKeys     []int
	rightKeys    []int
	gives        []int // positions among the left columns and the mark; nil: all
	condition    joinCondition
	nullAware    bool
	// keysOnly is set where the right columns are the keys, in order, and there is no
	// condition: each combination of them is kept once.
	keysOnly  bool
	distinct  *batchGrouping // a stage of the scan that is the right input; nil: there is none
	filters   []keyFilter    // for the scans of the left input, of the right one with leftFirst
	leftFirst *ahead         // nil: the right input is read first
	memory    *account

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
		if _, err := s.prepare(ctx); err != nil {
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
	return s.marked(ctx, b)
}

// prepare reads the right side.
func (s *semiJoin) prepare(ctx context.Context) (ended bool, err error) {
	if s.build, err = s.readBuild(ctx); err != nil {
		return false, err
	}
	if s.leftFirst == nil {
		s.build.publish(s.filters)
	}
	s.matches, err = s.condition.over(ctx, s.build, s.memory)
	return false, err
}

func (s *semiJoin) readBuild(ctx context.Context) (*joinTable, error) {
	unmatchable := equalToNothing
	if s.nullAware {
		unmatchable = nulls
	}
	if s.keysOnly {
		return readKeys(ctx, s.right, columnTypes(s.rightColumns), s.memory, unmatchable)
	}
	rows, err := drain(ctx, s.right, s.rightColumns, s.memory)
	if err != nil {
		return nil, err
	}
	t, err := newTable(rows, s.rightKeys, s.memory, unmatchable)
	if err != nil {
		return nil, err
	}
	return t, s.memory.add(t.sizeBytes())
}

// expand gives a left batch with the mark.
func (s *semiJoin) expand(ctx context.Context, b *batch.Batch) (expansion, error) {
	b, err := s.marked(ctx, b)
	return &single{b}, err
}

func (s *semiJoin) marked(ctx context.Context, b *batch.Batch) (*batch.Batch, error) {
	b = compact(b)
	marks, valid, err := s.marks(ctx, b)
	if err != nil {
		return nil, err
	}
	columns := append(append([]batch.Vector{}, b.Columns...), batch.Vector{Array: batch.FromBools(marks, valid)})
	out := &batch.Batch{Columns: columns, Len: b.Len}
	if s.gives != nil {
		out.Columns = pickColumns(out, s.gives)
	}
	return out, nil
}

func (s *semiJoin) Close() {
	s.memory.close()
	if s.leftFirst != nil {
		s.leftFirst.memory.close()
	}
	if s.left != nil {
		s.left.Close()
	}
	s.right.Close() // after it no batch is being grouped
	if s.distinct != nil {
		s.distinct.memory.close()
	}
}

// marks computes the new column; valid is nil when no mark is NULL.
func (s *semiJoin) marks(ctx context.Context, b *batch.Batch) (marks []bool, valid []byte, err error) {
	keys := pickColumns(b, s.leftKeys)
	candidates, err := s.matches.candidates(b, keys)
	if err != nil {
		return nil, nil, err
	}
	if marks, err = s.anyPasses(ctx, b, candidates); err != nil || !s.nullAware || s.build.isEmpty {
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
