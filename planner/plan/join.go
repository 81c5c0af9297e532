package plan

import (
	"slices"
	"strings"
)

// JoinKind is the kind of a join.
type JoinKind uint8

// The join kinds. SemiMark keeps each left row once and adds Mark.
const (
	InnerJoin JoinKind = iota
	LeftJoin
	RightJoin
	FullJoin
	CrossJoin
	// SemiMark is IN/EXISTS: Mark (boolean, three-valued for IN) says whether a right row matches.
	SemiMark
)

// Join combines rows of two inputs.
type Join struct {
	Kind        JoinKind
	Left, Right Node
	// Equal pairs columns of Left and Right, both of one type. NULL matches nothing.
	Equal []JoinKey
	// Residual must hold too; it reads columns of both sides. In outer joins it is part of the match, not a filter
	// after it.
	Residual Expr
	// Mark is SemiMark's output. NullAware selects IN semantics: keys match that are not distinct, and the mark is
	// NULL if nothing matches and a key is NULL. Otherwise it is EXISTS, never NULL.
	Mark      *Column
	NullAware bool
	// Feeds holds, for each key of Equal, the ID of the runtime filters made from the right side's values, 0 for
	// none; nil: no filters at all.
	Feeds []int
	// LeftFirst, for a SemiMark: the runtime filters are made from the left side's values and apply to the right
	// side. The left side has few rows and is read first.
	LeftFirst bool
	// Unread holds the columns, by ID, that nothing above reads and that the join does not return, see LeaveOut.
	Unread map[int]bool
}

// JoinKey is an equality between the two sides of a join.
type JoinKey struct {
	Left, Right *Column
}

// Columns implements Node: left then right; for SemiMark left then Mark.
func (n *Join) Columns() []*Column { return n.appendColumns(nil) }

func (n *Join) appendColumns(list []*Column) []*Column {
	first := len(list)
	list = appendColumns(list, n.Left)
	if n.Kind == SemiMark {
		list = append(list, n.Mark)
	} else {
		list = appendColumns(list, n.Right)
	}
	return dropUnread(list, first, n.Unread)
}

// MapInputs implements Node: left, then right.
func (n *Join) MapInputs(f func(Node) Node) Node {
	return n.WithSides(f(n.Left), f(n.Right))
}

// WithSides returns the join over two other inputs, n itself if they are its own.
func (n *Join) WithSides(left, right Node) Node {
	if left == n.Left && right == n.Right {
		return n
	}
	c := *n
	c.Left, c.Right = left, right
	return &c
}

// MapExprs implements Node.
func (n *Join) MapExprs(f func(Expr) Expr) Node {
	if n.Residual == nil {
		return n
	}
	residual := f(n.Residual)
	if residual == n.Residual {
		return n
	}
	c := *n
	c.Residual = residual
	return &c
}

// MapColumns implements Node: the pairs of keys.
func (n *Join) MapColumns(f func(*Column) *Column) Node {
	keys, changed := mapList(n.Equal, func(k JoinKey) JoinKey { return JoinKey{Left: f(k.Left), Right: f(k.Right)} })
	if !changed {
		return n
	}
	c := *n
	c.Equal = keys
	return &c
}

// VisitMade implements Node.
func (n *Join) VisitMade(visit func(*Column)) {
	if n.Mark != nil {
		visit(n.Mark)
	}
}

// KeepMade returns the left side of an IN or EXISTS whose mark is not wanted.
func (n *Join) KeepMade(wanted func(*Column) bool) Node {
	if n.Kind == SemiMark && !wanted(n.Mark) {
		return n.Left
	}
	return n
}

func (n *Join) leaveOut(isRead func(*Column) bool) Node {
	c := *n
	c.Unread = nil
	c.Unread = unreadOf(c.Columns(), isRead)
	return &c
}

// GivesNoRows reports whether a side has no rows and the join therefore has none.
func (n *Join) GivesNoRows() bool {
	switch n.Kind {
	case InnerJoin, CrossJoin:
		return isEmpty(n.Left) || isEmpty(n.Right)
	case LeftJoin, SemiMark:
		return isEmpty(n.Left)
	case RightJoin:
		return isEmpty(n.Right)
	}
	return false
}

// GuessRows assumes that each row of the larger side has one partner, if there are keys.
func (n *Join) GuessRows(guessed func(Node) float64) float64 {
	left, right := guessed(n.Left), guessed(n.Right)
	if n.Kind == SemiMark {
		return left
	}
	if len(n.Equal) == 0 {
		return left * right
	}
	return max(left, right)
}

// same implements Node. Runtime filters change no row.
func (n *Join) same(other Node, s Sameness) bool {
	o, ok := other.(*Join)
	return ok && n.Kind == o.Kind && n.NullAware == o.NullAware && s.expr(n.Residual, o.Residual) && s.noteOptional(n.Mark, o.Mark) &&
		slices.EqualFunc(n.Equal, o.Equal, func(a, b JoinKey) bool {
			return s.column(a.Left, b.Left) && s.column(a.Right, b.Right)
		})
}

// Describe implements Node.
func (n *Join) Describe() string {
	kinds := map[JoinKind]string{InnerJoin: "inner", LeftJoin: "left", RightJoin: "right", FullJoin: "full", CrossJoin: "cross", SemiMark: "mark"}
	text := "Join " + kinds[n.Kind]
	if n.Mark != nil {
		text += " " + columnName(n.Mark) + iff(n.NullAware, " null-aware")
	}
	keys := make([]string, len(n.Equal))
	for i, k := range n.Equal {
		keys[i] = columnName(k.Left) + " = " + columnName(k.Right)
	}
	if len(keys) > 0 {
		text += " on " + strings.Join(keys, " AND ")
	}
	if n.Residual != nil {
		text += " and " + FormatExpr(n.Residual)
	}
	return text + iff(n.Alternatives() != nil, " looked up by alternative") + iff(n.LeftFirst, " left first")
}
