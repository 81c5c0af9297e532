package analyze

import "github.com/auditlake/auditlake/planner/plan"

// projection computes expressions over input, each once, and keeps input's columns.
type projection struct {
	*analyzer
	input plan.Node
	added []plan.Assignment
	index plan.ExprIndex // of added's expressions; may lack the last ones
	have  map[int]bool   // columns of input
}

// column returns the column that holds x. name is the name of an added column in printed plans.
func (p *projection) column(x plan.Expr, name string) *plan.Column {
	if r, ok := x.(*plan.Ref); ok && p.has(r.Column) {
		return r.Column
	}
	if plan.IsDeterministic(x) {
		for p.index.Len() < len(p.added) {
			p.index.AddExpr(p.added[p.index.Len()].Expr)
		}
		if at := p.index.FindExpr(x); at >= 0 {
			return p.added[at].Column
		}
	}
	c := p.newColumn(name, x.Type())
	p.fromStore[c.ID] = p.insideStore(x)
	p.added = append(p.added, plan.Assignment{Column: c, Expr: x})
	return c
}

// node returns the input with the added expressions, or input itself if there are none.
func (p *projection) node() plan.Node {
	if len(p.added) == 0 {
		return p.input
	}
	var items []plan.Assignment
	for _, c := range p.input.Columns() {
		items = append(items, plan.Assignment{Column: c, Expr: &plan.Ref{Column: c}})
	}
	return &plan.Project{Input: p.input, Items: append(items, p.added...)}
}

// noteAdded adds the IDs of the added columns to a set.
func (p *projection) noteAdded(ids map[int]bool) {
	for _, item := range p.added {
		ids[item.Column.ID] = true
	}
}

// has reports whether c belongs to the input and not to an outer query.
func (p *projection) has(c *plan.Column) bool {
	if p.have == nil {
		p.have = columnIDs(p.input)
	}
	return p.have[c.ID]
}
