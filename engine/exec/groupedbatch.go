package exec

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
)

// groupedBatch is a batch grouped by itself, once for each grouping set. Grouping a batch first does not change the
// result: groups keep the order of their first rows, and two groups may have the same keys. States are merged only
// where that equals adding the rows.
type groupedBatch struct{ sets []*batchGroups }

// rows is the number of groups to find and rows to add.
func (g *groupedBatch) rows() (rows int) {
	for _, set := range g.sets {
		rows += set.count
		for _, call := range set.calls {
			if call.rows != nil {
				rows += call.rows.rows
			}
		}
	}
	return rows
}

// batchGroups are the groups of one grouping set in one batch.
type batchGroups struct {
	keys  []batch.Vector // of the groups, in the order of their first rows
	count int
	calls []batchCall
}

// countNulls prepares the groups for several goroutines, see batch.CountNulls.
func (b *batchGroups) countNulls() {
	for _, key := range b.keys {
		batch.CountNulls(key.Array)
	}
	for _, call := range b.calls {
		call.rows.countNulls()
	}
}

// batchCall is what one aggregate call makes of one batch: a state by group, or rows with their groups. It is empty
// if another call finds its rows.
type batchCall struct {
	state  function.Accumulator // nil: rows, or nothing
	rows   *aggregateRows
	groups []int32 // by row
	counts []int64 // by row: how many equal rows of its group it stands for; nil: one
}

// groupedInput is the input of an aggregation.
type groupedInput interface {
	// nextGrouped is Next, but returns a batch or its groups.
	nextGrouped(ctx context.Context) (*batch.Batch, *groupedBatch, error)
	// isUngrouped reports whether grouping was stopped before the last batch, so that it and all later ones are not
	// grouped.
	isUngrouped() bool
	Close()
}

// groupedOn makes grouping group the batches of an operator: in the workers of a scan or a window, or when the
// aggregation asks for them.
func groupedOn(input Operator, grouping *batchGrouping) groupedInput {
	switch in := input.(type) {
	case *scan:
		in.grouping = grouping
		return in
	case *partitionwise:
		in.stages.grouping = grouping
		return in
	}
	return &groupingInput{Operator: input, grouping: grouping}
}

type groupingInput struct {
	Operator
	grouping *batchGrouping
}

func (g *groupingInput) nextGrouped(ctx context.Context) (*batch.Batch, *groupedBatch, error) {
	b, err := g.Next(ctx)
	if b == nil || err != nil {
		return nil, nil, err
	}
	groups, err := g.grouping.group(b)
	return b, groups, err
}

func (g *groupingInput) isUngrouped() bool { return g.grouping.isStopped.Load() }

// bytes estimates the memory held.
func (g *groupedBatch) bytes() int64 {
	size := int64(0)
	counted := map[*aggregateRows]bool{}
	for _, set := range g.sets {
		for _, key := range set.keys {
			size += batch.HeldBytes(key.Array)
		}
		for _, call := range set.calls {
			if call.state != nil {
				size += call.state.SizeBytes()
				continue
			}
			size += int64(cap(call.groups))*4 + int64(cap(call.counts))*8
			if call.rows != nil && !counted[call.rows] {
				counted[call.rows] = true
				size += call.rows.bytes()
			}
		}
	}
	return size
}

// batchGrouping groups batches one by one. The workers of a scan or a window share it.
type batchGrouping struct {
	keys   []int   // positions of the keys in the batches
	sets   [][]int // indexes into keys
	calls  []*aggregateCall
	env    *function.Env
	memory *account // holds the memory of the groupers

	// pass is the number of batches to pass through, because one before had more than half as many groups as rows.
	pass atomic.Int32
	// isStopped: batches read from now on are not grouped.
	isStopped atomic.Bool
	// Batches that are being grouped, or were grouped and are not forgotten yet.
	underway atomic.Int64

	mu   sync.Mutex
	idle []*batchGrouper // guarded by mu
}

const (
	// From minGroupedRows rows on, grouping a batch pays.
	minGroupedRows = 4
	// passedBatches is the number of batches that pass through after one that grouping did not reduce.
	passedBatches = 15
	// A batch whose values of one column take more bytes ends grouping, for itself and those after it. Values are
	// copied to get ids, and long ones seldom repeat.
	maxNumberedBytes = 8 << 20
)

// isOver reports whether no grouped batch is in flight, and none will come.
func (g *batchGrouping) isOver() bool { return g.isStopped.Load() && g.underway.Load() == 0 }

// forget notes for isOver that a batch returned by group was taken, or never will be.
func (g *batchGrouping) forget(*groupedBatch) { g.underway.Add(-1) }

// group returns the groups of b; nil: b passes through.
func (g *batchGrouping) group(b *batch.Batch) (grouped *groupedBatch, err error) {
	g.underway.Add(1) // before the check whether grouping was stopped
	defer func() {
		if grouped == nil {
			g.underway.Add(-1)
		}
	}()
	if g.passes(b) {
		return nil, nil
	}
	grouper := g.take()
	grouped, err = grouper.group(b)
	if err != nil { // a half-done grouper is not used again
		g.memory.release(grouper.held)
		return nil, err
	}
	g.give(grouper)
	return grouped, nil
}

// passes reports whether b passes through.
func (g *batchGrouping) passes(b *batch.Batch) bool {
	if g.isStopped.Load() || b.Live() < minGroupedRows {
		return true
	}
	if g.pass.Load() > 0 {
		g.pass.Add(-1)
		return true
	}
	return false
}

// apply returns the keys of b without the repeats that grouping finds, in the order of their first rows. There are
// no calls, and one set of all keys.
func (g *batchGrouping) apply(b *batch.Batch) (*batch.Batch, error) {
	if g.passes(b) {
		return b, nil
	}
	grouper := g.take()
	defer g.give(grouper)
	grouped, err := grouper.group(b)
	if grouped == nil || err != nil {
		return b, err
	}
	return &batch.Batch{Columns: grouped.sets[0].keys, Len: grouped.sets[0].count}, nil
}

func (g *batchGrouping) take() *batchGrouper {
	g.mu.Lock()
	defer g.mu.Unlock()
	if n := len(g.idle); n > 0 {
		last := g.idle[n-1]
		g.idle = g.idle[:n-1]
		return last
	}
	grouper := &batchGrouper{grouping: g, columns: make([]columnNumbers, len(g.keys)), args: make([]argNumbers, len(g.calls))}
	for i, c := range g.calls {
		grouper.args[i].columns = make([]columnNumbers, len(c.input.args))
	}
	return grouper
}

func (g *batchGrouping) give(grouper *batchGrouper) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.isStopped.Load() {
		g.memory.release(grouper.held)
		return
	}
	g.idle = append(g.idle, grouper)
}

// stop ends the grouping of batches read from now on, and gives the memory of idle groupers back.
func (g *batchGrouping) stop() {
	g.isStopped.Store(true)
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, grouper := range g.idle {
		g.memory.release(grouper.held)
	}
	g.idle = nil
}
