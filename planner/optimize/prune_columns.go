package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
)

// pruneColumns drops the columns that nothing above reads: columns of scans,
// projected expressions, aggregates, window functions, the marks of EXISTS and IN.
func pruneColumns(o *optimizer, n plan.Node) plan.Node {
	p := &pruning{optimizer: o, wanted: setOf(n.Columns())}
	return p.pruneNode(n)
}

// pruning goes down a plan. wanted has the columns that the nodes visited so far
// read. A column has one ID in the whole plan, and the nodes that read it stand
// above the one that makes it, so that one set serves all of them.
type pruning struct {
	*optimizer
	wanted columnSet
}

func (p *pruning) pruneNode(n plan.Node) plan.Node {
	p.step()
	kept := plan.KeepMade(n, func(c *plan.Column) bool { return p.wanted[c.ID] })
	if kept != n && slices.Contains(n.Inputs(), kept) {
		return p.pruneNode(kept)
	}
	p.wanted.addReads(kept)
	return plan.MapInputs(kept, p.pruneNode)
}
