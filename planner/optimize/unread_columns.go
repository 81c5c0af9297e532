package optimize

import "github.com/auditlake/auditlake/planner/plan"

// dropUnread notes at joins which columns of their sides nothing above reads, as
// those that their keys and conditions alone need, so that joins do not gather them.
func dropUnread(o *optimizer, n plan.Node) plan.Node {
	if !hasJoins(n) {
		return n
	}
	u := &unread{optimizer: o, readers: map[int]int{}}
	u.countColumns(n.Columns(), 1)
	return u.dropBelow(n)
}

// unread goes down a plan.
type unread struct {
	*optimizer
	readers map[int]int // how many reads of a column, by ID, there are above the node at hand
}

func (u *unread) dropBelow(n plan.Node) plan.Node {
	u.step()
	if j, ok := n.(*plan.Join); ok {
		n = u.dropAt(j)
	}
	u.countReads(n, 1)
	out := n.MapInputs(u.dropBelow)
	u.countReads(n, -1)
	return out
}

func (u *unread) dropAt(j *plan.Join) plan.Node {
	dropped := map[int]bool{}
	for _, c := range j.Columns() {
		if u.readers[c.ID] == 0 {
			dropped[c.ID] = true
		}
	}
	if j.Mark != nil {
		delete(dropped, j.Mark.ID)
	}
	if len(dropped) == 0 {
		return j
	}
	c := *j
	c.Unread = dropped
	return &c
}

// countReads counts what n itself reads.
func (u *unread) countReads(n plan.Node, by int) {
	plan.VisitColumns(n, func(c *plan.Column) { u.readers[c.ID] += by })
	plan.VisitExprs(n, func(e plan.Expr) { plan.FreeColumns(e, func(c *plan.Column) { u.readers[c.ID] += by }) })
	if readsByName(n) {
		return
	}
	for _, input := range plan.Inputs(n) {
		u.countColumns(input.Columns(), by)
	}
}

func (u *unread) countColumns(columns []*plan.Column, by int) {
	for _, c := range columns {
		u.readers[c.ID] += by
	}
}

// readsByName reports whether a node does not care which columns its inputs have
// besides those that it names.
func readsByName(n plan.Node) bool {
	switch n.(type) {
	case *plan.Output, *plan.Project, *plan.Filter, *plan.Aggregate, *plan.Join, *plan.Sort, *plan.TopN, *plan.Limit, *plan.Window,
		*plan.PartitionTopN, *plan.Unnest, *plan.NumberRows:
		return true
	}
	return false
}
