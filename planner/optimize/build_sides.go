package optimize

import (
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/plan"
)

// chooseBuildSides makes the smaller input of a join the right one, which the join holds in memory. Without row
// counts the order stays as written.
func chooseBuildSides(o *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		j, ok := n.(*plan.Join)
		if !ok || j.Kind == plan.SemiMark {
			return n
		}
		left, right := o.estimateRows(j.Left), o.estimateRows(j.Right)
		if left >= right {
			return n
		}
		return swapped(j)
	})
}

func swapped(j *plan.Join) plan.Node {
	c := *j
	c.Left, c.Right = j.Right, j.Left
	c.Equal = nil
	for _, k := range j.Equal {
		c.Equal = append(c.Equal, plan.JoinKey{Left: k.Right, Right: k.Left})
	}
	switch j.Kind {
	case plan.LeftJoin:
		c.Kind = plan.RightJoin
	case plan.RightJoin:
		c.Kind = plan.LeftJoin
	}
	return &c
}

// estimateRows guesses how many rows n returns. The guess is cached per node.
func (o *optimizer) estimateRows(n plan.Node) float64 {
	if rows, ok := o.rows[n]; ok {
		return rows
	}
	o.step()
	var rows float64
	if s, ok := n.(*plan.Scan); ok {
		rows = o.estimateScan(s)
	} else {
		rows = plan.GuessRows(n, o.estimateRows)
	}
	o.rows[n] = rows
	return rows
}

// eventTime is the column by which stores are sorted.
const eventTime = "eventtime"

// estimateScan counts the rows at the times that the filter allows, and guesses how many of them its other
// conjuncts keep.
func (o *optimizer) estimateScan(n *plan.Scan) float64 {
	if n.Filter == nil {
		return float64(n.Table.Rows)
	}
	rows, ofTime := o.rowsAtTimes(n)
	for _, c := range plan.Conjuncts(n.Filter) {
		if ofTime == nil || !ofTime.reads(c) {
			rows *= plan.FilterKeeps
		}
	}
	return rows
}

// rowsAtTimes counts the rows of a table at the times that a scan's filter allows. It also returns the column of
// these times, if the table has one.
func (o *optimizer) rowsAtTimes(n *plan.Scan) (rows float64, times columnSet) {
	rows = float64(n.Table.Rows)
	if n.Filter == nil || n.Table.Times == nil {
		return rows, nil
	}
	for _, c := range n.Cols {
		if len(c.Path) == 1 && c.Path[0] == eventTime {
			return rowsWithin(n.Table, o.columnDomain(c.Column, plan.Conjuncts(n.Filter))), columnSet{c.Column.ID: true}
		}
	}
	return rows, nil
}

// rowsWithin returns how many rows a store has on the days that a domain of times touches.
func rowsWithin(t *metadata.Table, d domain) float64 {
	rows := int64(0)
	for _, day := range t.Times {
		for _, r := range d.ranges {
			begins := r.Low == nil || r.Low.V.(int64) < day.Max || r.LowIncl && r.Low.V.(int64) == day.Max
			ends := r.High == nil || r.High.V.(int64) > day.Min || r.HighIncl && r.High.V.(int64) == day.Min
			if begins && ends {
				rows += day.Rows
				break
			}
		}
	}
	return float64(rows)
}
