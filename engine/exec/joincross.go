package exec

import (
	"context"
	"sync"

	"github.com/auditlake/auditlake/engine/expr"
)

// The condition is evaluated for each build row separately up to maxCrossed build rows, and from minLeftCrossed
// left rows on.
const (
	maxCrossed     = 32
	minLeftCrossed = 64
)

// crossedFilters are a join's condition for each of a few build rows, whose values are constants in it. So what the
// condition computes from left rows alone is computed for the values of a dictionary. They are safe for concurrent
// use.
type crossedFilters struct {
	// beside compiles the condition over left columns for a build row; nil: there is none.
	beside func(build *table, row int32) (expr.Evaluator, error)

	once    sync.Once
	filters []expr.Evaluator // nil: they could not be compiled
}

// over returns the filters for build rows, nil if there are none.
func (c *crossedFilters) over(build *table, rows []int32) []expr.Evaluator {
	if c.beside == nil {
		return nil
	}
	c.once.Do(func() {
		filters := make([]expr.Evaluator, len(rows))
		for i, row := range rows {
			var err error
			if filters[i], err = c.beside(build, row); err != nil {
				return // it is an error only if a pair needs it
			}
		}
		c.filters = filters
	})
	return c.filters
}

// findCrossed finds all pairs of a join without keys and with few build rows, such as a list of patterns or
// networks. It evaluates the condition for all left rows, one build row after another. If that fails, it returns
// false: the statement may want only pairs before the one that fails.
func (p *joinProbe) findCrossed(ctx context.Context) (bool, error) {
	build, c := p.build.table, p.candidates
	number := len(build.members)
	isOfAll := func(i int) bool { return c.from[i] == 0 && int(c.to[i]) == number }
	if p.row > 0 || c.members != nil || c.filter == nil || c.filter != p.build.matches.whole || number == 0 || number > maxCrossed || p.batch.Len < minLeftCrossed || !isOfAll(0) {
		return false, nil
	}
	for i := range p.batch.Len {
		if !isOfAll(i) {
			return false, nil
		}
	}
	filters := p.build.matches.crossed.over(build.rows, build.members)
	if filters == nil {
		return false, nil
	}
	const pairBytes = 12 // in met, left and right
	done, err := p.build.join.out.during(int64(p.batch.Len) * int64(number) * pairBytes)
	if err != nil {
		return false, ctx.Err()
	}
	defer done()
	met := make([][]int32, number) // left rows, by index in members; ascending
	pairs := 0
	for i, filter := range filters {
		sel, err := filter.Filter(p.batch)
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
