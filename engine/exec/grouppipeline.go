package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
)

// groupPipeline adds batches to the groups of an aggregation in three steps: the values of keys get codes, the codes
// make groups, and the states take the rows. Each step takes the batches in their order, in a goroutine of its own,
// so that a step of one batch is done beside another of those around it. What becomes of the batches does not depend
// on that, an error neither: it is that of the first batch that has one, at the first place where adding it alone has
// one.
type groupPipeline struct {
	batchPipeline
	agg *hashAgg
	// combining and adding hold what the second and the third step keep; the first step's is in the aggregation's
	// account.
	combining, adding *account
}

// push begins to add a batch, or the groups of one, that take so many bytes. An error is that of a batch before it.
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

// settle makes the aggregation's account hold what the first step keeps, the batches underway, and one of so many
// bytes.
func (p *groupPipeline) settle(bytes int64) error {
	size := p.underwayBytes + bytes
	for _, set := range p.agg.sets {
		size += set.grouper.codedBytes()
	}
	return p.agg.memory.set(size)
}

// await waits for the first batch underway, and returns its error.
func (p *groupPipeline) await() error {
	b := p.takeOut()
	defer p.reuse(b)
	return b.err
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
	p.batchPipeline.close()
	p.combining.close()
	p.adding.close()
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
