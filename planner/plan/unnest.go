package plan

import (
	"slices"
	"strings"
)

// Unnest spreads arrays and maps into rows, and repeats the input's columns.
type Unnest struct {
	Input      Node
	Items      []UnnestItem
	Ordinality *Column // nil when not asked for
	// Outer keeps an input row that yields nothing, with NULLs (LEFT JOIN UNNEST … ON TRUE).
	Outer bool
	// Unread holds the columns, by ID, that nothing above reads and that the node does not return, see LeaveOut.
	// Often they are the spread list and fields of its rows.
	Unread map[int]bool
}

// UnnestItem is one array or map column of the input. Out has one column for
// an array, two for a map, one per field for an array of rows.
type UnnestItem struct {
	Column *Column
	Out    []*Column
}

// Columns implements Node: the input's, the items' and the ordinality.
func (n *Unnest) Columns() []*Column { return n.appendColumns(nil) }

func (n *Unnest) appendColumns(list []*Column) []*Column {
	first := len(list)
	list = appendColumns(list, n.Input)
	for _, item := range n.Items {
		list = append(list, item.Out...)
	}
	if n.Ordinality != nil {
		list = append(list, n.Ordinality)
	}
	return dropUnread(list, first, n.Unread)
}

// MapInputs implements Node.
func (n *Unnest) MapInputs(f func(Node) Node) Node {
	input := f(n.Input)
	if input == n.Input {
		return n
	}
	c := *n
	c.Input = input
	return &c
}

// MapExprs implements Node.
func (n *Unnest) MapExprs(func(Expr) Expr) Node { return n }

// MapColumns implements Node: the spread columns.
func (n *Unnest) MapColumns(f func(*Column) *Column) Node {
	items, changed := mapParts(n.Items, func(item UnnestItem) (UnnestItem, bool) {
		column := f(item.Column)
		changed := column != item.Column
		item.Column = column
		return item, changed
	})
	if !changed {
		return n
	}
	c := *n
	c.Items = items
	return &c
}

// VisitMade implements Node.
func (n *Unnest) VisitMade(visit func(*Column)) {
	for _, item := range n.Items {
		visitAll(item.Out, visit)
	}
	if n.Ordinality != nil {
		visit(n.Ordinality)
	}
}

// KeepMade drops the ordinality unless it is wanted.
func (n *Unnest) KeepMade(wanted func(*Column) bool) Node {
	if n.Ordinality == nil || wanted(n.Ordinality) {
		return n
	}
	c := *n
	c.Ordinality = nil
	return &c
}

func (n *Unnest) leaveOut(isRead func(*Column) bool) Node {
	c := *n
	c.Unread = nil
	c.Unread = unreadOf(c.Columns(), isRead)
	return &c
}

// SplitsBy returns the columns of the input.
func (n *Unnest) SplitsBy() func(*Column) bool {
	made := map[int]bool{}
	n.VisitMade(func(c *Column) { made[c.ID] = true })
	return func(c *Column) bool { return !made[c.ID] }
}

// GivesNoRows reports whether the input gives none.
func (n *Unnest) GivesNoRows() bool { return isEmpty(n.Input) }

// GuessRows estimates the number of elements.
func (n *Unnest) GuessRows(guessed func(Node) float64) float64 {
	return guessed(n.Input) * elementsPerRow
}

func (n *Unnest) same(other Node, s Sameness) bool {
	o, ok := other.(*Unnest)
	return ok && n.Outer == o.Outer && s.noteOptional(n.Ordinality, o.Ordinality) &&
		slices.EqualFunc(n.Items, o.Items, func(a, b UnnestItem) bool {
			return s.column(a.Column, b.Column) && s.noteAll(a.Out, b.Out)
		})
}

// Describe implements Node.
func (n *Unnest) Describe() string {
	items := make([]string, len(n.Items))
	for i, item := range n.Items {
		items[i] = columnNames(item.Out) + " := " + columnName(item.Column)
	}
	text := "Unnest" + iff(n.Outer, " outer") + " " + strings.Join(items, ", ")
	if n.Ordinality != nil {
		text += " ordinality " + columnName(n.Ordinality)
	}
	return text
}
