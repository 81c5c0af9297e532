package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// factsKey is a node and the ID of one of its columns.
type factsKey struct {
	node   plan.Node
	column int
}

// factsAbout returns conditions that hold for every row of n, over its columns, and read column. It visits only the
// nodes that the column comes through, because a chain of joins has as many facts as joins. The caller must not
// change the list.
func (c *crossing) factsAbout(n plan.Node, column *plan.Column) []plan.Expr {
	switch n := n.(type) { // these nodes pass the facts of their input on
	case *plan.Join:
		switch {
		case keepsLeft(n.Kind) && c.makers.isMadeBy(n.Left, column):
			return c.factsAbout(n.Left, column)
		case keepsRight(n.Kind) && c.makers.isMadeBy(n.Right, column):
			return c.factsAbout(n.Right, column)
		}
		return nil
	case *plan.Window, *plan.Unnest, *plan.Sort, *plan.TopN, *plan.PartitionTopN, *plan.Limit:
		return c.factsAbout(plan.Inputs(n)[0], column)
	}
	key := factsKey{n, column.ID}
	if _, ok := c.factless[key]; ok {
		return nil
	}
	if known, ok := c.known[key]; ok {
		return known
	}
	c.step()
	facts := c.findFacts(n, column)
	if len(facts) == 0 {
		c.factless[key] = struct{}{}
		return nil
	}
	c.known[key] = facts
	return facts
}

func (c *crossing) findFacts(n plan.Node, column *plan.Column) []plan.Expr {
	switch n := n.(type) {
	case *plan.Scan:
		if n.Filter != nil {
			return c.termsAbout(nil, n.Filter, setOf(n.Columns()), column)
		}
	case *plan.Filter:
		return c.termsAbout(c.factsAbout(n.Input, column), n.Predicate, nil, column)
	case *plan.Project:
		return c.projectedFacts(n, column)
	case *plan.Aggregate:
		if n.Sets == nil {
			keys := setOf(n.Keys)
			return slices.DeleteFunc(slices.Clone(c.factsAbout(n.Input, column)), func(e plan.Expr) bool { return !keys.reads(e) })
		}
	}
	return nil
}

// termsAbout appends to a copy of list the terms of a condition that read column, and only visible columns. If
// visible is nil, all columns are.
func (c *crossing) termsAbout(list []plan.Expr, condition plan.Expr, visible columnSet, column *plan.Column) []plan.Expr {
	only := columnSet{column.ID: true}
	out := slices.Clip(list)
	for _, e := range plan.Conjuncts(condition) {
		c.step()
		if only.touches(e) && (visible == nil || visible.reads(e)) && plan.IsDeterministic(e) {
			out = append(out, e)
		}
	}
	return out
}

// projectedFacts returns the input's facts about a column that is passed on, and the facts about a computed column
// that follow from them.
func (c *crossing) projectedFacts(n *plan.Project, column *plan.Column) []plan.Expr {
	at := slices.IndexFunc(n.Items, func(item plan.Assignment) bool { return item.Column.ID == column.ID })
	if at < 0 {
		return nil
	}
	made := n.Items[at]
	visible, ok := c.visible[n]
	if !ok {
		visible = setOf(n.Columns())
		c.visible[n] = visible
	}
	if made.PassesOn() {
		return c.passedFacts(n, visible, column)
	}
	switch made.Expr.(type) {
	case *plan.Ref, *plan.Const:
		return nil
	}
	list := c.replacedFacts(made, c.factsAbout(n.Input, firstColumn(made.Expr)), visible)
	ref := &plan.Ref{Column: made.Column}
	low, high := c.limitsOf(made.Expr, n.Input)
	if low != nil {
		list = c.appendComparison(list, types.OpGreaterEq, ref, low)
	}
	if high != nil {
		list = c.appendComparison(list, types.OpLessEqual, ref, high)
	}
	return list
}

// passedFacts returns the input's facts about a column that n passes on. If a fact reads a column that n does not
// pass on, a computed column may replace it.
func (c *crossing) passedFacts(n *plan.Project, visible columnSet, column *plan.Column) []plan.Expr {
	input := c.factsAbout(n.Input, column)
	if len(input) == 0 {
		return nil
	}
	var list []plan.Expr
	hidden := false // a fact reads a column that n does not pass on
	for _, e := range input {
		if visible.reads(e) {
			list = append(list, e)
		} else {
			hidden = true
		}
	}
	if !hidden {
		return list
	}
	only := columnSet{column.ID: true}
	for _, item := range n.Items {
		switch item.Expr.(type) {
		case *plan.Ref, *plan.Const:
			continue
		}
		for _, e := range c.replacedFacts(item, input, visible) {
			if only.touches(e) {
				list = append(list, e)
			}
		}
	}
	return list
}

// replacedFacts returns the facts that contain an item's expression, with that replaced by the item's column.
func (c *crossing) replacedFacts(item plan.Assignment, facts []plan.Expr, visible columnSet) []plan.Expr {
	ref := &plan.Ref{Column: item.Column}
	var list []plan.Expr
	for _, fact := range facts {
		c.step()
		if replaced := replaceEqual(fact, item.Expr, ref); replaced != fact && visible.reads(replaced) {
			list = append(list, replaced)
		}
	}
	return list
}

// firstColumn returns the first column that e reads. If e reads none, it returns a column that no node makes.
func firstColumn(e plan.Expr) *plan.Column {
	first := &plan.Column{}
	plan.FreeColumns(e, func(c *plan.Column) {
		if first.ID == 0 {
			first = c
		}
	})
	return first
}
