package plan

import "github.com/auditlake/auditlake/planner/types"

// Children returns the direct sub-expressions of e.
func Children(e Expr) []Expr {
	switch e := e.(type) {
	case *Call:
		return e.Args
	case *Cast:
		return []Expr{e.Arg}
	case *Special:
		return e.Args
	case *FieldOf:
		return []Expr{e.Arg}
	case *Lambda:
		return []Expr{e.Body}
	}
	return nil
}

// MapChildren returns e with f applied to each direct sub-expression; e itself if nothing changed.
func MapChildren(e Expr, f func(Expr) Expr) Expr {
	switch e := e.(type) {
	case *Call:
		if args, changed := mapList(e.Args, f); changed {
			return &Call{Fn: e.Fn, Args: args, Pos: e.Pos}
		}
	case *Cast:
		if arg := f(e.Arg); arg != e.Arg {
			return &Cast{Fn: e.Fn, Arg: arg, Try: e.Try}
		}
	case *Special:
		if args, changed := mapList(e.Args, f); changed {
			return &Special{Form: e.Form, Args: args, T: e.T}
		}
	case *FieldOf:
		if arg := f(e.Arg); arg != e.Arg {
			return &FieldOf{Arg: arg, Index: e.Index}
		}
	case *Lambda:
		if body := f(e.Body); body != e.Body {
			return &Lambda{Params: e.Params, Body: body}
		}
	}
	return e
}

// Walk visits e and everything inside it, outer expressions first. If visit returns false, Walk does not go deeper
// there.
func Walk(e Expr, visit func(Expr) bool) {
	if !visit(e) {
		return
	}
	switch e := e.(type) {
	case *Call:
		walkAll(e.Args, visit)
	case *Cast:
		Walk(e.Arg, visit)
	case *Special:
		walkAll(e.Args, visit)
	case *FieldOf:
		Walk(e.Arg, visit)
	case *Lambda:
		Walk(e.Body, visit)
	}
}

func walkAll(list []Expr, visit func(Expr) bool) {
	for _, e := range list {
		Walk(e, visit)
	}
}

// FreeColumns visits the columns that e reads from its input. Parameters of lambdas inside e are left out.
func FreeColumns(e Expr, visit func(*Column)) {
	freeColumns(e, nil, visit)
}

func freeColumns(e Expr, bound map[int]bool, visit func(*Column)) {
	switch e := e.(type) {
	case *Ref:
		if !bound[e.Column.ID] {
			visit(e.Column)
		}
	case *Call:
		freeColumnsOfAll(e.Args, bound, visit)
	case *Cast:
		freeColumns(e.Arg, bound, visit)
	case *Special:
		freeColumnsOfAll(e.Args, bound, visit)
	case *FieldOf:
		freeColumns(e.Arg, bound, visit)
	case *Lambda:
		inner := make(map[int]bool, len(bound)+len(e.Params))
		for id := range bound {
			inner[id] = true
		}
		for _, p := range e.Params {
			inner[p.ID] = true
		}
		freeColumns(e.Body, inner, visit)
	}
}

func freeColumnsOfAll(list []Expr, bound map[int]bool, visit func(*Column)) {
	for _, e := range list {
		freeColumns(e, bound, visit)
	}
}

// ReadsFixedWidth reports whether every column that e reads has values of a fixed width.
func ReadsFixedWidth(e Expr) bool {
	isFixed := true
	FreeColumns(e, func(c *Column) {
		kind := c.Type.Kind
		isFixed = isFixed && (kind <= types.Decimal || kind >= types.Date && kind <= types.IntervalYear)
	})
	return isFixed
}

// IsDeterministic reports whether e always returns the same value for the same input.
func IsDeterministic(e Expr) bool {
	deterministic := true
	Walk(e, func(e Expr) bool {
		if c, ok := e.(*Call); ok && c.Fn.NonDeterministic {
			deterministic = false
		}
		return deterministic
	})
	return deterministic
}

// Conjuncts splits an AND, however nested, into its terms.
func Conjuncts(e Expr) []Expr {
	if s, ok := e.(*Special); ok && s.Form == And {
		var out []Expr
		for _, a := range s.Args {
			out = append(out, Conjuncts(a)...)
		}
		return out
	}
	return []Expr{e}
}

// Disjuncts splits an OR, however nested, into its alternatives.
func Disjuncts(e Expr) []Expr {
	if s, ok := e.(*Special); ok && s.Form == Or {
		var out []Expr
		for _, a := range s.Args {
			out = append(out, Disjuncts(a)...)
		}
		return out
	}
	return []Expr{e}
}

// Substitute replaces references to columns, by ID, with expressions, also inside lambdas.
func Substitute(e Expr, by map[int]Expr) Expr {
	if len(by) == 0 {
		return e
	}
	if ref, ok := e.(*Ref); ok {
		if other, ok := by[ref.Column.ID]; ok {
			return other
		}
		return e
	}
	return MapChildren(e, func(c Expr) Expr { return Substitute(c, by) })
}

// IsNeverTrue reports whether a condition is the constant false or NULL.
func IsNeverTrue(e Expr) bool {
	c, ok := e.(*Const)
	return ok && (c.Value.IsNull() || c.Value.V == any(false))
}
