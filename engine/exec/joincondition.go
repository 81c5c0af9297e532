package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
)

// joinCondition is what pairs of rows with equal keys must meet to match.
type joinCondition struct {
	whole  *pairFilter // nil: all pairs match
	bounds []joinBound // the terms that a joinWindow may check
	terms  []plan.Expr
	// choices are alternatives with keys of their own, which look up rows; nil: there are none, or the join has
	// keys.
	choices []joinChoice
	// compile makes the filter of some of the terms, nil for none.
	compile func(terms []plan.Expr) (*pairFilter, error)
	// beside compiles the whole condition for one build row, whose values are constants.
	beside func(build *table, row int32) (expr.Evaluator, error)
}

// joinMatches finds the build rows that may match a left row, by keys and bounds. It is
// safe for concurrent use.
type joinMatches struct {
	table  *joinTable
	window *joinWindow // nil: keys alone find them
	// chosen finds them by alternative of the condition, instead of table, which has no keys; nil: no alternatives.
	chosen []chosenTable
	whole  *pairFilter // the join's condition
	open   *pairFilter // the terms that the window does not check
	// crossed are filters for each build row, if these are few.
	crossed crossedFilters
}

// joinCandidates are the build rows that may match the rows of a left batch. Those of a row are
// members[from[row]:to[row]], and match if they pass the filter.
type joinCandidates struct {
	from, to []int32
	members  []int32     // nil: those of the table
	filter   *pairFilter // nil: all match
}

// over prepares the condition for a build side.
func (c joinCondition) over(ctx context.Context, t *joinTable, memory *account) (*joinMatches, error) {
	m := &joinMatches{table: t, whole: c.whole, open: c.whole, crossed: crossedFilters{beside: c.beside}}
	var err error
	if m.window, err = newJoinWindow(ctx, t, c.bounds, memory); err != nil || m.window == nil {
		return m, err
	}
	m.open, err = c.compile(m.window.unanswered(c.terms))
	return m, err
}

// candidates finds the build rows that may match the rows of b. keys are b's key columns.
func (m *joinMatches) candidates(b *batch.Batch, keys []batch.Vector) (*joinCandidates, error) {
	if m.chosen != nil {
		c, err := chosenCandidates(m.chosen, b)
		if c != nil {
			c.filter = m.whole
		}
		if c != nil || err != nil {
			return c, err
		}
	}
	c := &joinCandidates{filter: m.open}
	var err error
	if c.from, c.to, err = m.table.lookup(keys, b.Len); err != nil {
		return nil, err
	}
	if m.window == nil {
		return c, nil
	}
	if err := m.window.narrow(b, c.from, c.to); err != nil {
		if function.EndsStatement(err) {
			return nil, err
		}
		// A limit that cannot be computed is an error only if a pair needs it.
		c.filter = m.whole
		if c.from, c.to, err = m.table.lookup(keys, b.Len); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// pairFilter evaluates a condition on pairs of rows.
type pairFilter struct {
	first     *pairFilter    // drops pairs first; nil: none
	condition expr.Evaluator // over left and right columns
	reads     []int          // the columns that it reads
}

// filterPairs returns the indexes of the pairs of a left row and a build row that meet the condition, ascending;
// nil for all. It gathers only the columns it reads, and reserves memory for them meanwhile.
func (f *pairFilter) filterPairs(left []batch.Vector, build *table, leftRows, buildRows []int32, memory *account) ([]int32, error) {
	var passed []int32 // those that first leaves; nil: all
	if f.first != nil {
		var err error
		if passed, err = f.first.filterPairs(left, build, leftRows, buildRows, memory); err != nil || passed != nil && len(passed) == 0 {
			return passed, err
		}
		leftRows, buildRows = pickRows(leftRows, passed), pickRows(buildRows, passed)
	}
	b := &batch.Batch{Len: len(leftRows), Columns: make([]batch.Vector, len(left)+len(build.columns))}
	bytes := int64(0)
	for _, at := range f.reads {
		if at < len(left) {
			b.Columns[at] = batch.TakeVector(left[at], leftRows)
		} else {
			b.Columns[at] = batch.Vector{Array: batch.Take(build.columns[at-len(left)], buildRows)}
		}
		bytes += batch.HeldBytes(b.Columns[at].Array)
	}
	done, err := memory.during(bytes)
	if err != nil {
		return nil, err
	}
	defer done()
	sel, err := f.condition.Filter(b)
	switch {
	case err != nil || sel == nil:
		return passed, err
	case passed == nil:
		return sel, nil
	}
	return gather(passed, sel, make([]int32, len(sel))), nil
}

// fittingPairs returns how many of the pairs, at least one, to gather at once.
func (f *pairFilter) fittingPairs(left []batch.Vector, build *table, leftRows, buildRows []int32) int {
	var ofLeft, ofBuild []batch.Vector
	for _, at := range f.reads { // first reads less
		if at < len(left) {
			ofLeft = append(ofLeft, left[at])
		} else {
			ofBuild = append(ofBuild, batch.Vector{Array: build.columns[at-len(left)]})
		}
	}
	return min(fitting(ofLeft, leftRows), fitting(ofBuild, buildRows))
}
