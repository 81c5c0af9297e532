package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
)

// reorderJoins puts three and more inner-joined inputs into the order that is
// guessed to make the fewest rows: again and again the two inputs are joined
// whose join is smallest; inputs without an equality between them come last.
// What the joins above and below are is left as it is.
func reorderJoins(o *optimizer, n plan.Node) plan.Node {
	j, ok := n.(*plan.Join)
	if !ok || !isInner(j.Kind) {
		return plan.MapInputs(n, func(input plan.Node) plan.Node { return reorderJoins(o, input) })
	}
	t := &joinTree{optimizer: o}
	if !t.flatten(j) || len(t.leaves) < 3 {
		return plan.MapInputs(n, func(input plan.Node) plan.Node { return reorderJoins(o, input) })
	}
	for i := range t.leaves {
		t.leaves[i].node = reorderJoins(o, t.leaves[i].node)
		t.leaves[i].estimate(o)
	}
	return t.join()
}

// joinTree is a tree of inner joins taken apart.
type joinTree struct {
	*optimizer
	leaves     []joined
	conditions []joinCondition
}

// joined is an input, or a join of some.
type joined struct {
	node    plan.Node
	columns columnSet
	rows    float64 // guess
	base    float64 // the greatest number of rows of an input without its filter
}

func (l *joined) estimate(o *optimizer) {
	l.columns = setOf(l.node.Columns())
	l.rows, l.base = max(1, o.estimateRows(l.node)), 1
	visitNodes(l.node, func(n plan.Node) {
		if s, ok := n.(*plan.Scan); ok {
			l.base = max(l.base, float64(s.Table.Rows))
		}
	})
	l.base = max(l.base, l.rows)
}

// joinCondition is an equality of two columns, or another condition.
type joinCondition struct {
	key  *plan.JoinKey
	expr plan.Expr
	used bool
	// between are the positions of the inputs that key is of; one and the same
	// for none.
	between [2]int
}

func (c *joinCondition) readsOnly(columns columnSet) bool {
	if c.key != nil {
		return columns[c.key.Left.ID] && columns[c.key.Right.ID]
	}
	return columns.reads(c.expr)
}

// flatten takes joins apart; false when a condition must see the rows that the
// order as written gives it.
func (t *joinTree) flatten(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Join:
		if !isInner(n.Kind) {
			break
		}
		if !t.flatten(n.Left) || !t.flatten(n.Right) {
			return false
		}
		for i := range n.Equal {
			t.conditions = append(t.conditions, joinCondition{key: &n.Equal[i]})
		}
		if n.Residual != nil {
			for _, c := range plan.Conjuncts(n.Residual) {
				if !plan.IsDeterministic(c) {
					return false
				}
				t.conditions = append(t.conditions, joinCondition{expr: c})
			}
		}
		return true
	case *plan.Project:
		if t.flattenKeys(n) {
			return true
		}
	}
	t.leaves = append(t.leaves, joined{node: n})
	return true
}

// flattenKeys takes a projection of join keys over joins apart: each key is
// computed where its columns come from.
func (t *joinTree) flattenKeys(n *plan.Project) bool {
	if j, ok := n.Input.(*plan.Join); !ok || !isInner(j.Kind) {
		return false
	}
	inner := &joinTree{optimizer: t.optimizer}
	if !inner.flatten(n.Input) {
		return false
	}
	for _, item := range n.Items {
		if item.PassesOn() {
			continue
		}
		if !plan.IsDeterministic(item.Expr) || !cannotFail(item.Expr) || !inner.compute(item) {
			return false
		}
	}
	t.leaves = append(t.leaves, inner.leaves...)
	t.conditions = append(t.conditions, inner.conditions...)
	return true
}

// compute adds a column to the leaf whose columns it reads.
func (t *joinTree) compute(item plan.Assignment) bool {
	for i, leaf := range t.leaves {
		columns := setOf(leaf.node.Columns())
		if columns.reads(item.Expr) && columns.touches(item.Expr) {
			t.leaves[i].node = &plan.Project{Input: leaf.node, Items: append(passAll(leaf.node.Columns()), item)}
			return true
		}
	}
	return false
}

// join puts the inputs together.
func (t *joinTree) join() plan.Node {
	t.placeKeys()
	for len(t.leaves) > 1 {
		first, second := t.next()
		merged := t.merge(t.leaves[first], t.leaves[second], len(t.leaves) == 2)
		t.leaves[first] = merged
		t.leaves = slices.Delete(t.leaves, second, second+1)
		t.moveKeys(first, second)
	}
	return t.leaves[0].node
}

// placeKeys notes which inputs the equalities are between.
func (t *joinTree) placeKeys() {
	leafOf := map[int]int{}
	for i, leaf := range t.leaves {
		for id := range leaf.columns {
			leafOf[id] = i
		}
	}
	for i := range t.conditions {
		if c := &t.conditions[i]; c.key != nil {
			left, okLeft := leafOf[c.key.Left.ID]
			right, okRight := leafOf[c.key.Right.ID]
			if okLeft && okRight {
				c.between = [2]int{min(left, right), max(left, right)}
			}
		}
	}
}

// moveKeys notes that the second input is part of the first one now.
func (t *joinTree) moveKeys(first, second int) {
	for i := range t.conditions {
		between := &t.conditions[i].between
		for k, leaf := range between {
			switch {
			case leaf == second:
				between[k] = first
			case leaf > second:
				between[k]--
			}
		}
		between[0], between[1] = min(between[0], between[1]), max(between[0], between[1])
	}
}

// next picks the two inputs to join: of those with an equality between them the
// pair with the smallest result, else the two smallest; the first of equals.
func (t *joinTree) next() (first, second int) {
	best, connected := 0.0, false
	for _, c := range t.conditions {
		t.step()
		i, k := c.between[0], c.between[1]
		if i == k {
			continue
		}
		size := t.leaves[i].joinedRows(t.leaves[k])
		if !connected || size < best || size == best && (i < first || i == first && k < second) {
			first, second, best, connected = i, k, size, true
		}
	}
	if connected {
		return first, second
	}
	for i := range t.leaves {
		for k := i + 1; k < len(t.leaves); k++ {
			t.step()
			if size := t.leaves[i].rows * t.leaves[k].rows; second == 0 || size < best {
				first, second, best = i, k, size
			}
		}
	}
	return first, second
}

// joinedRows guesses that the rows of the greater table have each one partner
// in the smaller one, unless a filter has dropped it.
func (l joined) joinedRows(r joined) float64 {
	return max(1, l.rows*r.rows/max(l.base, r.base))
}

// merge joins two inputs by all conditions on them. Conditions that may fail
// wait for the last join: they see no row that another condition drops.
func (t *joinTree) merge(a, b joined, last bool) joined {
	j := &plan.Join{Kind: plan.CrossJoin, Left: a.node, Right: b.node}
	columns := columnSet{}
	for _, of := range []columnSet{a.columns, b.columns} {
		for id := range of {
			columns[id] = true
		}
	}
	var rest []plan.Expr
	for i := range t.conditions {
		t.step()
		c := &t.conditions[i]
		if c.used || !c.readsOnly(columns) || c.key == nil && !last && !cannotFail(c.expr) {
			continue
		}
		c.used = true
		switch {
		case c.key == nil:
			rest = append(rest, c.expr)
		case a.columns[c.key.Left.ID]:
			j.Equal = append(j.Equal, *c.key)
		default:
			j.Equal = append(j.Equal, plan.JoinKey{Left: c.key.Right, Right: c.key.Left})
		}
	}
	j.Residual = conjunction(rest)
	rows := a.rows * b.rows
	if len(j.Equal) > 0 {
		rows = a.joinedRows(b)
	}
	if len(j.Equal) > 0 || j.Residual != nil {
		j.Kind = plan.InnerJoin
	}
	return joined{node: j, columns: columns, rows: rows, base: max(a.base, b.base)}
}
