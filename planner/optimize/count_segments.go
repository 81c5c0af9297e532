package optimize

import (
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// countSegments marks aggregations that the manifest can answer for whole segments. They ask only for counts of
// rows and for min and max of eventtime, over all rows of a time range or by keys such as the day.
func countSegments(o *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		a, ok := n.(*plan.Aggregate)
		if !ok || a.Sets != nil || len(a.Aggs) == 0 {
			return n
		}
		scan, items := scanBelow(a.Input)
		if scan == nil || !scan.Table.Store || len(scan.Runtime) > 0 || scan.Filter != nil && !readsTimeAlone(scan, scan.Filter) {
			return n
		}
		for _, key := range a.Keys {
			if !o.risesWithTime(scan, items[key.ID]) {
				return n
			}
		}
		for _, call := range a.Aggs {
			if !countsRows(scan, items, call) {
				return n
			}
		}
		c := *a
		c.Counts = true
		return &c
	})
}

// scanBelow returns the scan that an aggregation reads, directly or through a projection, and the projection's
// items by column ID.
func scanBelow(n plan.Node) (*plan.Scan, map[int]plan.Expr) {
	items := map[int]plan.Expr{}
	if p, ok := n.(*plan.Project); ok {
		for _, item := range p.Items {
			items[item.Column.ID] = item.Expr
		}
		n = p.Input
	}
	scan, _ := n.(*plan.Scan)
	return scan, items
}

func readsTimeAlone(s *plan.Scan, e plan.Expr) bool {
	only := true
	plan.FreeColumns(e, func(c *plan.Column) { only = only && isEventTime(s, c) })
	return only
}

// risesWithTime reports whether an expression that is equal at two times has the same value at all times between
// them.
func (o *optimizer) risesWithTime(s *plan.Scan, e plan.Expr) bool {
	if e == nil {
		return false
	}
	c, ok := o.courseOf(e)
	return ok && !c.bounded && isEventTime(s, c.column)
}

// countsRows reports whether a call needs only the number of rows and their extreme times.
func countsRows(s *plan.Scan, items map[int]plan.Expr, call plan.AggCall) bool {
	if call.Distinct || call.Filter != nil || len(call.OrderBy) > 0 || len(call.Args) > 1 {
		return false
	}
	if len(call.Args) == 0 {
		return call.Fn.Name == "count"
	}
	arg := call.Args[0]
	if constant, ok := arg.(*plan.Const); ok {
		return call.Fn.Name == "count" && constant.Value.V != nil
	}
	ref, ok := arg.(*plan.Ref)
	if !ok {
		return false
	}
	if passed, ok := items[ref.Column.ID]; ok {
		if ref, ok = passed.(*plan.Ref); !ok {
			return false
		}
	}
	switch call.Fn.Name {
	case "count", "min", "max":
		return isEventTime(s, ref.Column) && ref.Type().Kind == types.Timestamp
	}
	return false
}
