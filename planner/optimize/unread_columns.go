package optimize

import "github.com/auditlake/auditlake/planner/plan"

// dropUnread marks columns of joins, windows, UNNEST and PartitionTopN that nothing above reads. Examples are
// columns that only keys, conditions, orders or partitions need, or the list that UNNEST spreads. They are not
// copied for each row.
func dropUnread(o *optimizer, n plan.Node) plan.Node {
	// The set of read columns only grows, as in pruneColumns.
	read := setOf(n.Columns())
	isRead := func(c *plan.Column) bool { return read[c.ID] }
	var dropped func(plan.Node) plan.Node
	dropped = func(n plan.Node) plan.Node {
		o.step()
		n = plan.LeaveOut(n, isRead)
		read.addReads(n)
		return n.MapInputs(dropped)
	}
	return dropped(n)
}
