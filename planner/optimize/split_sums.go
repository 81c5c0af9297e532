package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// leastSplitSums is the number of sums of one value plus constants from which splitting pays: a split needs two
// aggregates.
const leastSplitSums = 3

// splitSums computes sum(x), sum(x + 1) and sum(x + 2) as sum(x) plus count(x) times the constant. x must be so
// small that x plus the constant cannot overflow.
func splitSums(o *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		a, ok := n.(*plan.Aggregate)
		if !ok || len(a.Aggs) < leastSplitSums {
			return n
		}
		if p, ok := a.Input.(*plan.Project); ok {
			return o.splitSumsOf(a, p)
		}
		return n
	})
}

// shiftedSums are the calls that sum one value plus a constant.
type shiftedSums struct {
	value  plan.Expr
	calls  []plan.AggCall
	shifts []types.Value // by call
}

func (o *optimizer) splitSumsOf(a *plan.Aggregate, p *plan.Project) plan.Node {
	count, errCount := o.fns.Resolve("count", []types.Arg{{Type: types.BigIntType}})
	add, errAdd := o.fns.Resolve(types.OpAdd, []types.Arg{{Type: types.BigIntType}, {Type: types.BigIntType}})
	times, errTimes := o.fns.Resolve(types.OpMultiply, []types.Arg{{Type: types.BigIntType}, {Type: types.BigIntType}})
	if errCount != nil || errAdd != nil || errTimes != nil {
		return a
	}
	var values plan.ExprIndex
	var sums []shiftedSums // by value
	made := map[int]plan.Expr{}
	for _, item := range p.Items {
		made[item.Column.ID] = item.Expr
	}
	for _, call := range a.Aggs {
		value, shift := shiftedValue(call, made)
		if value == nil {
			continue
		}
		at := values.FindExpr(value)
		if at < 0 {
			at = len(sums)
			values.AddExpr(value)
			sums = append(sums, shiftedSums{value: value})
		}
		of := &sums[at]
		of.calls, of.shifts = append(of.calls, call), append(of.shifts, shift)
	}
	aggs, items, computed := slices.Clone(a.Aggs), slices.Clone(p.Items), map[int]plan.Expr{}
	for _, of := range sums {
		if len(of.calls) < leastSplitSums {
			continue
		}
		x, sum, rows := o.newColumn("summed", types.BigIntType), o.newColumn("sum", types.BigIntType), o.newColumn("count", types.BigIntType)
		items = append(items, plan.Assignment{Column: x, Expr: of.value})
		args := []plan.Expr{&plan.Ref{Column: x}}
		aggs = append(aggs, plan.AggCall{Column: sum, Fn: of.calls[0].Fn, Args: args}, plan.AggCall{Column: rows, Fn: count, Args: args})
		for i, call := range of.calls {
			shift := &plan.Call{Fn: times, Args: []plan.Expr{&plan.Ref{Column: rows}, constant(of.shifts[i])}}
			computed[call.Column.ID] = &plan.Call{Fn: add, Args: []plan.Expr{&plan.Ref{Column: sum}, shift}}
		}
	}
	if len(computed) == 0 {
		return a
	}
	c := *a
	c.Input = &plan.Project{Input: p.Input, Items: items}
	c.Aggs = slices.DeleteFunc(aggs, func(call plan.AggCall) bool { return computed[call.Column.ID] != nil })
	return &plan.Project{Input: &c, Items: passComputed(a.Columns(), computed)}
}

// passComputed passes columns on. Columns in computed, by ID, get that expression instead.
func passComputed(columns []*plan.Column, computed map[int]plan.Expr) []plan.Assignment {
	out := passAll(columns)
	for i, item := range out {
		if e := computed[item.Column.ID]; e != nil {
			out[i].Expr = e
		}
	}
	return out
}

// shiftedValue returns the small value and the constant whose sum a call adds up. The value is nil if the call does
// anything else.
func shiftedValue(call plan.AggCall, made map[int]plan.Expr) (value plan.Expr, shift types.Value) {
	if call.Fn.Name != "sum" || call.Fn.Return.Kind != types.BigInt || call.Distinct || call.Filter != nil || len(call.Args) != 1 {
		return nil, shift
	}
	ref, ok := call.Args[0].(*plan.Ref)
	if !ok {
		return nil, shift
	}
	e := made[ref.Column.ID]
	if isSmall(e) {
		return e, types.Value{Type: types.BigIntType, V: int64(0)}
	}
	sum, ok := e.(*plan.Call)
	if !ok || sum.Fn.Name != types.OpAdd {
		return nil, shift
	}
	value, other := sum.Args[0], sum.Args[1]
	if !isSmall(value) {
		value, other = other, value
	}
	if !isSmall(value) || !isSmallConstant(other) {
		return nil, shift
	}
	return value, other.(*plan.Const).Value
}

// smallFunctions return bigints that fit in 32 bits.
var smallFunctions = map[string]bool{"length": true, "strpos": true, "year": true, "month": true, "day": true, "hour": true, "minute": true, "second": true,
	"millisecond": true, "week": true, "day_of_week": true, "day_of_year": true, "quarter": true}

// isSmall reports whether e is a bigint that fits in 32 signed bits.
func isSmall(e plan.Expr) bool {
	switch e := e.(type) {
	case *plan.Call:
		return smallFunctions[e.Fn.Name] && e.Type().Kind == types.BigInt && plan.IsDeterministic(e)
	case *plan.Cast:
		from := e.Arg.Type()
		return e.Type().Kind == types.BigInt && from.IsInteger() && from.Kind != types.BigInt && plan.IsDeterministic(e)
	}
	return false
}

// isSmallConstant reports whether e is a constant that fits in 32 signed bits.
func isSmallConstant(e plan.Expr) bool {
	c, ok := e.(*plan.Const)
	if !ok {
		return false
	}
	n, ok := c.Value.V.(int64)
	return ok && c.Value.Type.Kind == types.BigInt && n == int64(int32(n))
}
