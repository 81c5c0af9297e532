package optimize

import (
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/plan"
)

// chooseBuildSides makes the smaller input of a join the right one, which the
// join keeps in memory. Without row counts the order stays as written.
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

// Guesses of how many rows pass; only their order matters.
const (
	filterKeeps    = 0.1 // of a filter's input
	groupsPerRow   = 0.1 // groups of an aggregate
	elementsPerRow = 3   // of an unnested array
)

func (o *optimizer) estimateRows(n plan.Node) float64 {
	switch n := n.(type) {
	case *plan.Scan:
		return o.estimateScan(n)
	case *plan.Values:
		return float64(len(n.Rows))
	case *plan.Filter:
		return o.estimateRows(n.Input) * filterKeeps
	case *plan.Aggregate:
		if len(n.Keys) == 0 {
			return 1
		}
		return o.estimateRows(n.Input) * groupsPerRow
	case *plan.Limit:
		if n.Count >= 0 {
			return min(float64(n.Count), o.estimateRows(n.Input))
		}
	case *plan.TopN:
		return min(float64(n.Count), o.estimateRows(n.Input))
	case *plan.EnforceSingleRow:
		return 1
	case *plan.Unnest:
		return o.estimateRows(n.Input) * elementsPerRow
	case *plan.Join:
		left, right := o.estimateRows(n.Left), o.estimateRows(n.Right)
		if n.Kind == plan.SemiMark {
			return left
		}
		if len(n.Equal) == 0 {
			return left * right
		}
		return max(left, right)
	}
	rows := 0.0
	for _, input := range n.Inputs() {
		rows += o.estimateRows(input)
	}
	return rows
}

// eventTime is the column by which stores are laid out.
const eventTime = "eventtime"

// estimateScan counts the rows of the times that the filter leaves, and guesses
// what its other conjuncts keep.
func (o *optimizer) estimateScan(n *plan.Scan) float64 {
	if n.Filter == nil {
		return float64(n.Table.Rows)
	}
	rows, ok := o.scanRows[n]
	if !ok {
		rows = o.guessScan(n)
		o.scanRows[n] = rows
	}
	return rows
}

func (o *optimizer) guessScan(n *plan.Scan) float64 {
	rows := float64(n.Table.Rows)
	var ofTime columnSet
	for _, c := range n.Cols {
		if n.Table.Times != nil && len(c.Path) == 1 && c.Path[0] == eventTime {
			ofTime = columnSet{c.Column.ID: true}
			rows = rowsWithin(n.Table, o.columnDomain(c.Column, plan.Conjuncts(n.Filter)))
		}
	}
	for _, c := range plan.Conjuncts(n.Filter) {
		if ofTime == nil || !ofTime.reads(c) {
			rows *= filterKeeps
		}
	}
	return rows
}

// rowsWithin counts a store's rows of the days that a domain of times touches.
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
