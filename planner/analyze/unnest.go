package analyze

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// unnest joins each row of left with the elements of arrays and maps, which may read left's columns. The result has
// only the fields of the elements.
func (a *analyzer) unnest(left relation, x *ast.Unnest, s *scope, outer bool) relation {
	e := &env{analyzer: a, scope: s.beside(left), clause: "UNNEST", subqueries: new([]*pending)}
	items := make([]plan.Expr, len(x.Exprs))
	for i, arg := range x.Exprs {
		items[i] = e.expr(arg)
	}
	for i, item := range items {
		if k := item.Type().Kind; k != types.Map && k != types.Array {
			a.fail(types.InvalidFunctionArgument, x.Exprs[i], "Cannot unnest type: %s", item.Type())
		}
	}
	return a.spread(left, e, items, x.WithOrdinality, outer)
}

// spread unnests items, the arrays and maps that e computed over left.
func (a *analyzer) spread(left relation, e *env, items []plan.Expr, ordinality, outer bool) relation {
	p := &projection{analyzer: a, input: a.attach(left.node, *e.subqueries)}
	node := &plan.Unnest{Outer: outer}
	rel := relation{node: node}
	add := func(name string, t *types.Type, lake bool) *plan.Column {
		c := a.newColumn(name, t)
		a.fromStore[c.ID] = lake
		rel.fields = append(rel.fields, field{name: name, col: c})
		return c
	}
	for _, item := range items {
		source := p.column(item, "")
		lake := a.insideStore(item)
		out := plan.UnnestItem{Column: source}
		switch t := source.Type; {
		case t.Kind == types.Map:
			out.Out = append(out.Out, add("", t.Key, lake), add("", t.Elem, lake))
		case t.Kind == types.Array && t.Elem.Kind == types.Row:
			for _, f := range t.Elem.Fields {
				out.Out = append(out.Out, add(f.Name, f.Type, lake))
			}
		default:
			out.Out = append(out.Out, add("", t.Elem, lake))
		}
		node.Items = append(node.Items, out)
	}
	if ordinality {
		node.Ordinality = add("", types.BigIntType, false)
	}
	node.Input = p.node()
	return rel
}

// insideStore reports whether x is an event data store's column or a part of one.
func (a *analyzer) insideStore(x plan.Expr) bool {
	for {
		switch y := x.(type) {
		case *plan.FieldOf:
			x = y.Arg
		case *plan.Ref:
			return a.fromStore[y.Column.ID]
		default:
			return false
		}
	}
}
