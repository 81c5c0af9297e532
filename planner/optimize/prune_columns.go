package optimize

import "github.com/auditlake/auditlake/planner/plan"

// pruneColumns drops what nothing above reads: columns, projected expressions,
// aggregates, window functions, the marks of EXISTS and IN.
func pruneColumns(_ *optimizer, n plan.Node) plan.Node {
	return prune(n, setOf(n.Columns()))
}

// prune returns n with at least the wanted ones of its columns.
func prune(n plan.Node, wanted columnSet) plan.Node {
	switch n := n.(type) {
	case *plan.Scan:
		return pruneScan(n, wanted)
	case *plan.Values:
		return pruneValues(n, wanted)
	case *plan.Project:
		return pruneProject(n, wanted)
	case *plan.Aggregate:
		return pruneAggregate(n, wanted)
	case *plan.Join:
		return pruneJoin(n, wanted)
	case *plan.SetOp:
		return pruneSetOp(n, wanted)
	case *plan.Window:
		return pruneWindow(n, wanted)
	case *plan.PatternRecognition:
		return prunePattern(n, wanted)
	case *plan.Unnest:
		if n.Ordinality != nil && !wanted[n.Ordinality.ID] {
			c := *n
			c.Ordinality = nil
			return pruneInput(&c, wanted)
		}
	}
	return pruneInput(n, wanted)
}

// pruneInput prunes the only input to what n and those above it read.
func pruneInput(n plan.Node, wanted columnSet) plan.Node {
	inner := wanted.with(n)
	return plan.MapInputs(n, func(input plan.Node) plan.Node { return prune(input, inner) })
}

// with is the set together with the columns that n itself reads.
func (s columnSet) with(n plan.Node) columnSet {
	all := make(columnSet, len(s))
	for id := range s {
		all[id] = true
	}
	plan.VisitColumns(n, func(c *plan.Column) { all[c.ID] = true })
	plan.VisitExprs(n, all.addExpr)
	return all
}

func pruneScan(n *plan.Scan, wanted columnSet) plan.Node {
	filters := columnSet{}
	if n.Filter != nil {
		filters.addExpr(n.Filter)
	}
	c := *n
	c.Cols = nil
	for _, column := range n.Cols {
		column.Output = column.Output && wanted[column.Column.ID]
		if column.Output || filters[column.Column.ID] {
			c.Cols = append(c.Cols, column)
		}
	}
	return &c
}

func pruneValues(n *plan.Values, wanted columnSet) plan.Node {
	out := &plan.Values{Rows: make([][]plan.Expr, len(n.Rows))}
	for i, c := range n.Cols {
		if !wanted[c.ID] {
			continue
		}
		out.Cols = append(out.Cols, c)
		for r := range n.Rows {
			out.Rows[r] = append(out.Rows[r], n.Rows[r][i])
		}
	}
	return out
}

func pruneProject(n *plan.Project, wanted columnSet) plan.Node {
	var items []plan.Assignment
	below := columnSet{}
	for _, item := range n.Items {
		if wanted[item.Column.ID] {
			items = append(items, item)
			below.addExpr(item.Expr)
		}
	}
	return &plan.Project{Input: prune(n.Input, below), Items: items}
}

func pruneAggregate(n *plan.Aggregate, wanted columnSet) plan.Node {
	c := *n
	c.Aggs = nil
	for _, a := range n.Aggs {
		if wanted[a.Column.ID] {
			c.Aggs = append(c.Aggs, a)
		}
	}
	return c.WithInputs([]plan.Node{prune(n.Input, columnSet{}.with(&c))})
}

func pruneJoin(n *plan.Join, wanted columnSet) plan.Node {
	if n.Kind == plan.SemiMark && !wanted[n.Mark.ID] {
		return prune(n.Left, wanted)
	}
	inner := wanted.with(n)
	return plan.MapInputs(n, func(input plan.Node) plan.Node { return prune(input, inner) })
}

// pruneSetOp drops columns of UNION ALL only: the others compare all of them.
func pruneSetOp(n *plan.SetOp, wanted columnSet) plan.Node {
	c := *n
	if n.Kind == plan.Union && !n.Distinct {
		c.Cols, c.Map = nil, make([][]*plan.Column, len(n.Map))
		for j, column := range n.Cols {
			if !wanted[column.ID] {
				continue
			}
			c.Cols = append(c.Cols, column)
			for i := range n.Map {
				c.Map[i] = append(c.Map[i], n.Map[i][j])
			}
		}
	}
	c.From = make([]plan.Node, len(n.From))
	for i, from := range n.From {
		c.From[i] = prune(from, setOf(c.Map[i]))
	}
	return &c
}

func pruneWindow(n *plan.Window, wanted columnSet) plan.Node {
	c := *n
	c.Calls = nil
	for _, call := range n.Calls {
		if wanted[call.Column.ID] {
			c.Calls = append(c.Calls, call)
		}
	}
	if len(c.Calls) == 0 {
		return prune(n.Input, wanted)
	}
	return pruneInput(&c, wanted)
}

func prunePattern(n *plan.PatternRecognition, wanted columnSet) plan.Node {
	c := *n
	c.Measures = nil
	for _, m := range n.Measures {
		if wanted[m.Column.ID] {
			c.Measures = append(c.Measures, m)
		}
	}
	return pruneInput(&c, wanted)
}
