package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

// Window computes window functions over partitions.
type Window struct {
	Input       Node
	PartitionBy []*Column
	OrderBy     []SortKey
	Calls       []WindowCall
	// Unread holds the columns, by ID, that nothing above reads and that the node does not return, see LeaveOut.
	// Often they are those of the partitions and the order.
	Unread map[int]bool
}

// WindowCall is one window function.
type WindowCall struct {
	Column      *Column
	Fn          *types.Resolved // aggregate or window function
	Args        []Expr
	Frame       Frame
	IgnoreNulls bool
	// Distinct and OrderBy are the aggregate's own: which of the frame's rows it takes, and in which order.
	Distinct bool
	OrderBy  []SortKey
}

// FrameUnit is ROWS, RANGE or GROUPS.
type FrameUnit uint8

// The frame units.
const (
	FrameRange FrameUnit = iota
	FrameRows
	FrameGroups
)

// BoundKind is the kind of one end of a frame.
type BoundKind uint8

// The frame bounds.
const (
	UnboundedPreceding BoundKind = iota
	Preceding
	CurrentRow
	Following
	UnboundedFollowing
)

// Frame is the window frame. Offsets are columns of the input (constants are projected), nil if the bound has none.
type Frame struct {
	Unit                   FrameUnit
	Start, End             BoundKind
	StartOffset, EndOffset *Column
	StartRange, EndRange   RangeBound // of RANGE with an offset
}

// RangeBound limits a RANGE frame: it reaches to the rows whose Key is not beyond the current row's Value. Key is
// the sort key in Value's type; Value is the sort key moved by the offset. The columns are nil if there is no such
// bound.
type RangeBound struct {
	Key, Value *Column
}

// mapColumns returns the frame with m applied to its columns.
func (f Frame) mapColumns(m func(*Column) *Column) Frame {
	for _, c := range []**Column{&f.StartOffset, &f.EndOffset, &f.StartRange.Key, &f.StartRange.Value, &f.EndRange.Key, &f.EndRange.Value} {
		if *c != nil {
			*c = m(*c)
		}
	}
	return f
}

// Columns implements Node.
func (n *Window) Columns() []*Column { return n.appendColumns(nil) }

func (n *Window) appendColumns(list []*Column) []*Column {
	first := len(list)
	list = appendColumns(list, n.Input)
	for _, c := range n.Calls {
		list = append(list, c.Column)
	}
	return dropUnread(list, first, n.Unread)
}

// leaveOut considers only the keys: columns that nothing reads at all are pruned elsewhere, and those that a window
// below reads are left out there.
func (n *Window) leaveOut(isRead func(*Column) bool) Node {
	keys := slices.Clone(n.PartitionBy)
	for _, k := range n.OrderBy {
		keys = append(keys, k.Column)
	}
	c := *n
	c.Unread = unreadOf(keys, isRead)
	return &c
}

// MapInputs implements Node.
func (n *Window) MapInputs(f func(Node) Node) Node {
	input := f(n.Input)
	if input == n.Input {
		return n
	}
	c := *n
	c.Input = input
	return &c
}

// MapExprs implements Node.
func (n *Window) MapExprs(f func(Expr) Expr) Node {
	calls, changed := mapParts(n.Calls, func(call WindowCall) (WindowCall, bool) {
		args, changed := mapList(call.Args, f)
		call.Args = args
		return call, changed
	})
	if !changed {
		return n
	}
	c := *n
	c.Calls = calls
	return &c
}

// MapColumns implements Node: partitions, orders and frames.
func (n *Window) MapColumns(f func(*Column) *Column) Node {
	partitionBy, partitionChanged := mapList(n.PartitionBy, f)
	orderBy, orderChanged := mapSortKeys(n.OrderBy, f)
	calls, callsChanged := mapParts(n.Calls, func(call WindowCall) (WindowCall, bool) {
		frame := call.Frame.mapColumns(f)
		keys, changed := mapSortKeys(call.OrderBy, f)
		changed = changed || frame != call.Frame
		call.Frame, call.OrderBy = frame, keys
		return call, changed
	})
	if !partitionChanged && !orderChanged && !callsChanged {
		return n
	}
	c := *n
	c.PartitionBy, c.OrderBy, c.Calls = partitionBy, orderBy, calls
	return &c
}

// VisitMade implements Node.
func (n *Window) VisitMade(visit func(*Column)) {
	for _, call := range n.Calls {
		visit(call.Column)
	}
}

// KeepMade keeps the wanted calls. If there are none it returns the input.
func (n *Window) KeepMade(wanted func(*Column) bool) Node {
	calls := keepParts(n.Calls, func(c WindowCall) bool { return wanted(c.Column) })
	switch len(calls) {
	case 0:
		return n.Input
	case len(n.Calls):
		return n
	}
	c := *n
	c.Calls = calls
	return &c
}

// SplitsBy returns the columns of the partitions.
func (n *Window) SplitsBy() func(*Column) bool { return columnsIn(n.PartitionBy) }

// GivesNoRows reports whether the input gives none.
func (n *Window) GivesNoRows() bool { return isEmpty(n.Input) }

func (n *Window) same(other Node, s Sameness) bool {
	o, ok := other.(*Window)
	return ok && s.columns(n.PartitionBy, o.PartitionBy) && s.sortKeys(n.OrderBy, o.OrderBy) &&
		slices.EqualFunc(n.Calls, o.Calls, func(a, b WindowCall) bool {
			return sameFunction(a.Fn, b.Fn) && s.exprs(a.Args, b.Args) && a.IgnoreNulls == b.IgnoreNulls && a.Distinct == b.Distinct &&
				s.sortKeys(a.OrderBy, b.OrderBy) && a.Frame.same(b.Frame, s) && s.note(a.Column, b.Column)
		})
}

func (f Frame) same(o Frame, s Sameness) bool {
	return f.Unit == o.Unit && f.Start == o.Start && f.End == o.End && s.column(f.StartOffset, o.StartOffset) &&
		s.column(f.EndOffset, o.EndOffset) && f.StartRange.same(o.StartRange, s) && f.EndRange.same(o.EndRange, s)
}

func (b RangeBound) same(o RangeBound, s Sameness) bool {
	return s.column(b.Key, o.Key) && s.column(b.Value, o.Value)
}

// Describe implements Node.
func (n *Window) Describe() string {
	calls := make([]string, len(n.Calls))
	for i, c := range n.Calls {
		calls[i] = columnName(c.Column) + " := " + c.Fn.Name + "(" + iff(c.Distinct, "DISTINCT ") + formatExprs(c.Args) +
			iff(len(c.OrderBy) > 0, " ORDER BY "+sortKeys(c.OrderBy)) + ")" +
			iff(c.IgnoreNulls, " IGNORE NULLS") + " " + formatFrame(c.Frame)
	}
	return fmt.Sprintf("Window by %s order %s [%s]", columnNames(n.PartitionBy), sortKeys(n.OrderBy), strings.Join(calls, ", "))
}

func formatFrame(f Frame) string {
	unit := map[FrameUnit]string{FrameRange: "RANGE", FrameRows: "ROWS", FrameGroups: "GROUPS"}[f.Unit]
	bound := func(kind BoundKind, offset *Column) string {
		switch kind {
		case UnboundedPreceding:
			return "UNBOUNDED PRECEDING"
		case Preceding:
			return columnName(offset) + " PRECEDING"
		case CurrentRow:
			return "CURRENT ROW"
		case Following:
			return columnName(offset) + " FOLLOWING"
		}
		return "UNBOUNDED FOLLOWING"
	}
	return unit + " " + bound(f.Start, f.StartOffset) + " TO " + bound(f.End, f.EndOffset)
}
