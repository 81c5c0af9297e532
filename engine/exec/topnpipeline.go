package exec

import (
	"context"
	"errors"
	"math"
	"sync/atomic"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
)

// topNPipeline reads the rows of a partitionTopN in two steps: the goroutine that asks for them reads batches and
// gives the values that partitions are told apart by codes, and another one finds the partitions of the batches
// before and keeps their rows. What is kept does not depend on that.
type topNPipeline struct {
	batchPipeline
	top *partitionTopN
	// combining holds what the second step keeps of partitions; the first step's is in the account of these.
	combining *account
	isShort   atomic.Bool // there was no memory for that
	// hasStopped: the second step has stopped at a batch that was taken out, for which rows may have to be put off.
	hasStopped bool
}

// errRowsChosen is the error of a batch whose rows are chosen, and not kept as there is no memory for them.
var errRowsChosen = errors.New("rows are chosen and not kept")

// consume reads batches until the end of the input, or as long as there is memory for several at a time.
func (p *topNPipeline) consume(ctx context.Context) (isAtEnd bool, err error) {
	defer p.close()
	for !p.hasStopped {
		b, err := (&guard{p.top.partitions.input}).Next(ctx)
		if b == nil || err != nil {
			if failed := p.drain(ctx); failed != nil {
				err = failed
			}
			return true, err
		}
		if p.underway == 0 && b.Live() < minPipelinedRows {
			if err := p.keepAlone(ctx, b); err != nil {
				return false, err
			}
			continue
		}
		if !p.push(ctx, b) {
			if err := p.drain(ctx); err != nil {
				return false, err
			}
			return false, p.keepAlone(ctx, b)
		}
		if p.isFull() {
			if err := p.takeNext(ctx); err != nil {
				return false, err
			}
		}
	}
	return false, p.drain(ctx)
}

// push begins to keep a batch; false: it is to be kept when nothing is underway, for lack of memory, or as it fails.
func (p *topNPipeline) push(ctx context.Context, b *batch.Batch) bool {
	partitions, bytes := p.top.partitions, batchBytes(b)
	mayHold := pipelinedShare * (partitions.memory.UsedBytes() + p.combining.UsedBytes() + p.top.memory.UsedBytes() + bytes)
	if partitions.known < math.MaxInt32 || p.isShort.Load() || partitions.memory.ShouldSpill(mayHold) || p.top.memory.ShouldSpill(mayHold) {
		return false
	}
	if partitions.memory.set(p.underwayBytes+bytes+partitions.groups.codedBytes()) != nil {
		return false
	}
	next := p.newBatch(b, bytes, 1)
	next.sets = next.sets[:1]
	if next.try(p.code); next.hasFailed() {
		return false // the codes that some columns have got belong to no partition, and change none
	}
	p.begin(ctx, p.keep)
	p.send(next)
	return true
}

// code gives the values their codes.
func (p *topNPipeline) code(b *pipelinedBatch) {
	rows, columns := &b.sets[0], p.top.partitions.columnsOf(b.batch)
	rows.rows = b.batch.Live()
	if rows.codes == nil {
		rows.codes = make([][]int32, len(columns))
	}
	b.err = p.top.partitions.groups.code(columns, rows.rows, rows.codes)
}

// keep finds the partitions, and keeps the rows.
func (p *topNPipeline) keep(b *pipelinedBatch) {
	rows, groups := &b.sets[0], p.top.partitions.groups
	rows.groups = resized(rows.groups, rows.rows)
	groups.combine(rows.codes, rows.groups)
	if p.combining.set(groups.combinedBytes()) != nil {
		p.isShort.Store(true)
	}
	chosen, partitions, err := p.top.choose(b.batch, rows.groups)
	switch {
	case chosen == nil || err != nil:
		b.err = err
	case p.top.isShortOf(chosen):
		b.batch, rows.groups, b.err = chosen, partitions, errRowsChosen
	default:
		b.err = p.top.addChosen(p.ctx, chosen, partitions)
	}
}

// takeNext waits for the first batch underway. From the one at which the second step has stopped on, it keeps them
// itself.
func (p *topNPipeline) takeNext(ctx context.Context) error {
	done := p.takeOut()
	defer p.reuse(done)
	switch {
	case p.hasStopped:
		return p.keepAlone(ctx, done.batch)
	case done.err == errRowsChosen:
		p.hasStopped = true
		return p.top.keepChosen(ctx, done.batch, done.sets[0].groups)
	}
	return done.err
}

// drain waits for all batches underway. Then the account of the partitions holds them.
func (p *topNPipeline) drain(ctx context.Context) error {
	for p.underway > 0 {
		if err := p.takeNext(ctx); err != nil {
			return err
		}
	}
	p.combining.release(p.combining.UsedBytes())
	partitions := p.top.partitions
	err := partitions.memory.set(partitions.groups.sizeBytes())
	if memory.IsFull(err) && partitions.spiller != nil && partitions.groups.groups > 0 {
		partitions.knowOnly(partitions.groups.groups)
		return nil
	}
	return err
}

// keepAlone keeps the rows of a batch while the second step does nothing.
func (p *topNPipeline) keepAlone(ctx context.Context, b *batch.Batch) error {
	partitions := p.top.partitions
	if err := partitions.number(ctx, b); err != nil {
		return err
	}
	b, ids, err := partitions.withoutLater(b, partitions.ids)
	if b == nil || err != nil {
		return err
	}
	return p.top.keep(ctx, b, ids)
}

// close ends the second step, whatever is underway.
func (p *topNPipeline) close() {
	p.batchPipeline.close()
	p.combining.close()
}
