package optimize

import "github.com/auditlake/auditlake/planner/plan"

// chooseBuildSides makes the smaller input of a join the right one, which the
// join keeps in memory. Without row counts the order stays as written.
func chooseBuildSides(_ *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		j, ok := n.(*plan.Join)
		if !ok || j.Kind == plan.SemiMark {
			return n
		}
		left, right := estimateRows(j.Left), estimateRows(j.Right)
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

func estimateRows(n plan.Node) float64 {
	switch n := n.(type) {
	case *plan.Scan:
		rows := float64(n.Table.Rows)
		if n.Filter != nil {
			for range plan.Conjuncts(n.Filter) {
				rows *= filterKeeps
			}
		}
		return rows
	case *plan.Values:
		return float64(len(n.Rows))
	case *plan.Filter:
		return estimateRows(n.Input) * filterKeeps
	case *plan.Aggregate:
		if len(n.Keys) == 0 {
			return 1
		}
		return estimateRows(n.Input) * groupsPerRow
	case *plan.Limit:
		if n.Count >= 0 {
			return min(float64(n.Count), estimateRows(n.Input))
		}
	case *plan.TopN:
		return min(float64(n.Count), estimateRows(n.Input))
	case *plan.EnforceSingleRow:
		return 1
	case *plan.Unnest:
		return estimateRows(n.Input) * elementsPerRow
	case *plan.Join:
		left, right := estimateRows(n.Left), estimateRows(n.Right)
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
		rows += estimateRows(input)
	}
	return rows
}
