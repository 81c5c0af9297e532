package plan

import "github.com/auditlake/auditlake/planner/types"

// Window computes window functions over partitions.
type Window struct {
	Input       Node
	PartitionBy []*Column
	OrderBy     []SortKey
	Calls       []WindowCall
}

// WindowCall is one window function.
type WindowCall struct {
	Column      *Column
	Fn          *types.Resolved // aggregate or window function
	Args        []Expr
	Frame       Frame
	IgnoreNulls bool
	// Distinct and OrderBy are the aggregate's own: which of the frame's rows it
	// takes, in which order.
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

// BoundKind is one end of a frame.
type BoundKind uint8

// The frame bounds.
const (
	UnboundedPreceding BoundKind = iota
	Preceding
	CurrentRow
	Following
	UnboundedFollowing
)

// Frame is the window frame; offsets are columns of the input (constants
// projected), nil where the bound has none.
type Frame struct {
	Unit                   FrameUnit
	Start, End             BoundKind
	StartOffset, EndOffset *Column
	StartRange, EndRange   RangeBound // of RANGE with an offset
}

// RangeBound is how far a RANGE frame reaches: to the rows whose Key, the sort
// key in Value's type, is not beyond the current row's Value, the sort key moved
// by the offset. The columns are nil where there is no such bound.
type RangeBound struct {
	Key, Value *Column
}

// MapColumns returns the frame with f applied to its columns.
func (f Frame) MapColumns(m func(*Column) *Column) Frame {
	for _, c := range []**Column{&f.StartOffset, &f.EndOffset, &f.StartRange.Key, &f.StartRange.Value, &f.EndRange.Key, &f.EndRange.Value} {
		if *c != nil {
			*c = m(*c)
		}
	}
	return f
}

// Columns implements Node.
func (n *Window) Columns() []*Column {
	out := append([]*Column{}, n.Input.Columns()...)
	for _, c := range n.Calls {
		out = append(out, c.Column)
	}
	return out
}

// Inputs implements Node.
func (n *Window) Inputs() []Node { return []Node{n.Input} }
