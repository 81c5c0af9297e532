package exec

import (
	"context"
	"sync"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/processors"
)

// groupPipeline adds batches to the groups of an aggregation in three steps: the values of keys get codes, the codes make groups, and
// the states take the rows. Each step takes the batches in their order, in a goroutine of its own, so that a step of one batch is done beside
// another of those around it. What becomes of the batches does not depend on that, an error neither: it is that of the first batch that
// has one, at the first place where adding it alone has one.
type groupPipeline struct {
	agg *hashAgg
	// combining and adding hold what the second and the third step keep; the first step's is in the aggregation's account.
	combining, adding *account

	codes, groups chan *pipelinedBatch // for the second and the third step; nil: they have not begun
	done          chan *pipelinedBatch // in order
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
	allGroups int // so far
}

// maxPipelined is how many batches are underway at most.
const maxPipelined = 8

// push begins to add a batch, or the groups of one, that take so many bytes. An error is that of a batch before it.
func (p *groupPipeline) push(ctx context.Context, b *batch.Batch, grouped *groupedBatch, bytes int64) error {
	if p.codes == nil {
		p.begin(ctx)
	}
	if p.underway == maxPipelined {
		if err := p.await(); err != nil {
			return err
		}
	}
	next := &pipelinedBatch{sets: make([]pipelinedRows, 0, len(p.agg.sets))}
	if n := len(p.idle); n > 0 {
		next, p.idle = p.idle[n-1], p.idle[:n-1]
	}
	next.batch, next.grouped, next.bytes = b, grouped, bytes
	p.underway++
	p.underwayBytes += bytes
	if next.err = p.settle(); next.err == nil {
		next.try(p.code)
	}
	hasFailed := next.err != nil || next.panicked != nil
	p.codes <- next // from now on it is the steps'
	if hasFailed {
		return p.drain()
	}
	return nil
}

// settle makes the aggregation's account hold what the first step keeps, and the batches underway.
func (p *groupPipeline) settle() error {
	size := p.underwayBytes
	for _, set := range p.agg.sets {
		size += set.grouper.codedBytes()
	}
	return p.agg.memory.set(size)
}

// await waits for the first batch underway.
func (p *groupPipeline) await() error {
	var b *pipelinedBatch
	processors.ClaimOf(p.ctx).Aside(p.ctx, func() { b = <-p.done })
	p.underway--
	p.underwayBytes -= b.bytes
	if b.panicked != nil {
		panic(b.panicked)
	}
	err := b.err
	b.batch, b.grouped, b.sets = nil, nil, b.sets[:0]
	p.idle = append(p.idle, b)
	return err
}

// drain waits for the batches underway, up to the first error, and makes the aggregation's account hold all.
func (p *groupPipeline) drain() error {
	if p.underway == 0 {
		return nil
	}
	for p.underway > 0 {
		if err := p.await(); err != nil {
			return err
		}
	}
	p.combining.release(p.combining.UsedBytes())
	p.adding.release(p.adding.UsedBytes())
	return p.agg.memory.set(p.agg.restBytes(0))
}

// close ends the steps, also those of batches that nobody waits for.
func (p *groupPipeline) close() {
	if p.codes != nil {
		close(p.codes)
		defer processors.ClaimOf(p.ctx).Hurry()()
		p.running.Wait()
	}
	p.combining.close()
	p.adding.close()
}

func (p *groupPipeline) begin(ctx context.Context) {
	p.ctx = ctx
	p.codes, p.groups = make(chan *pipelinedBatch, maxPipelined), make(chan *pipelinedBatch, maxPipelined)
	p.done = make(chan *pipelinedBatch, maxPipelined)
	p.step(ctx, p.codes, p.groups, p.combine)
	p.step(ctx, p.groups, p.done, p.add)
}

// step does a step of all batches, up to the first one that fails.
func (p *groupPipeline) step(ctx context.Context, from <-chan *pipelinedBatch, to chan<- *pipelinedBatch, do func(*pipelinedBatch)) {
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
			failed = failed || b.err != nil || b.panicked != nil
			to <- b
		}
	}()
}

// try does a step, unless one before it has panicked.
func (b *pipelinedBatch) try(do func(*pipelinedBatch)) {
	if b.panicked != nil {
		return
	}
	defer func() { b.panicked = recover() }()
	do(b)
}

// code gives the keys their codes.
func (p *groupPipeline) code(b *pipelinedBatch) {
	var keys []batch.Vector
	if b.batch != nil {
		keys = p.agg.keysOf(b.batch)
	}
	for i, set := range p.agg.sets {
		rows := &b.sets[:i+1][i] // with the memory of a batch before
		var columns []batch.Vector
		if b.batch != nil {
			columns, rows.rows = set.columnsOf(keys), b.batch.Live()
		} else {
			columns, rows.rows = b.grouped.sets[i].keys, b.grouped.sets[i].count
		}
		if rows.codes == nil {
			rows.codes = make([][]int32, len(columns))
		}
		if b.err = set.grouper.code(columns, rows.rows, rows.codes); b.err != nil {
			break
		}
		b.sets = b.sets[:i+1]
	}
}

// combine makes the groups.
func (p *groupPipeline) combine(b *pipelinedBatch) {
	size := int64(0)
	for i := range b.sets {
		rows, g := &b.sets[i], p.agg.sets[i].grouper
		rows.groups = resized(rows.groups, rows.rows)
		g.combine(rows.codes, rows.groups)
		rows.allGroups = g.groups
		size += g.combinedBytes()
	}
	if err := p.combining.set(size); err != nil && b.err == nil {
		b.err, b.sets = err, nil
	}
}

// add adds the rows to the states.
func (p *groupPipeline) add(b *pipelinedBatch) {
	size := int64(0)
	inputs := make(map[*aggregateInput]*aggregateRows)
	for i := range b.sets {
		rows, set := &b.sets[i], p.agg.sets[i]
		var err error
		if b.batch != nil {
			err = set.addStates(b.batch, rows.groups, rows.allGroups, inputs, p.adding)
		} else {
			err = set.mergeStates(b.grouped.sets[i], rows.groups, rows.allGroups, p.adding)
		}
		if err != nil {
			b.err = err
			return
		}
		size += set.callBytes()
	}
	if b.err == nil {
		b.err = p.adding.set(size)
	}
}
