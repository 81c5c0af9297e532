package optimize

import (
	"math"
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
)

// pushLimits merges LIMIT with the ORDER BY below it into a top-N, and lets inputs stop early. Limits and top-Ns
// move below projections. Copies of them go into the inputs of UNION ALL, and into the side of a join whose rows
// each appear at least once. A filter on ranks limits the input of the window to the first rows of its partitions.
func pushLimits(_ *optimizer, n plan.Node) plan.Node {
	return rewriteDown(n, func(n plan.Node) plan.Node {
		switch n := n.(type) {
		case *plan.Limit:
			return pushLimit(n)
		case *plan.TopN:
			return pushTopN(n)
		case *plan.Filter:
			return limitRanked(n)
		}
		return n
	})
}

// pushTopNs moves the top-Ns that pushLimits left above projections because their keys were still computed there.
func pushTopNs(_ *optimizer, n plan.Node) plan.Node {
	return rewriteDown(n, func(n plan.Node) plan.Node {
		if t, ok := n.(*plan.TopN); ok {
			if p, ok := t.Input.(*plan.Project); ok {
				return pushTopNBelow(p, t)
			}
		}
		return n
	})
}

// rewriteDown rewrites every node, outer ones first.
func rewriteDown(n plan.Node, f func(plan.Node) plan.Node) plan.Node {
	var rewritten func(plan.Node) plan.Node
	rewritten = func(n plan.Node) plan.Node { return f(n).MapInputs(rewritten) }
	return rewritten(n)
}

func pushLimit(l *plan.Limit) plan.Node {
	switch in := l.Input.(type) {
	case *plan.Project:
		moved := pushLimit(&plan.Limit{Input: in.Input, Offset: l.Offset, Count: l.Count})
		return &plan.Project{Input: moved, Items: in.Items}
	case *plan.Sort:
		if l.Count >= 0 {
			return pushTopN(&plan.TopN{Input: in.Input, Keys: in.Keys, Offset: l.Offset, Count: l.Count})
		}
	case *plan.Limit:
		if in.Offset <= math.MaxInt64-l.Offset {
			return pushLimit(joinLimits(l, in))
		}
	case *plan.SetOp:
		if in.Kind == plan.Union && !in.Distinct && l.Count >= 0 && l.Offset <= math.MaxInt64-l.Count {
			return &plan.Limit{Input: limitInputs(in, l.Offset+l.Count), Offset: l.Offset, Count: l.Count}
		}
	case *plan.Join:
		if l.Count < 0 || l.Offset > math.MaxInt64-l.Count {
			return l
		}
		return &plan.Limit{Offset: l.Offset, Count: l.Count, Input: limitKept(in, func(side plan.Node) plan.Node {
			return limited(side, l.Offset+l.Count)
		})}
	}
	return l
}

// limitKept puts a limit on the side of a join whose rows each appear at least once.
func limitKept(j *plan.Join, limit func(side plan.Node) plan.Node) plan.Node {
	c := *j
	switch {
	case j.Kind == plan.LeftJoin, j.Kind == plan.SemiMark, j.Kind == plan.CrossJoin && givesOneRow(j.Right):
		c.Left = limit(j.Left)
	case j.Kind == plan.RightJoin, j.Kind == plan.CrossJoin && givesOneRow(j.Left):
		c.Right = limit(j.Right)
	default:
		return j
	}
	return &c
}

func givesOneRow(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Aggregate:
		return len(n.Keys) == 0 && n.Sets == nil
	case *plan.EnforceSingleRow:
		return true
	case *plan.Project:
		return givesOneRow(n.Input)
	case *plan.Values:
		return len(n.Rows) == 1
	}
	return false
}

// pushTopN moves a top-N below a projection, and copies of it into the inputs of UNION ALL and of joins.
func pushTopN(t *plan.TopN) plan.Node {
	switch in := t.Input.(type) {
	case *plan.Project:
		return pushTopNBelow(in, t)
	case *plan.SetOp:
		if in.Kind == plan.Union && !in.Distinct && t.Offset <= math.MaxInt64-t.Count {
			return topOver(topInputs(in, t), t)
		}
	case *plan.Join:
		if t.Offset > math.MaxInt64-t.Count {
			return t
		}
		return topOver(limitKept(in, func(side plan.Node) plan.Node {
			if !keysFrom(t.Keys, side) {
				return side
			}
			return topOf(side, t, t.Keys)
		}), t)
	}
	return t
}

// pushTopNBelow moves a top-N below a projection that passes its keys on, so that expressions are computed only for
// the rows that remain. A key that the projection makes constant orders no rows and is dropped.
func pushTopNBelow(p *plan.Project, t *plan.TopN) plan.Node {
	keys := withoutConstants(t.Keys, p)
	if len(keys) == 0 || !keysFrom(keys, p.Input) {
		return t
	}
	below := topOver(p.Input, t)
	below.Keys = keys
	return &plan.Project{Input: pushTopN(below), Items: p.Items}
}

// topOver returns the top-N t over another input.
func topOver(input plan.Node, t *plan.TopN) *plan.TopN {
	c := *t
	c.Input = input
	return &c
}

// withoutConstants returns the sort keys that are not constants of a projection.
func withoutConstants(keys []plan.SortKey, p *plan.Project) []plan.SortKey {
	constants := columnSet{}
	for _, item := range p.Items {
		if _, ok := item.Expr.(*plan.Const); ok {
			constants[item.Column.ID] = true
		}
	}
	return slices.DeleteFunc(slices.Clone(keys), func(k plan.SortKey) bool { return constants[k.Column.ID] })
}

// keysFrom reports whether all sort keys are columns of a node.
func keysFrom(keys []plan.SortKey, n plan.Node) bool {
	columns := setOf(n.Columns())
	for _, k := range keys {
		if !columns[k.Column.ID] {
			return false
		}
	}
	return true
}

// topOf returns the rows of an input that can be among the rows of t.
func topOf(input plan.Node, t *plan.TopN, keys []plan.SortKey) plan.Node {
	if inner, ok := input.(*plan.TopN); ok && inner.Offset == 0 && inner.Count <= t.Offset+t.Count && slices.Equal(inner.Keys, keys) {
		return input
	}
	return &plan.TopN{Input: input, Keys: keys, Count: t.Offset + t.Count, WithTies: t.WithTies}
}

// topInputs returns UNION ALL with a top-N in each input.
func topInputs(n *plan.SetOp, t *plan.TopN) plan.Node {
	c := *n
	c.From = make([]plan.Node, len(n.From))
	for i, from := range n.From {
		keys := plan.MapSortKeys(t.Keys, func(k *plan.Column) *plan.Column {
			for j, column := range n.Cols {
				if column.ID == k.ID {
					return n.Map[i][j]
				}
			}
			return k
		})
		c.From[i] = topOf(from, t, keys)
	}
	return &c
}

// joinLimits merges two limits into one.
func joinLimits(outer, inner *plan.Limit) *plan.Limit {
	joined := &plan.Limit{Input: inner.Input, Offset: inner.Offset + outer.Offset, Count: outer.Count}
	if inner.Count < 0 {
		return joined
	}
	left := max(0, inner.Count-outer.Offset)
	if outer.Count < 0 || left < outer.Count {
		joined.Count = left
	}
	return joined
}

// limitInputs returns UNION ALL with a limit of count rows in each input.
func limitInputs(n *plan.SetOp, count int64) plan.Node {
	c := *n
	c.From = make([]plan.Node, len(n.From))
	for i, from := range n.From {
		c.From[i] = limited(from, count)
	}
	return &c
}

// limited returns n under a limit of count rows.
func limited(n plan.Node, count int64) plan.Node {
	if inner, ok := n.(*plan.Limit); ok && inner.Offset == 0 && inner.Count >= 0 && inner.Count <= count {
		return n
	}
	return &plan.Limit{Input: n, Count: count}
}
