package analyze

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// A subquery over UNNEST of an outer row's array reads only that row. It becomes a function of the array instead of
// a join: EXISTS is any_match, count(*) is the cardinality of filter.

// elements is an array and the condition for the elements that are a subquery's rows.
type elements struct {
	array plan.Expr
	test  *plan.Lambda
}

// elementsOf recognises filters and projections over UNNEST of one array or map, and adds a non-nil condition. It
// returns false for other plans.
func (e *env) elementsOf(n plan.Node, condition plan.Expr, at ast.Node) (elements, bool) {
	var conditions []plan.Expr
	if condition != nil {
		conditions = append(conditions, condition)
	}
	for {
		switch m := n.(type) {
		case *plan.Project:
			for i, c := range conditions {
				conditions[i] = substitute(c, m.Items)
			}
			n = m.Input
		case *plan.Filter:
			conditions = append(conditions, m.Predicate)
			n = m.Input
		case *plan.Unnest:
			return e.elementsOfUnnest(m, conditions, at)
		default:
			return elements{}, false
		}
	}
}

func (e *env) elementsOfUnnest(n *plan.Unnest, conditions []plan.Expr, at ast.Node) (elements, bool) {
	below, ok := n.Input.(*plan.Project)
	if !ok || len(n.Items) != 1 || n.Ordinality != nil || len(below.Items) != 1 || len(below.Input.Columns()) > 0 || !isSingleRow(below.Input) {
		return elements{}, false
	}
	array := below.Items[0].Expr
	if array.Type().Kind == types.Map {
		array = e.function("map_entries", at, array)
	}
	param := e.newColumn("element", array.Type().Elem)
	values := []plan.Assignment{{Column: n.Items[0].Out[0], Expr: &plan.Ref{Column: param}}}
	if param.Type.Kind == types.Row {
		for i, c := range n.Items[0].Out {
			item := plan.Assignment{Column: c, Expr: &plan.FieldOf{Arg: &plan.Ref{Column: param}, Index: i}}
			values = append(values[:i], item)
		}
	}
	test := boolConst(true)
	if len(conditions) > 0 {
		test = special(plan.Coalesce, types.BooleanType, substitute(and(conditions...), values), boolConst(false))
	}
	return elements{array: array, test: &plan.Lambda{Params: []*plan.Column{param}, Body: test}}, true
}

// elementsCall applies any_match or filter to the elements.
func (e *env) elementsCall(name string, els elements, at ast.Node) plan.Expr {
	arg := types.Arg{Params: 1, Lambda: func([]*types.Type) (*types.Type, error) { return types.BooleanType, nil }}
	fn, err := e.fns.Resolve(name, []types.Arg{{Type: els.array.Type()}, arg})
	if err != nil {
		e.failWith(err, at)
	}
	return &plan.Call{Fn: fn, Args: []plan.Expr{els.array, els.test}, Pos: at.Pos()}
}

// existsElement plans EXISTS over elements; it is never NULL.
func (e *env) existsElement(els elements, at ast.Node) plan.Expr {
	return special(plan.Coalesce, types.BooleanType, e.elementsCall("any_match", els, at), boolConst(false))
}

// countElements computes count(*) from the number of elements. It returns false if agg computes anything else.
func (e *env) countElements(agg *plan.Aggregate, at ast.Node) ([]plan.Assignment, bool) {
	if len(agg.Aggs) != 1 {
		return nil, false
	}
	call := agg.Aggs[0]
	if call.Fn.Name != "count" || len(call.Args) > 0 || call.Filter != nil {
		return nil, false
	}
	els, ok := e.elementsOf(agg.Input, nil, at)
	if !ok {
		return nil, false
	}
	count := e.function("cardinality", at, e.elementsCall("filter", els, at))
	value := special(plan.Coalesce, types.BigIntType, count, longConst(0))
	return []plan.Assignment{{Column: call.Column, Expr: value}}, true
}
