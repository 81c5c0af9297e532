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
type setCount struct {
	inputs []Operator
	// copies is how often a row that input i holds counts[i] times is in the result.
	copies func(counts []int64) int64
	rows   *grouper
	memory *account

	counts  [][]int64 // by input, then by distinct row
	results *tableReader
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
		s.results = s.result()
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
		if err := s.memory.set(s.rows.sizeBytes() + int64(s.rows.groups*len(s.inputs))*8); err != nil {
			return err
		}
	}
}

func (s *setCount) result() *tableReader {
	t := &table{rows: s.rows.groups, columns: make([]arrow.Array, len(s.rows.columns))}
	for i := range t.columns {
		t.columns[i] = s.rows.column(i)
	}
	rows := []int32{}
	counts := make([]int64, len(s.inputs))
	for g := range s.rows.groups {
		for i, by := range s.counts {
			counts[i] = 0
			if g < len(by) {
				counts[i] = by[g]
			}
		}
		for range s.copies(counts) {
			rows = append(rows, int32(g))
		}
	}
	return &tableReader{table: t, rows: rows}
}
