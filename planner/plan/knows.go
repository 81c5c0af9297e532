package plan

import "slices"

// What follows are questions that only some nodes answer in a way of their own.
// A node type that has no such method gets the answer that is right for any node.

// KeepMade returns n without the columns that it makes and that are not wanted:
// n itself if all are, an input of n if nothing else is left for n to do.
func KeepMade(n Node, wanted func(*Column) bool) Node {
	if k, ok := n.(interface {
		KeepMade(wanted func(*Column) bool) Node
	}); ok {
		return k.KeepMade(wanted)
	}
	return n
}

// LeaveOut returns n without the columns that nothing above it reads, of its inputs or its own, where n
// saves work by not giving them.
func LeaveOut(n Node, isRead func(*Column) bool) Node {
	if l, ok := n.(interface {
		leaveOut(isRead func(*Column) bool) Node
	}); ok {
		return l.leaveOut(isRead)
	}
	return n
}

// unreadOf returns those of a node's columns, by ID, that nothing reads; nil for none.
func unreadOf(columns []*Column, isRead func(*Column) bool) map[int]bool {
	count := 0
	for _, c := range columns {
		if !isRead(c) {
			count++
		}
	}
	if count == 0 {
		return nil
	}
	unread := make(map[int]bool, count) // at once, as a chain of joins has as many columns as joins
	for _, c := range columns {
		if !isRead(c) {
			unread[c.ID] = true
		}
	}
	return unread
}

// dropUnread drops from a list of columns those that are unread, from first on.
func dropUnread(list []*Column, first int, unread map[int]bool) []*Column {
	if len(unread) == 0 {
		return list
	}
	return append(list[:first], slices.DeleteFunc(list[first:], func(c *Column) bool { return unread[c.ID] })...)
}

// SplitsBy returns a function that reports whether n keeps the rows of its only input
// apart by a column. A condition on such columns may drop rows of the input instead
// of rows of n: the other rows give what they gave before. SplitsBy returns nil if
// there are no such columns: an aggregation without keys gives a row whatever its
// input drops.
func SplitsBy(n Node) func(*Column) bool {
	if s, ok := n.(interface{ SplitsBy() func(*Column) bool }); ok {
		return s.SplitsBy()
	}
	return nil
}

// GivesNoRows reports whether n certainly gives no row, because of what it does or
// because an input is Values without rows.
func GivesNoRows(n Node) bool {
	e, ok := n.(interface{ GivesNoRows() bool })
	return ok && e.GivesNoRows()
}

// GuessRows guesses how many rows n gives; guessed is asked for those of inputs.
// Without knowledge of its own n gives the rows of all inputs together.
func GuessRows(n Node, guessed func(Node) float64) float64 {
	if g, ok := n.(interface {
		GuessRows(guessed func(Node) float64) float64
	}); ok {
		return g.GuessRows(guessed)
	}
	rows := 0.0
	for _, input := range Inputs(n) {
		rows += guessed(input)
	}
	return rows
}

// Guesses of how many rows pass; only their order matters.
const (
	FilterKeeps    = 0.1 // of a filter's input
	groupsPerRow   = 0.1 // groups of an aggregate
	elementsPerRow = 3   // of an unnested array
)

// IsRepeatable reports whether two of n that do the same give the same rows, and
// whether these are worth being kept for the second one.
func IsRepeatable(n Node) bool {
	_, never := n.(interface{ neverSame() })
	return !never
}

func isEmpty(n Node) bool {
	v, ok := n.(*Values)
	return ok && len(v.Rows) == 0
}

// anyColumn is what SplitsBy returns of nodes that look at each row by itself.
func anyColumn(*Column) bool { return true }

// columnsIn returns a function that reports whether a column is in the list, nil
// for no columns.
func columnsIn(list []*Column) func(*Column) bool {
	if len(list) == 0 {
		return nil
	}
	have := make(map[int]bool, len(list))
	for _, c := range list {
		have[c.ID] = true
	}
	return func(c *Column) bool { return have[c.ID] }
}
