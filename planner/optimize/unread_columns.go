package optimize

import "github.com/auditlake/auditlake/planner/plan"

// dropUnread notes at joins, windows, UNNEST and the first rows of partitions which columns nothing above reads, as
// those that keys, conditions, orders and partitions alone need, or the list that is spread: they are not gathered
// for each row.
func dropUnread(o *optimizer, n plan.Node) plan.Node {
	// What is read only grows, as in pruneColumns.
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
