package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
)

// groupPipeline adds batches to the groups of an aggregation in three steps. The keys get codes, the codes are
// combined to groups, and the states take the rows. Each step takes the batches in order in its own goroutine, so
// the steps of different batches run in parallel. That changes neither results nor errors. An error is that of the
// first batch that fails, at the point where adding it alone fails.
type groupPipeline struct {
	batchPipeline
	agg *hashAgg
	// combining and adding are the accounts of the second and third step; the first uses the aggregation's.
	combining, adding *account
}

// push begins to add a batch, or its groups; bytes is its size. It returns the error of an earlier batch, or of
// this one if its first step fails.
func (p *groupPipeline) push(ctx context.Context, b *batch.Batch, grouped *groupedBatch, bytes int64) error {
	p.begin(ctx, p.combine, p.add)
	if p.isFull() {
		if err := p.await(); err != nil {
			return err
		}
	}
	next := p.newBatch(b, bytes, len(p.agg.sets))
	next.grouped = grouped
	if next.err = p.settle(bytes); next.err == nil {
		next.try(p.code)
	}
	hasFailed := next.hasFailed()
	p.send(next)
	if hasFailed {
		return p.drain()
	}
	return nil
}

// settle makes the aggregation's account hold what the first step keeps, the batches in flight, and bytes more.
func (p *groupPipeline) settle(bytes int64) error {
	size := p.underwayBytes + bytes
	for _, set := range p.agg.sets {
		size += set.grouper.codedBytes()
	}
	return p.agg.memory.set(size)
}

// await waits for the first batch in flight, and returns its error.
func (p *groupPipeline) await() error {
	b := p.takeOut()
	defer p.reuse(b)
	return b.err
}

// drain waits for the batches in flight, up to the first error. Then the aggregation's account holds everything.
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

// close ends the steps, also with batches in flight.
func (p *groupPipeline) close() {
	p.batchPipeline.close()
	p.combining.close()
	p.adding.close()
}

// code assigns codes to the keys.
func (p *groupPipeline) code(b *pipelinedBatch) {
	var keys []batch.Vector
	if b.batch != nil {
		keys = p.agg.keysOf(b.batch)
	}
	for i, set := range p.agg.sets {
		rows := &b.sets[:i+1][i] // in the memory of an earlier batch
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

// combine combines the codes to groups.
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
