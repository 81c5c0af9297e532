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

// partitioner numbers the partitions of an operator's rows from 0, in the order in which they first appear. Where there
// is no memory for more partitions, the rows of others are spilled, and numbered anew in a later round: their
// partitions all appear after those of the rounds before.
type partitioner struct {
	input   Operator
	by      []int // positions
	types   []arrow.DataType
	numbers *batch.TextNumbers // of the lake's texts; nil: they have none
	memory  *account           // of the partitions alone
	spiller *spill.Spiller     // nil: nothing can be spilled
	// makeRoom releases memory, if that can be; nil: none can be released.
	makeRoom func(ctx context.Context) error

	groups *grouper // of the round
	ids    []int32  // of the last batch
	// refused are rows for whose partitions there was no memory, of which nextBatch has the error; nil: none.
	refused *batch.Batch
	known   int32 // partitions from this number on are of a later round
	later   []*spill.Run
	late    *lateRows // the last of later, nil for none
	// Rounds after the first one read what was left by the one before.
	isLater bool
	runs    []*spill.Run
	reader  *spill.Reader // of the first of runs, nil: not begun
}

func newPartitioner(input Operator, by []int, types []arrow.DataType, numbers *batch.TextNumbers, memory *account, spiller *spill.Spiller) *partitioner {
	p := &partitioner{input: input, by: by, types: types, numbers: numbers, memory: memory, spiller: spiller}
	p.numberAnew()
	return p
}

// numberAnew begins with partition 0.
func (p *partitioner) numberAnew() {
	p.groups, p.known = newGrouper(p.types), math.MaxInt32
	p.groups.memory = p.memory
	p.groups.useNumbers(p.numbers)
	if !p.isLater {
		p.groups.keepTexts(p.input)
	}
}

// nextBatch returns the next rows of the round, and the partition of each live one, which holds until the next call;
// nil at the round's end.
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

// nextInput returns the next rows of all partitions, nil at the end.
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

// number finds the partitions of b's live rows, and makes them unless there is no memory for more.
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

// columnsOf are the columns that b's live rows are told apart by.
func (p *partitioner) columnsOf(b *batch.Batch) []batch.Vector {
	columns := make([]batch.Vector, len(p.by))
	for i, at := range p.by {
		columns[i] = liveColumn(b, at)
	}
	return columns
}

// partitionsShare: partitions have one in partitionsShare bytes of a query's memory at most, where their rows can be
// spilled.
const partitionsShare = 4

func (p *partitioner) insert(columns []batch.Vector, live int) error {
	if err := p.groups.insert(columns, live, p.ids); err != nil {
		return err
	}
	return p.memory.set(p.groups.sizeBytes())
}

// knowOnly leaves partitions from a number on, more than 0, to a later round, and those that may come.
func (p *partitioner) knowOnly(partitions int) { p.known = int32(partitions) }

// compact returns the live rows of the last batch, for keeping. What is left of a record that was spilled does not
// keep the rest of it.
func (p *partitioner) compact(b *batch.Batch) *batch.Batch {
	if b.Sel == nil || !p.isLater {
		return compact(b)
	}
	return &batch.Batch{Columns: takeAllOwned(b.Columns, b.Sel), Len: len(b.Sel)}
}

// withoutLater spills the rows of later rounds, and returns the others and their partitions, in the memory of those
// given; nil if there are none.
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

// putOff gives rows back, those of the partitions from the number knowOnly was given on: to the round after this one,
// before all others of it. They stand partition by partition, in the order in which these first appeared.
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

// forget releases the memory of the round's partitions, when all its rows have been read.
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

// close forgets everything; the input is closed too.
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

// lateRows collects rows for a run until there are some thousand, so that records are not small.
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
	// The rows may be few of a batch whose memory is not kept, such as a record that was spilled.
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
