package optimize

import "github.com/auditlake/auditlake/planner/plan"

// makers knows which node of a plan makes each column. With it a rule can check whether a column comes from one
// side of a join without listing that side's columns, which are many in a long chain of joins.
type makers struct {
	madeAt map[int]int          // the number of the node that makes a column, by the column's ID
	span   map[plan.Node][2]int // the first and last number of a node and those below it
}

// makersOf numbers the nodes of a plan.
func makersOf(n plan.Node) *makers {
	m := &makers{madeAt: map[int]int{}, span: map[plan.Node][2]int{}}
	last := 0
	noteMade := func(c *plan.Column) { m.madeAt[c.ID] = last }
	var number func(plan.Node) plan.Node
	number = func(n plan.Node) plan.Node {
		last++
		first := last
		n.VisitMade(noteMade)
		n.MapInputs(number)
		m.span[n] = [2]int{first, last}
		return n
	}
	number(n)
	return m
}

// hasJoins reports whether a plan has joins. Only for joins do rules need makers.
func hasJoins(n plan.Node) bool {
	found := false
	visitNodes(n, func(n plan.Node) {
		_, join := n.(*plan.Join)
		found = found || join
	})
	return found
}

// madeBy returns a function that reports whether n, or a node below it, makes a column.
func (m *makers) madeBy(n plan.Node) func(*plan.Column) bool {
	span := m.span[n]
	return func(c *plan.Column) bool { return m.isWithin(c, span) }
}

// isMadeBy is madeBy for one column.
func (m *makers) isMadeBy(n plan.Node, c *plan.Column) bool { return m.isWithin(c, m.span[n]) }

func (m *makers) isWithin(c *plan.Column, span [2]int) bool {
	at, ok := m.madeAt[c.ID]
	return ok && span[0] <= at && at <= span[1]
}

// readsOnly reports whether all columns that e reads come from the given side.
func readsOnly(e plan.Expr, side func(*plan.Column) bool) bool {
	all := true
	plan.FreeColumns(e, func(c *plan.Column) { all = all && side(c) })
	return all
}

// readsSome reports whether e reads a column of the given side.
func readsSome(e plan.Expr, side func(*plan.Column) bool) bool {
	some := false
	plan.FreeColumns(e, func(c *plan.Column) { some = some || side(c) })
	return some
}
