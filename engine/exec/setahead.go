package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
)

// findAhead lets a pipeline find the distinct rows of the first input. held accounts for its codes, combining for
// what it combines.
func (s *setCount) findAhead(held, combining *account) {
	s.ahead = &distinctPipeline{input: s.inputs[0], rows: &firstRows{memory: held}, combining: combining}
}

// keepAhead keeps the distinct rows that the pipeline finds. It ends at the end of the input, or if memory runs
// out: then the remaining rows are read batch by batch.
func (s *setCount) keepAhead(ctx context.Context) (isAtEnd bool, err error) {
	p := s.ahead
	p.rows.seen = s.counts.rows
	isShort := false
	for {
		b, fresh, err := p.next(ctx)
		switch {
		case memory.IsFull(err) && s.spilling != nil:
			p.left, p.isEnded = b, true
		case err != nil:
			return false, err
		case b == nil:
			return s.endAhead(ctx, isShort)
		default:
			err := s.keepFresh(b, fresh)
			if err != nil && !(memory.IsFull(err) && s.spilling != nil) {
				return false, err
			}
			if err != nil || s.spilling.isNeeded(s.memory, batchBytes(b)) { // the next one may take as much
				isShort, p.isEnded = true, true
			}
		}
	}
}

// keepFresh keeps rows that equal no earlier row. They are kept even if it returns an error that memory is full.
func (s *setCount) keepFresh(b *batch.Batch, fresh []int32) error {
	b = compact(&batch.Batch{Columns: b.Columns, Len: b.Len, Sel: fresh})
	rows := make([]int32, b.Len)
	for i := range rows {
		rows[i] = int32(len(s.counts.left))
		s.counts.left = append(s.counts.left, 1)
	}
	s.keep(b, rows, keptRowsBytes(b))
	return s.memory.set(s.keptBytes + s.counts.countBytes())
}

// endAhead ends the pipeline, which has no batch in flight. From then on the account of s holds what it held.
func (s *setCount) endAhead(ctx context.Context, isShort bool) (isAtEnd bool, err error) {
	p := s.ahead
	s.closeAhead()
	if p.failed != nil {
		return false, p.failed
	}
	if !isShort {
		err = s.memory.set(s.keptBytes + s.counts.sizeBytes())
		isShort = memory.IsFull(err) && s.spilling != nil
	}
	if isShort {
		err = s.divideFirst(ctx, nil)
	}
	if err == nil && p.left != nil {
		err = s.takeRows(ctx, 0, p.left) // it was read ahead
	}
	return p.isAtEnd, err
}

// closeAhead ends the pipeline, if there is one, even with batches in flight.
func (s *setCount) closeAhead() {
	if s.ahead == nil {
		return
	}
	s.ahead.close()
	s.ahead.rows.memory.close()
	s.ahead = nil
}
