package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
)

// metBytes is the memory that notes which rows have matched.
func (s *spilledJoin) metBytes() int64 { return 8*int64(len(s.buildMet)) + int64(cap(s.leftMet)) }

// growLeftMet extends leftMet to rows left rows; the new ones have not matched.
func (s *spilledJoin) growLeftMet(rows int) error {
	had := len(s.leftMet)
	if rows <= had {
		return nil
	}
	if rows > cap(s.leftMet) {
		more := max(rows, 2*cap(s.leftMet))
		if err := s.memory.add(int64(more - cap(s.leftMet))); err != nil {
			return err
		}
		s.leftMet = append(make([]bool, 0, more), s.leftMet...)
	}
	s.leftMet = s.leftMet[:rows]
	clear(s.leftMet[had:])
	return nil
}

// noteMet notes which right rows of a block have matched.
func (s *spilledJoin) noteMet(block joinBlock, numbers []int64) {
	for row, isMet := range block.metRows() {
		if isMet {
			s.setMet(numbers[row])
		}
	}
}

func (s *spilledJoin) setMet(number int64) { s.buildMet[number/64] |= 1 << (number % 64) }

func (s *spilledJoin) isMet(number int64) bool { return s.buildMet[number/64]&(1<<(number%64)) != 0 }

// giveRest begins to return the right rows that matched nothing, in order.
func (s *spilledJoin) giveRest(ctx context.Context) error {
	j := s.pairs
	s.sorting = s.newSorting(len(j.rightGiven))
	for _, p := range s.parts {
		if p.build == nil {
			continue
		}
		err := readRun(ctx, p.build, func(ctx context.Context, b *batch.Batch) error {
			b = compact(&batch.Batch{Columns: b.Columns, Len: b.Len, Sel: s.unmetRows(b)})
			if b.Len == 0 {
				return nil
			}
			columns := append(pickColumns(b, j.rightGiven), b.Columns[len(b.Columns)-1])
			return s.sorting.addBatch(ctx, &batch.Batch{Columns: columns, Len: b.Len})
		})
		if err != nil {
			return err
		}
	}
	rows, err := s.sorting.finish(ctx)
	s.rows = &besideNulls{unnumbered{rows}, j.nullLeft}
	return err
}

// unmetRows lists the right rows of a batch that matched nothing; never nil.
func (s *spilledJoin) unmetRows(b *batch.Batch) []int32 {
	rows := []int32{}
	for row, number := range numbersOf(b) {
		if !s.isMet(number) {
			rows = append(rows, int32(row))
		}
	}
	return rows
}

// besideNulls puts the columns left before those of its rows.
type besideNulls struct {
	rowStream
	left []batch.Vector
}

func (r *besideNulls) nextOrdered(ctx context.Context) (*batch.Batch, error) {
	b, err := r.rowStream.nextOrdered(ctx)
	if b == nil || err != nil {
		return nil, err
	}
	return besides(r.left, b.Columns, b.Len), nil
}
