package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
)

// findAhead has the distinct rows of the first input found by a pipeline, which holds its codes in one account and
// what it combines in another.
func (s *setCount) findAhead(held, combining *account) {
	s.ahead = &distinctPipeline{input: s.inputs[0], rows: &firstRows{memory: held}, combining: combining}
}

// keepAhead keeps the distinct rows of the first input that the pipeline finds. It ends at the end of the input or
// where there is no memory to go on: the rows to come are read one batch after another then.
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
			if err != nil || s.spilling.isNeeded(s.memory, batchBytes(b)) { // as the next one may take as much
				isShort, p.isEnded = true, true
			}
		}
	}
}

// keepFresh keeps rows that no other row before equals. They are kept even if the error is that memory is full.
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

// endAhead ends the pipeline, of which nothing is underway. What it held is held by the account of s from then on.
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

// closeAhead ends the pipeline, if there is one, whatever is underway.
func (s *setCount) closeAhead() {
	if s.ahead == nil {
		return
	}
	s.ahead.close()
	s.ahead.rows.memory.close()
	s.ahead = nil
}
