package optimize

import (
	"github.com/auditlake/auditlake/planner/plan"
)

// pushFilters moves conditions towards the scans of their columns and into Scan.Filter. Conditions that meet keep
// their order; those from below come first. Conditions that are not deterministic stay where they are.
func pushFilters(o *optimizer, n plan.Node) plan.Node {
	p := &pushing{optimizer: o, root: n}
	return p.pushInto(n, nil)
}

type pushing struct {
	*optimizer
	root   plan.Node // the plan before the rewrite
	makers *makers   // of root, nil until a join needs them
}

// pushInto returns n with conditions over its columns applied in it or above it.
func (p *pushing) pushInto(n plan.Node, conditions []plan.Expr) plan.Node {
	p.checkCancelled()
	switch n := n.(type) {
	case *plan.Filter:
		return p.pushFilter(n, conditions)
	case *plan.Scan:
		return pushScan(n, conditions)
	case *plan.Project:
		return p.pushProject(n, conditions)
	case *plan.Window:
		conditions = overPartitions(n, conditions)
	case *plan.SetOp:
		return p.pushSetOp(n, conditions)
	case *plan.Join:
		return p.pushJoin(n, conditions)
	}
	if splits := plan.SplitsBy(n); splits != nil {
		return p.pushBelow(n, splits, conditions)
	}
	return filtered(n.MapInputs(func(input plan.Node) plan.Node { return p.pushInto(input, nil) }), conditions)
}

func (p *pushing) pushFilter(n *plan.Filter, conditions []plan.Expr) plan.Node {
	var below, here []plan.Expr
	for _, c := range append(plan.Conjuncts(n.Predicate), conditions...) {
		if plan.IsDeterministic(c) {
			below = append(below, c)
		} else {
			here = append(here, c)
		}
	}
	return filtered(p.pushInto(n.Input, below), here)
}

func pushScan(n *plan.Scan, conditions []plan.Expr) plan.Node {
	if len(conditions) == 0 {
		return n
	}
	c := *n
	if n.Filter != nil {
		conditions = append(plan.Conjuncts(n.Filter), conditions...)
	}
	c.Filter = conjunction(conditions)
	return &c
}

// pushProject moves conditions below a projection. It replaces the columns that they read by the expressions of
// these.
func (p *pushing) pushProject(n *plan.Project, conditions []plan.Expr) plan.Node {
	by := map[int]plan.Expr{}
	random := columnSet{}
	for _, item := range n.Items {
		by[item.Column.ID] = item.Expr
		if !plan.IsDeterministic(item.Expr) {
			random[item.Column.ID] = true
		}
	}
	var below, here []plan.Expr
	for _, c := range conditions {
		if random.touches(c) {
			here = append(here, c)
			continue
		}
		below = append(below, p.foldExpr(plan.Substitute(c, by)))
	}
	return filtered(&plan.Project{Input: p.pushInto(n.Input, below), Items: n.Items}, here)
}

// pushBelow moves conditions below n if they read only columns by which n splits its rows.
func (p *pushing) pushBelow(n plan.Node, splits func(*plan.Column) bool, conditions []plan.Expr) plan.Node {
	var below, here []plan.Expr
	for _, c := range conditions {
		if readsOnly(c, splits) {
			below = append(below, c)
		} else {
			here = append(here, c)
		}
	}
	return filtered(n.MapInputs(func(input plan.Node) plan.Node { return p.pushInto(input, below) }), here)
}

// overPartitions replaces expressions in conditions by the partition keys that the window's input computes from the
// same expressions.
func overPartitions(n *plan.Window, conditions []plan.Expr) []plan.Expr {
	input := n.Input
	for below, ok := input.(*plan.Window); ok; below, ok = input.(*plan.Window) {
		input = below.Input
	}
	p, ok := input.(*plan.Project)
	if !ok || len(conditions) == 0 {
		return conditions
	}
	keys := setOf(n.PartitionBy)
	for _, item := range p.Items {
		switch item.Expr.(type) {
		case *plan.Ref, *plan.Const:
			continue
		}
		if keys[item.Column.ID] && plan.IsDeterministic(item.Expr) {
			ref := &plan.Ref{Column: item.Column}
			conditions = mapAll(conditions, func(e plan.Expr) plan.Expr { return replaceEqual(e, item.Expr, ref) })
		}
	}
	return conditions
}

// pushSetOp moves conditions into every input, because they depend only on the values of a row.
func (p *pushing) pushSetOp(n *plan.SetOp, conditions []plan.Expr) plan.Node {
	c := *n
	c.From = make([]plan.Node, len(n.From))
	for i, from := range n.From {
		by := map[int]plan.Expr{}
		for j, column := range n.Cols {
			by[column.ID] = &plan.Ref{Column: n.Map[i][j]}
		}
		c.From[i] = p.pushInto(from, mapAll(conditions, func(e plan.Expr) plan.Expr { return plan.Substitute(e, by) }))
	}
	return &c
}

// pushJoin moves conditions, including the join's own, to the side that they read. The other conditions stay at an
// inner join, or above an outer join.
func (p *pushing) pushJoin(n *plan.Join, conditions []plan.Expr) plan.Node {
	if p.makers == nil {
		p.makers = makersOf(p.root)
	}
	left, right := p.makers.madeBy(n.Left), p.makers.madeBy(n.Right)
	j := *n
	j.Kind = strictKind(n.Kind, left, right, conditions)
	var toLeft, toRight, at, above []plan.Expr
	for _, c := range conditions {
		switch {
		case readsOnly(c, left) && keepsLeft(j.Kind):
			toLeft = append(toLeft, c)
		case readsOnly(c, right) && keepsRight(j.Kind):
			toRight = append(toRight, c)
		case isInner(j.Kind):
			at = append(at, c)
		default:
			above = append(above, c)
		}
	}
	if n.Residual != nil {
		at = append(plan.Conjuncts(n.Residual), at...)
	}
	at, toLeft, toRight = splitJoinCondition(j.Kind, left, right, at, toLeft, toRight)
	j.Residual = conjunction(at)
	if j.Kind == plan.CrossJoin && j.Residual != nil {
		j.Kind = plan.InnerJoin
	}
	j.Left, j.Right = p.pushInto(n.Left, toLeft), p.pushInto(n.Right, toRight)
	return filtered(&j, above)
}

// splitJoinCondition moves terms of a join's own condition to the side that they read, if that side's rows that
// fail the term have no partner and are not returned.
func splitJoinCondition(
	kind plan.JoinKind, left, right func(*plan.Column) bool, terms, toLeft, toRight []plan.Expr,
) (at, l, r []plan.Expr) {
	for _, c := range terms {
		switch {
		case !plan.IsDeterministic(c):
			at = append(at, c)
		case readsOnly(c, left) && (isInner(kind) || kind == plan.RightJoin):
			toLeft = append(toLeft, c)
		case readsOnly(c, right) && (isInner(kind) || kind == plan.LeftJoin || kind == plan.SemiMark):
			toRight = append(toRight, c)
		default:
			at = append(at, c)
		}
	}
	return at, toLeft, toRight
}

func isInner(k plan.JoinKind) bool { return k == plan.InnerJoin || k == plan.CrossJoin }

// keepsLeft reports whether every row of the result contains an unchanged row of the left input.
func keepsLeft(k plan.JoinKind) bool {
	return isInner(k) || k == plan.LeftJoin || k == plan.SemiMark
}

func keepsRight(k plan.JoinKind) bool { return isInner(k) || k == plan.RightJoin }

// strictKind returns the kind of join that returns the same rows if the conditions drop the rows in which one side
// is all NULL.
func strictKind(k plan.JoinKind, left, right func(*plan.Column) bool, conditions []plan.Expr) plan.JoinKind {
	dropsLeft, dropsRight := false, false // the conditions drop rows whose left, right side is all NULL
	for _, c := range conditions {
		dropsLeft = dropsLeft || rejectsNulls(c, left)
		dropsRight = dropsRight || rejectsNulls(c, right)
	}
	switch {
	case k == plan.FullJoin && dropsLeft && dropsRight:
		return plan.InnerJoin
	case k == plan.FullJoin && dropsLeft:
		return plan.LeftJoin
	case k == plan.FullJoin && dropsRight:
		return plan.RightJoin
	case k == plan.LeftJoin && dropsRight, k == plan.RightJoin && dropsLeft:
		return plan.InnerJoin
	}
	return k
}

// rejectsNulls reports whether a condition is certainly not true when all the columns are NULL.
func rejectsNulls(e plan.Expr, columns func(*plan.Column) bool) bool {
	switch e := e.(type) {
	case *plan.Call:
		return nullWhenNull(e, columns)
	case *plan.Ref:
		return columns(e.Column)
	case *plan.Special:
		switch e.Form {
		case plan.Not:
			inner, ok := e.Args[0].(*plan.Special)
			if ok && inner.Form == plan.IsNull {
				return nullWhenNull(inner.Args[0], columns)
			}
			return nullWhenNull(e.Args[0], columns)
		case plan.In:
			return nullWhenNull(e.Args[0], columns)
		case plan.And:
			for _, arg := range e.Args {
				if rejectsNulls(arg, columns) {
					return true
				}
			}
		case plan.Or:
			for _, arg := range e.Args {
				if !rejectsNulls(arg, columns) {
					return false
				}
			}
			return true
		}
	}
	return false
}

// nullWhenNull reports whether e is NULL when all the columns are.
func nullWhenNull(e plan.Expr, columns func(*plan.Column) bool) bool {
	switch e := e.(type) {
	case *plan.Ref:
		return columns(e.Column)
	case *plan.FieldOf:
		return nullWhenNull(e.Arg, columns)
	case *plan.Cast:
		return nullWhenNull(e.Arg, columns)
	case *plan.Call:
		if e.Fn.NullCalled || e.Fn.NonDeterministic {
			return false
		}
		for _, arg := range e.Args {
			if _, ok := arg.(*plan.Lambda); !ok && nullWhenNull(arg, columns) {
				return true
			}
		}
	}
	return false
}
