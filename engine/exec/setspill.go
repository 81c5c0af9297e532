package exec

import (
	"context"
	"errors"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/engine/spill"
)

// divideFirst divides the kept rows of the first input and those of b (nil: none). Later rows are divided, too.
func (s *setCount) divideFirst(ctx context.Context, b *batch.Batch) error {
	first := s.spilling.divide(0)
	s.divided = []*dividedRows{first}
	s.counts = nil
	if err := s.memory.set(s.keptBytes); err != nil {
		return err
	}
	kept := s.kept
	s.kept, s.keptRows, s.keptBytes = nil, nil, 0
	if b != nil {
		kept = append(kept, b)
	}
	for i, rows := range kept {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := first.addRows(rows, rows.Columns, iota32(rows.Len)); err != nil {
			return err
		}
		kept[i] = nil
		if rows != b {
			s.memory.release(keptRowsBytes(rows))
		}
	}
	return s.memory.set(0)
}

// likeFirst begins to divide the rows of a further input. It drops rows of divisions in which the first input has
// none.
func (s *setCount) likeFirst(first *dividedRows) *dividedRows {
	d := s.spilling.divideLike(first)
	d.wanted = make([]bool, len(first.runs))
	for i, run := range first.runs {
		d.wanted[i] = run != nil
	}
	return d
}

// countDivided counts the divided rows.
func (s *setCount) countDivided(ctx context.Context) error {
	results := s.spilling.resultsOf(s.columns)
	if err := s.countDivisions(ctx, s.divided, results); err != nil {
		return err
	}
	s.divided = nil
	rows, err := results.finish(ctx)
	s.results = unnumbered{rows}
	return err
}

// countDivisions counts the rows of each division in all inputs, and adds the result's rows to results.
func (s *setCount) countDivisions(ctx context.Context, divided []*dividedRows, results *sortedRuns) error {
	for i := range divided[0].runs {
		division := &setDivision{set: s, runs: make([]*spill.Run, len(divided)), level: divided[0].level}
		for input, d := range divided {
			division.runs[input] = d.runs[i]
		}
		if division.runs[0] == nil {
			continue
		}
		if err := division.count(ctx, results); err != nil {
			return err
		}
	}
	return nil
}

// setDivision is the rows of all inputs in one division. They equal no row of another division.
type setDivision struct {
	set   *setCount
	runs  []*spill.Run // by input; nil: no row
	level int          // how often the rows were divided before
}

// errDivides ends the counting of a division that does not fit into memory.
var errDivides = errors.New("exec: the rows are to be divided")

// count counts the rows, or divides them again.
func (d *setDivision) count(ctx context.Context, results *sortedRuns) error {
	counts := d.set.newCounts()
	err := d.countRows(ctx, counts)
	if errors.Is(err, errDivides) {
		return d.divide(ctx, results)
	}
	if err != nil {
		return err
	}
	// The first input's rows are read again, as only their counts are in memory.
	err = d.readRows(ctx, 0, func(ctx context.Context, b *batch.Batch) error {
		counts.groups = resized(counts.groups, b.Len)
		if err := counts.rows.find(d.keysOf(b), b.Len, counts.groups); err != nil {
			return err
		}
		rows := counts.take(counts.groups)
		if len(rows) == 0 {
			return nil
		}
		return results.addBatch(ctx, &batch.Batch{Columns: b.Columns, Len: b.Len, Sel: rows})
	})
	if err != nil {
		return err
	}
	for _, run := range d.runs {
		if run != nil {
			d.set.spilling.drop(run)
		}
	}
	if err := d.set.memory.set(0); err != nil {
		return err
	}
	return results.leaveRoom(ctx)
}

// countRows counts the rows of all inputs.
func (d *setDivision) countRows(ctx context.Context, counts *rowCounts) error {
	for input := range d.runs {
		err := d.readRows(ctx, input, func(_ context.Context, b *batch.Batch) error {
			if input == 0 {
				return d.countFirst(b, counts)
			}
			return counts.countOthers(d.keysOf(b), b.Len)
		})
		if err != nil {
			return err
		}
		if input > 0 {
			counts.endInput()
		}
	}
	return nil
}

// countFirst counts rows of the first input. It returns errDivides if memory runs out.
func (d *setDivision) countFirst(b *batch.Batch, counts *rowCounts) error {
	memoryOf, keys := d.set.memory, d.keysOf(b)
	canDivide := counts.rows.groups > 0 && d.level+1 < maxDivided
	if canDivide && memoryOf.ShouldSpill(counts.growthBytes(keys, b.Len)) {
		return errDivides
	}
	_, err := counts.countFirst(keys, b.Len)
	if err == nil {
		err = memoryOf.set(counts.sizeBytes())
	}
	if canDivide && memory.IsFull(err) {
		return errDivides
	}
	return err
}

func (d *setDivision) keysOf(b *batch.Batch) []batch.Vector { return b.Columns[:d.set.columns] }

// readRows calls take with each batch of an input.
func (d *setDivision) readRows(ctx context.Context, input int, take func(context.Context, *batch.Batch) error) error {
	if d.runs[input] == nil {
		return nil
	}
	return readRun(ctx, d.runs[input], take)
}

// divide divides the rows of all inputs by other bits of their hash, and counts them.
func (d *setDivision) divide(ctx context.Context, results *sortedRuns) error {
	s := d.set
	if err := s.memory.set(0); err != nil {
		return err
	}
	divided := make([]*dividedRows, len(d.runs))
	for input := range d.runs {
		if input == 0 {
			divided[0] = s.spilling.divide(d.level + 1)
		} else {
			divided[input] = s.likeFirst(divided[0])
		}
		err := d.readRows(ctx, input, func(_ context.Context, b *batch.Batch) error {
			return divided[input].addRows(b, d.keysOf(b), iota32(b.Len))
		})
		if err != nil {
			return err
		}
		if err := divided[input].finish(); err != nil {
			return err
		}
		if d.runs[input] != nil {
			s.spilling.drop(d.runs[input])
		}
	}
	return s.countDivisions(ctx, divided, results)
}
