package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
)

// concatenation gives all rows of its inputs, one input after the other. The
// inputs give the columns in output order.
type concatenation struct {
	inputs []Operator

	current int
}

func (c *concatenation) Next(ctx context.Context) (*batch.Batch, error) {
	for ; c.current < len(c.inputs); c.current++ {
		b, err := c.inputs[c.current].Next(ctx)
		if b != nil || err != nil {
			return b, err
		}
	}
	return nil, nil
}

func (c *concatenation) Close() { closeAll(c.inputs) }

func closeAll(operators []Operator) {
	for _, o := range operators {
		o.Close()
	}
}

// setCount is INTERSECT and EXCEPT, with and without ALL: it counts how often
// each input has each distinct row, and from that how often the result has it.
// Equal rows can differ in what they show (the zones of instants, -0); with ALL
// the result has the first ones of the first input as they are there.
type setCount struct {
	inputs []Operator
	// copies is how often a row that input i holds counts[i] times is in the result.
	copies func(counts []int64) int64
	all    bool // with ALL
	rows   *grouper
	memory *account

	counts  [][]int64 // by input, then by distinct row
	results *tableReader
	// With ALL, the rows of the first input, and which distinct row each one is.
	kept       []*batch.Batch
	keptGroups []int32
	keptBytes  int64
}

// intersectAll and exceptAll are the bag operations; the distinct ones follow.
func intersectAll(counts []int64) int64 {
	least := counts[0]
	for _, n := range counts[1:] {
		least = min(least, n)
	}
	return least
}

func exceptAll(counts []int64) int64 {
	left := counts[0]
	for _, n := range counts[1:] {
		left -= n
	}
	return max(0, left)
}

func intersectDistinct(counts []int64) int64 { return min(1, intersectAll(counts)) }

func exceptDistinct(counts []int64) int64 {
	for _, n := range counts[1:] {
		if n > 0 {
			return 0
		}
	}
	return min(1, counts[0])
}

func (s *setCount) Next(ctx context.Context) (*batch.Batch, error) {
	if s.results == nil {
		s.counts = make([][]int64, len(s.inputs))
		for i := range s.inputs {
			if err := s.consume(ctx, i); err != nil {
				return nil, err
			}
		}
		if err := s.makeResult(); err != nil {
			return nil, err
		}
	}
	return s.results.next(), ctx.Err()
}

func (s *setCount) Close() {
	s.memory.close()
	closeAll(s.inputs)
}

func (s *setCount) consume(ctx context.Context, input int) error {
	var groups []int32
	for {
		b, err := s.inputs[input].Next(ctx)
		if b == nil || err != nil {
			return err
		}
		b = compact(b)
		groups = resized(groups, b.Len)
		if err := s.rows.insert(b.Columns, b.Len, groups); err != nil {
			return err
		}
		for len(s.counts[input]) < s.rows.groups {
			s.counts[input] = append(s.counts[input], 0)
		}
		for _, g := range groups {
			s.counts[input][g]++
		}
		if s.all && input == 0 {
			s.kept = append(s.kept, b)
			s.keptGroups = append(s.keptGroups, groups...)
			s.keptBytes += batchBytes(b) + int64(b.Len)*4
		}
		if err := s.memory.set(s.sizeBytes()); err != nil {
			return err
		}
	}
}

func (s *setCount) sizeBytes() int64 {
	return s.rows.sizeBytes() + int64(s.rows.groups*len(s.inputs))*8 + s.keptBytes
}

// makeResult chooses the rows of the result.
func (s *setCount) makeResult() error {
	if !s.all {
		s.results = s.distinctResult()
		return nil
	}
	if len(s.kept) == 0 {
		s.results = &tableReader{table: &table{}}
		return nil
	}
	if err := s.memory.set(s.sizeBytes() + s.keptBytes); err != nil { // batches and table are both there
		return err
	}
	t := joinBatches(s.kept)
	s.kept = nil
	left := make([]int64, s.rows.groups)
	for g := range left {
		left[g] = s.copiesOf(g)
	}
	rows := []int32{}
	for row, g := range s.keptGroups {
		if left[g] > 0 {
			left[g]--
			rows = append(rows, int32(row))
		}
	}
	s.results = &tableReader{table: t, rows: rows}
	return nil
}

func (s *setCount) distinctResult() *tableReader {
	t := &table{rows: s.rows.groups, columns: make([]arrow.Array, len(s.rows.columns))}
	for i := range t.columns {
		t.columns[i] = s.rows.column(i)
	}
	rows := []int32{}
	for g := range s.rows.groups {
		if s.copiesOf(g) > 0 {
			rows = append(rows, int32(g))
		}
	}
	return &tableReader{table: t, rows: rows}
}

// copiesOf is how often the result has a distinct row.
func (s *setCount) copiesOf(group int) int64 {
	counts := make([]int64, len(s.counts))
	for i, by := range s.counts {
		if group < len(by) {
			counts[i] = by[group]
		}
	}
	return s.copies(counts)
}
