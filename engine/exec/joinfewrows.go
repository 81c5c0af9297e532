package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/spill"
)

// fewLeftRows joins some left rows of a spilledJoin, row by row, while it reads the right rows of their keys. The
// output of one row may be very long, and the statement may not want all of it.
type fewLeftRows struct {
	join *spilledJoin
	rows []spilledLeftRow // in order, without those already returned

	// State of the first row:
	found  *joinTable    // finds it by its key; nil: it is not begun
	reader *spill.Reader // of the right rows
	isMet  bool
	right  *batch.Batch // read last
	pairs  []int32      // rows of right that may match, not checked yet
	bytes  int64        // of rows; reserved
}

// spilledLeftRow is a left row, and the part that has its right rows.
type spilledLeftRow struct {
	number int64
	part   *joinPart
	row    *batch.Batch // with its row number
}

// fewRowsBetween reads the left rows with numbers [from, to).
func (s *spilledJoin) fewRowsBetween(ctx context.Context, from, to int64) (*fewLeftRows, error) {
	f := &fewLeftRows{join: s, rows: make([]spilledLeftRow, to-from)}
	for _, p := range s.parts {
		if p.left == nil {
			continue
		}
		if err := f.take(ctx, p, from, to); err != nil {
			f.close()
			return nil, err
		}
	}
	return f, nil
}

// take reads the rows of a part with numbers [from, to); a part has them in order.
func (f *fewLeftRows) take(ctx context.Context, p *joinPart, from, to int64) error {
	reader, err := p.left.Reader()
	if err != nil {
		return err
	}
	defer reader.Close()
	for {
		if err := ctx.Err(); err != nil {
			return err
		}
		b, err := reader.Next()
		if b == nil || err != nil {
			return err
		}
		numbers := numbersOf(b)
		if numbers[0] >= to {
			return nil
		}
		for row := rowsUnder(numbers, from); row < b.Len && numbers[row] < to; row++ {
			taken := &batch.Batch{Columns: takeAll(b.Columns, []int32{int32(row)}), Len: 1}
			bytes := tableBytes(taken)
			if err := f.join.memory.add(bytes); err != nil {
				return err
			}
			f.bytes += bytes
			f.rows[numbers[row]-from] = spilledLeftRow{numbers[row], p, taken}
		}
	}
}

// nextOrdered returns the next batch, nil at the end.
func (f *fewLeftRows) nextOrdered(ctx context.Context) (*batch.Batch, error) {
	for len(f.rows) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if f.found == nil {
			if err := f.begin(ctx); err != nil {
				return nil, err
			}
		}
		if len(f.pairs) > 0 {
			if b, err := f.nextPairs(); b != nil || err != nil {
				return b, err
			}
			continue
		}
		hasMore, err := f.readRight()
		if err != nil {
			return nil, err
		}
		if hasMore {
			continue
		}
		alone := f.join.keepsLeft && !f.isMet
		row := f.rows[0].row
		f.endRow()
		if alone {
			return f.join.aloneRow(row), nil
		}
	}
	return nil, nil
}

// begin prepares to read the right rows of the first row.
func (f *fewLeftRows) begin(ctx context.Context) error {
	s, first := f.join, f.rows[0]
	if len(s.condition.bounds) > 0 && first.part.build != nil && !first.part.isOrdered {
		if err := s.sortPart(ctx, first.part); err != nil {
			return err
		}
	}
	columns := make([]arrow.Array, len(first.row.Columns))
	for i, v := range first.row.Columns {
		columns[i] = batch.Expand(v, 1)
	}
	var err error
	if f.found, err = (gathering{}).newTable(ctx, &table{columns: columns, rows: 1}, s.leftKeys, nil, equalToSome); err != nil || first.part.build == nil {
		return err
	}
	f.reader, err = first.part.build.Reader()
	return err
}

// readRight finds possible partners among the next right rows; false: there are no more.
func (f *fewLeftRows) readRight() (bool, error) {
	if f.reader == nil {
		return false, nil
	}
	b, err := f.reader.Next()
	if b == nil || err != nil {
		return false, err
	}
	from, to, err := f.found.lookup(pickColumns(b, f.join.rightKeys), b.Len)
	if err != nil {
		return false, err
	}
	f.right, f.pairs = b, f.pairs[:0]
	for row := range b.Len {
		if from[row] < to[row] {
			f.pairs = append(f.pairs, int32(row))
		}
	}
	return true, nil
}

// nextPairs returns matching pairs of the left row and right rows, nil if none of those checked matches.
func (f *fewLeftRows) nextPairs() (*batch.Batch, error) {
	s, first := f.join, f.rows[0]
	left := first.row.Columns[:len(first.row.Columns)-1]
	n := min(fitting(f.right.Columns, f.pairs), batch.Rows)
	right := f.pairs[:n]
	f.pairs = f.pairs[n:]
	if filter := s.pairs.condition.whole; filter != nil {
		t := &table{columns: make([]arrow.Array, len(f.right.Columns)), rows: f.right.Len}
		for i, v := range f.right.Columns {
			t.columns[i] = batch.Expand(v, f.right.Len)
		}
		sel, err := filter.filterPairs(left, t, make([]int32, n), right, s.memory)
		if err != nil {
			return nil, err
		}
		right = pickRows(right, sel)
	}
	if len(right) == 0 {
		return nil, nil
	}
	f.isMet = true
	if s.buildMet != nil {
		numbers := numbersOf(f.right)
		for _, row := range right {
			s.setMet(numbers[row])
		}
	}
	return besides(repeatedRow(left, s.pairs.leftGiven), takeAll(pickColumns(f.right, s.pairs.rightGiven), right), len(right)), nil
}

// repeatedRow returns one row as columns of any number of rows.
func repeatedRow(row []batch.Vector, given []int) []batch.Vector {
	out := make([]batch.Vector, len(given))
	for i, at := range given {
		out[i] = batch.Vector{Array: batch.Expand(row[at], 1), Const: true}
	}
	return out
}

// aloneRow returns the output of a left row that matches nothing.
func (s *spilledJoin) aloneRow(row *batch.Batch) *batch.Batch {
	right := make([]batch.Vector, len(s.pairs.rightGiven))
	for i, at := range s.pairs.rightGiven {
		right[i] = batch.Vector{Array: batch.Nulls(arrowtype.Of(s.pairs.rightColumns[at].Type), 1)}
	}
	return besides(pickColumns(row, s.pairs.leftGiven), right, 1)
}

func (f *fewLeftRows) endRow() {
	if f.reader != nil {
		f.reader.Close()
	}
	f.found, f.reader, f.right, f.pairs, f.isMet = nil, nil, nil, nil, false
	f.rows = f.rows[1:]
}

// close closes the reader and gives the memory of the rows back.
func (f *fewLeftRows) close() {
	if f.reader != nil {
		f.reader.Close()
		f.reader = nil
	}
	f.join.memory.release(f.bytes)
	f.bytes = 0
}
