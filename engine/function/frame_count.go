package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// countFrames counts the rows of frames, or with an argument the rows that have a value.
func countFrames(f *Frames, args []batch.Vector) (arrow.Array, error) {
	out := make([]int64, f.Rows)
	var before []int32 // number of values in the rows before each row; nil: all rows have one
	if len(args) > 0 {
		if valid := countable(args[0], f.Rows); valid != nil {
			before = valuesBefore(valid, 0, int32(f.Rows))
		}
	}
	for _, p := range f.Partitions {
		if err := f.Env.Ended(); err != nil {
			return nil, err
		}
		counts := out[p.Start:p.End]
		for i, from := range p.FrameStart {
			to := p.FrameEnd[i]
			if before != nil {
				from, to = before[from], before[to]
			}
			counts[i] = int64(to - from)
		}
	}
	return batch.FromValues(arrow.PrimitiveTypes.Int64, out, nil), nil
}

// countable marks the rows in which v has a value, nil for all.
func countable(v batch.Vector, rows int) []byte {
	if v.Array.DataType().ID() == arrow.NULL {
		return make([]byte, (rows+7)/8)
	}
	return validOf([]batch.Vector{v}, rows)
}

// valuesBefore counts, for each row from start on and for end, the valid rows in [start, row).
func valuesBefore(valid []byte, start, end int32) []int32 {
	before := make([]int32, end-start+1)
	n := int32(0)
	for row := start; row < end; row++ {
		before[row-start] = n
		if arrowdata.IsValid(valid, int(row)) {
			n++
		}
	}
	before[end-start] = n
	return before
}

// CountDistinctFrames counts the distinct values in frames. numbers has the number of each row's value, below
// values. NULLs of v do not count.
func CountDistinctFrames(f *Frames, v batch.Vector, numbers []int32, values int) (arrow.Array, error) {
	d := distinctFrame{numbers: numbers, valid: countable(v, f.Rows), present: make([]int32, values)}
	out := make([]int64, f.Rows)
	for _, p := range f.Partitions {
		for i, from := range p.FrameStart {
			if err := f.Env.Ended(); err != nil {
				return nil, err
			}
			d.move(from, p.FrameEnd[i])
			out[int(p.Start)+i] = d.different
		}
	}
	return batch.FromValues(arrow.PrimitiveTypes.Int64, out, nil), nil
}

// distinctFrame counts how often each value occurs in the rows [from, to).
type distinctFrame struct {
	numbers []int32
	valid   []byte

	from, to  int32
	present   []int32 // by number
	different int64   // numbers that are present
}

func (d *distinctFrame) move(from, to int32) {
	if from >= d.to || to <= d.from { // nothing stays
		for row := d.from; row < d.to; row++ {
			d.leave(row)
		}
		d.from, d.to = from, from
	}
	for ; d.from > from; d.from-- {
		d.enter(d.from - 1)
	}
	for ; d.to < to; d.to++ {
		d.enter(d.to)
	}
	for ; d.from < from; d.from++ {
		d.leave(d.from)
	}
	for ; d.to > to; d.to-- {
		d.leave(d.to - 1)
	}
}

func (d *distinctFrame) enter(row int32) {
	if !arrowdata.IsValid(d.valid, int(row)) {
		return
	}
	value := &d.present[d.numbers[row]]
	if *value++; *value == 1 {
		d.different++
	}
}

func (d *distinctFrame) leave(row int32) {
	if !arrowdata.IsValid(d.valid, int(row)) {
		return
	}
	value := &d.present[d.numbers[row]]
	if *value--; *value == 0 {
		d.different--
	}
}

// truthFrames computes results that depend on how many values are true and false.
func truthFrames(fn *types.Resolved) *FrameFunction {
	switch fn.Name {
	case "count_if":
		return sliding[bool, truths, int64]{enter: (*truths).enter, leave: (*truths).leave,
			value: func(t *truths) (int64, bool, error) { return t.yes, true, nil }}.frames(fn)
	case "bool_and", "every":
		return sliding[bool, truths, bool]{enter: (*truths).enter, leave: (*truths).leave,
			value: func(t *truths) (bool, bool, error) { return t.no == 0, t.yes+t.no > 0, nil }}.frames(fn)
	case "bool_or":
		return sliding[bool, truths, bool]{enter: (*truths).enter, leave: (*truths).leave,
			value: func(t *truths) (bool, bool, error) { return t.yes > 0, t.yes+t.no > 0, nil }}.frames(fn)
	}
	return nil
}

// truths counts true and false values.
type truths struct{ yes, no int64 }

func (t *truths) enter(v bool) {
	if v {
		t.yes++
	} else {
		t.no++
	}
}

func (t *truths) leave(v bool) {
	if v {
		t.yes--
	} else {
		t.no--
	}
}
