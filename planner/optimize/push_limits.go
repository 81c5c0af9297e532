package optimize

import (
	"math"

	"github.com/auditlake/auditlake/planner/plan"
)

// pushLimits joins LIMIT with the ORDER BY below it, and lets inputs stop
// early: limits move below projections, and into the inputs of UNION ALL.
func pushLimits(_ *optimizer, n plan.Node) plan.Node {
	return rewriteDown(n, func(n plan.Node) plan.Node {
		switch n := n.(type) {
		case *plan.Limit:
			return pushLimit(n)
		case *plan.TopN:
			return pushTopN(n)
		}
		return n
	})
}

// rewriteDown rewrites every node, outer ones first.
func rewriteDown(n plan.Node, f func(plan.Node) plan.Node) plan.Node {
	n = f(n)
	return mapInputs(n, func(input plan.Node) plan.Node { return rewriteDown(input, f) })
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
	}
	return l
}

// pushTopN moves a top-N below a projection that passes its keys on, so that
// expressions are computed for the rows that are left.
func pushTopN(t *plan.TopN) plan.Node {
	p, ok := t.Input.(*plan.Project)
	if !ok {
		return t
	}
	below := setOf(p.Input.Columns())
	for _, k := range t.Keys {
		if !below[k.Column.ID] {
			return t
		}
	}
	c := *t
	c.Input = p.Input
	return &plan.Project{Input: pushTopN(&c), Items: p.Items}
}

// joinLimits is the limit that does what outer does to inner's rows.
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

// limitInputs lets no input of UNION ALL give more than count rows.
func limitInputs(n *plan.SetOp, count int64) plan.Node {
	c := *n
	c.From = make([]plan.Node, len(n.From))
	for i, from := range n.From {
		if inner, ok := from.(*plan.Limit); ok && inner.Offset == 0 && inner.Count >= 0 && inner.Count <= count {
			c.From[i] = from
			continue
		}
		c.From[i] = &plan.Limit{Input: from, Count: count}
	}
	return &c
}
