package exec

import (
	"context"
	"sync"
	"sync/atomic"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
)

// groupedBatch is a batch whose rows are grouped among themselves, once for each
// grouping set. What it becomes in the groups of all rows does not depend on
// whether a batch was grouped: groups keep the order of their first rows, two
// groups may have the same keys, and states are merged only where that gives
// what adding the rows gives.
type groupedBatch struct {
	sets []*batchGroups
}

// rows is how many groups there are to find and rows to add.
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

// countNulls prepares the groups for several goroutines, as the function does.
func (b *batchGroups) countNulls() {
	for _, key := range b.keys {
		batch.CountNulls(key.Array)
	}
	for _, call := range b.calls {
		call.rows.countNulls()
	}
}

// batchCall is what one aggregate call makes of one batch: a state by group, or
// rows with their groups. Where another call finds its rows it makes nothing.
type batchCall struct {
	state  function.Accumulator // nil: rows, or nothing
	rows   *aggregateRows
	groups []int32 // by row
	counts []int64 // by row: how many equal rows of its group it stands for; nil: one
}

// groupedInput gives an aggregation its batches.
type groupedInput interface {
	// nextGrouped is Next, but gives a batch or its groups.
	nextGrouped(ctx context.Context) (*batch.Batch, *groupedBatch, error)
	// isUngrouped reports whether the batch given last, and all after it, are not grouped because grouping was stopped.
	isUngrouped() bool
	Close()
}

// groupedOn lets grouping group the batches of an operator: in the workers of a
// scan or a window, or when the aggregation asks for them.
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
	memory *account // holds what the groupers have for the next batch

	// pass is how many batches to pass on as they are, because one before had
	// almost as many groups as rows.
	pass atomic.Int32
	// isStopped: no batch that is read from now on is grouped.
	isStopped atomic.Bool
	// underway is how many batches are being grouped, or were and are not forgotten.
	underway atomic.Int64

	mu   sync.Mutex
	idle []*batchGrouper // guarded by mu
}

const (
	// minGroupedRows is from how many rows on it pays to group a batch.
	minGroupedRows = 4
	// passedBatches is how many batches pass after one that grouping did not reduce.
	passedBatches = 15
	// maxNumberedBytes is from how many bytes of a column's values on a batch, and those after
	// it, are not grouped: values are copied to be numbered, and long ones seldom repeat.
	maxNumberedBytes = 8 << 20
)

// isOver reports whether no grouped batch will come any more, nor is one underway.
func (g *batchGrouping) isOver() bool { return g.isStopped.Load() && g.underway.Load() == 0 }

// forget tells isOver that a batch which group returned was taken, or will never be.
func (g *batchGrouping) forget(*groupedBatch) { g.underway.Add(-1) }

// group returns the groups of b, nil where its rows should be taken as they are.
func (g *batchGrouping) group(b *batch.Batch) (grouped *groupedBatch, err error) {
	g.underway.Add(1) // before it looks whether grouping was stopped
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
	if err != nil { // what is left half done is not used again
		g.memory.release(grouper.held)
		return nil, err
	}
	g.give(grouper)
	return grouped, nil
}

// passes reports whether b should be taken as it is.
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

// apply returns the keys of b without the repeats that are found by grouping it,
// in the order of their first rows. There are no calls, and one set of all keys.
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

// stop makes no batch that is read from now on be grouped, and gives the memory of groupers back.
func (g *batchGrouping) stop() {
	g.isStopped.Store(true)
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, grouper := range g.idle {
		g.memory.release(grouper.held)
	}
	g.idle = nil
}

// batchGrouper is the memory for the work on one batch, used again for the next.
type batchGrouper struct {
	grouping *batchGrouping
	columns  []columnNumbers // by key
	args     []argNumbers    // by call
	pairs    batch.Numbering
	groups   []int32
	firsts   []int32
	held     int64 // of the grouping's account
}

// columnNumbers are the numbers of a column's values in the current batch.
type columnNumbers struct {
	numbering  batch.Numbering
	isNumbered bool // for the current batch
	numbers    []int32
	firsts     []int32
	pass       int // for how many batches not to look whether groups depend on the column, because they did not in one before
}

// number numbers a column, unless its values are too long for that.
func (c *columnNumbers) number(v batch.Vector, rows int, memory *account) (isDone bool, err error) {
	growth := c.numbering.GrowthBytes(v, rows)
	if growth > maxNumberedBytes {
		return false, nil
	}
	done, err := memory.during(growth)
	if err != nil {
		return false, err
	}
	defer done()
	c.numbers = resized(c.numbers, rows)
	c.firsts, err = c.numbering.Number(v, rows, c.numbers, c.firsts[:0])
	return true, err
}

func (c *columnNumbers) sizeBytes() int64 {
	return c.numbering.SizeBytes() + int64(cap(c.numbers)+cap(c.firsts))*4
}

func (g *batchGrouper) group(b *batch.Batch) (*groupedBatch, error) {
	rows := b.Live()
	keys := make([]batch.Vector, len(g.columns))
	for i, at := range g.grouping.keys {
		keys[i], g.columns[i].isNumbered = liveColumn(b, at), false
	}
	inputs := make(map[*aggregateInput]*aggregateRows)
	out := &groupedBatch{}
	for _, set := range g.grouping.sets {
		isGrouped, err := g.groupSet(set, keys, rows)
		if err != nil {
			return nil, err
		}
		if !isGrouped { // keys of other batches are hardly shorter
			g.grouping.stop()
			return nil, g.settle()
		}
		if len(g.firsts) > rows/2 {
			return g.passOn()
		}
		groups := &batchGroups{count: len(g.firsts)}
		for _, k := range set {
			groups.keys = append(groups.keys, batch.TakeVector(keys[k], g.firsts))
		}
		for i := range g.grouping.calls {
			part, err := g.call(i, b, inputs)
			if err != nil {
				return nil, err
			}
			groups.calls = append(groups.calls, part)
		}
		out.sets = append(out.sets, groups)
	}
	return out, g.settle()
}

// passOn leaves the batch, and those after it, as they are.
func (g *batchGrouper) passOn() (*groupedBatch, error) {
	g.grouping.pass.Store(passedBatches)
	return nil, g.settle()
}

// groupSet numbers the groups of the keys of one grouping set, unless values are too long for that.
func (g *batchGrouper) groupSet(set []int, keys []batch.Vector, rows int) (isDone bool, err error) {
	g.groups = resized(g.groups, rows)
	clear(g.groups)
	g.firsts = append(g.firsts[:0], 0)
	isNeededAgain := len(g.grouping.sets) > 1
	for _, k := range set {
		if g.firsts, isDone, err = g.divideBy(g.groups, g.firsts, keys[k], &g.columns[k], isNeededAgain); !isDone || err != nil {
			return false, err
		}
	}
	return true, nil
}

// divideBy is divide by a column, unless its values are too long to be numbered. With isNeededAgain the column has its numbers after that,
// for the same batch.
func (g *batchGrouper) divideBy(groups, firsts []int32, v batch.Vector, by *columnNumbers, isNeededAgain bool) (divided []int32, isDone bool, err error) {
	memory := g.grouping.memory
	if !isNeededAgain && batch.PairsEntries(len(firsts), v) {
		done, err := memory.during(g.pairs.PairGrowthBytes(len(firsts), v))
		if err != nil {
			return firsts, false, err
		}
		defer done()
		return g.pairs.PairEntries(groups, len(firsts), v, firsts[:0]), true, nil
	}
	if !by.isNumbered {
		if by.isNumbered, err = by.number(v, len(groups), memory); !by.isNumbered || err != nil {
			return firsts, false, err
		}
	}
	return g.divide(groups, firsts, by), true, nil
}

// divide numbers groups anew, of which firsts are the first rows, so that rows of
// one group have one number in the column, too. It returns the new first rows, in
// the memory of firsts.
func (g *batchGrouper) divide(groups, firsts []int32, by *columnNumbers) []int32 {
	if len(firsts) == 1 || by.decides(groups, len(firsts)) {
		copy(groups, by.numbers)
		return append(firsts[:0], by.firsts...)
	}
	return g.pairs.Pair(groups, len(firsts), by.numbers, len(by.firsts), firsts[:0])
}

// decides reports whether rows with one number in the column are in one group, as they are where the column is what the keys were computed of.
func (c *columnNumbers) decides(groups []int32, count int) bool {
	if c.pass > 0 || count > len(c.firsts) {
		c.pass = max(0, c.pass-1)
		return false
	}
	for row, number := range c.numbers {
		if groups[row] != groups[c.firsts[number]] {
			c.pass = passedBatches
			return false
		}
	}
	return true
}

// call makes of the batch what goes into the state of call number i.
func (g *batchGrouper) call(i int, b *batch.Batch, inputs map[*aggregateInput]*aggregateRows) (batchCall, error) {
	c := g.grouping.calls[i]
	if c.leader >= 0 {
		return batchCall{}, nil
	}
	in := inputs[c.input]
	if in == nil {
		var err error
		if in, err = c.input.rows(b); err != nil {
			return batchCall{}, err
		}
		inputs[c.input] = in
	}
	groups := g.groups
	if in.picked != nil {
		groups = gather(groups, in.picked, make([]int32, in.rows))
	}
	switch {
	case c.mergesInOrder:
		state := c.newAccumulator(g.grouping.env)
		state.Resize(len(g.firsts))
		return batchCall{state: state}, state.Add(groups, in.args, in.rows)
	case c.repeatArgs > 0:
		return g.withoutRepeats(c, &g.args[i], in, groups)
	}
	return batchCall{rows: in, groups: append([]int32(nil), groups...)}, nil
}

// argNumbers finds the rows of a batch that repeat another one of their group.
type argNumbers struct {
	columns []columnNumbers // by argument
	groups  []int32
	firsts  []int32
	pass    int // for how many batches not to look, because one before had few repeats
}

// withoutRepeats gives the first row of each group and arguments, as far as these tell repeats.
func (g *batchGrouper) withoutRepeats(c *aggregateCall, a *argNumbers, in *aggregateRows, groups []int32) (batchCall, error) {
	if a.pass > 0 || in.rows < minGroupedRows {
		a.pass = max(0, a.pass-1)
		return batchCall{rows: in, groups: append([]int32(nil), groups...)}, nil
	}
	a.groups = append(a.groups[:0], groups...)
	a.firsts = append(a.firsts[:0], g.firsts...)
	for i, arg := range in.args[:c.repeatArgs] {
		var isDone bool
		var err error
		a.columns[i].isNumbered = false
		if a.firsts, isDone, err = g.divideBy(a.groups, a.firsts, arg, &a.columns[i], false); err != nil {
			return batchCall{}, err
		}
		if !isDone {
			a.pass = passedBatches
			return batchCall{rows: in, groups: append([]int32(nil), groups...)}, nil
		}
	}
	if len(a.firsts) > in.rows/2 {
		a.pass = passedBatches
	}
	kept := append([]int32(nil), a.firsts...)
	rows := &aggregateRows{args: takeAll(in.args, kept), order: takeAll(in.order, kept), rows: len(kept)}
	out := batchCall{rows: rows, groups: gather(groups, kept, make([]int32, len(kept)))}
	if c.countsRepeats {
		out.counts = make([]int64, len(kept))
		for _, pair := range a.groups {
			out.counts[pair]++
		}
	}
	return out, nil
}

// settle makes the account hold what the grouper keeps.
func (g *batchGrouper) settle() error {
	size := g.pairs.SizeBytes() + int64(cap(g.groups)+cap(g.firsts))*4
	for i := range g.columns {
		size += g.columns[i].sizeBytes()
	}
	for i := range g.args {
		size += int64(cap(g.args[i].groups)+cap(g.args[i].firsts)) * 4
		for j := range g.args[i].columns {
			size += g.args[i].columns[j].sizeBytes()
		}
	}
	if size > g.held {
		if err := g.grouping.memory.add(size - g.held); err != nil {
			return err
		}
	} else {
		g.grouping.memory.release(g.held - size)
	}
	g.held = size
	return nil
}
