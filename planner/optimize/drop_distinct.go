package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
)

// dropDistinct drops DISTINCT where the rows below differ in what it looks at already: from an aggregate, whose values
// then never repeat within a group, and from a whole row, where each row would be a group of its own.
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

// dropDistinctOfAggs returns a without the DISTINCT of aggregates whose argument, with the keys, has the unique
// columns.
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

// uniqueColumns returns columns of n that no two of its rows have alike, where missing values are alike; no columns
// of a node that gives one row at most. It reports false where it knows of none.
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

// uniqueColumnsOfProject returns the columns that pass those of the input on.
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

// uniqueColumnsOfJoin returns those of the left side of IN and EXISTS, which keep its rows once each, and those of both
// sides of other joins: these make each pair of rows once, or a row alone if it is in no pair. Of a full join a row of
// either side may stand alone, and both may have missing values only.
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
