package exec

import (
	"context"
	"iter"
	"math"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/engine/spill"
)

// partitioner numbers the partitions of an operator's rows from 0, in order of first appearance. Once there is no
// memory for more partitions, rows of others are spilled and get ids in a later round. Their partitions all first
// appear after those of earlier rounds.
type partitioner struct {
	input   Operator
	by      []int // positions
	types   []arrow.DataType
	numbers *batch.TextNumbers // of the lake's texts; nil: they have no ids
	memory  *account           // of the partitions alone
	spiller *spill.Spiller     // nil: nothing can be spilled
	// makeRoom releases memory if it can; nil: there is none to release.
	makeRoom func(ctx context.Context) error

	groups *grouper // of the round
	ids    []int32  // of the last batch
	// refused has the rows that nextBatch failed on, as there was no memory for their partitions; nil: none.
	refused *batch.Batch
	known   int32 // partitions from this id on belong to a later round
	later   []*spill.Run
	late    *lateRows // writes the last of later; nil: none
	// Later rounds read the rows that the round before has left.
	isLater bool
	runs    []*spill.Run
	reader  *spill.Reader // of runs[0], nil: not begun
}

func newPartitioner(input Operator, by []int, types []arrow.DataType, numbers *batch.TextNumbers, memory *account, spiller *spill.Spiller) *partitioner {
	p := &partitioner{input: input, by: by, types: types, numbers: numbers, memory: memory, spiller: spiller}
	p.numberAnew()
	return p
}

// numberAnew begins again with partition 0.
func (p *partitioner) numberAnew() {
	p.groups, p.known = newGrouper(p.types), math.MaxInt32
	p.groups.memory = p.memory
	p.groups.useNumbers(p.numbers)
	if !p.isLater {
		p.groups.keepTexts(p.input)
	}
}

// nextBatch returns the next rows of the round and the partition id of each live one, nil at the round's end. The
// ids are valid until the next call.
func (p *partitioner) nextBatch(ctx context.Context) (*batch.Batch, []int32, error) {
	for {
		b, err := p.nextInput(ctx)
		if err != nil {
			return nil, nil, err
		}
		if b == nil {
			return nil, nil, p.endLate()
		}
		if err := p.number(ctx, b); err != nil {
			p.refused = b
			return nil, nil, err
		}
		if b, ids, err := p.withoutLater(b, p.ids); b != nil || err != nil {
			return b, ids, err
		}
	}
}

// nextInput returns the next rows, of this or later rounds, nil at the end.
func (p *partitioner) nextInput(ctx context.Context) (*batch.Batch, error) {
	if !p.isLater {
		return p.input.Next(ctx)
	}
	for len(p.runs) > 0 {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if p.reader == nil {
			var err error
			if p.reader, err = p.runs[0].Reader(); err != nil {
				return nil, err
			}
		}
		if b, err := p.reader.Next(); b != nil || err != nil {
			return b, err
		}
		p.reader.Close()
		p.reader = nil
		p.runs[0].Close()
		p.runs = p.runs[1:]
	}
	return nil, nil
}

// number sets ids to the partitions of b's live rows, and adds new partitions while there is memory.
func (p *partitioner) number(ctx context.Context, b *batch.Batch) error {
	live := b.Live()
	p.ids = resized(p.ids, live)
	columns := p.columnsOf(b)
	if p.known < math.MaxInt32 {
		return p.groups.find(columns, live, p.ids)
	}
	err := p.insert(columns, live)
	if memory.IsFull(err) && p.makeRoom != nil {
		if err := p.makeRoom(ctx); err != nil {
			return err
		}
		err = p.insert(columns, live)
	}
	if p.spiller == nil {
		return err
	}
	switch limit := p.memory.LimitBytes(); {
	case memory.IsFull(err) && p.groups.groups > 0:
		p.knowOnly(p.groups.groups)
		return p.groups.find(columns, live, p.ids)
	case err == nil && limit > 0 && p.groups.sizeBytes() > limit/partitionsShare:
		p.knowOnly(p.groups.groups)
	}
	return err
}

// columnsOf returns the live rows' partition columns.
func (p *partitioner) columnsOf(b *batch.Batch) []batch.Vector {
	columns := make([]batch.Vector, len(p.by))
	for i, at := range p.by {
		columns[i] = liveColumn(b, at)
	}
	return columns
}

// If rows can be spilled, partitions hold at most 1/partitionsShare of a query's memory.
const partitionsShare = 4

func (p *partitioner) insert(columns []batch.Vector, live int) error {
	if err := p.groups.insert(columns, live, p.ids); err != nil {
		return err
	}
	return p.memory.set(p.groups.sizeBytes())
}

// knowOnly leaves partitions with ids from partitions on, and new ones, to a later round. partitions is at least 1.
func (p *partitioner) knowOnly(partitions int) { p.known = int32(partitions) }

// compact returns the live rows of the last batch in a form to keep. Rows of a spilled record are copied, so that
// the record's memory is freed.
func (p *partitioner) compact(b *batch.Batch) *batch.Batch {
	if b.Sel == nil || !p.isLater {
		return compact(b)
	}
	return &batch.Batch{Columns: takeAllOwned(b.Columns, b.Sel), Len: len(b.Sel)}
}

// withoutLater spills the rows of later rounds and returns the others with their partitions; nil if there are none.
// It overwrites partitions.
func (p *partitioner) withoutLater(b *batch.Batch, partitions []int32) (*batch.Batch, []int32, error) {
	if p.known == math.MaxInt32 {
		return b, partitions, nil
	}
	var kept, late []int32
	ids := partitions[:0]
	for row, id := range partitions {
		at := int32(row)
		if b.Sel != nil {
			at = b.Sel[row]
		}
		if id == batch.Absent || id >= p.known {
			late = append(late, at)
			continue
		}
		kept, ids = append(kept, at), append(ids, id)
	}
	if len(late) == 0 {
		return b, partitions, nil
	}
	if err := p.addLate(b, late); err != nil || len(kept) == 0 {
		return nil, nil, err
	}
	return &batch.Batch{Columns: b.Columns, Len: b.Len, Sel: kept}, ids, nil
}

func (p *partitioner) addLate(b *batch.Batch, rows []int32) error {
	if p.late == nil {
		run, err := p.spiller.NewRun()
		if err != nil {
			return err
		}
		p.late = &lateRows{run: run, memory: p.memory, recordBytes: p.spiller.RecordBytes()}
		p.later = append(p.later, run)
	}
	return p.late.addRows(b, rows)
}

func (p *partitioner) endLate() error {
	if p.late == nil {
		return nil
	}
	err := p.late.finish()
	p.late = nil
	return err
}

// putOff moves rows back to the start of the next round: those of the partitions that knowOnly leaves to it. The
// rows come by partition, in order of the partitions' first appearance.
func (p *partitioner) putOff(rows iter.Seq[*batch.Batch]) error {
	run, err := p.spiller.NewRun()
	if err != nil {
		return err
	}
	p.later = append([]*spill.Run{run}, p.later...)
	for b := range rows {
		if err := run.Write(b); err != nil {
			return err
		}
	}
	return run.Finish()
}

// forget releases the partitions' memory after all rows of the round were read.
func (p *partitioner) forget() error {
	p.groups = nil
	return p.memory.set(0)
}

// nextRound begins the next round; false: no rows are left.
func (p *partitioner) nextRound() (bool, error) {
	if len(p.later) == 0 {
		return false, nil
	}
	p.isLater, p.runs, p.later = true, p.later, nil
	p.numberAnew()
	return true, p.memory.set(0)
}

// close removes all runs and closes the input.
func (p *partitioner) close() {
	if p.reader != nil {
		p.reader.Close()
	}
	for _, r := range append(p.runs, p.later...) {
		r.Close()
	}
	p.reader, p.runs, p.later = nil, nil, nil
	p.memory.close()
	p.input.Close()
}

// lateRows collects rows for a run until they fill a batch or a record.
type lateRows struct {
	run         *spill.Run
	memory      *account
	recordBytes int64

	batches []*batch.Batch
	rows    int
	bytes   int64 // of batches; reserved
}

// addRows adds rows of a batch.
func (l *lateRows) addRows(b *batch.Batch, rows []int32) error {
	// The rows may be few of a batch whose memory is to be freed, such as a spilled record.
	taken := &batch.Batch{Columns: takeAllOwned(b.Columns, rows), Len: len(rows)}
	bytes := tableBytes(taken) + arrayBytes*int64(len(taken.Columns))
	if err := l.memory.add(bytes); err != nil {
		return err
	}
	l.batches = append(l.batches, taken)
	l.rows, l.bytes = l.rows+len(rows), l.bytes+bytes
	if l.rows < batch.Rows && l.bytes < l.recordBytes {
		return nil
	}
	return l.flush()
}

func (l *lateRows) flush() error {
	if len(l.batches) == 0 {
		return nil
	}
	done, err := l.memory.during(l.bytes)
	if err != nil {
		return err
	}
	defer done()
	err = l.run.Write(&batch.Batch{Columns: joinBatches(l.batches).vectors(), Len: l.rows})
	l.memory.release(l.bytes)
	l.batches, l.rows, l.bytes = nil, 0, 0
	return err
}

func (l *lateRows) finish() error {
	if err := l.flush(); err != nil {
		return err
	}
	return l.run.Finish()
}
