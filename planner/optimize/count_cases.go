package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// countCases turns aggregates that count the rows of a condition into count(*) FILTER (WHERE condition). That
// neither builds a column of numbers nor adds it up. The aggregates are sum(CASE WHEN c THEN 1 ELSE 0 END) and
// count(CASE WHEN c THEN 1 END). A sum over no rows is NULL, but a count is 0. So if groups may be empty, such a
// sum becomes the count if count(*) is not 0, else NULL. sum(CASE WHEN c THEN 1 END) becomes the count if that is
// not 0, else NULL.
func countCases(o *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		a, ok := n.(*plan.Aggregate)
		if !ok {
			return n
		}
		p, ok := a.Input.(*plan.Project)
		if !ok {
			return n
		}
		return o.countCasesOf(a, p)
	})
}

func (o *optimizer) countCasesOf(a *plan.Aggregate, p *plan.Project) plan.Node {
	made := map[int]plan.Expr{}
	for _, item := range p.Items {
		made[item.Column.ID] = item.Expr
	}
	return o.countWhere(a, p, func(call plan.AggCall) countedRows { return countedCondition(call, made, eachGroupHasRows(a)) })
}

// countedRows describes the rows that an aggregate counts.
type countedRows struct {
	condition plan.Expr // true for the rows that are counted; nil: the call does not count rows
	orNull    bool      // the result is NULL, not 0, if the condition is true for no row
	ofNone    bool      // the result is NULL if there are no rows at all
}

// countWhere replaces the calls of a that count rows by count(*) FILTER (WHERE condition). p is the input of a.
func (o *optimizer) countWhere(a *plan.Aggregate, p *plan.Project, countedBy func(plan.AggCall) countedRows) plan.Node {
	count, err := o.fns.Resolve("count", nil)
	equal, errEqual := o.fns.Resolve(types.OpEqual, []types.Arg{{Type: types.BigIntType}, {Type: types.BigIntType}})
	if err != nil || errEqual != nil {
		return a
	}
	aggs, items, made := slices.Clone(a.Aggs), slices.Clone(p.Items), []plan.Assignment(nil)
	var rows *plan.Column
	for i, call := range a.Aggs {
		counted := countedBy(call)
		if counted.condition == nil {
			continue
		}
		filter := o.newColumn("counted", types.BooleanType)
		items = append(items, plan.Assignment{Column: filter, Expr: counted.condition})
		aggs[i] = plan.AggCall{Column: call.Column, Fn: count, Filter: filter}
		if counted.ofNone && rows == nil {
			rows = o.newColumn("count", count.Return)
			aggs = append(aggs, plan.AggCall{Column: rows, Fn: count})
		}
		if counted.orNull || counted.ofNone {
			own := o.newColumn("count", count.Return)
			aggs[i].Column = own
			ofNone := own
			if counted.ofNone {
				ofNone = rows
			}
			made = append(made, plan.Assignment{Column: call.Column, Expr: nullIfZero(own, ofNone, equal)})
		}
	}
	if len(items) == len(p.Items) {
		return a
	}
	c := *a
	c.Input, c.Aggs = &plan.Project{Input: p.Input, Items: items}, aggs
	if made == nil {
		return &c
	}
	kept := slices.DeleteFunc(c.Columns(), func(column *plan.Column) bool { return column == rows })
	return &plan.Project{Input: &c, Items: append(passAll(kept), made...)}
}

// nullIfZero returns the count c, or NULL if the count rows is 0.
func nullIfZero(c, rows *plan.Column, equal *types.Resolved) plan.Expr {
	zero := &plan.Const{Value: types.Value{Type: types.BigIntType, V: int64(0)}}
	isZero := &plan.Call{Fn: equal, Args: []plan.Expr{&plan.Ref{Column: rows}, zero}}
	null := &plan.Const{Value: types.Null(types.BigIntType)}
	return &plan.Special{Form: plan.If, Args: []plan.Expr{isZero, null, &plan.Ref{Column: c}}, T: types.BigIntType}
}

// eachGroupHasRows reports whether every group of a has rows. A grouping set without keys is a group even of no
// rows.
func eachGroupHasRows(a *plan.Aggregate) bool {
	if a.Sets == nil {
		return len(a.Keys) > 0
	}
	return !slices.ContainsFunc(a.Sets, func(set []int) bool { return len(set) == 0 })
}

// countedCondition returns the condition whose rows call counts. It returns no condition if call does anything
// else. made are the columns that the projection below computes.
func countedCondition(call plan.AggCall, made map[int]plan.Expr, groupsHaveRows bool) (counted countedRows) {
	if call.Distinct || call.Filter != nil || len(call.Args) != 1 {
		return counted
	}
	ref, ok := call.Args[0].(*plan.Ref)
	if !ok {
		return counted
	}
	choice, ok := made[ref.Column.ID].(*plan.Special)
	if !ok || choice.Form != plan.Case && choice.Form != plan.If || len(choice.Args) != 3 {
		return counted
	}
	then, isConst := choice.Args[1].(*plan.Const)
	otherwise, alsoConst := choice.Args[2].(*plan.Const)
	if !isConst || !alsoConst || then.Value.IsNull() {
		return counted
	}
	switch call.Fn.Name {
	case "count":
		if otherwise.Value.IsNull() {
			return countedRows{condition: choice.Args[0]}
		}
	case "sum":
		isNull := otherwise.Value.IsNull()
		isNumber := isNull || otherwise.Value.V == any(int64(0))
		if isNumber && then.Value.V == any(int64(1)) && call.Fn.Return.Kind == types.BigInt {
			return countedRows{condition: choice.Args[0], orNull: isNull, ofNone: !isNull && !groupsHaveRows}
		}
	}
	return counted
}
