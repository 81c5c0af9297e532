package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
)

// dropDistinct drops a DISTINCT that the rows below already satisfy. An aggregate then gets no value twice within a
// group, and a SELECT DISTINCT would put each row into a group of its own.
func dropDistinct(_ *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		a, ok := n.(*plan.Aggregate)
		if !ok || a.Sets != nil || a.RowNumber != nil {
			return n
		}
		unique, ok := uniqueColumns(a.Input)
		if !ok {
			return n
		}
		if len(a.Aggs) == 0 && len(a.Keys) > 0 && holdsAll(a.Keys, unique) {
			return &plan.Project{Input: a.Input, Items: passAll(a.Keys)}
		}
		return dropDistinctOfAggs(a, unique)
	})
}

// dropDistinctOfAggs returns a without the DISTINCT of aggregates whose argument, together with the keys, contains
// the unique columns.
func dropDistinctOfAggs(a *plan.Aggregate, unique []*plan.Column) plan.Node {
	aggs := slices.Clone(a.Aggs)
	changed := false
	for i, call := range a.Aggs {
		if !call.Distinct {
			continue
		}
		told := slices.Clone(a.Keys)
		for _, arg := range call.Args {
			if ref, ok := arg.(*plan.Ref); ok {
				told = append(told, ref.Column)
			}
		}
		if holdsAll(told, unique) {
			aggs[i].Distinct, changed = false, true
		}
	}
	if !changed {
		return a
	}
	c := *a
	c.Aggs = aggs
	return &c
}

// uniqueColumns returns columns of n in which no two of its rows agree; NULLs count as equal. A node that returns
// at most one row has no such columns. It reports false if it knows of none.
func uniqueColumns(n plan.Node) (columns []*plan.Column, known bool) {
	switch n := n.(type) {
	case *plan.Aggregate:
		if n.GroupID != nil {
			return append(slices.Clone(n.Keys), n.GroupID), true
		}
		return n.Keys, true
	case *plan.SetOp:
		return n.Cols, n.Distinct
	case *plan.NumberRows:
		return []*plan.Column{n.Number}, true
	case *plan.EnforceSingleRow:
		return nil, true
	case *plan.Project:
		return uniqueColumnsOfProject(n)
	case *plan.Join:
		return uniqueColumnsOfJoin(n)
	case *plan.Filter, *plan.Limit, *plan.Sort, *plan.TopN, *plan.Window, *plan.PartitionTopN:
		return uniqueColumns(plan.Inputs(n)[0])
	}
	return nil, false
}

// uniqueColumnsOfProject returns the columns under which n passes on the unique columns of its input.
func uniqueColumnsOfProject(n *plan.Project) (columns []*plan.Column, known bool) {
	below, known := uniqueColumns(n.Input)
	if !known {
		return nil, false
	}
	for _, c := range below {
		at := slices.IndexFunc(n.Items, func(item plan.Assignment) bool {
			ref, ok := item.Expr.(*plan.Ref)
			return ok && ref.Column.ID == c.ID
		})
		if at < 0 {
			return nil, false
		}
		columns = append(columns, n.Items[at].Column)
	}
	return columns, true
}

// uniqueColumnsOfJoin returns the unique columns of a join. For IN and EXISTS, which return each left row once,
// they are those of the left side. Other joins return each pair of rows once, or a row without a partner alone:
// theirs are those of both sides. A full join has none: rows of either side may stand alone, and two of them may
// have only NULLs.
func uniqueColumnsOfJoin(n *plan.Join) (columns []*plan.Column, known bool) {
	left, known := uniqueColumns(n.Left)
	if !known || n.Kind == plan.SemiMark {
		return left, known
	}
	if n.Kind == plan.FullJoin {
		return nil, false
	}
	right, known := uniqueColumns(n.Right)
	return slices.Concat(left, right), known
}

func holdsAll(list, wanted []*plan.Column) bool {
	return !slices.ContainsFunc(wanted, func(c *plan.Column) bool {
		return !slices.ContainsFunc(list, func(have *plan.Column) bool { return have.ID == c.ID })
	})
}
