package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// extremeFrames picks the winning row of each frame: the first of equal ones, and NaN only if there is nothing
// else, as the aggregates do.
func extremeFrames(fn *types.Resolved) *FrameFunction {
	by := fn.Name == "min_by" || fn.Name == "max_by"
	last := len(fn.Args) - 1
	key := fn.Args[last]
	// Values of other types may have parts without an order, such as NULLs in arrays: which two values of a frame
	// are compared must not change.
	if last > 0 != by || last > 1 || key.Kind == types.Array || key.Kind == types.Row || key.Kind == types.Unknown {
		return nil
	}
	greatest := fn.Name == "max" || fn.Name == "max_by"
	return &FrameFunction{Rows: func(f *Frames, args []batch.Vector, out []int32) error {
		keys := args[last]
		if keys.Array.DataType().ID() == arrow.NULL || keys.Const {
			return pickFrames(f, keys, out, func(int32, int32) bool { return false })
		}
		if greatest {
			order := batch.OrderingNaNFirst(key, keys.Array, keys.Array)
			return pickFrames(f, keys, out, func(row, other int32) bool { return order(int(row), int(other)) > 0 })
		}
		order := batch.Ordering(key, keys.Array, keys.Array)
		return pickFrames(f, keys, out, func(row, other int32) bool { return order(int(row), int(other)) < 0 })
	}}
}

// framePicker finds the row of a frame that beats the others, or the first if none does. It ignores rows with a
// NULL key.
type framePicker struct {
	beats func(row, other int32) bool
	valid []byte

	// queue, from index first on, has the rows of the last frame that may still win; no later row beats them. Rows
	// before next have been added or ruled out.
	queue []int32
	first int
	next  int32
	// tree has the winner of the rows below each node. Node i has the children 2i and 2i+1; rows are nodes from
	// len(tree)/2 on.
	tree []int32
}

func pickFrames(f *Frames, keys batch.Vector, out []int32, beats func(row, other int32) bool) error {
	k := &framePicker{beats: beats, valid: countable(keys, f.Rows)}
	for _, p := range f.Partitions {
		pick := k.advance
		k.queue, k.first, k.next = k.queue[:0], 0, p.Start
		if !framesAdvance(p) {
			k.build(p.Start, p.End)
			pick = func(from, to int32) int32 { return k.search(from-p.Start, to-p.Start) }
		}
		for i, from := range p.FrameStart {
			if err := f.Env.Ended(); err != nil {
				return err
			}
			out[int(p.Start)+i] = NullRow
			if to := p.FrameEnd[i]; from < to {
				out[int(p.Start)+i] = pick(from, to)
			}
		}
	}
	return nil
}

// framesAdvance reports whether no frame with rows begins or ends before an earlier one.
func framesAdvance(p *WindowPartition) bool {
	from, to := p.Start, p.Start
	for i, start := range p.FrameStart {
		end := p.FrameEnd[i]
		if start >= end {
			continue
		}
		if start < from || end < to {
			return false
		}
		from, to = start, end
	}
	return true
}

func (k *framePicker) counts(row int32) bool { return arrowdata.IsValid(k.valid, int(row)) }

// advance picks from a frame that begins and ends no earlier than the previous one.
func (k *framePicker) advance(from, to int32) int32 {
	for k.first < len(k.queue) && k.queue[k.first] < from {
		k.first++
	}
	for row := max(k.next, from); row < to; row++ {
		if !k.counts(row) {
			continue
		}
		for len(k.queue) > k.first && k.beats(row, k.queue[len(k.queue)-1]) {
			k.queue = k.queue[:len(k.queue)-1]
		}
		k.queue = append(k.queue, row)
	}
	k.next = max(k.next, to)
	if k.first == len(k.queue) {
		return NullRow
	}
	return k.queue[k.first]
}

// build builds the tree of the rows [start, end).
func (k *framePicker) build(start, end int32) {
	n := int(end - start)
	if cap(k.tree) < 2*n {
		k.tree = make([]int32, 2*n)
	}
	k.tree = k.tree[:2*n]
	for i := range n {
		k.tree[n+i] = NullRow
		if row := start + int32(i); k.counts(row) {
			k.tree[n+i] = row
		}
	}
	for i := n - 1; i > 0; i-- {
		k.tree[i] = k.winner(k.tree[2*i], k.tree[2*i+1])
	}
}

// search picks from the rows [from, to), counted from the tree's first row.
func (k *framePicker) search(from, to int32) int32 {
	n := len(k.tree) / 2
	left, right := NullRow, NullRow
	for lo, hi := int(from)+n, int(to)+n; lo < hi; lo, hi = lo/2, hi/2 {
		if lo&1 == 1 {
			left = k.winner(left, k.tree[lo])
			lo++
		}
		if hi&1 == 1 {
			hi--
			right = k.winner(k.tree[hi], right)
		}
	}
	return k.winner(left, right)
}

// winner returns the winning one of two rows; row comes before after, and either may be NullRow.
func (k *framePicker) winner(row, after int32) int32 {
	if row == NullRow || after != NullRow && k.beats(after, row) {
		return after
	}
	return row
}
