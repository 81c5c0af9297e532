package analyze

import "github.com/auditlake/auditlake/planner/plan"

// apart gives every field a column of its own. Fields that are copies of one column cannot share it, because a
// grouping set may make one of them NULL and not the other.
func (a *analyzer) apart(rel relation) relation {
	have := map[int]bool{}
	p := &projection{analyzer: a, input: rel.node}
	out := relation{fields: append([]field{}, rel.fields...)}
	for i, f := range out.fields {
		if !have[f.col.ID] {
			have[f.col.ID] = true
			continue
		}
		c := a.newColumn(f.col.Name, f.col.Type)
		a.fromStore[c.ID] = a.fromStore[f.col.ID]
		p.added = append(p.added, plan.Assignment{Column: c, Expr: &plan.Ref{Column: f.col}})
		out.fields[i].col = c
	}
	out.node = p.node()
	return out
}
