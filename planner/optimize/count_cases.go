package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// countCases turns aggregates that count the rows of a condition into count(*) FILTER (WHERE condition), which neither
// makes a column of numbers nor adds it up: sum(CASE WHEN c THEN 1 ELSE 0 END) and count(CASE WHEN c THEN 1 END). A sum
// over no rows is NULL and no count is, so sums are turned only where each group has rows.
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
	return o.countWhere(a, p, func(call plan.AggCall) plan.Expr { return countedCondition(call, made, eachGroupHasRows(a)) })
}

// countWhere returns a, whose input is p, with count(*) FILTER (WHERE condition) in the place of the calls that have a condition.
func (o *optimizer) countWhere(a *plan.Aggregate, p *plan.Project, conditionOf func(plan.AggCall) plan.Expr) plan.Node {
	aggs, items := slices.Clone(a.Aggs), slices.Clone(p.Items)
	for i, call := range a.Aggs {
		condition := conditionOf(call)
		if condition == nil {
			continue
		}
		count, err := o.fns.Resolve("count", nil)
		if err != nil {
			return a
		}
		filter := o.newColumn("counted", types.BooleanType)
		items = append(items, plan.Assignment{Column: filter, Expr: condition})
		aggs[i] = plan.AggCall{Column: call.Column, Fn: count, Filter: filter}
	}
	if len(items) == len(p.Items) {
		return a
	}
	c := *a
	c.Input, c.Aggs = &plan.Project{Input: p.Input, Items: items}, aggs
	return &c
}

// eachGroupHasRows reports whether rows make all groups of a: a grouping set without keys is a group even of no rows.
func eachGroupHasRows(a *plan.Aggregate) bool {
	if a.Sets == nil {
		return len(a.Keys) > 0
	}
	return !slices.ContainsFunc(a.Sets, func(set []int) bool { return len(set) == 0 })
}

// countedCondition returns the condition whose rows call counts, nil if it does anything else. made are the columns
// that the projection below computes.
func countedCondition(call plan.AggCall, made map[int]plan.Expr, groupsHaveRows bool) plan.Expr {
	if call.Distinct || call.Filter != nil || len(call.Args) != 1 {
		return nil
	}
	ref, ok := call.Args[0].(*plan.Ref)
	if !ok {
		return nil
	}
	choice, ok := made[ref.Column.ID].(*plan.Special)
	if !ok || choice.Form != plan.Case && choice.Form != plan.If || len(choice.Args) != 3 {
		return nil
	}
	then, isConst := choice.Args[1].(*plan.Const)
	otherwise, alsoConst := choice.Args[2].(*plan.Const)
	if !isConst || !alsoConst || then.Value.IsNull() {
		return nil
	}
	switch call.Fn.Name {
	case "count":
		if otherwise.Value.IsNull() {
			return choice.Args[0]
		}
	case "sum":
		if groupsHaveRows && then.Value.V == any(int64(1)) && otherwise.Value.V == any(int64(0)) && call.Fn.Return.Kind == types.BigInt {
			return choice.Args[0]
		}
	}
	return nil
}
