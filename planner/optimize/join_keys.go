package optimize

import (
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// joinKeys turns equalities between the two sides of a join's condition into keys, so that the join can look rows
// up. A projection below the join computes a side that is not a column. IS NOT DISTINCT FROM becomes two keys:
// whether the value is NULL, and the value with a constant in place of NULL.
func joinKeys(o *optimizer, n plan.Node) plan.Node {
	k := &keyed{optimizer: o}
	visitNodes(n, func(below plan.Node) {
		if j, ok := below.(*plan.Join); ok && j.Residual != nil && k.makers == nil {
			k.makers = makersOf(n)
		}
	})
	if k.makers == nil {
		return n
	}
	return k.rewriteJoins(n)
}

type keyed struct {
	*optimizer
	makers *makers // of the plan before the rewrite
}

// rewriteJoins rewrites every join, inputs first.
func (k *keyed) rewriteJoins(n plan.Node) plan.Node {
	k.step()
	out := n.MapInputs(k.rewriteJoins)
	j, ok := out.(*plan.Join)
	if !ok || j.Residual == nil {
		return out
	}
	was := n.(*plan.Join)
	return k.keyJoin(j, k.makers.madeBy(was.Left), k.makers.madeBy(was.Right))
}

// keyJoin turns the equalities of a join into keys; ofLeft and ofRight report whether a column comes from that
// side.
func (k *keyed) keyJoin(n *plan.Join, ofLeft, ofRight func(*plan.Column) bool) plan.Node {
	j := *n
	j.Equal = append([]plan.JoinKey{}, n.Equal...)
	left, right := &side{node: n.Left}, &side{node: n.Right}
	var rest []plan.Expr
	for _, c := range plan.Conjuncts(n.Residual) {
		a, b, ok := plan.Equality(c)
		zero := types.Value{}
		if !ok {
			a, b, zero, ok = sameness(c)
		}
		switch {
		case ok && isOver(a, ofLeft) && isOver(b, ofRight):
		case ok && isOver(b, ofLeft) && isOver(a, ofRight):
			a, b = b, a
		default:
			rest = append(rest, c)
			continue
		}
		if zero.Type != nil {
			j.Equal = append(j.Equal, plan.JoinKey{Left: left.keyColumn(k.optimizer, isNull(a)), Right: right.keyColumn(k.optimizer, isNull(b))})
			a, b = orElse(a, zero), orElse(b, zero)
		}
		j.Equal = append(j.Equal, plan.JoinKey{Left: left.keyColumn(k.optimizer, a), Right: right.keyColumn(k.optimizer, b)})
	}
	if len(j.Equal) == len(n.Equal) || n.Kind == plan.SemiMark && n.NullAware && len(rest) < len(plan.Conjuncts(n.Residual)) {
		// The keys of an IN are the values that it compares; other equalities must stay conditions.
		return n
	}
	j.Residual = conjunction(rest)
	j.Left, j.Right = left.withKeys(), right.withKeys()
	if j.Kind == plan.CrossJoin {
		j.Kind = plan.InnerJoin
	}
	return &j
}

// isOver reports whether e reads columns, all of them from the given side.
func isOver(e plan.Expr, side func(*plan.Column) bool) bool {
	return readsOnly(e, side) && readsSome(e, side)
}

// sameness returns the two sides of a IS NOT DISTINCT FROM b, and a value of their type that can replace NULL. It
// also recognises a = b OR a IS NULL AND b IS NULL, which is true for the same rows.
func sameness(e plan.Expr) (a, b plan.Expr, zero types.Value, ok bool) {
	s, ok := e.(*plan.Special)
	if !ok {
		return nil, nil, zero, false
	}
	switch {
	case s.Form == plan.Not:
		call, isCall := s.Args[0].(*plan.Call)
		if !isCall || call.Fn.Name != types.OpDistinct || !plan.IsDeterministic(call) || !call.Args[0].Type().Equal(call.Args[1].Type()) {
			return nil, nil, zero, false
		}
		a, b = call.Args[0], call.Args[1]
	case s.Form == plan.Or && len(s.Args) == 2:
		equal, nulls := s.Args[0], s.Args[1]
		if a, b, ok = plan.Equality(equal); !ok {
			equal, nulls = nulls, equal
			if a, b, ok = plan.Equality(equal); !ok {
				return nil, nil, zero, false
			}
		}
		terms := plan.Conjuncts(nulls)
		if len(terms) != 2 || !containsExpr(terms, isNull(a)) || !containsExpr(terms, isNull(b)) {
			return nil, nil, zero, false
		}
	default:
		return nil, nil, zero, false
	}
	zero, ok = zeroOf(a.Type())
	return a, b, zero, ok
}

func orElse(e plan.Expr, v types.Value) plan.Expr {
	return &plan.Special{Form: plan.Coalesce, Args: []plan.Expr{e, constant(v)}, T: e.Type()}
}

// zeroOf returns a value of a type, if equal values of the type are identical.
func zeroOf(t *types.Type) (types.Value, bool) {
	if !isOneValue(t) || t.IsLong() {
		return types.Value{}, false
	}
	v := types.Value{Type: t}
	switch v.Type.Kind {
	case types.Boolean:
		v.V = false
	case types.Varchar:
		v.V = ""
	case types.Varbinary:
		v.V = []byte{}
	case types.UUID:
		return types.Value{}, false
	default:
		v.V = int64(0)
	}
	return v, true
}

// side is an input of a join and the columns computed for keys.
type side struct {
	node  plan.Node
	added []plan.Assignment
}

// keyColumn returns the column that holds e.
func (s *side) keyColumn(o *optimizer, e plan.Expr) *plan.Column {
	if ref, ok := e.(*plan.Ref); ok {
		return ref.Column
	}
	c := o.newColumn("key", e.Type())
	s.added = append(s.added, plan.Assignment{Column: c, Expr: e})
	return c
}

// withKeys returns the input with the added columns.
func (s *side) withKeys() plan.Node {
	if len(s.added) == 0 {
		return s.node
	}
	return &plan.Project{Input: s.node, Items: append(passAll(s.node.Columns()), s.added...)}
}

// passAll passes columns on.
func passAll(columns []*plan.Column) []plan.Assignment {
	items := make([]plan.Assignment, len(columns))
	for i, c := range columns {
		items[i] = plan.Assignment{Column: c, Expr: &plan.Ref{Column: c}}
	}
	return items
}
