package optimize

import (
	"context"
	"slices"

	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// foldConstants computes everything that needs no row: calls of constants, with now() as the session's instant, and
// the branches that constants decide. A call that fails stays: it raises its error if a row reaches it. A NULL
// argument makes a call NULL, whatever errors the other arguments would raise.
func foldConstants(o *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		n = n.MapExprs(o.foldExpr)
		if f, ok := n.(*plan.Filter); ok && isConst(f.Predicate, true) {
			return f.Input
		}
		return n
	})
}

// Fold computes the constant parts of an expression outside of a plan. Parts that cannot be computed stay as they
// are.
func Fold(ctx context.Context, e plan.Expr, fns metadata.Functions, session *metadata.Session) (folded plan.Expr, err error) {
	defer recoverCancelled(&err)
	return (&optimizer{ctx: ctx, fns: fns, session: session}).foldExpr(e), nil
}

func (o *optimizer) foldExpr(e plan.Expr) plan.Expr {
	o.step()
	e = plan.MapChildren(e, o.foldExpr)
	switch e := e.(type) {
	case *plan.Call:
		if x, ok := negatedTwice(e); ok {
			return x
		}
		return o.foldCall(e, e.Fn, e.Args)
	case *plan.Cast:
		if choice, ok := o.castChoice(e); ok {
			return choice
		}
		return o.foldCall(e, e.Fn, []plan.Expr{e.Arg})
	case *plan.Special:
		return o.foldSpecial(e)
	case *plan.FieldOf:
		if row, ok := e.Arg.(*plan.Const); ok {
			if row.Value.IsNull() {
				return constant(types.Null(e.Type()))
			}
			return constant(row.Value.V.([]types.Value)[e.Index])
		}
		if field, ok := o.madeField(e.Arg, e.Index); ok {
			return field
		}
	}
	return e
}

// madeField returns a field of a row that an expression makes or casts, without making the row.
func (o *optimizer) madeField(row plan.Expr, index int) (plan.Expr, bool) {
	switch row := row.(type) {
	case *plan.Special:
		if row.Form == plan.MakeRow {
			return row.Args[index], true
		}
	case *plan.Cast:
		if row.Try || row.Arg.Type().Kind != types.Row { // TRY_CAST of a row depends on all of its fields
			return nil, false
		}
		field, ok := o.madeField(row.Arg, index)
		if !ok {
			return nil, false
		}
		to := row.Fn.Return.Fields[index].Type
		if field.Type().Equal(to) {
			return field, true
		}
		fn, ok := o.fns.ResolveCast(field.Type(), to, false)
		if !ok {
			return nil, false
		}
		return o.foldCall(&plan.Cast{Fn: fn, Arg: field}, fn, []plan.Expr{field}), true
	}
	return nil, false
}

// negatedTwice returns x for -(-x). -x is not computed, because it may overflow.
func negatedTwice(e *plan.Call) (plan.Expr, bool) {
	if e.Fn.Name != types.OpNegate {
		return nil, false
	}
	inner, ok := e.Args[0].(*plan.Call)
	if !ok || inner.Fn.Name != types.OpNegate {
		return nil, false
	}
	return inner.Args[0], true
}

func (o *optimizer) foldCall(e plan.Expr, fn *types.Resolved, args []plan.Expr) plan.Expr {
	if fn.NonDeterministic {
		return e
	}
	if !fn.NullCalled && slices.ContainsFunc(args, isNullConst) {
		return constant(types.Null(fn.Return))
	}
	values := make([]types.Value, len(args))
	for i, arg := range args {
		c, ok := arg.(*plan.Const)
		if !ok {
			return e
		}
		values[i] = c.Value
	}
	v, err := o.fns.Fold(fn, values, o.session)
	if err != nil {
		return e
	}
	v.Type = fn.Return
	return constant(v)
}

// castChoice casts the values that a CASE or IF chooses from, if all are constants that can be cast. Then no row
// needs a cast.
func (o *optimizer) castChoice(e *plan.Cast) (plan.Expr, bool) {
	choice, ok := e.Arg.(*plan.Special)
	if !ok || choice.Form != plan.Case && choice.Form != plan.If {
		return nil, false
	}
	args := slices.Clone(choice.Args)
	for i := range args {
		if i%2 == 0 && i+1 < len(args) {
			continue // a condition
		}
		if _, ok := args[i].(*plan.Const); !ok {
			return nil, false
		}
		cast := *e
		cast.Arg = args[i]
		args[i] = o.foldCall(&cast, e.Fn, []plan.Expr{args[i]})
		if _, ok := args[i].(*plan.Const); !ok {
			return nil, false
		}
	}
	return &plan.Special{Form: choice.Form, Args: args, T: e.Type()}, true
}

func constant(v types.Value) plan.Expr { return &plan.Const{Value: v} }

// isConst reports whether e is the boolean constant b.
func isConst(e plan.Expr, b bool) bool {
	c, ok := e.(*plan.Const)
	return ok && c.Value.V == any(b)
}

func isNullConst(e plan.Expr) bool {
	c, ok := e.(*plan.Const)
	return ok && c.Value.IsNull()
}

func boolean(b bool) plan.Expr { return constant(types.Value{Type: types.BooleanType, V: b}) }

func (o *optimizer) foldSpecial(e *plan.Special) plan.Expr {
	switch e.Form {
	case plan.And:
		return foldJunction(e, true)
	case plan.Or:
		return foldJunction(e, false)
	case plan.Not:
		return foldNot(e)
	case plan.If, plan.Case:
		return foldCase(e)
	case plan.Coalesce:
		return foldCoalesce(e)
	case plan.NullIf:
		return o.foldNullIf(e)
	case plan.IsNull:
		if c, ok := e.Args[0].(*plan.Const); ok {
			return boolean(c.Value.IsNull())
		}
	case plan.Try:
		if _, ok := e.Args[0].(*plan.Const); ok {
			return e.Args[0]
		}
	}
	return e
}

// foldJunction drops the terms equal to unit (true for AND). If a term is the opposite constant, it returns that.
func foldJunction(e *plan.Special, unit bool) plan.Expr {
	var left []plan.Expr
	allNull := true
	for _, arg := range e.Args {
		switch {
		case isConst(arg, !unit):
			return boolean(!unit)
		case isConst(arg, unit):
			continue
		}
		allNull = allNull && isNullConst(arg)
		left = append(left, arg)
	}
	switch {
	case len(left) == 0:
		return boolean(unit)
	case len(left) == 1 || allNull:
		return left[0]
	case len(left) == len(e.Args):
		return e
	}
	return &plan.Special{Form: e.Form, Args: left, T: e.T}
}

func foldNot(e *plan.Special) plan.Expr {
	switch arg := e.Args[0].(type) {
	case *plan.Const:
		if arg.Value.IsNull() {
			return arg
		}
		return boolean(!arg.Value.V.(bool))
	case *plan.Special:
		if arg.Form == plan.Not {
			return arg.Args[0]
		}
	}
	return e
}

// foldCase drops branches whose condition is never true, and everything after a branch whose condition is always
// true.
func foldCase(e *plan.Special) plan.Expr {
	var args []plan.Expr
	for i := 0; i+1 < len(e.Args); i += 2 {
		condition, value := e.Args[i], e.Args[i+1]
		switch {
		case isConst(condition, false) || isNullConst(condition):
			continue
		case isConst(condition, true):
			return caseOf(e, args, value)
		}
		args = append(args, condition, value)
	}
	if len(args)+1 == len(e.Args) {
		return e
	}
	return caseOf(e, args, e.Args[len(e.Args)-1])
}

func caseOf(e *plan.Special, branches []plan.Expr, otherwise plan.Expr) plan.Expr {
	if len(branches) == 0 {
		return otherwise
	}
	return &plan.Special{Form: plan.Case, Args: append(branches, otherwise), T: e.T}
}

// foldNullIf compares constants; nothing equals NULL.
func (o *optimizer) foldNullIf(e *plan.Special) plan.Expr {
	first, second := e.Args[0], e.Args[1]
	if isNullConst(first) || isNullConst(second) {
		return first
	}
	fn, err := o.fns.Resolve(types.OpEqual, []types.Arg{{Type: first.Type()}, {Type: second.Type()}})
	if err != nil {
		return e
	}
	equal, ok := o.foldCall(e, fn, e.Args).(*plan.Const)
	switch {
	case !ok:
		return e
	case isConst(equal, true):
		return constant(types.Null(e.T))
	}
	return first
}

// foldCoalesce drops NULLs, and everything after a constant that is not NULL.
func foldCoalesce(e *plan.Special) plan.Expr {
	var args []plan.Expr
	for _, arg := range e.Args {
		if isNullConst(arg) {
			continue
		}
		args = append(args, arg)
		if _, ok := arg.(*plan.Const); ok {
			break
		}
	}
	switch {
	case len(args) == 0:
		return constant(types.Null(e.T))
	case len(args) == 1:
		return args[0]
	case len(args) == len(e.Args):
		return e
	}
	return &plan.Special{Form: plan.Coalesce, Args: args, T: e.T}
}
