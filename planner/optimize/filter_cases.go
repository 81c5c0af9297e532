package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// filterCases turns an aggregate of a CASE into an aggregate with a filter. max(CASE WHEN c THEN x END) becomes
// max(x) FILTER (WHERE c), which builds no column of values and NULLs and reads only the rows of the condition.
// sum(CASE WHEN c THEN x ELSE 0 END) becomes such a sum, or 0 if that is NULL and the group has other rows.
func filterCases(o *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		a, ok := n.(*plan.Aggregate)
		if !ok {
			return n
		}
		if p, ok := a.Input.(*plan.Project); ok {
			return o.filterCasesOf(a, p)
		}
		return n
	})
}

// ignoringNulls are the aggregates of one argument that ignore rows with NULL.
var ignoringNulls = map[string]bool{
	"count": true, "sum": true, "avg": true, "min": true, "max": true, "any_value": true, "arbitrary": true, "approx_distinct": true,
	"stddev": true, "stddev_pop": true, "stddev_samp": true, "variance": true, "var_pop": true, "var_samp": true,
}

// chosenValue is the value that an aggregate takes from the rows of a condition.
type chosenValue struct {
	condition, value plan.Expr
	orZero           bool // it takes 0 from the other rows; else nothing
}

func (o *optimizer) filterCasesOf(a *plan.Aggregate, p *plan.Project) plan.Node {
	count, errCount := o.fns.Resolve("count", nil)
	less, errLess := o.fns.Resolve(types.OpLess, []types.Arg{{Type: types.BigIntType}, {Type: types.BigIntType}})
	if errCount != nil || errLess != nil {
		return a
	}
	made := map[int]plan.Expr{}
	var known plan.ExprIndex // of items
	for _, item := range p.Items {
		made[item.Column.ID] = item.Expr
		known.AddExpr(item.Expr)
	}
	aggs, items, computed := slices.Clone(a.Aggs), slices.Clone(p.Items), map[int]plan.Expr{}
	column := func(name string, e plan.Expr) *plan.Column {
		if at := known.FindExpr(e); at >= 0 {
			return items[at].Column
		}
		known.AddExpr(e)
		c := o.newColumn(name, e.Type())
		items = append(items, plan.Assignment{Column: c, Expr: e})
		return c
	}
	counted := map[*plan.Column]*plan.Column{} // by filter; nil: all rows
	countOf := func(filter *plan.Column) *plan.Column {
		if counted[filter] == nil {
			counted[filter] = o.newColumn("count", count.Return)
			aggs = append(aggs, plan.AggCall{Column: counted[filter], Fn: count, Filter: filter})
		}
		return counted[filter]
	}
	isChanged := false
	for i, call := range a.Aggs {
		chosen, ok := chosenBy(call, made)
		if !ok {
			continue
		}
		isChanged = true
		filter := column("chosen", chosen.condition)
		aggs[i].Filter, aggs[i].Args = filter, []plan.Expr{&plan.Ref{Column: column("value", chosen.value)}}
		if chosen.orZero {
			sum := o.newColumn("sum", call.Column.Type)
			aggs[i].Column = sum
			isLess := &plan.Call{Fn: less, Args: []plan.Expr{&plan.Ref{Column: countOf(filter)}, &plan.Ref{Column: countOf(nil)}}}
			computed[call.Column.ID] = zeroIfOthers(sum, isLess)
		}
	}
	if !isChanged {
		return a
	}
	c := *a
	c.Input, c.Aggs = &plan.Project{Input: p.Input, Items: items}, aggs
	if len(computed) == 0 {
		return &c
	}
	return &plan.Project{Input: &c, Items: passComputed(a.Columns(), computed)}
}

// zeroIfOthers returns the sum, or 0 if the sum is NULL and there are rows that it leaves out.
func zeroIfOthers(sum *plan.Column, areOthers plan.Expr) plan.Expr {
	zero := constant(types.Value{Type: sum.Type, V: int64(0)})
	isZero := &plan.Special{Form: plan.And, Args: []plan.Expr{isNull(&plan.Ref{Column: sum}), areOthers}, T: types.BooleanType}
	return &plan.Special{Form: plan.If, Args: []plan.Expr{isZero, zero, &plan.Ref{Column: sum}}, T: sum.Type}
}

// chosenBy returns the value that call takes, which may be computed for all rows. It returns false if call does
// anything else. made are the columns that the projection below computes.
func chosenBy(call plan.AggCall, made map[int]plan.Expr) (chosen chosenValue, ok bool) {
	if call.Filter != nil || len(call.Args) != 1 || len(call.OrderBy) > 0 || !ignoringNulls[call.Fn.Name] {
		return chosen, false
	}
	ref, ok := call.Args[0].(*plan.Ref)
	if !ok {
		return chosen, false
	}
	e := made[ref.Column.ID]
	cast, isCast := e.(*plan.Cast)
	if isCast {
		e = cast.Arg
	}
	choice, ok := e.(*plan.Special)
	if !ok || choice.Form != plan.Case && choice.Form != plan.If || len(choice.Args) != 3 || !choice.Args[1].Type().Equal(choice.T) {
		return chosen, false
	}
	otherwise, ok := choice.Args[2].(*plan.Const)
	if !ok {
		return chosen, false
	}
	chosen = chosenValue{condition: choice.Args[0], value: choice.Args[1]}
	if isCast {
		c := *cast
		c.Arg = chosen.value
		chosen.value = &c
	}
	if !otherwise.Value.IsNull() {
		chosen.orZero = true
		isZero := otherwise.Value.V == any(int64(0)) && otherwise.Type().IsInteger()
		if !isZero || call.Distinct || call.Fn.Name != "sum" || call.Fn.Return.Kind != types.BigInt {
			return chosen, false
		}
	}
	return chosen, isAtHand(chosen.value) && cannotFail(chosen.value)
}

// isAtHand reports whether e costs next to nothing to compute: a constant, a column, a field, an entry, or the
// length or a cast of one.
func isAtHand(e plan.Expr) bool {
	for _, c := range plan.Children(e) {
		if !isAtHand(c) {
			return false
		}
	}
	switch e := e.(type) {
	case *plan.Ref, *plan.Const, *plan.FieldOf, *plan.Cast:
		return true
	case *plan.Call:
		return e.Fn.Name == "element_at" || e.Fn.Name == "length"
	}
	return false
}
