package optimize

import (
	"maps"
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
)

// reorderJoins orders three or more inner-joined inputs so that the joins return the fewest rows, by guess. It
// repeatedly joins the two inputs whose join is smallest; inputs without an equality between them come last. Joins
// of other kinds above and below stay as they are.
func reorderJoins(o *optimizer, n plan.Node) plan.Node {
	j, ok := n.(*plan.Join)
	if !ok || !isInner(j.Kind) {
		return n.MapInputs(func(input plan.Node) plan.Node { return reorderJoins(o, input) })
	}
	t := &joinTree{optimizer: o, leafOf: map[int]int{}}
	if !t.flattenJoins(j) || len(t.leaves) < 3 {
		return n.MapInputs(func(input plan.Node) plan.Node { return reorderJoins(o, input) })
	}
	for i := range t.leaves {
		t.leaves[i].node = reorderJoins(o, t.leaves[i].node)
		t.leaves[i].estimateLeaf(o)
	}
	return t.joinAll()
}

// joinTree is a flattened tree of inner joins.
type joinTree struct {
	*optimizer
	leaves     []joined
	conditions []joinCondition
	leafOf     map[int]int // the index of the leaf that has a column, by the column's ID
}

// joined is an input, or a join of several.
type joined struct {
	node    plan.Node
	columns columnSet
	rows    float64 // guess
	base    float64 // the number of rows of the largest input without its filter
}

func (l *joined) estimateLeaf(o *optimizer) {
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
	// between are the indexes of the two inputs that key compares. They are equal if the condition is not a key
	// between two inputs.
	between [2]int
}

// readsOnly reports whether a condition reads only columns of a and b.
func (c *joinCondition) readsOnly(a, b columnSet) bool {
	either := func(c *plan.Column) bool { return a[c.ID] || b[c.ID] }
	if c.key != nil {
		return either(c.key.Left) && either(c.key.Right)
	}
	return readsOnly(c.expr, either)
}

// union returns the columns of both sets. It adds the smaller set to the larger one.
func union(a, b columnSet) columnSet {
	if len(a) < len(b) {
		a, b = b, a
	}
	maps.Copy(a, b)
	return a
}

// flattenJoins adds the inputs and conditions of joins to the tree. It returns false if a condition must be
// computed for exactly the rows of the written order.
func (t *joinTree) flattenJoins(n plan.Node) bool {
	t.step()
	switch n := n.(type) {
	case *plan.Join:
		if !isInner(n.Kind) {
			break
		}
		if !t.flattenJoins(n.Left) || !t.flattenJoins(n.Right) {
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
	t.addLeaf(n)
	return true
}

func (t *joinTree) addLeaf(n plan.Node) {
	columns := setOf(n.Columns())
	for id := range columns {
		t.leafOf[id] = len(t.leaves)
	}
	t.leaves = append(t.leaves, joined{node: n, columns: columns})
}

// flattenKeys adds a projection of join keys over joins to the tree: each key is computed at the input that its
// columns come from. If that is not possible it restores the tree, except leafOf, which addLeaf then sets.
func (t *joinTree) flattenKeys(n *plan.Project) bool {
	if j, ok := n.Input.(*plan.Join); !ok || !isInner(j.Kind) {
		return false
	}
	leaves, conditions := len(t.leaves), len(t.conditions)
	if t.flattenJoins(n.Input) && t.computeKeys(n, leaves) {
		return true
	}
	t.leaves, t.conditions = t.leaves[:leaves], t.conditions[:conditions]
	return false
}

// computeKeys adds the keys of a projection to the leaves from index from on.
func (t *joinTree) computeKeys(n *plan.Project, from int) bool {
	for _, item := range n.Items {
		if item.PassesOn() {
			continue
		}
		if !plan.IsDeterministic(item.Expr) || !cannotFail(item.Expr) || !t.computeKey(item, from) {
			return false
		}
	}
	return true
}

// computeKey adds a column to the leaf whose columns it reads.
func (t *joinTree) computeKey(item plan.Assignment, from int) bool {
	at, alone := -1, true
	plan.FreeColumns(item.Expr, func(c *plan.Column) {
		leaf, ok := t.leafOf[c.ID]
		alone = alone && ok && leaf >= from && (at < 0 || leaf == at)
		at = leaf
	})
	if at < 0 || !alone {
		return false
	}
	leaf := &t.leaves[at]
	leaf.node = &plan.Project{Input: leaf.node, Items: append(passAll(leaf.node.Columns()), item)}
	leaf.columns[item.Column.ID] = true
	t.leafOf[item.Column.ID] = at
	return true
}

// joinAll joins the inputs.
func (t *joinTree) joinAll() plan.Node {
	t.placeKeys()
	for len(t.leaves) > 1 {
		first, second := t.nextPair()
		merged := t.joinPair(t.leaves[first], t.leaves[second], len(t.leaves) == 2)
		t.leaves[first] = merged
		t.leaves = slices.Delete(t.leaves, second, second+1)
		t.moveKeys(first, second)
	}
	return t.leaves[0].node
}

// placeKeys notes for each equality the inputs that it compares.
func (t *joinTree) placeKeys() {
	for i := range t.conditions {
		if c := &t.conditions[i]; c.key != nil {
			left, okLeft := t.leafOf[c.key.Left.ID]
			right, okRight := t.leafOf[c.key.Right.ID]
			if okLeft && okRight {
				c.between = [2]int{min(left, right), max(left, right)}
			}
		}
	}
}

// moveKeys notes that the second input is now part of the first.
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

// nextPair returns the two inputs to join next: of the pairs with an equality between them, the one with the
// smallest result. Without an equality it returns the two smallest inputs. Of equal pairs it returns the first.
func (t *joinTree) nextPair() (first, second int) {
	t.step()
	best, connected := 0.0, false
	for _, c := range t.conditions {
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
	return t.smallestPair()
}

// smallestPair returns the two smallest inputs, the first of equals.
func (t *joinTree) smallestPair() (first, second int) {
	least := 0
	for i, leaf := range t.leaves {
		if leaf.rows < t.leaves[least].rows {
			least = i
		}
	}
	other := -1
	for i, leaf := range t.leaves {
		if i != least && (other < 0 || leaf.rows < t.leaves[other].rows) {
			other = i
		}
	}
	return min(least, other), max(least, other)
}

// joinedRows guesses that each row of the larger table has one partner in the smaller table, unless a filter has
// dropped the partner.
func (l joined) joinedRows(r joined) float64 {
	return max(1, l.rows*r.rows/max(l.base, r.base))
}

// joinPair joins two inputs by all conditions on them. Conditions that may fail wait for the last join, so that
// they are not computed for rows that another condition drops.
func (t *joinTree) joinPair(a, b joined, last bool) joined {
	j := &plan.Join{Kind: plan.CrossJoin, Left: a.node, Right: b.node}
	var rest []plan.Expr
	left := t.conditions[:0]
	for _, c := range t.conditions {
		switch {
		case !c.readsOnly(a.columns, b.columns) || c.key == nil && !last && !cannotFail(c.expr):
			left = append(left, c)
		case c.key == nil:
			rest = append(rest, c.expr)
		case a.columns[c.key.Left.ID]:
			j.Equal = append(j.Equal, *c.key)
		default:
			j.Equal = append(j.Equal, plan.JoinKey{Left: c.key.Right, Right: c.key.Left})
		}
	}
	t.conditions = left
	j.Residual = conjunction(rest)
	rows := a.rows * b.rows
	if len(j.Equal) > 0 {
		rows = a.joinedRows(b)
	}
	if len(j.Equal) > 0 || j.Residual != nil {
		j.Kind = plan.InnerJoin
	}
	return joined{node: j, columns: union(a.columns, b.columns), rows: rows, base: max(a.base, b.base)}
}
