package function

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// maxExtremes is the greatest n of min(x, n), max(x, n), min_by(x, y, n) and max_by(x, y, n).
const maxExtremes = 10_000

// fewestCut is the least number of rows from which rows that cannot be among the n are dropped.
const fewestCut = 1 << 10

// extremes holds the rows of min(x, n) and similar aggregates. From time to time it drops rows that come after n
// others of their group, so that it holds about n rows of each group.
type extremes struct {
	*collector // of all arguments except n
	keyType    *types.Type
	greatest   bool
	counts     []int64 // n of each group's first row, -1 for any below 1; 0: the group has no row
	cutFrom    int     // the number of rows from which they are cut
}

// newExtremes makes min(x, n), max(x, n), min_by(x, y, n) and max_by(x, y, n).
func newExtremes(greatest bool) func(*types.Resolved, *Env, []Lambda) Accumulator {
	return func(fn *types.Resolved, env *Env, _ []Lambda) Accumulator {
		kept := fn.Args[:len(fn.Args)-1]
		e := &extremes{collector: newCollector(env, kept), keyType: kept[len(kept)-1], greatest: greatest, cutFrom: fewestCut}
		e.pick = e.pickFirst
		return e
	}
}

// hasParts reports whether values may contain parts without an order, such as NULLs in arrays. Whether there is an
// error then depends on which values are compared.
func hasParts(t *types.Type) bool {
	return t.Kind == types.Array || t.Kind == types.Row || t.Kind == types.Unknown
}

// mergesInOrder implements MergesInOrder: a state does not know the n that its groups have in earlier states.
func (e *extremes) mergesInOrder(isConstant func(argument int) bool) bool {
	return !hasParts(e.keyType) && isConstant(len(e.argTypes))
}

// Resize implements Accumulator.
func (e *extremes) Resize(groups int) {
	e.collector.Resize(groups)
	e.counts = grown(e.counts, groups)
}

// Add implements Accumulator.
func (e *extremes) Add(groups []int32, args []batch.Vector, rows int) error {
	groups, counts := groups[:rows], len(e.argTypes)
	if valid := validOf(args[counts-1:], rows); valid != nil {
		groups, args = validRows(groups, args, valid)
	}
	n := columnOf[int64](args[counts])
	for row, group := range groups {
		if e.counts[group] != 0 {
			continue
		}
		if e.counts[group] = n.at(row); e.counts[group] <= 0 {
			e.counts[group] = -1
		}
	}
	if err := e.collector.Add(groups, args, len(groups)); err != nil {
		return err
	}
	return e.cutIfMany()
}

// Merge implements Accumulator.
func (e *extremes) Merge(other Accumulator, mapping []int32) error {
	from := other.(*extremes)
	if err := e.collector.Merge(from.collector, mapping); err != nil {
		return err
	}
	for group, n := range from.counts {
		if to := &e.counts[mapping[group]]; *to == 0 {
			*to = n
		}
	}
	return e.cutIfMany()
}

// Result implements Accumulator.
func (e *extremes) Result() (arrow.Array, error) {
	for _, n := range e.counts {
		if n < 0 {
			return nil, argumentError("the number of values must be positive")
		}
		if n > maxExtremes {
			return nil, argumentError("the number of values must be at most %d", maxExtremes)
		}
	}
	return e.collector.Result()
}

// pickFirst returns the values of each group's first n rows by its key. It may write into rows.
func (e *extremes) pickFirst(offsets, rows []int32, columns []arrow.Array) (arrow.Array, error) {
	order := rowOrder(e.keyType, batch.Decode(columns[len(columns)-1]), e.greatest)
	out := []int32{0}
	var picked []int32
	for g := range len(offsets) - 1 {
		picked = append(picked, e.firstOf(g, rows[offsets[g]:offsets[g+1]], order)...)
		out = append(out, int32(len(picked)))
	}
	return batch.FromLists(out, nonEmpty(offsets), batch.Decode(batch.Take(columns[0], picked))), nil
}

// firstOf returns the rows of a group that are among its n, in order. It may write into rows.
func (e *extremes) firstOf(group int, rows []int32, order func(a, b int32) int) []int32 {
	if e.greatest {
		// Most keys are ascending times: the last rows exclude the others.
		slices.Reverse(rows)
	}
	// Result refuses other numbers.
	return firstRows(rows, int(min(max(e.counts[group], 1), maxExtremes)), order)
}

// SizeBytes implements Accumulator.
func (e *extremes) SizeBytes() int64 { return e.collector.SizeBytes() + statesBytes(e.counts) }

// cutIfMany cuts the rows when their number has doubled since the last cut, so that each is read only a few times.
func (e *extremes) cutIfMany() error {
	if len(e.groups) < e.cutFrom || hasParts(e.keyType) {
		return nil
	}
	err := e.cut()
	e.cutFrom = max(fewestCut, 2*len(e.groups), e.number)
	return err
}

// cut drops the rows that come after n others of their group. The remaining rows keep their order.
func (e *extremes) cut() error {
	done, err := e.env.reserved(e.bytes) // for the joined keys and the remaining rows
	if err != nil {
		return err
	}
	defer done()
	offsets, rows := sortByGroup(e.groups, e.number)
	order := rowOrder(e.keyType, batch.Decode(batch.Concat(e.chunks[len(e.chunks)-1])), e.greatest)
	kept := make([]byte, (len(rows)+7)/8)
	for g := range e.number {
		first := rows[offsets[g]:offsets[g+1]]
		if int64(len(first)) > e.counts[g] {
			first = e.firstOf(g, first, order)
		}
		for _, row := range first {
			arrowdata.SetBit(kept, int(row))
		}
	}
	left := arrowdata.AppendSetBits(make([]int32, 0, len(rows)), kept, len(rows))
	if len(left) == len(rows) {
		return nil
	}
	e.bytes = 0
	for i, chunks := range e.chunks {
		a := takeOfChunks(chunks, left)
		e.chunks[i] = []arrow.Array{a}
		e.bytes += batch.ArrayBytes(a)
	}
	groups := make([]int32, len(left))
	for i, row := range left {
		groups[i] = e.groups[row]
	}
	e.groups = groups
	return nil
}

// takeOfChunks takes ascending rows of the concatenated chunks. It decodes only these.
func takeOfChunks(chunks []arrow.Array, rows []int32) arrow.Array {
	var parts []arrow.Array
	start := int32(0)
	for _, chunk := range chunks {
		end := start + int32(chunk.Len())
		count, _ := slices.BinarySearch(rows, end)
		if count > 0 {
			places := make([]int32, count)
			for i, row := range rows[:count] {
				places[i] = row - start
			}
			parts = append(parts, batch.Decode(batch.Take(chunk, places)))
		}
		start, rows = end, rows[count:]
	}
	return batch.Concat(parts)
}

// rowOrder compares rows by their keys, and equal keys by their positions, so that the first arrival comes first.
func rowOrder(t *types.Type, key arrow.Array, descending bool) func(a, b int32) int {
	if !descending {
		compare := batch.Ordering(t, key, key)
		return func(a, b int32) int {
			if c := compare(int(a), int(b)); c != 0 {
				return c
			}
			return int(a) - int(b)
		}
	}
	compare := batch.OrderingNaNFirst(t, key, key)
	return func(a, b int32) int {
		if c := compare(int(b), int(a)); c != 0 {
			return c
		}
		return int(a) - int(b)
	}
}

// fewestSorted is the least number of rows sorted at once. For a small n, sorting more often would cost more than
// it saves.
const fewestSorted = 32

// firstRows returns the first n of rows in order, sorted, in the memory of rows. It keeps only rows that come
// before the n-th found so far, and sorts and cuts them whenever their number has doubled.
func firstRows(rows []int32, n int, order func(a, b int32) int) []int32 {
	most := max(2*n, fewestSorted)
	first, cut := rows[:0], false
	for _, row := range rows {
		if cut && order(row, first[n-1]) > 0 {
			continue
		}
		if first = append(first, row); len(first) == most {
			slices.SortFunc(first, order)
			first, cut = first[:n], true
		}
	}
	slices.SortFunc(first, order)
	return first[:min(n, len(first))]
}
