package optimize

import (
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// orderScans lets a scan under ORDER BY eventtime … LIMIT begin at the end that is wanted, so that it can stop
// when the rows found exclude the rest. WITH TIES gives rows in an order that only a scan in its own order has.
func orderScans(_ *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		t, ok := n.(*plan.TopN)
		if !ok || t.WithTies {
			return n
		}
		s, ok := t.Input.(*plan.Scan)
		if !ok || !s.Table.Store || !isEventTime(s, t.Keys[0].Column) {
			return n
		}
		c := *s
		c.Order = plan.OldestFirst
		if t.Keys[0].Descending {
			c.Order = plan.NewestFirst
		}
		return topOver(&c, t)
	})
}

// isEventTime reports whether a column of a scan is eventtime, by which segments are sorted, in milliseconds.
func isEventTime(s *plan.Scan, column *plan.Column) bool {
	for _, c := range s.Cols {
		if c.Column.ID == column.ID {
			return len(c.Path) == 1 && c.Path[0] == eventTime && c.Column.Type.Kind == types.Timestamp && c.Column.Type.Precision == 3
		}
	}
	return false
}
