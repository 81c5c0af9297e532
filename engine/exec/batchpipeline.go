package exec

import (
	"context"
	"sync"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/processors"
)

// batchPipeline takes batches through steps, each in a goroutine of its own that takes them in their order, so that a
// step of one batch is done beside another of those around it.
type batchPipeline struct {
	in, out       chan *pipelinedBatch // of the first step and the last one; nil: they have not begun
	idle          []*pipelinedBatch    // memory to use again
	underway      int
	underwayBytes int64
	running       sync.WaitGroup
	ctx           context.Context // of the steps
}

// pipelinedBatch is a batch, or the groups of one, on its way.
type pipelinedBatch struct {
	batch   *batch.Batch // nil: grouped
	grouped *groupedBatch
	sets    []pipelinedRows // of the grouping sets that got so far
	bytes   int64           // reserved

	err      error // of what comes after sets
	panicked any
}

// pipelinedRows are a batch's rows in one grouping set.
type pipelinedRows struct {
	rows      int
	codes     [][]int32 // by column
	groups    []int32
	allGroups int     // so far
	fresh     []int32 // the rows that began a group, which are not used again
}

// maxPipelined is how many batches are underway at most.
const maxPipelined = 8

// begin begins the steps, unless they have begun.
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

// step does a step of all batches, up to the first one that fails.
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

// newBatch returns what takes a batch of so many bytes through the steps, with room for so many grouping sets.
func (p *batchPipeline) newBatch(b *batch.Batch, bytes int64, sets int) *pipelinedBatch {
	next := &pipelinedBatch{sets: make([]pipelinedRows, 0, sets)}
	if n := len(p.idle); n > 0 {
		next, p.idle = p.idle[n-1], p.idle[:n-1]
	}
	next.batch, next.bytes = b, bytes
	return next
}

// send gives a batch to the steps, which own it until it is taken out.
func (p *batchPipeline) send(b *pipelinedBatch) {
	p.underway++
	p.underwayBytes += b.bytes
	p.in <- b
	processors.PassOn()
}

// takeOut waits for the first batch underway. It panics with what a step of it panicked with.
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

// reuse keeps the memory of what nobody looks at any more.
func (p *batchPipeline) reuse(b *pipelinedBatch) {
	b.batch, b.grouped, b.sets, b.err, b.panicked = nil, nil, b.sets[:0], nil, nil
	p.idle = append(p.idle, b)
}

// close ends the steps, also those of batches that nobody waits for.
func (p *batchPipeline) close() {
	if p.in == nil {
		return
	}
	close(p.in)
	defer processors.ClaimOf(p.ctx).Hurry()()
	p.running.Wait()
}

// try does a step, unless one before it has panicked.
func (b *pipelinedBatch) try(do func(*pipelinedBatch)) {
	if b.panicked != nil {
		return
	}
	defer func() { b.panicked = recover() }()
	do(b)
}

func (b *pipelinedBatch) hasFailed() bool { return b.err != nil || b.panicked != nil }
