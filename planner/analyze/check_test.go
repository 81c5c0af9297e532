package analyze_test

import (
	"fmt"
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// check reports what is inconsistent in a plan: columns read that no input
// gives, arguments that are not of the types their function takes, join keys
// of two types, conditions that are not boolean.
func check(n plan.Node) error {
	have := map[int]bool{}
	for _, in := range plan.Inputs(n) {
		if err := check(in); err != nil {
			return err
		}
		for _, c := range in.Columns() {
			have[c.ID] = true
		}
	}
	for _, c := range ownColumns(n) {
		if c != nil {
			have[c.ID] = true
		}
	}
	var wrong error
	plan.VisitExprs(n, func(x plan.Expr) {
		if err := checkExpr(x, have); err != nil && wrong == nil {
			wrong = err
		}
	})
	if wrong != nil {
		return wrong
	}
	for _, c := range directColumns(n) {
		if !have[c.ID] {
			return fmt.Errorf("%T reads %s#%d, which its input does not have", n, c.Name, c.ID)
		}
	}
	return checkTypes(n)
}

// directColumns are the input columns a node reads without an expression.
func directColumns(n plan.Node) []*plan.Column {
	var out []*plan.Column
	plan.VisitColumns(n, func(c *plan.Column) { out = append(out, c) })
	return out
}

// ownColumns are those that only a node's own expressions read.
func ownColumns(n plan.Node) []*plan.Column {
	var out []*plan.Column
	switch n := n.(type) {
	case *plan.Scan:
		for _, c := range n.Cols {
			out = append(out, c.Column)
		}
	case *plan.PatternRecognition:
		out = append(out, n.Classifier, n.Number)
		parts := slices.Clone(n.Conditions)
		for _, m := range n.Measures {
			parts = append(parts, m.PatternExpr)
		}
		for _, part := range parts {
			for _, v := range part.Values {
				out = append(out, v.Column)
			}
		}
	}
	return out
}

func checkTypes(n plan.Node) error {
	switch n := n.(type) {
	case *plan.Filter:
		if n.Predicate.Type().Kind != types.Boolean {
			return fmt.Errorf("filter by %s", n.Predicate.Type())
		}
	case *plan.Join:
		for _, k := range n.Equal {
			if !k.Left.Type.Equal(k.Right.Type) {
				return fmt.Errorf("join of %s with %s", k.Left.Type, k.Right.Type)
			}
		}
	case *plan.SetOp:
		for i, m := range n.Map {
			for j, c := range m {
				if !c.Type.Equal(n.Cols[j].Type) {
					return fmt.Errorf("column %d of input %d is %s, not %s", j, i, c.Type, n.Cols[j].Type)
				}
			}
		}
	case *plan.Project:
		for _, item := range n.Items {
			if !item.Expr.Type().Equal(item.Column.Type) {
				return fmt.Errorf("%s#%d is %s, not %s", item.Column.Name, item.Column.ID, item.Expr.Type(), item.Column.Type)
			}
		}
	}
	return nil
}

func checkExpr(x plan.Expr, have map[int]bool) error {
	var problem error
	plan.FreeColumns(x, func(c *plan.Column) {
		if !have[c.ID] {
			problem = fmt.Errorf("%s reads %s#%d, which is not there", plan.FormatExpr(x), c.Name, c.ID)
		}
	})
	plan.Walk(x, func(x plan.Expr) bool {
		call, ok := x.(*plan.Call)
		if !ok {
			return true
		}
		if len(call.Args) != len(call.Fn.Args) {
			problem = fmt.Errorf("%s has %d arguments for %d", call.Fn.Name, len(call.Args), len(call.Fn.Args))
			return false
		}
		for i, arg := range call.Args {
			if !sameArg(arg.Type(), call.Fn.Args[i]) {
				problem = fmt.Errorf("%s: argument %d is %s, not %s", call.Fn.Name, i, arg.Type(), call.Fn.Args[i])
			}
		}
		return true
	})
	return problem
}

// sameArg compares lambdas by their result alone.
func sameArg(got, want *types.Type) bool {
	if got.Kind == types.Func && want.Kind == types.Func {
		return got.Elem.Equal(want.Elem)
	}
	return got.Equal(want)
}
