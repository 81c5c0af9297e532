package exec

import (
	"context"
	"math/bits"
	"sort"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/spill"
	"github.com/auditlake/auditlake/planner/types"
)

// joinRound joins the next left rows of a spilledJoin. The round ends before its output gets much longer than all
// spilled rows, so that a long output takes no more room on disk. Shorter rounds would read the right rows more
// often than pays.
type joinRound struct {
	join    *spilledJoin
	start   int64 // the first left row, by its number
	cut     int64 // the first row left to a later round
	isFew   bool  // single rows have too long an output to be written
	results *sortedRuns
	// bytes estimates the output of row start, of start+1, of the next two, the next four, …
	bytes [65]int64
	total int64
	// retryTo is the row before which the round should end, as joining a later one failed; 0: none did.
	retryTo int64
}

// A round ends before its output exceeds roundShare times the spilled bytes, or a quarter of the memory if that is
// more.
const roundShare = 4

// Up to maxFewRows left rows are joined one by one, if their output is too long for a round.
const maxFewRows = 8

// beginRound finds the output of the next left rows.
func (s *spilledJoin) beginRound(ctx context.Context) error {
	r := &joinRound{join: s, start: s.next, retryTo: s.leftRows}
	for r.retryTo != 0 {
		s.endRound()
		s.sorting = s.newSorting(s.kind.columnsGiven())
		r = &joinRound{join: s, start: s.next, cut: r.retryTo, results: s.sorting}
		if err := r.joinParts(ctx); err != nil {
			return err
		}
	}
	s.next = r.cut
	if r.isFew {
		s.endRound()
		few, err := s.fewRowsBetween(ctx, r.start, r.cut)
		if err != nil {
			return err
		}
		s.rows = few
		return nil
	}
	rows, err := r.results.finish(ctx)
	s.rows = unnumbered{&rowsBelow{rows, r.cut}}
	return err
}

func (r *joinRound) joinParts(ctx context.Context) error {
	for _, part := range r.join.parts {
		if part.left == nil || r.isOver() {
			continue
		}
		if err := r.joinPart(ctx, part); err != nil {
			return err
		}
	}
	return nil
}

// isOver reports whether the round needs no more rows.
func (r *joinRound) isOver() bool { return r.isFew || r.retryTo != 0 }

// newSorting returns what sorts rows by the row number, which follows columns columns. All sortings of a join, one
// after the other, share an account.
func (s *spilledJoin) newSorting(columns int) *sortedRuns {
	if s.sortMemory == nil {
		s.sortMemory = s.spilling.account()
		s.sortSpiller = s.spilling.newSpiller(s.sortMemory)
	}
	return &sortedRuns{keys: []sortKey{{position: columns, valueType: types.BigIntType}}, gathering: s.spilling.gathering, memory: s.sortMemory, spiller: s.sortSpiller}
}

// rowsBelow returns rows, which are ordered by row number, up to cut.
type rowsBelow struct {
	rowStream
	cut int64
}

func (r *rowsBelow) nextOrdered(ctx context.Context) (*batch.Batch, error) {
	b, err := r.rowStream.nextOrdered(ctx)
	if b == nil || err != nil {
		return nil, err
	}
	b = compact(b)
	numbers := numbersOf(b)
	if n := rowsUnder(numbers, r.cut); n < b.Len {
		if n == 0 {
			return nil, nil
		}
		return part(b, 0, n), nil
	}
	return b, nil
}

// rowsUnder returns how many of the numbers, which ascend, are less than number.
func rowsUnder(numbers []int64, number int64) int {
	return sort.Search(len(numbers), func(i int) bool { return numbers[i] >= number })
}

// joinPart joins the rows of a part, block by block of right rows that fit in memory.
func (r *joinRound) joinPart(ctx context.Context, p *joinPart) error {
	s := r.join
	if err := s.orderPart(ctx, p); err != nil {
		return err
	}
	blocks, err := s.blocksOf(p)
	if err != nil {
		return err
	}
	defer blocks.close()
	s.leftMet = s.leftMet[:0]
	for {
		block, isLast, err := blocks.next(ctx)
		if err != nil {
			return err
		}
		if err := r.joinBlock(ctx, p, block, blocks.isFirst && isLast, isLast); err != nil {
			return err
		}
		s.noteMet(block, blocks.numbers)
		if isLast || r.isOver() {
			return nil
		}
	}
}

// joinBlock joins the left rows of a part with some of its right rows; isOnly: with all of them.
func (r *joinRound) joinBlock(ctx context.Context, p *joinPart, block joinBlock, isOnly, isLast bool) error {
	reader, err := p.left.Reader()
	if err != nil {
		return err
	}
	defer reader.Close()
	row := 0 // of the round
	for !r.isOver() {
		b, err := r.nextLeft(ctx, reader)
		if b == nil || err != nil {
			return err
		}
		var met []bool
		if isOnly {
			met = make([]bool, b.Len)
		} else {
			if err := r.join.growLeftMet(row + b.Len); err != nil {
				return err
			}
			met = r.join.leftMet[row : row+b.Len]
		}
		row += b.Len
		if err := r.joinRows(ctx, block, b, met, isLast); err != nil {
			return err
		}
	}
	return nil
}

// nextLeft returns the next left rows of the round, nil after the last.
func (r *joinRound) nextLeft(ctx context.Context, reader *spill.Reader) (*batch.Batch, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		b, err := reader.Next()
		if b == nil || err != nil {
			return nil, err
		}
		numbers := numbersOf(b)
		from, to := rowsUnder(numbers, r.start), rowsUnder(numbers, r.cut)
		switch {
		case to == 0:
			return nil, nil
		case from < to:
			return part(b, from, to), nil
		}
	}
}

// joinRows joins left rows, whose last column is the row number.
func (r *joinRound) joinRows(ctx context.Context, block joinBlock, b *batch.Batch, met []bool, isLast bool) error {
	numbers := numbersOf(b)
	left := &batch.Batch{Columns: b.Columns[:len(b.Columns)-1], Len: b.Len}
	rows, err := block.begin(ctx, left, numbers, met, isLast)
	if err == nil {
		r.addBytes(rows, numbers, tableBytes(left)/int64(b.Len)+block.rowBytes())
		if n := rowsUnder(numbers, r.cut); n < b.Len && n > 0 && !r.isFew {
			b, numbers = part(b, 0, n), numbers[:n]
			left = &batch.Batch{Columns: b.Columns[:len(b.Columns)-1], Len: b.Len}
			rows, err = block.begin(ctx, left, numbers, met[:n], isLast)
		} else if n == 0 {
			return nil
		}
	}
	for err == nil && !r.isFew {
		var out *batch.Batch
		if out, err = rows.next(ctx); err == nil {
			if out == nil {
				return nil
			}
			if err := r.addResults(ctx, out); err != nil {
				return err
			}
		}
	}
	if err == nil {
		return nil
	}
	return r.cutAtError(err, numbers)
}

// A batch of results takes at most one byte in resultShare of the memory, or minResultBytes if that is more:
// sorting needs several times its size.
const (
	resultShare    = 16
	minResultBytes = 64 << 10
)

// addResults adds output of left rows.
func (r *joinRound) addResults(ctx context.Context, b *batch.Batch) error {
	pieces := tableBytes(b)/max(minResultBytes, r.results.memory.LimitBytes()/resultShare) + 1
	rows := max(1, b.Len/int(pieces))
	for from := 0; from < b.Len; from += rows {
		if err := r.results.addBatch(ctx, part(b, from, min(b.Len, from+rows))); err != nil {
			return err
		}
	}
	return nil
}

// addBytes counts the output of left rows. If that is too long, it leaves rows to later rounds.
func (r *joinRound) addBytes(rows blockRows, numbers []int64, rowBytes int64) {
	for row, number := range numbers {
		bytes := rows.pairs(row) * rowBytes
		r.bytes[bits.Len64(uint64(number-r.start))] += bytes
		r.total += bytes
	}
	most := max(r.join.memory.LimitBytes()/4, roundShare*(r.join.buildBytes+r.join.leftBytes))
	for i := len(r.bytes) - 1; i > 0 && r.total > most; i-- {
		if r.bytes[i] == 0 {
			continue
		}
		r.total -= r.bytes[i]
		r.bytes[i] = 0
		r.cut = min(r.cut, r.start+int64(1)<<(i-1))
		r.isFew = r.cut-r.start <= maxFewRows
	}
	if r.total > most {
		r.cut, r.isFew = r.start+1, true
	}
}

// cutAtError leaves the rows from the failed ones on to a later round, so that earlier output is returned first. An
// error that ends the statement in any case is returned at once.
func (r *joinRound) cutAtError(err error, numbers []int64) error {
	if function.EndsStatement(err) {
		return err
	}
	switch {
	case numbers[0] > r.start:
		r.cut = min(r.cut, numbers[0])
	case len(numbers) > 1:
		r.retryTo = numbers[len(numbers)/2] // results may have part of the output of the rows before
	case r.join.pairs == nil:
		return err
	default:
		r.cut, r.isFew = r.start+1, true
	}
	return nil
}
