package plan

import "github.com/auditlake/auditlake/planner/types"

// maxAlternatives bounds the alternatives of a condition that are looked up, each in its own hash table.
const maxAlternatives = 8

// Equality returns the two sides of a = b, if hashing compares their type in the same way as =.
func Equality(e Expr) (a, b Expr, ok bool) {
	call, ok := e.(*Call)
	if !ok || call.Fn.Name != types.OpEqual || !IsDeterministic(e) || !call.Args[0].Type().Equal(call.Args[1].Type()) {
		return nil, nil, false
	}
	return call.Args[0], call.Args[1], true
}

// Alternatives returns the join keys of each alternative of an OR in the condition, for a join without keys.
//
// Every alternative must equate a column of each side, as in a.x = b.x OR a.y = b.y AND a.t < b.t. A matching pair
// then agrees in the keys of at least one alternative. It returns nil if no term of the condition is such an OR.
func (n *Join) Alternatives() [][]JoinKey {
	if n.Residual == nil || len(n.Equal) > 0 || n.Kind == SemiMark {
		return nil
	}
	for _, term := range Conjuncts(n.Residual) {
		if found := alternativeKeys(Disjuncts(term), n); found != nil {
			return found
		}
	}
	return nil
}

// alternativeKeys returns the keys of each alternative, nil unless there are at least two and each has a key.
func alternativeKeys(alternatives []Expr, n *Join) (all [][]JoinKey) {
	if len(alternatives) < 2 || len(alternatives) > maxAlternatives {
		return nil
	}
	left, right := columnsIn(n.Left.Columns()), columnsIn(n.Right.Columns())
	if left == nil || right == nil {
		return nil
	}
	for _, alternative := range alternatives {
		var keys []JoinKey
		for _, e := range Conjuncts(alternative) {
			if key, ok := keyOf(e, left, right); ok {
				keys = append(keys, key)
			}
		}
		if keys == nil {
			return nil
		}
		all = append(all, keys)
	}
	return all
}

// keyOf returns the columns of an equality between one column of each side.
func keyOf(e Expr, left, right func(*Column) bool) (key JoinKey, ok bool) {
	a, b, _ := Equality(e)
	x, isColumn := a.(*Ref)
	y, isColumnToo := b.(*Ref)
	if !isColumn || !isColumnToo {
		return key, false
	}
	if left(x.Column) && right(y.Column) {
		return JoinKey{Left: x.Column, Right: y.Column}, true
	}
	return JoinKey{Left: y.Column, Right: x.Column}, left(y.Column) && right(x.Column)
}
