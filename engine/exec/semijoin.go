package exec

import (
	"context"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/plan"
)

// semiJoin adds a boolean to each left row: whether a right row matches.
//
// For EXISTS equal keys match. For IN, nullAware, keys match that are not distinct, and the mark of a row without a
// match is NULL when its key or a right key is. If the left input is a scan, semiJoin may be one of its stages:
// then left is nil, and workers call expand, which is safe for concurrent use.
type semiJoin struct {
	left, right  Operator
	rightColumns []*plan.Column
	leftColumns  int // how many there are
	leftKeys     []int
	rightKeys    []int
	gives        []int // positions of output columns among the left columns and the mark; nil: all
	condition    joinCondition
	nullAware    bool
	// keysOnly: the right columns are the keys, in order, and there is no condition. Each combination is kept once.
	keysOnly  bool
	distinct  *batchGrouping // a stage of the scan in the right input; nil: none
	filters   []keyFilter    // for the scans of the left input, or with leftFirst of the right one
	leftFirst *ahead         // nil: the right input is read first
	memory    *account
	out       *account // the batch returned last
	spilling  *keySpilling
	gathering gathering // gathers the right rows

	build    *semiBuild   // nil: the right input is not read yet, or was spilled
	spilled  *spilledJoin // nil: the right rows are in memory
	prepared bool
	dropped  bool // a spilled right row has a NULL key
}

// semiBuild is the right side of a semiJoin in memory, or a part of it.
type semiBuild struct {
	join    *semiJoin
	table   *joinTable
	matches *joinMatches
}

func (s *semiJoin) Next(ctx context.Context) (*batch.Batch, error) {
	if !s.prepared {
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
		s.spilledOver(s.left)
	}
	if s.spilled != nil {
		return s.spilled.Next(ctx)
	}
	b, err := s.left.Next(ctx)
	if b == nil || err != nil {
		s.out.close()
		return nil, err
	}
	if b, err = s.marked(ctx, b); err != nil {
		return nil, err
	}
	return b, s.out.set(batchBytes(b))
}

// prepare reads the right side.
func (s *semiJoin) prepare(ctx context.Context) (ended bool, err error) {
	s.prepared = true
	read := &buildRows{from: s.right, columns: s.rightColumns, keys: s.rightKeys, memory: s.memory, spilling: s.spilling,
		gathering: s.gathering, matching: s.matching(), matchableOnly: !s.nullAware}
	if s.leftFirst == nil {
		read.filters = s.filters
	}
	if s.build, err = s.readBuild(ctx, read); err != nil {
		return false, err
	}
	if s.build == nil {
		s.spilled = newSpilledJoin(s, read)
		return false, nil
	}
	if s.leftFirst == nil {
		s.build.table.publish(s.filters)
	}
	return false, nil
}

// spilledOver returns the join of left's rows with the spilled right rows, or nil if these are in memory.
func (s *semiJoin) spilledOver(left Operator) Operator {
	if s.spilled == nil {
		return nil
	}
	s.spilled.left = left
	return s.spilled
}

func (s *semiJoin) matching() matching {
	if s.nullAware {
		return notNull
	}
	return equalToSome
}

// readBuild reads the right side, nil if it is spilled.
func (s *semiJoin) readBuild(ctx context.Context, read *buildRows) (*semiBuild, error) {
	if s.keysOnly {
		t, err := read.readKeys(ctx)
		if t == nil || err != nil {
			return nil, err
		}
		return &semiBuild{join: s, table: t, matches: &joinMatches{table: t}}, nil
	}
	rows, err := read.read(ctx)
	if rows == nil || err != nil {
		return nil, err
	}
	b, err := s.over(ctx, rows, s.condition, s.memory)
	if !memory.IsFull(err) || s.spilling == nil || rows.rows == 0 {
		return b, err
	}
	return nil, read.divideTable(ctx, rows)
}

// over prepares the join with right rows. Their memory is already reserved.
func (s *semiJoin) over(ctx context.Context, rows *table, condition joinCondition, memory *account) (*semiBuild, error) {
	b := &semiBuild{join: s}
	var err error
	if b.table, err = s.gathering.newTable(ctx, rows, s.rightKeys, memory, s.matching()); err != nil {
		return nil, err
	}
	b.matches, err = condition.over(ctx, b.table, memory)
	return b, err
}

// expand returns a left batch with the mark.
func (s *semiJoin) expand(ctx context.Context, b *batch.Batch) (expansion, error) {
	b, err := s.marked(ctx, b)
	return &single{b}, err
}

func (s *semiJoin) marked(ctx context.Context, b *batch.Batch) (*batch.Batch, error) {
	b = compact(b)
	marks, err := s.build.marks(ctx, b)
	if err != nil {
		return nil, err
	}
	var valid []byte
	if !s.build.table.isEmpty {
		valid = s.decided(b, marks, s.build.table.dropped)
	}
	return s.withMarks(b, marks, valid), nil
}

// withMarks adds the column of marks to a dense batch; valid is nil when no mark is NULL.
func (s *semiJoin) withMarks(b *batch.Batch, marks []bool, valid []byte) *batch.Batch {
	columns := append(append([]batch.Vector{}, b.Columns...), batch.Vector{Array: batch.FromBools(marks, valid)})
	out := &batch.Batch{Columns: columns, Len: b.Len}
	if s.gives != nil {
		out.Columns = pickColumns(out, s.gives)
	}
	return out
}

// decided returns a bitmap of the marks that are not NULL, nil for all. dropped: a right row has a NULL key.
func (s *semiJoin) decided(b *batch.Batch, marks []bool, dropped bool) (valid []byte) {
	if !s.nullAware {
		return nil
	}
	hasKeys := matching(notNull).ofAll(pickColumns(b, s.leftKeys), b.Len)
	if hasKeys == nil && !dropped {
		return nil
	}
	valid = arrowdata.FullValidity(b.Len)
	for row, mark := range marks {
		if !mark && (dropped || !arrowdata.IsSet(hasKeys, row)) {
			arrowdata.ClearBit(valid, row)
		}
	}
	return valid
}

func (s *semiJoin) Close() {
	if s.spilled != nil {
		s.spilled.close()
	}
	s.spilling.close()
	s.memory.close()
	s.out.close()
	if s.left != nil {
		s.left.Close()
	}
	s.right.Close() // from here on no batch is being grouped
	if s.distinct != nil {
		s.distinct.memory.close()
	}
}

// marks reports for each row of b whether one of the right rows matches.
func (s *semiBuild) marks(ctx context.Context, b *batch.Batch) ([]bool, error) {
	candidates, err := s.matches.candidates(b, pickColumns(b, s.join.leftKeys))
	if err != nil {
		return nil, err
	}
	return s.anyPasses(ctx, b, candidates)
}

// anyPasses reports for each row of b whether one of its candidates passes the filter.
func (s *semiBuild) anyPasses(ctx context.Context, b *batch.Batch, c *joinCandidates) ([]bool, error) {
	passes := make([]bool, b.Len)
	if c.filter == nil {
		for row := range passes {
			passes[row] = c.from[row] < c.to[row]
		}
		return passes, nil
	}
	var left, right []int32
	for row := range b.Len {
		found := s.table.members[c.from[row]:c.to[row]]
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

// markMatching sets passes for the rows left of b that match their build row in right.
func (s *semiBuild) markMatching(ctx context.Context, b *batch.Batch, filter *pairFilter, left, right []int32, passes []bool) error {
	for len(left) > 0 {
		if err := ctx.Err(); err != nil {
			return err
		}
		n := filter.fittingPairs(b.Columns, s.table.rows, left, right)
		sel, err := filter.filterPairs(b.Columns, s.table.rows, left[:n], right[:n], s.join.memory)
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
