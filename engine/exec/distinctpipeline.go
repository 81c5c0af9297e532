package exec

import (
	"context"
	"sync/atomic"

	"github.com/auditlake/auditlake/engine/batch"
)

// distinctPipeline finds first rows in two steps. The goroutine that asks for them reads batches ahead and assigns
// codes to their values; another one combines the codes of earlier batches. Results and errors are those of one
// goroutine.
type distinctPipeline struct {
	batchPipeline
	input Operator
	rows  *firstRows // its account holds the batches in flight and the codes
	// combining is the account of the second step.
	combining *account
	isShort   atomic.Bool // combining had no memory left

	isEnded bool // no batch is read ahead any more: rows are spilled, or one of these
	isAtEnd bool
	failed  error        // of the input
	left    *batch.Batch // read, but not sent for lack of memory or as it fails
}

// next returns the next batch with first rows, and these rows; nil when no batch is in flight or read ahead any
// more.
func (p *distinctPipeline) next(ctx context.Context) (*batch.Batch, []int32, error) {
	for !p.isEnded || p.underway > 0 {
		if p.underway > 0 && (p.isEnded || p.isFull() || len(p.out) > 0) {
			done := p.takeOut()
			b, fresh := done.batch, done.sets[0].fresh
			if p.reuse(done); len(fresh) > 0 {
				return b, fresh, nil
			}
			continue
		}
		b, err := (&guard{p.input}).Next(ctx)
		if b == nil || err != nil {
			p.isEnded, p.isAtEnd, p.failed = true, true, err
			continue
		}
		b = compact(b)
		if p.underway == 0 && b.Len < minPipelinedRows {
			fresh, err := p.rows.firstOf(b, b.Columns)
			p.isEnded = p.rows.rest != nil
			if len(fresh) > 0 || err != nil {
				return b, fresh, err
			}
			continue
		}
		if !p.push(ctx, b) {
			p.isEnded, p.left = true, b
		}
	}
	return nil, nil, nil
}

// push sends a batch to the steps; false: memory is short or the batch fails, and it must be added when none is in
// flight.
func (p *distinctPipeline) push(ctx context.Context, b *batch.Batch) bool {
	memory, bytes := p.rows.memory, batchBytes(b)
	if p.isShort.Load() || memory.ShouldSpill(pipelinedShare*(memory.UsedBytes()+p.combining.UsedBytes()+bytes)) {
		return false
	}
	if memory.set(p.underwayBytes+bytes+p.rows.seen.codedBytes()) != nil {
		return false
	}
	next := p.newBatch(b, bytes, 1)
	next.sets = next.sets[:1]
	if next.try(p.code); next.hasFailed() {
		return false // codes that some columns got belong to no group, and change none
	}
	p.begin(ctx, p.combine)
	p.send(next)
	return true
}

// code assigns codes to the batch's values.
func (p *distinctPipeline) code(b *pipelinedBatch) {
	rows := &b.sets[0]
	rows.rows = b.batch.Len
	if rows.codes == nil {
		rows.codes = make([][]int32, len(b.batch.Columns))
	}
	b.err = p.rows.seen.code(b.batch.Columns, rows.rows, rows.codes)
}

// combine finds the first rows.
func (p *distinctPipeline) combine(b *pipelinedBatch) {
	rows, seen := &b.sets[0], p.rows.seen
	rows.groups = resized(rows.groups, rows.rows)
	next := int32(seen.groups)
	seen.combine(rows.codes, rows.groups)
	rows.fresh = newGroups(rows.groups, next)
	if p.combining.set(seen.combinedBytes()) != nil {
		p.isShort.Store(true)
	}
}

// end ends the steps after next has returned nil, and returns the error of the input. Then the account of the rows
// holds what is known of them.
func (p *distinctPipeline) end() error {
	p.close()
	if p.failed != nil {
		return p.failed
	}
	return p.rows.memory.set(p.rows.seen.sizeBytes())
}

// close ends the steps, also with batches in flight.
func (p *distinctPipeline) close() {
	p.batchPipeline.close()
	p.combining.close()
}
