package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/plan"
)

// hashAgg groups all rows of its input and returns one row per group, grouping set by grouping set, each in order
// of first appearance.
type hashAgg struct {
	input    groupedInput
	grouping *batchGrouping // of the batches of input
	pipeline *groupPipeline // nil: batches are added one after another
	node     *plan.Aggregate
	keys     []int // positions of the keys in the input
	sets     []*groupingSet
	memory   *account
	limits   memory.Limits
	workers  int
	// newSet makes an empty set, which reserves from memory while its tables grow.
	newSet func(n int, memory *account) *groupingSet

	setWork  besideWork // on the sets
	spilling *keySpilling
	isFull   bool // rows of new groups are spilled once batches come ungrouped

	results rowStream // of the current set
	next    int       // set after the current one; -1 until the input is consumed
	// rest are spilled rows of the current set; nil: none.
	rest *dividedRows
}

// groupingSet is the state of one grouping set.
type groupingSet struct {
	keys    []int // indexes into hashAgg.keys
	grouper *grouper
	calls   []*aggregation
	groups  []int32 // of the current batch, reused
	// callWork is the work on the calls.
	callWork besideWork
	// rest are the rows of groups that the grouper does not know; nil: it makes a group for every key.
	rest *dividedRows
}

func (h *hashAgg) Next(ctx context.Context) (*batch.Batch, error) {
	for {
		if h.results == nil {
			if err := h.giveNext(ctx); h.results == nil || err != nil {
				return nil, err
			}
		}
		if b, err := h.results.nextOrdered(ctx); b != nil || err != nil {
			return b, err
		}
		h.results = nil
	}
}

// giveNext prepares the next results. It leaves h.results nil at the end.
func (h *hashAgg) giveNext(ctx context.Context) error {
	if h.next < 0 {
		if err := h.consume(ctx); err != nil {
			return err
		}
		h.next = 0
	}
	if rest := h.rest; rest != nil {
		h.rest = nil
		if err := h.memory.set(h.restBytes(h.next)); err != nil {
			return err
		}
		var err error
		h.results, err = h.restOf(ctx, h.next-1, rest)
		return err
	}
	if h.next == len(h.sets) {
		return nil
	}
	result, err := h.result(ctx, h.next)
	if err != nil {
		return err
	}
	h.rest, h.sets[h.next] = h.sets[h.next].rest, nil
	h.results = &tableReader{table: result}
	h.next++
	return nil
}

func (h *hashAgg) Close() {
	if h.pipeline != nil {
		h.pipeline.close()
	}
	h.spilling.close()
	h.memory.close()
	h.input.Close() // after it no batch is being grouped
	h.grouping.memory.close()
}

func (h *hashAgg) consume(ctx context.Context) error {
	h.setWork = besideWork{ctx: ctx, workers: h.workers}
	for _, set := range h.sets {
		set.callWork = h.setWork
		set.grouper.keepTexts(h.input)
		set.grouper.divideLookups(ctx, h.workers)
		for _, call := range set.calls {
			if call.distinct != nil {
				call.distinct.args.keepTexts(h.input)
			}
		}
	}
	for {
		b, groups, err := h.input.nextGrouped(ctx)
		if h.pipeline != nil {
			isAdded, before := h.pushed(ctx, b, groups)
			if before != nil {
				return before
			}
			if isAdded {
				continue
			}
		}
		switch {
		case err != nil:
			return err
		case groups != nil:
			err = h.merge(groups)
		case b != nil:
			err = h.add(b)
		default:
			return h.finish(ctx)
		}
		if err != nil {
			return err
		}
	}
}

const (
	// From minPipelinedRows rows on, passing a batch to another goroutine pays.
	minPipelinedRows = 1 << 10
	// If the groups take more than one byte in pipelinedShare of the memory, batches may soon have to be spilled,
	// and are added one after another.
	pipelinedShare = 8
)

// pushed passes a batch, or its groups, to the pipeline. If the batch does not suit the pipeline, it adds all
// earlier batches and returns false. It returns the first error of a batch in flight.
func (h *hashAgg) pushed(ctx context.Context, b *batch.Batch, groups *groupedBatch) (isAdded bool, err error) {
	p := h.pipeline
	rows, bytes := 0, int64(0)
	switch {
	case groups != nil:
		rows, bytes = groups.rows(), groups.bytes()
	case b != nil:
		rows, bytes = b.Live(), batchBytes(b)
	}
	isLast := b == nil && groups == nil
	if isLast || h.memory.ShouldSpill(pipelinedShare*(h.memory.UsedBytes()+p.combining.UsedBytes()+p.adding.UsedBytes()+bytes)) {
		return false, h.endPipeline()
	}
	if rows < minPipelinedRows {
		return false, p.drain()
	}
	return true, p.push(ctx, b, groups, bytes)
}

// endPipeline waits for the batches in flight and closes the pipeline; later batches are added one at a time. It
// returns the first error of a batch in flight.
func (h *hashAgg) endPipeline() error {
	if h.pipeline == nil {
		return nil
	}
	if err := h.pipeline.drain(); err != nil {
		return err
	}
	h.pipeline.close()
	h.pipeline = nil
	return nil
}

// merge adds the groups of a batch.
func (h *hashAgg) merge(b *groupedBatch) error {
	if h.spilling != nil {
		h.spillArgsIfNeeded()
	}
	if h.setWork.pays(len(h.sets)) {
		for _, set := range b.sets {
			set.countNulls()
		}
	}
	err := h.setWork.do(len(h.sets), func(i int) error { return h.sets[i].merge(b.sets[i], h.memory) })
	if err != nil {
		return err
	}
	size := h.restBytes(0)
	h.fillsUp(size)
	return h.memory.set(size)
}

// fillsUp begins to spill if there is no memory for bytes more. Long before, it stops grouping: many grouped
// batches can be in flight, and nothing is spilled until they are merged.
func (h *hashAgg) fillsUp(bytes int64) {
	if h.spilling.isNeeded(h.memory, bytes) {
		h.spillOthers()
	} else if h.spilling.isNeeded(h.memory, 2*bytes) {
		h.grouping.stop()
	}
}

// spillArgsIfNeeded makes the sets spill unknown arguments of DISTINCT if there is no memory for more. Grouped
// batches have these as rows.
func (h *hashAgg) spillArgsIfNeeded() {
	if !h.isFull && h.spilling.isNeeded(h.memory, h.restBytes(0)) {
		h.spillOthers()
	}
	if !h.isFull {
		return
	}
	for _, set := range h.sets {
		set.spillArgs(h.spilling)
	}
}

// spillOthers stops the grouping of batches, as rows of unknown groups are to be spilled.
func (h *hashAgg) spillOthers() {
	h.isFull = true
	h.grouping.stop()
}

func (s *groupingSet) merge(b *batchGroups, memory *account) error {
	s.groups = resized(s.groups, b.count)
	if err := s.grouper.insert(b.keys, b.count, s.groups); err != nil {
		return err
	}
	return s.mergeStates(b, s.groups, s.grouper.groups, memory)
}

// mergeStates merges the states of a batch's groups with those of groups. allGroups is the number of all groups.
func (s *groupingSet) mergeStates(b *batchGroups, groups []int32, allGroups int, memory *account) error {
	if s.callWork.pays(len(s.calls)) {
		b.countNulls()
	}
	return s.callWork.do(len(s.calls), func(i int) error {
		call, part := s.calls[i], b.calls[i]
		if call.isFollower {
			return nil
		}
		if part.state != nil {
			call.accumulator.Resize(allGroups)
			return call.accumulator.Merge(part.state, groups)
		}
		if err := memory.add(2 * call.takers() * part.rows.bytes()); err != nil {
			return err
		}
		call.groups = resized(call.groups, part.rows.rows)
		of := gather(groups, part.groups, call.groups)
		if part.counts != nil {
			return call.addCounted(of, allGroups, part.rows, part.counts)
		}
		return call.addRows(of, allGroups, part.rows)
	})
}

func (h *hashAgg) add(b *batch.Batch) error {
	keys := h.keysOf(b)
	if h.spilling != nil {
		h.spillIfNeeded(keys, b.Live())
	}
	size := int64(0)
	inputs := make(map[*aggregateInput]*aggregateRows)
	for _, set := range h.sets {
		if err := set.add(b, keys, inputs, h.memory); err != nil {
			return err
		}
		size += set.sizeBytes()
	}
	return h.memory.set(size)
}

// keysOf returns the keys of the live rows of a batch.
func (h *hashAgg) keysOf(b *batch.Batch) []batch.Vector {
	keys := make([]batch.Vector, len(h.keys))
	for i, at := range h.keys {
		keys[i] = liveColumn(b, at)
	}
	return keys
}

// spillIfNeeded makes the sets spill rows of new groups if there is no memory for rows more rows with these keys.
func (h *hashAgg) spillIfNeeded(keys []batch.Vector, rows int) {
	if !h.isFull {
		size, groups := h.restBytes(0), 0
		for _, set := range h.sets {
			size += set.growthBytes(keys, rows)
			groups += set.grouper.groups
		}
		if groups > 0 {
			h.fillsUp(size)
		}
	}
	if !h.isFull || !h.input.isUngrouped() {
		return
	}
	for _, set := range h.sets {
		set.spillOthers(h.spilling, 0)
	}
}

// spillOthers makes the set spill the rows of unknown groups, and unknown arguments of DISTINCT.
func (s *groupingSet) spillOthers(spilling *keySpilling, level int) {
	if s.rest == nil && len(s.keys) > 0 {
		s.rest = spilling.divide(level)
	}
	s.spillArgs(spilling)
}

// spillArgs makes the set spill unknown arguments of DISTINCT.
func (s *groupingSet) spillArgs(spilling *keySpilling) {
	for _, call := range s.calls {
		if call.distinct != nil && call.distinct.rest == nil {
			call.distinct.rest = spilling.divide(0)
		}
	}
}

// columnsOf returns the columns of the set's keys.
func (s *groupingSet) columnsOf(keys []batch.Vector) []batch.Vector {
	columns := make([]batch.Vector, len(s.keys))
	for i, k := range s.keys {
		columns[i] = keys[k]
	}
	return columns
}

// growthBytes is the memory that making groups of rows may need.
func (s *groupingSet) growthBytes(keys []batch.Vector, rows int) int64 {
	size := s.grouper.growthBytes(s.columnsOf(keys), rows)
	for _, call := range s.calls {
		if call.distinct != nil {
			const groupBytes = 4 // in a list that is made when the first group needs it
			size += groupBytes * int64(s.grouper.groups+rows)
			size += call.distinct.sizeBytes() // its tables double
		}
	}
	return size
}

// add adds the rows of b. inputs caches the arguments that sets share. It reserves from memory what the rows may
// become.
func (s *groupingSet) add(b *batch.Batch, keys []batch.Vector, inputs map[*aggregateInput]*aggregateRows, memory *account) error {
	columns := s.columnsOf(keys)
	rows := b.Live()
	s.groups = resized(s.groups, rows)
	if s.rest != nil {
		known, err := s.spillUnknown(b, columns)
		if err != nil || known.Live() == 0 {
			return err
		}
		b, inputs = known, make(map[*aggregateInput]*aggregateRows)
	} else if err := s.grouper.insert(columns, rows, s.groups); err != nil {
		return err
	}
	return s.addStates(b, s.groups, s.grouper.groups, inputs, memory)
}

// addStates adds the rows of b to the states of groups. allGroups is the number of all groups.
func (s *groupingSet) addStates(b *batch.Batch, groups []int32, allGroups int, inputs map[*aggregateInput]*aggregateRows, memory *account) error {
	ins := make([]*aggregateRows, 0, len(s.calls)) // by call; nil: a follower
	var failed error
	for _, call := range s.calls {
		var in *aggregateRows
		if !call.isFollower {
			if in, failed = call.input.rowsOnce(b, inputs, memory); failed != nil {
				break // earlier calls, and their errors, come first
			}
		}
		ins = append(ins, in)
	}
	if s.callWork.pays(len(ins)) {
		for _, in := range ins {
			in.countNulls()
		}
	}
	err := s.callWork.do(len(ins), func(i int) error {
		call, in := s.calls[i], ins[i]
		if call.isFollower {
			return nil
		}
		if !call.isSpilling() {
			if err := memory.add(call.takers() * in.bytes()); err != nil {
				return err
			}
		}
		return call.add(groups, allGroups, in)
	})
	if err != nil {
		return err
	}
	return failed
}

// spillUnknown spills the rows of unknown groups. It returns the other rows, and writes their groups to s.groups.
func (s *groupingSet) spillUnknown(b *batch.Batch, columns []batch.Vector) (*batch.Batch, error) {
	b = compact(b)
	if err := s.grouper.find(columns, b.Len, s.groups); err != nil {
		return nil, err
	}
	known, others := make([]int32, 0, b.Len), []int32(nil)
	for row, group := range s.groups {
		if group == batch.Absent {
			others = append(others, int32(row))
		} else {
			known = append(known, int32(row))
		}
	}
	s.groups = gather(s.groups, known, s.groups)
	return &batch.Batch{Columns: b.Columns, Len: b.Len, Sel: known}, s.rest.addRows(b, columns, others)
}

func (h *hashAgg) finish(ctx context.Context) error {
	h.grouping.stop()
	for _, set := range h.sets {
		if len(set.keys) == 0 {
			set.grouper.groups = 1 // the group of all rows exists even without rows
		}
		for _, call := range set.calls {
			if err := call.finish(ctx, set.grouper.groups, h.memory); err != nil {
				return err
			}
		}
	}
	return nil
}

// forgetLookups frees what rows find their groups by, as no more come.
func (s *groupingSet) forgetLookups() {
	s.grouper.forgetLookups()
	for _, call := range s.calls {
		call.distinct = nil
	}
}

// restBytes is the memory that the sets from n on hold.
func (h *hashAgg) restBytes(n int) int64 {
	size := int64(0)
	for _, set := range h.sets[n:] {
		size += set.sizeBytes()
	}
	return size
}

func (s *groupingSet) sizeBytes() int64 {
	return s.grouper.sizeBytes() + s.callBytes()
}

// callBytes is the memory that the states hold.
func (s *groupingSet) callBytes() (size int64) {
	for _, call := range s.calls {
		size += call.sizeBytes()
	}
	return size
}
