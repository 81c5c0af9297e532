package exec

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/planner/plan"
)

func (b *builder) unnest(n *plan.Unnest, input Operator, columns []*plan.Column) (Operator, []*plan.Column, error) {
	items, err := unnestItems(n, columns)
	output := outputOf(n, columns)
	u := &unnest{input: input, items: items, ordinality: n.Ordinality != nil, outer: n.Outer, memory: b.account("UNNEST")}
	if unread := b.unread[n]; len(unread) > 0 {
		u.unread = make([]arrow.DataType, len(output))
		for i, c := range output {
			if unread[c.ID] {
				u.unread[i] = arrowtype.Of(c.Type)
			}
		}
	}
	return u, output, err
}

// unreadOfUnnests finds the columns of each UNNEST that nothing above it reads, by ID: often the list that is spread, and
// fields of its rows.
func unreadOfUnnests(root plan.Node) map[*plan.Unnest]map[int]bool {
	if !hasUnnest(root) {
		return nil
	}
	unread := map[*plan.Unnest]map[int]bool{}
	read := map[int]bool{}
	note := func(c *plan.Column) { read[c.ID] = true }
	for _, c := range root.Columns() {
		note(c)
	}
	var visit func(n plan.Node)
	visit = func(n plan.Node) {
		if u, ok := n.(*plan.Unnest); ok {
			unread[u] = map[int]bool{} // what is read only grows: of a plan that is shared the last visit knows all
			for _, c := range u.Columns() {
				if !read[c.ID] {
					unread[u][c.ID] = true
				}
			}
		}
		plan.VisitColumns(n, note)
		plan.VisitExprs(n, func(e plan.Expr) { plan.FreeColumns(e, note) })
		for _, input := range plan.Inputs(n) {
			visit(input)
		}
	}
	visit(root)
	return unread
}

func hasUnnest(n plan.Node) bool {
	_, ok := n.(*plan.Unnest)
	return ok || slices.ContainsFunc(plan.Inputs(n), hasUnnest)
}
