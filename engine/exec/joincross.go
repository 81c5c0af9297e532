package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
)

// A condition is asked of each build row by itself while there are no more of them than these, and at least that many left rows.
const (
	maxCrossed     = 32
	minLeftCrossed = 256
)

// findCrossed finds all pairs of a join without keys and with few build rows, such as a list of patterns or networks: the
// condition is computed for all left rows beside one build row, whose values are constants there. It declines where that
// fails, as a pair before the one that fails may be all that is wanted.
func (p *joinProbe) findCrossed(ctx context.Context) (bool, error) {
	build, c := p.build.table, p.candidates
	number := len(build.members)
	isOfAll := func(i int) bool { return c.from[i] == 0 && int(c.to[i]) == number }
	if p.row > 0 || c.filter == nil || number == 0 || number > maxCrossed || p.batch.Len < minLeftCrossed || !isOfAll(0) {
		return false, nil
	}
	for i := range p.batch.Len {
		if !isOfAll(i) {
			return false, nil
		}
	}
	const pairBytes = 12 // in met, left and right
	done, err := p.build.join.out.during(int64(p.batch.Len) * int64(number) * pairBytes)
	if err != nil {
		return false, ctx.Err()
	}
	defer done()
	met := make([][]int32, number) // left rows, by place in members; ascending
	pairs := 0
	for i, row := range build.members {
		sel, err := c.filter.filterBeside(p.batch, build.rows, row)
		if err != nil {
			return false, ctx.Err()
		}
		if sel == nil {
			sel = iota32(p.batch.Len)
		}
		met[i], pairs = sel, pairs+len(sel)
	}
	left, right := make([]int32, 0, pairs), make([]int32, 0, pairs)
	for row := range int32(p.batch.Len) {
		for i, rows := range met {
			if len(rows) > 0 && rows[0] == row {
				left, right, met[i] = append(left, row), append(right, build.members[i]), rows[1:]
			}
		}
	}
	p.addPairs(left, right)
	p.row, p.done = p.batch.Len, true
	return true, nil
}

// filterBeside returns which left rows meet the condition together with a build row, ascending; nil for all.
func (f *pairFilter) filterBeside(left *batch.Batch, build *table, row int32) ([]int32, error) {
	b := &batch.Batch{Len: left.Len, Columns: make([]batch.Vector, len(left.Columns)+len(build.columns))}
	for _, at := range f.reads {
		if at < len(left.Columns) {
			b.Columns[at] = left.Columns[at]
		} else {
			b.Columns[at] = batch.Vector{Array: batch.Decode(batch.Take(build.columns[at-len(left.Columns)], []int32{row})), Const: true}
		}
	}
	return f.condition.Filter(b)
}
