package optimize

import "github.com/auditlake/auditlake/planner/plan"

// pruneColumns drops the columns that nothing above reads: columns of scans, projected expressions, aggregates,
// window functions, the marks of EXISTS and IN.
func pruneColumns(o *optimizer, n plan.Node) plan.Node {
	return o.keepColumns(n, setOf(n.Columns()))
}

// keepColumns drops the columns that are neither wanted nor read by a node above their maker. It adds the columns
// that are read to wanted.
func (o *optimizer) keepColumns(n plan.Node, wanted columnSet) plan.Node {
	// A column has one ID in the whole plan, and its readers are above its maker, so one set serves all nodes.
	isWanted := func(c *plan.Column) bool { return wanted[c.ID] }
	var pruned func(plan.Node) plan.Node
	pruned = func(n plan.Node) plan.Node {
		o.step()
		if kept := plan.KeepMade(n, isWanted); kept != n { // kept may be an input of n
			return pruned(kept)
		}
		wanted.addReads(n)
		return n.MapInputs(pruned)
	}
	return pruned(n)
}
