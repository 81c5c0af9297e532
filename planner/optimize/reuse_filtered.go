package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// leastShareFiltered is the least share of a grouping's rows, by time, for which another grouping takes its groups
// from it. Below it a separate scan is as fast, and a join's keys can still filter the other grouping's scan.
const leastShareFiltered = 0.25

// shareFiltered takes the groups that a condition on their keys selects from the same grouping without that
// condition. An example is a WITH query by user and day: one reader needs all groups, another one those of one
// fortnight. The limits of shareUnited for LIMIT and failures apply.
func (r *reuse) shareFiltered() {
	if r.hasLimit {
		return
	}
	var all []groupedScan
	alike := map[string]int{} // the number of groupings, by table
	for _, x := range r.nodes {
		a, ok := x.node.(*plan.Aggregate)
		if !ok || !r.isWhole(a) || !mayUnite(a) {
			continue
		}
		if rows, scan := withoutFilter(a); scan != nil {
			all = append(all, groupedScan{Aggregate: a, rows: plan.Inputs(rows)[0], scan: scan})
			alike[scan.Table.Name]++
		}
	}
	for _, wide := range all {
		if alike[wide.scan.Table.Name] > maxAlike {
			continue
		}
		for _, narrow := range all {
			a, b := wide.Aggregate, narrow.Aggregate
			if a != b && r.isWhole(a) && r.isWhole(b) && r.replaced[b] == nil && r.isApart(a, b) {
				r.shareChosen(wide, narrow)
			}
		}
	}
}

// groupedScan is a grouping over projections and groupings of one scan.
type groupedScan struct {
	*plan.Aggregate
	rows plan.Node // the grouping's input without the scan's filter
	scan *plan.Scan
}

// withoutFilter returns a copy of projections and groupings over a scan without the scan's filter, and the scan. It
// returns nil for other plans.
func withoutFilter(n plan.Node) (plan.Node, *plan.Scan) {
	switch n := n.(type) {
	case *plan.Scan:
		all := *n
		all.Filter, all.Domains = nil, nil
		all.Cols = slices.DeleteFunc(slices.Clone(n.Cols), func(c plan.ScanColumn) bool { return !c.Output })
		return &all, n
	case *plan.Project:
	case *plan.Aggregate:
		if n.Sets != nil || n.RowNumber != nil || n.Counts {
			return nil, nil
		}
	default:
		return nil, nil
	}
	below, scan := withoutFilter(plan.Inputs(n)[0])
	if scan == nil {
		return nil, nil
	}
	return n.MapInputs(func(plan.Node) plan.Node { return below }), scan
}

// shareChosen takes the rows of a narrow grouping from a wide one, if the narrow one returns the wide one's rows
// that a condition on the keys selects.
func (r *reuse) shareChosen(wide, narrow groupedScan) {
	s := plan.Sameness{}
	if wide.scan.Table.Name != narrow.scan.Table.Name || !s.SamePlans(wide.rows, narrow.rows) {
		return
	}
	more := r.furtherConjuncts(wide.scan, narrow.scan)
	if len(more) == 0 || slices.ContainsFunc(more, isNeedle) || r.timeShare(wide.scan, narrow.scan) < leastShareFiltered {
		return
	}
	ofGroups := mapAll(more, func(e plan.Expr) plan.Expr { return r.liftExpr(e, narrow.Aggregate) })
	if slices.Contains(ofGroups, nil) {
		return
	}
	r.unite(wide.Aggregate, narrow.Aggregate, s)
	if r.replaced[narrow.Aggregate] != nil {
		r.chosen[narrow.Aggregate] = conjunction(ofGroups)
	}
}

// furtherConjuncts returns the conjuncts that only the narrow scan's filter has. It returns none if the narrow
// filter lacks a conjunct of the wide one.
func (r *reuse) furtherConjuncts(wide, narrow *plan.Scan) []plan.Expr {
	if narrow.Filter == nil {
		return nil
	}
	same := map[int]plan.Expr{}
	for _, c := range narrow.Cols {
		at := slices.IndexFunc(wide.Cols, func(w plan.ScanColumn) bool { return w.PathText() == c.PathText() })
		if at >= 0 {
			same[c.Column.ID] = &plan.Ref{Column: wide.Cols[at].Column}
		}
	}
	var theirs plan.ExprIndex
	if wide.Filter != nil {
		for _, e := range plan.Conjuncts(wide.Filter) {
			theirs.AddExpr(e)
		}
	}
	common := map[int]bool{}
	var more []plan.Expr
	for _, e := range plan.Conjuncts(narrow.Filter) {
		r.step()
		if at := theirs.FindExpr(plan.Substitute(e, same)); at >= 0 {
			common[at] = true
		} else {
			more = append(more, e)
		}
	}
	if len(common) < theirs.Len() {
		return nil
	}
	return more
}

// isNeedle reports whether a condition searches for a few values, for which a scan reads little.
func isNeedle(e plan.Expr) bool {
	switch e := e.(type) {
	case *plan.Call:
		return e.Fn.Name == types.OpEqual
	case *plan.Special:
		return e.Form == plan.In || (e.Form == plan.Or || e.Form == plan.And) && slices.ContainsFunc(e.Args, isNeedle)
	}
	return false
}

// timeShare returns the rows at the times of the narrow scan as a share of those of the wide scan, as far as the
// filters bound the times.
func (r *reuse) timeShare(wide, narrow *plan.Scan) float64 {
	ofNarrow, _ := r.rowsAtTimes(narrow)
	ofWide, _ := r.rowsAtTimes(wide)
	return ofNarrow / max(1, ofWide)
}

// liftExpr rewrites e from the columns of the scan below n to the columns of n. It returns nil if n lacks what e
// needs.
func (r *reuse) liftExpr(e plan.Expr, n plan.Node) plan.Expr {
	switch n := n.(type) {
	case *plan.Project:
		if e = r.liftExpr(e, n.Input); e != nil {
			return r.ofItems(e, n)
		}
	case *plan.Aggregate:
		keys := columnSet{}
		for _, key := range n.Keys {
			keys[key.ID] = isOneValue(key.Type)
		}
		if e = r.liftExpr(e, n.Input); e != nil && keys.reads(e) {
			return e
		}
	case *plan.Scan:
		return e
	}
	return nil
}

// ofItems rewrites e from the columns of a projection's input to the columns of the projection. It returns nil if
// the projection lacks what e needs.
func (r *reuse) ofItems(e plan.Expr, p *plan.Project) plan.Expr {
	var made plan.ExprIndex
	for _, item := range p.Items {
		made.AddExpr(item.Expr)
	}
	var lift func(e plan.Expr) plan.Expr
	lift = func(e plan.Expr) plan.Expr {
		r.step()
		if at := made.FindExpr(e); at >= 0 {
			return &plan.Ref{Column: p.Items[at].Column}
		}
		return plan.MapChildren(e, lift)
	}
	if e = lift(e); setOf(p.Columns()).reads(e) {
		return e
	}
	return nil
}
