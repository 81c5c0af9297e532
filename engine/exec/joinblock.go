package exec

import (
	"context"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/spill"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// joinKind is the part of a spilled join that differs between hashJoin and semiJoin.
type joinKind interface {
	// overPart prepares to join left rows with some right rows, whose last column is the row number.
	overPart(ctx context.Context, rows *table, condition joinCondition, memory *account) (joinBlock, error)
	// spilledColumns are the columns of such a table.
	spilledColumns() []*plan.Column
	// columnsGiven is the number of columns returned.
	columnsGiven() int
}

// joinBlock joins left rows with right rows in memory.
type joinBlock interface {
	// begin joins dense left rows, which have numbers. met notes whether a row has matched, in this block or an
	// earlier one. Rows that match nothing, and marks, are returned with the last block. The last column returned
	// is the row number.
	begin(ctx context.Context, left *batch.Batch, numbers []int64, met []bool, isLast bool) (blockRows, error)
	// rowBytes is the approximate size of the output of one right row.
	rowBytes() int64
	// metRows marks the right rows that matched, by position in the table; nil: not wanted.
	metRows() []bool
}

// blockRows returns the output of left rows.
type blockRows interface {
	expansion
	// pairs is the maximum number of output rows of a left row.
	pairs(row int) int64
}

// joinBlocks returns the right rows of a part, in blocks that fit in memory.
type joinBlocks struct {
	join    *spilledJoin
	part    *joinPart
	reader  *spill.Reader // nil: there are no right rows
	read    int64         // rows so far
	isFirst bool          // of the block returned last
	numbers []int64       // of its rows
}

func (s *spilledJoin) blocksOf(p *joinPart) (*joinBlocks, error) {
	b := &joinBlocks{join: s, part: p}
	if p.build == nil {
		return b, nil
	}
	var err error
	b.reader, err = p.build.Reader()
	return b, err
}

// next returns the next block; there is at least one. A block is valid until the next call.
func (b *joinBlocks) next(ctx context.Context) (block joinBlock, isLast bool, err error) {
	s := b.join
	b.isFirst = b.read == 0
	rows := s.emptyBuild()
	if b.reader != nil {
		if rows, err = b.nextTable(ctx); err != nil {
			return nil, false, err
		}
	}
	b.numbers = batch.Values[int64](rows.columns[len(rows.columns)-1])
	block, err = s.kind.overPart(ctx, rows, s.condition, s.memory)
	return block, b.reader == nil || b.read == b.part.build.Rows(), err
}

// nextTable reads the rows of the next block.
func (b *joinBlocks) nextTable(ctx context.Context) (*table, error) {
	memory := b.join.memory
	if err := memory.set(b.join.metBytes()); err != nil {
		return nil, err
	}
	var batches []*batch.Batch
	bytes, rows := int64(0), int64(0)
	for b.read < b.part.build.Rows() {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		read, err := b.reader.Next()
		if err != nil {
			return nil, err
		}
		more := tableBytes(read)
		if err := memory.add(more); err != nil {
			return nil, err
		}
		batches = append(batches, read)
		b.read, rows, bytes = b.read+int64(read.Len), rows+int64(read.Len), bytes+more
		if blockBytes(bytes, rows) > memory.LimitBytes()/blockShare && !b.join.fits(b.part.build) {
			break
		}
	}
	done, err := memory.during(bytes) // batches and the table exist at the same time
	if err != nil {
		return nil, err
	}
	defer done()
	return joinBatches(batches), nil
}

func (b *joinBlocks) close() {
	if b.reader != nil {
		b.reader.Close()
	}
	_ = b.join.memory.set(b.join.metBytes()) // less than before
}

// emptyBuild returns a table without right rows.
func (s *spilledJoin) emptyBuild() *table {
	return emptyTable(s.kind.spilledColumns())
}

// spilledColumns are the columns of right rows on disk.
func (j *hashJoin) spilledColumns() []*plan.Column { return numbered(j.rightColumns) }

// numbered returns columns and one for the row number.
func numbered(columns []*plan.Column) []*plan.Column {
	return append(append([]*plan.Column{}, columns...), &plan.Column{Type: types.BigIntType})
}

func (j *hashJoin) columnsGiven() int { return len(j.leftGiven) + len(j.rightGiven) }

func (j *hashJoin) overPart(ctx context.Context, rows *table, condition joinCondition, memory *account) (joinBlock, error) {
	return j.over(ctx, rows, condition, memory)
}

// begin joins numbered left rows with the build rows, a part of all build rows.
func (b *joinBuild) begin(_ context.Context, left *batch.Batch, numbers []int64, met []bool, isLast bool) (blockRows, error) {
	p, err := b.probeOf(left)
	if err != nil {
		return nil, err
	}
	p.numbers = numbers
	if b.join.keepsLeft() {
		p.matched, p.keepsAlone = met, isLast
	}
	return p, nil
}

func (b *joinBuild) rowBytes() int64 {
	const numberBytes = 8
	if b.givenBytes == 0 && b.given.rows > 0 {
		b.givenBytes = tableBytes(&batch.Batch{Columns: b.given.vectors(), Len: b.given.rows}) / int64(b.given.rows)
	}
	return b.givenBytes + numberBytes
}

func (b *joinBuild) metRows() []bool { return b.matched }

func (s *semiJoin) spilledColumns() []*plan.Column { return numbered(s.rightColumns) }

func (s *semiJoin) columnsGiven() int {
	if s.gives != nil {
		return len(s.gives)
	}
	return s.leftColumns + 1
}

func (s *semiJoin) overPart(ctx context.Context, rows *table, condition joinCondition, memory *account) (joinBlock, error) {
	return s.over(ctx, rows, condition, memory)
}

func (s *semiBuild) begin(_ context.Context, left *batch.Batch, numbers []int64, met []bool, isLast bool) (blockRows, error) {
	return &markedRows{build: s, left: left, numbers: numbers, met: met, isLast: isLast}, nil
}

func (s *semiBuild) rowBytes() int64 { return 0 }

func (s *semiBuild) metRows() []bool { return nil }

// markedRows are left rows of a spilledJoin, which get their marks with the last block of right rows.
type markedRows struct {
	build   *semiBuild
	left    *batch.Batch // nil: done
	numbers []int64
	met     []bool // rows that matched a right row of a block so far
	isLast  bool
}

func (m *markedRows) pairs(int) int64 { return 0 }

func (m *markedRows) next(ctx context.Context) (*batch.Batch, error) {
	b := m.left
	if b == nil {
		return nil, nil
	}
	m.left = nil
	marks, err := m.build.marks(ctx, b)
	if err != nil {
		return nil, err
	}
	for row, mark := range marks {
		m.met[row] = m.met[row] || mark
	}
	if !m.isLast {
		return nil, nil
	}
	s := m.build.join
	out := s.withMarks(b, m.met, s.decided(b, m.met, s.dropped))
	out.Columns = append(out.Columns, batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, m.numbers, nil)})
	return out, nil
}
