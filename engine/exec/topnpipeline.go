package exec

import (
	"context"
	"errors"
	"math"
	"sync/atomic"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
)

// topNPipeline reads the rows of a partitionTopN in two steps, with the same result as in one.
//
// The calling goroutine reads batches and codes the values of their partition columns. A second goroutine finds the
// partitions of earlier batches and keeps their rows.
type topNPipeline struct {
	batchPipeline
	top *partitionTopN
	// combining holds what the second step keeps of partitions. The memory of the first step is in the partitions'
	// account.
	combining *account
	isShort   atomic.Bool // combining ran out of memory
	// hasStopped: the second step stopped at a batch for which rows may have to be put off.
	hasStopped bool
}

// errRowsChosen is the error of a batch whose rows are chosen, but not kept for lack of memory.
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

// push begins to keep a batch. It returns false for lack of memory, or if the batch fails: then the batch is to be
// kept when none is in flight.
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
		return false // codes that some columns have already assigned belong to no partition, and change none
	}
	p.begin(ctx, p.keep)
	p.send(next)
	return true
}

// code assigns codes to the values of the partition columns.
func (p *topNPipeline) code(b *pipelinedBatch) {
	rows, columns := &b.sets[0], p.top.partitions.columnsOf(b.batch)
	rows.rows = b.batch.Live()
	if rows.codes == nil {
		rows.codes = make([][]int32, len(columns))
	}
	b.err = p.top.partitions.groups.code(columns, rows.rows, rows.codes)
}

// keep finds the partitions and keeps the rows.
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

// takeNext waits for the first batch in flight. Once the second step has stopped, it keeps the rows itself.
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

// drain waits for all batches in flight. Then the account of the partitions holds their memory.
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

// keepAlone keeps the rows of a batch while the second step is idle.
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

// close ends the second step, even with batches in flight.
func (p *topNPipeline) close() {
	p.batchPipeline.close()
	p.combining.close()
}
