package exec

import "github.com/auditlake/auditlake/engine/batch"

// batchGrouper groups one batch after another in the same memory.
type batchGrouper struct {
	grouping *batchGrouping
	columns  []columnNumbers // by key
	args     []argNumbers    // by call
	pairs    batch.Numbering
	groups   []int32
	firsts   []int32
	held     int64 // reserved in the grouping's account
}

// columnNumbers assigns ids to the values of a column in the current batch.
type columnNumbers struct {
	numbering  batch.Numbering
	isNumbered bool // for the current batch
	numbers    []int32
	firsts     []int32
	// pass is the number of batches for which decides does not check the column, because its last check failed.
	pass int
}

// number assigns ids to the values of a column; false: they are too long for that.
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

// passOn leaves this batch and the next passedBatches ungrouped.
func (g *batchGrouper) passOn() (*groupedBatch, error) {
	g.grouping.pass.Store(passedBatches)
	return nil, g.settle()
}

// groupSet finds the groups of one grouping set; false: some values are too long to get ids.
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

// divideBy divides groups, whose first rows are firsts, so that the rows of a group also have one value of v;
// isDone is false if the values are too long to get ids. It returns the new first rows, in the memory of firsts.
// With isNeededAgain other grouping sets divide by the same values of the batch: these get ids once, in by.
func (g *batchGrouper) divideBy(groups, firsts []int32, v batch.Vector, by *columnNumbers, isNeededAgain bool) (divided []int32, isDone bool, err error) {
	if !isNeededAgain && batch.PairsEntries(len(firsts), v) {
		divided, err = g.divideByEntries(groups, firsts, v)
		return divided, err == nil, err
	}
	if !by.isNumbered {
		isNumbered, err := by.number(v, len(groups), g.grouping.memory)
		if !isNumbered || err != nil {
			return firsts, false, err
		}
		by.isNumbered = true
	}
	divided, err = g.divideByNumbers(groups, firsts, by)
	return divided, err == nil, err
}

func (g *batchGrouper) divideByEntries(groups, firsts []int32, v batch.Vector) ([]int32, error) {
	done, err := g.grouping.memory.during(g.pairs.PairEntriesGrowthBytes(len(firsts), v))
	if err != nil {
		return firsts, err
	}
	defer done()
	return g.pairs.PairEntries(groups, len(firsts), v, firsts[:0]), nil
}

func (g *batchGrouper) divideByNumbers(groups, firsts []int32, by *columnNumbers) ([]int32, error) {
	if len(firsts) == 1 || by.decides(groups, len(firsts)) {
		copy(groups, by.numbers)
		return append(firsts[:0], by.firsts...), nil
	}
	done, err := g.grouping.memory.during(g.pairs.PairGrowthBytes(len(firsts), len(by.firsts)))
	if err != nil {
		return firsts, err
	}
	defer done()
	return g.pairs.Pair(groups, len(firsts), by.numbers, len(by.firsts), firsts[:0]), nil
}

// decides reports whether rows with one value of the column are in one group, as when the keys are computed from
// the column.
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

// call prepares what the batch adds to the state of call i.
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

// argNumbers finds the rows of a batch that repeat another row of their group.
type argNumbers struct {
	columns []columnNumbers // by argument
	groups  []int32
	firsts  []int32
	pass    int // batches not to check, because one before had few repeats
}

// withoutRepeats keeps one row of each group with equal arguments, unless looking for repeats does not pay.
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

// settle makes the account hold the grouper's memory.
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
