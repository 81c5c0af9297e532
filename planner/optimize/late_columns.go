package optimize

import "github.com/auditlake/auditlake/planner/plan"

// maxLateRows is the greatest LIMIT for which a scan reads columns late. With a greater limit most row groups would
// have to be read twice anyway.
const maxLateRows = 10_000

// lateColumns lets a scan under ORDER BY … LIMIT read columns only for the rows that are returned, unless the
// filter or the order needs them.
func lateColumns(_ *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		t, ok := n.(*plan.TopN)
		if !ok || t.Count > maxLateRows || t.Offset > maxLateRows {
			return n
		}
		s, ok := t.Input.(*plan.Scan)
		if !ok {
			return n
		}
		early := columnSet{}
		early.addReads(t)
		if s.Filter != nil {
			early.addExpr(s.Filter)
		}
		c, late := *s, false
		c.Cols = append([]plan.ScanColumn{}, s.Cols...)
		for i := range c.Cols {
			column := &c.Cols[i]
			column.Late = column.Output && !early[column.Column.ID]
			late = late || column.Late
		}
		if !late {
			return n
		}
		return topOver(&c, t)
	})
}
