package plan

import (
	"reflect"

	"github.com/auditlake/auditlake/planner/types"
)

// Equal reports whether a and b compute the same value from the same columns. Lambda parameters may differ in
// identity. Positions in the statement do not count.
func Equal(a, b Expr) bool { return a == b || equal(a, b, nil) }

// equal maps the parameters of a's lambdas to those of b's in params.
func equal(a, b Expr, params map[int]int) bool {
	switch a := a.(type) {
	case *Ref:
		b, ok := b.(*Ref)
		if !ok {
			return false
		}
		if id, bound := params[a.Column.ID]; bound {
			return id == b.Column.ID
		}
		return a.Column.ID == b.Column.ID && !isTarget(params, b.Column.ID)
	case *Const:
		b, ok := b.(*Const)
		return ok && equalValues(a.Value, b.Value)
	case *Call:
		b, ok := b.(*Call)
		return ok && a.Fn.Name == b.Fn.Name && equalTypes(a.Fn.Args, b.Fn.Args) && a.Fn.Return.Equal(b.Fn.Return) && equalAll(a.Args, b.Args, params)
	case *Cast:
		b, ok := b.(*Cast)
		return ok && a.Try == b.Try && a.Type().Equal(b.Type()) && equal(a.Arg, b.Arg, params)
	case *Special:
		b, ok := b.(*Special)
		return ok && a.Form == b.Form && a.T.Equal(b.T) && equalAll(a.Args, b.Args, params)
	case *FieldOf:
		b, ok := b.(*FieldOf)
		return ok && a.Index == b.Index && equal(a.Arg, b.Arg, params)
	case *Lambda:
		b, ok := b.(*Lambda)
		if !ok || len(a.Params) != len(b.Params) {
			return false
		}
		inner := map[int]int{}
		for id, other := range params {
			inner[id] = other
		}
		for i, p := range a.Params {
			if !p.Type.Equal(b.Params[i].Type) {
				return false
			}
			inner[p.ID] = b.Params[i].ID
		}
		return equal(a.Body, b.Body, inner)
	}
	return false
}

// isTarget reports whether id is a parameter of b's lambdas.
func isTarget(params map[int]int, id int) bool {
	for _, other := range params {
		if other == id {
			return true
		}
	}
	return false
}

func equalAll(a, b []Expr, params map[int]int) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !equal(a[i], b[i], params) {
			return false
		}
	}
	return true
}

func equalTypes(a, b []*types.Type) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !a[i].Equal(b[i]) {
			return false
		}
	}
	return true
}

func equalValues(a, b types.Value) bool {
	return a.Type.Equal(b.Type) && reflect.DeepEqual(a.V, b.V)
}
