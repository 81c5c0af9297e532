package optimize

import (
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// orderScans makes a scan under ORDER BY eventtime … LIMIT begin at the wanted end, so that it can stop early. The
// first key may also be computed, if it keeps or reverses the order of eventtime, as its day does. WITH TIES is
// left out: its rows follow the scan's own order.
func orderScans(o *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		t, ok := n.(*plan.TopN)
		if !ok || t.WithTies {
			return n
		}
		first := t.Keys[0]
		switch in := t.Input.(type) {
		case *plan.Scan:
			if isEventTime(in, first.Column) {
				return topOver(scanFrom(in, first.Descending), t)
			}
		case *plan.Project:
			s, ok := in.Input.(*plan.Scan)
			if !ok {
				return n
			}
			if along, ok := o.courseOf(computedAs(in, first.Column)); ok && !along.bounded && isEventTime(s, along.column) {
				c := *in
				c.Input = scanFrom(s, first.Descending != along.falling)
				return topOver(&c, t)
			}
		}
		return n
	})
}

// scanFrom returns the scan that begins at the newest or the oldest row.
func scanFrom(s *plan.Scan, newest bool) *plan.Scan {
	c := *s
	c.Order = plan.OldestFirst
	if newest {
		c.Order = plan.NewestFirst
	}
	return &c
}

// computedAs returns the expression by which a projection computes a column.
func computedAs(p *plan.Project, column *plan.Column) plan.Expr {
	for _, item := range p.Items {
		if item.Column.ID == column.ID {
			return item.Expr
		}
	}
	return &plan.Ref{Column: column}
}

// isEventTime reports whether a column is the eventtime of a store, in milliseconds. Segments are sorted by it.
func isEventTime(s *plan.Scan, column *plan.Column) bool {
	if !s.Table.Store {
		return false
	}
	for _, c := range s.Cols {
		if c.Column.ID == column.ID {
			return len(c.Path) == 1 && c.Path[0] == eventTime && c.Column.Type.Kind == types.Timestamp && c.Column.Type.Precision == 3
		}
	}
	return false
}
