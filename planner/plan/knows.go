package plan

import "slices"

// The functions below ask for what only some nodes know better than others. A node type without the method gets the
// answer that is right for any node.

// KeepMade returns n without the columns that it makes and that are not wanted. It returns n itself if all are
// wanted, an input of n if n has nothing else to do.
func KeepMade(n Node, wanted func(*Column) bool) Node {
	if k, ok := n.(interface {
		KeepMade(wanted func(*Column) bool) Node
	}); ok {
		return k.KeepMade(wanted)
	}
	return n
}

// LeaveOut returns n without the columns, its inputs' or its own, that nothing above reads, if that saves n work.
func LeaveOut(n Node, isRead func(*Column) bool) Node {
	if l, ok := n.(interface {
		leaveOut(isRead func(*Column) bool) Node
	}); ok {
		return l.leaveOut(isRead)
	}
	return n
}

// unreadOf returns the columns of a node, by ID, that nothing reads; nil if there are none.
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
	unread := make(map[int]bool, count) // allocated at once: a chain of joins has as many columns as joins
	for _, c := range columns {
		if !isRead(c) {
			unread[c.ID] = true
		}
	}
	return unread
}

// dropUnread drops the unread columns from list, from index first on.
func dropUnread(list []*Column, first int, unread map[int]bool) []*Column {
	if len(unread) == 0 {
		return list
	}
	return append(list[:first], slices.DeleteFunc(list[first:], func(c *Column) bool { return unread[c.ID] })...)
}

// SplitsBy returns a function that reports whether n keeps rows of its only input apart by a column.
//
// A condition on such columns may drop rows of the input instead of rows of n: the result of the other rows does
// not change. SplitsBy returns nil if there are no such columns. An aggregation without keys, for example, returns
// a row whatever its input drops.
func SplitsBy(n Node) func(*Column) bool {
	if s, ok := n.(interface{ SplitsBy() func(*Column) bool }); ok {
		return s.SplitsBy()
	}
	return nil
}

// GivesNoRows reports whether n certainly returns no row, because of its own work or because an input is Values
// without rows.
func GivesNoRows(n Node) bool {
	e, ok := n.(interface{ GivesNoRows() bool })
	return ok && e.GivesNoRows()
}

// GuessRows estimates the number of n's rows. guessed returns the estimate for an input. By default it is the sum
// over all inputs.
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

// Estimates of how many rows pass. Only their order matters.
const (
	FilterKeeps    = 0.1 // of a filter's input
	groupsPerRow   = 0.1 // groups of an aggregate
	elementsPerRow = 3   // of an unnested array
)

// IsRepeatable reports whether two equal n return the same rows, and whether the rows are worth keeping for the
// second.
func IsRepeatable(n Node) bool {
	_, never := n.(interface{ neverSame() })
	return !never
}

func isEmpty(n Node) bool {
	v, ok := n.(*Values)
	return ok && len(v.Rows) == 0
}

// anyColumn is what SplitsBy returns for nodes that handle each row alone.
func anyColumn(*Column) bool { return true }

// columnsIn returns a function that reports whether a column is in the list, nil if the list is empty.
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
