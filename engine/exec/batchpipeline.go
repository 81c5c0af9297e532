package exec

import (
	"context"
	"sync"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/processors"
)

// batchPipeline passes batches through steps. Each step takes them in order in its own goroutine, so the steps of
// different batches run in parallel.
type batchPipeline struct {
	in, out       chan *pipelinedBatch // of the first step and the last one; nil: not begun
	idle          []*pipelinedBatch    // memory to reuse
	underway      int
	underwayBytes int64
	running       sync.WaitGroup
	ctx           context.Context // of the steps
}

// pipelinedBatch is a batch, or its groups, in a pipeline.
type pipelinedBatch struct {
	batch   *batch.Batch // nil: grouped
	grouped *groupedBatch
	sets    []pipelinedRows // of the grouping sets before the first failure
	bytes   int64           // reserved

	err      error // of the work that follows sets
	panicked any
}

// pipelinedRows are a batch's rows in one grouping set.
type pipelinedRows struct {
	rows      int
	codes     [][]int32 // by column
	groups    []int32
	allGroups int     // groups in all after this batch
	fresh     []int32 // rows that began a group; the memory is not reused
}

// maxPipelined is the maximum number of batches in flight.
const maxPipelined = 8

// begin starts the steps, unless they have begun.
func (p *batchPipeline) begin(ctx context.Context, steps ...func(*pipelinedBatch)) {
	if p.in != nil {
		return
	}
	p.ctx, p.in = ctx, make(chan *pipelinedBatch, maxPipelined)
	p.out = p.in
	for _, do := range steps {
		from, to := p.out, make(chan *pipelinedBatch, maxPipelined)
		p.step(from, to, do)
		p.out = to
	}
}

// step starts a goroutine that does a step of all batches. After the first batch that fails, it passes the others
// through.
func (p *batchPipeline) step(from <-chan *pipelinedBatch, to chan<- *pipelinedBatch, do func(*pipelinedBatch)) {
	ctx := p.ctx
	p.running.Add(1)
	go func() {
		defer p.running.Done()
		defer close(to)
		defer atWork(ctx)()
		failed := false
		for b := range from {
			if !failed {
				leave := processors.ClaimOf(ctx).Enter(ctx)
				b.try(do)
				leave()
			}
			failed = failed || b.hasFailed()
			to <- b
			processors.PassOn()
		}
	}()
}

// isFull reports whether a batch must be taken out before another is sent.
func (p *batchPipeline) isFull() bool { return p.underway == maxPipelined }

// newBatch returns b as the steps take it: bytes are reserved for it, and there is room for sets grouping sets.
func (p *batchPipeline) newBatch(b *batch.Batch, bytes int64, sets int) *pipelinedBatch {
	next := &pipelinedBatch{sets: make([]pipelinedRows, 0, sets)}
	if n := len(p.idle); n > 0 {
		next, p.idle = p.idle[n-1], p.idle[:n-1]
	}
	next.batch, next.bytes = b, bytes
	return next
}

// send passes a batch to the steps, which own it until it is taken out.
func (p *batchPipeline) send(b *pipelinedBatch) {
	p.underway++
	p.underwayBytes += b.bytes
	p.in <- b
	processors.PassOn()
}

// takeOut waits for the first batch in flight. If a step of that batch panicked, takeOut panics with the same
// value.
func (p *batchPipeline) takeOut() *pipelinedBatch {
	var b *pipelinedBatch
	processors.ClaimOf(p.ctx).Aside(p.ctx, func() { b = <-p.out })
	p.underway--
	p.underwayBytes -= b.bytes
	if b.panicked != nil {
		panic(b.panicked)
	}
	return b
}

// reuse keeps the memory of a batch that the caller no longer needs.
func (p *batchPipeline) reuse(b *pipelinedBatch) {
	b.batch, b.grouped, b.sets, b.err, b.panicked = nil, nil, b.sets[:0], nil, nil
	p.idle = append(p.idle, b)
}

// close ends the steps and waits for them. Batches in flight are discarded.
func (p *batchPipeline) close() {
	if p.in == nil {
		return
	}
	close(p.in)
	defer processors.ClaimOf(p.ctx).Hurry()()
	p.running.Wait()
}

// try does a step and records its panic. It does nothing after a panic of an earlier step.
func (b *pipelinedBatch) try(do func(*pipelinedBatch)) {
	if b.panicked != nil {
		return
	}
	defer func() { b.panicked = recover() }()
	do(b)
}

func (b *pipelinedBatch) hasFailed() bool { return b.err != nil || b.panicked != nil }
