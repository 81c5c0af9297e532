package exec

import (
	"context"
	"slices"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
)

// setCount is INTERSECT and EXCEPT, with and without ALL.
//
// It counts how often each input has each distinct row of the first one, and computes from that how often the
// result has it. Equal rows can look different (the zones of instants, -0): the result has the rows of the first
// input, the first ones, in their order. If the first input does not fit into memory, the rows of all inputs are
// divided by hash and counted division by division, see setspill.go.
type setCount struct {
	inputs  []Operator
	columns int // of each input
	// left returns how many of some equal rows remain in the result: before so far, others in the next input.
	left    func(before, others int64) int64
	all     bool // whether ALL is set
	newRows func() *grouper
	memory  *account
	// inScan are the inputs whose rows a scan's workers find, see rowFinder.
	inScan map[int]bool
	// ahead finds the distinct rows of the first input; nil: they are found batch by batch.
	ahead *distinctPipeline

	counts    *rowCounts     // nil once the rows are divided
	kept      []*batch.Batch // rows of the first input, dense; without ALL each distinct row once
	keptRows  [][]int32      // the distinct row of each kept row
	keptBytes int64
	spilling  *keySpilling
	divided   []*dividedRows // by input; nil: the first input fits into memory
	results   rowStream      // nil: the inputs are not read yet
}

// intersectAll and exceptAll are the ALL operations; the distinct ones begin with at most one of each row.
func intersectAll(before, others int64) int64 { return min(before, others) }

func exceptAll(before, others int64) int64 { return max(0, before-others) }

func (s *setCount) Next(ctx context.Context) (*batch.Batch, error) {
	if s.results == nil {
		if err := s.readInputs(ctx); err != nil {
			return nil, err
		}
	}
	return s.results.nextOrdered(ctx)
}

func (s *setCount) Close() {
	s.closeAhead()
	s.spilling.close()
	s.memory.close()
	closeAll(s.inputs)
}

// readInputs reads all inputs and prepares the results.
func (s *setCount) readInputs(ctx context.Context) error {
	s.counts = s.newCounts()
	for i, input := range s.inputs {
		if err := s.readInput(ctx, i, input); err != nil {
			return err
		}
	}
	if s.divided != nil {
		return s.countDivided(ctx)
	}
	s.results = &setResults{s}
	return nil
}

func (s *setCount) readInput(ctx context.Context, i int, input Operator) error {
	if s.divided != nil {
		s.divided = append(s.divided, s.likeFirst(s.divided[0]))
	}
	if i == 0 && s.ahead != nil {
		isAtEnd, err := s.keepAhead(ctx)
		if err != nil {
			return err
		}
		if isAtEnd {
			return s.endInput(i)
		}
	}
	for {
		b, err := input.Next(ctx)
		if err != nil {
			return err
		}
		if b == nil {
			return s.endInput(i)
		}
		if err := s.takeRows(ctx, i, compact(b)); err != nil {
			return err
		}
	}
}

// takeRows divides or counts a dense batch of an input.
func (s *setCount) takeRows(ctx context.Context, i int, b *batch.Batch) error {
	switch {
	case s.divided != nil:
		return s.divided[i].addRows(b, b.Columns, iota32(b.Len))
	case i == 0:
		return s.keepFirst(ctx, b)
	case s.inScan[i]:
		s.counts.countFound(batch.Values[int32](b.Columns[0].Array))
		return nil
	}
	return s.counts.countOthers(b.Columns, b.Len)
}

func (s *setCount) endInput(i int) error {
	switch {
	case s.divided != nil:
		return s.divided[i].finish()
	case i > 0:
		s.counts.endInput()
	}
	return nil
}

// keepFirst counts rows of the first input, and keeps those that the result may have. If memory runs out it begins
// to divide.
func (s *setCount) keepFirst(ctx context.Context, b *batch.Batch) error {
	rows := s.counts.rows
	if rows.groups > 0 && s.spilling.isNeeded(s.memory, tableBytes(b)+s.counts.growthBytes(b.Columns, b.Len)) {
		return s.divideFirst(ctx, b)
	}
	fresh, err := s.counts.countFirst(b.Columns, b.Len)
	if memory.IsFull(err) && s.spilling != nil && rows.groups > 0 {
		return s.divideFirst(ctx, b)
	}
	if err != nil {
		return err
	}
	groups := s.counts.groups
	if !s.all {
		if len(fresh) == 0 {
			return nil
		}
		b, groups = compact(&batch.Batch{Columns: b.Columns, Len: b.Len, Sel: fresh}), gather(groups, fresh, groups)
	}
	bytes := keptRowsBytes(b)
	err = s.memory.set(s.keptBytes + bytes + s.counts.sizeBytes())
	if memory.IsFull(err) && s.spilling != nil {
		return s.divideFirst(ctx, b)
	}
	s.keep(b, slices.Clone(groups[:b.Len]), bytes)
	return err
}

// keep keeps rows of the first input, with the distinct row of each, and adds their bytes.
func (s *setCount) keep(b *batch.Batch, rows []int32, bytes int64) {
	s.kept, s.keptRows = append(s.kept, b), append(s.keptRows, rows)
	s.keptBytes += bytes
}

// keptRowsBytes is the memory of kept rows, including the distinct row of each.
func keptRowsBytes(b *batch.Batch) int64 { return tableBytes(b) + 4*int64(b.Len) }

// setResults returns each kept row as often as the result has it.
type setResults struct{ *setCount }

func (s *setResults) nextOrdered(ctx context.Context) (*batch.Batch, error) {
	var parts []*batch.Batch
	for rows := 0; len(s.kept) > 0 && (rows == 0 || rows+s.kept[0].Len <= batch.Rows); {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b := s.kept[0]
		if sel := s.counts.take(s.keptRows[0]); len(sel) > 0 {
			parts, rows = append(parts, compact(&batch.Batch{Columns: b.Columns, Len: b.Len, Sel: sel})), rows+len(sel)
		}
		s.kept, s.keptRows = s.kept[1:], s.keptRows[1:]
	}
	switch len(parts) {
	case 0:
		return nil, nil
	case 1:
		return parts[0], nil
	}
	t := joinBatches(parts)
	return &batch.Batch{Columns: t.vectors(), Len: t.rows}, nil
}

// rowCounts counts, by distinct row, the input rows that equal one of the first input.
type rowCounts struct {
	set    *setCount
	rows   *grouper // of the first input
	left   []int64  // remaining after the previous inputs
	others []int64  // in the current input
	groups []int32  // of the last batch
}

func (s *setCount) newCounts() *rowCounts {
	return &rowCounts{set: s, rows: s.newRows()}
}

// countFirst counts rows of the first input, and returns those that equal no earlier row. If it returns an error of
// memory it has counted nothing.
func (c *rowCounts) countFirst(columns []batch.Vector, rows int) (fresh []int32, err error) {
	c.groups = resized(c.groups, rows)
	if fresh, err = c.rows.insertNew(columns, rows, c.groups); err != nil {
		return nil, err
	}
	c.left = append(c.left, make([]int64, len(fresh))...)
	for _, row := range c.groups {
		if c.set.all || c.left[row] == 0 {
			c.left[row]++
		}
	}
	return fresh, nil
}

// countOthers counts rows of another input.
func (c *rowCounts) countOthers(columns []batch.Vector, rows int) error {
	c.groups = resized(c.groups, rows)
	if err := c.rows.find(columns, rows, c.groups); err != nil {
		return err
	}
	c.countFound(c.groups)
	return nil
}

// countFound counts rows of another input; rows are the distinct rows that they equal, or Absent.
func (c *rowCounts) countFound(rows []int32) {
	c.others = grownTo(c.others, len(c.left))
	for _, row := range rows {
		if row != batch.Absent {
			c.others[row]++
		}
	}
}

// grownTo extends counts to rows entries; new ones are 0.
func grownTo(counts []int64, rows int) []int64 {
	if len(counts) == rows {
		return counts
	}
	return append(counts, make([]int64, rows-len(counts))...)
}

// endInput is called after the rows of each input but the first.
func (c *rowCounts) endInput() {
	c.others = grownTo(c.others, len(c.left))
	for row, others := range c.others {
		c.left[row] = c.set.left(c.left[row], others)
	}
	clear(c.others)
}

// take returns the indexes in rows of the rows that the result has, and counts them as taken. rows are the distinct
// rows of the first input's rows, in their order.
func (c *rowCounts) take(rows []int32) []int32 {
	var taken []int32
	for i, row := range rows {
		if c.left[row] > 0 {
			c.left[row]--
			taken = append(taken, int32(i))
		}
	}
	return taken
}

// growthBytes returns what counting rows of the first input may allocate.
func (c *rowCounts) growthBytes(columns []batch.Vector, rows int) int64 {
	return c.rows.growthBytes(columns, rows) + 2*8*int64(cap(c.left)+rows)
}

// sizeBytes returns the memory that the counts hold now and until the result is complete.
func (c *rowCounts) sizeBytes() int64 { return c.rows.sizeBytes() + c.countBytes() }

// countBytes returns the part of sizeBytes that the counts themselves hold.
func (c *rowCounts) countBytes() int64 { return 2 * 8 * int64(cap(c.left)) }
