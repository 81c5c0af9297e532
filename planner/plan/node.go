package plan

import (
	"strings"

	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// Node is a step of a plan that produces rows of Columns().
type Node interface {
	Columns() []*Column
	Inputs() []Node
}

// Scan reads a table. Each output column is a table column or, after
// projection pushdown, a struct field inside one ("useridentity.arn").
type Scan struct {
	Table *metadata.Table
	Cols  []ScanColumn
	// Filter holds for every row the scan gives out; it reads Cols. The scan
	// evaluates it itself, conjunct by conjunct in this order (late
	// materialisation). Nil: all rows.
	Filter Expr
	// Domains is what storage can prune by, implied by Filter.
	Domains []Domain
	// Runtime are filters that joins above find while the statement runs: each
	// is known before the scan starts.
	Runtime []RuntimeFilter
}

// RuntimeFilter says that of a scan's rows only those can matter whose Column
// has a value of Source, a key column of the side that a join reads first.
type RuntimeFilter struct {
	ID     int // that the join has in Feeds
	Column *Column
	Source *Column
}

// ScanColumn is one output of a scan.
type ScanColumn struct {
	Column *Column
	Path   []string // column name, then struct field names, lower case; "key" below a map is the array of its keys
	// Keys, when not nil, are the only keys of the map column whose entries are
	// needed: the others may be left out.
	Keys []string
	// Output is false for a column only Filter needs.
	Output bool
	// Late marks an output column that is read only for the rows which the
	// TopN on the scan keeps.
	Late bool
}

// PathText is the path as scans are asked for it: "column.field", with keys
// "column['key']", where a quote in a key stands twice.
func (c ScanColumn) PathText() string {
	text := strings.Join(c.Path, ".")
	if c.Keys == nil {
		return text
	}
	quoted := make([]string, len(c.Keys))
	for i, key := range c.Keys {
		quoted[i] = "'" + strings.ReplaceAll(key, "'", "''") + "'"
	}
	return text + "[" + strings.Join(quoted, ",") + "]"
}

// Domain says which values of a scan path can pass the filter.
type Domain struct {
	Path []string
	// MapKey is set when the domain is of a map column's value at this key.
	MapKey *string
	// Ranges, ordered and disjoint; a value passes when it lies in one. Empty
	// with NullAllowed false: nothing passes.
	Ranges      []Range
	NullAllowed bool
}

// Range is an interval of values of one type; a nil bound is open-ended.
type Range struct {
	Low, High         *types.Value
	LowIncl, HighIncl bool
}

// Values gives constant rows.
type Values struct {
	Cols []*Column
	Rows [][]Expr // constants or expressions without columns
}

// Filter keeps the rows for which Predicate is true.
type Filter struct {
	Input     Node
	Predicate Expr
}

// Project computes columns.
type Project struct {
	Input Node
	Items []Assignment
}

// Assignment computes one output column. A plain Ref to the same Column passes it on.
type Assignment struct {
	Column *Column
	Expr   Expr
}

// Aggregate groups rows. Keys and aggregate arguments are columns of Input.
type Aggregate struct {
	Input Node
	// Keys are all grouping columns; with no Keys there is one group even
	// for no rows.
	Keys []*Column
	// Sets are the grouping sets as indexes into Keys; nil means one set of
	// all Keys. With Sets, GroupID (bigint) tells the set's index.
	Sets    [][]int
	GroupID *Column
	Aggs    []AggCall
}

// AggCall is one aggregate function of an Aggregate.
type AggCall struct {
	Column   *Column // output
	Fn       *types.Resolved
	Args     []Expr // Refs to Input's columns, constants, or Lambdas
	Distinct bool
	Filter   *Column // boolean column of Input, nil: all rows
	OrderBy  []SortKey
}

// SortKey orders by a column.
type SortKey struct {
	Column     *Column
	Descending bool
	NullsFirst bool
}

// JoinKind names a join.
type JoinKind uint8

// The join kinds. SemiMark keeps each left row once and adds Mark.
const (
	InnerJoin JoinKind = iota
	LeftJoin
	RightJoin
	FullJoin
	CrossJoin
	// SemiMark is IN/EXISTS: Mark (boolean, three-valued for IN) tells whether a
	// right row matches.
	SemiMark
)

// Join combines rows of two inputs.
type Join struct {
	Kind        JoinKind
	Left, Right Node
	// Equal pairs columns of Left and Right of one type; NULL matches nothing.
	Equal []JoinKey
	// Residual must hold too; it reads columns of both sides. For outer joins
	// it is part of the match, not a filter after it.
	Residual Expr
	// Mark is SemiMark's output. NullAware: IN semantics (keys match that are not
	// distinct; NULL when not found and a key is NULL); else EXISTS semantics
	// (never NULL).
	Mark      *Column
	NullAware bool
	// Feeds has, for each key of Equal, the ID of the runtime filters that the
	// right side's values make, 0 for none; nil: none at all.
	Feeds []int
	// LeftFirst, of a SemiMark: the left side's values make them, for the right
	// side. It is read first, while its rows are few.
	LeftFirst bool
}

// JoinKey is an equality between the two sides of a join.
type JoinKey struct {
	Left, Right *Column
}

// Sort orders rows.
type Sort struct {
	Input Node
	Keys  []SortKey
}

// TopN keeps the first Count rows after sorting and skipping Offset.
type TopN struct {
	Input         Node
	Keys          []SortKey
	Offset, Count int64
	WithTies      bool
}

// Limit skips Offset rows, then keeps Count (-1: all).
type Limit struct {
	Input         Node
	Offset, Count int64
}

// SetKind names a set operation.
type SetKind uint8

// The set operations. Union with Distinct unset is UNION ALL.
const (
	Union SetKind = iota
	Intersect
	Except
)

// SetOp combines inputs column by column.
type SetOp struct {
	Kind     SetKind
	Distinct bool
	Cols     []*Column // output
	From     []Node
	Map      [][]*Column // Map[i][j]: column of From[i] that feeds Cols[j]
}

// Unnest spreads arrays and maps into rows, beside the input's columns.
type Unnest struct {
	Input      Node
	Items      []UnnestItem
	Ordinality *Column // nil when not asked for
	// Outer keeps an input row that yields nothing, with NULLs (LEFT JOIN UNNEST … ON TRUE).
	Outer bool
}

// UnnestItem is one array or map column of the input. Out has one column for
// an array, two for a map, one per field for an array of rows.
type UnnestItem struct {
	Column *Column
	Out    []*Column
}

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

// EnforceSingleRow fails with SUBQUERY_MULTIPLE_ROWS on a second row and gives
// a row of NULLs for no row.
type EnforceSingleRow struct {
	Input Node
}

// Output names the result's columns.
type Output struct {
	Input Node
	Names []string
	Cols  []*Column
}

// Explain prints its plan instead of running it; with Analyze it runs it first.
type Explain struct {
	Input   *Output
	Analyze bool
	Cols    []*Column
}

// Columns implements Node.
func (n *Scan) Columns() []*Column {
	var out []*Column
	for _, c := range n.Cols {
		if c.Output {
			out = append(out, c.Column)
		}
	}
	return out
}

// Inputs implements Node.
func (n *Scan) Inputs() []Node { return nil }

// Columns implements Node.
func (n *Values) Columns() []*Column { return n.Cols }

// Inputs implements Node.
func (n *Values) Inputs() []Node { return nil }

// Columns implements Node.
func (n *Filter) Columns() []*Column { return n.Input.Columns() }

// Inputs implements Node.
func (n *Filter) Inputs() []Node { return []Node{n.Input} }

// Columns implements Node.
func (n *Project) Columns() []*Column {
	out := make([]*Column, len(n.Items))
	for i, a := range n.Items {
		out[i] = a.Column
	}
	return out
}

// Inputs implements Node.
func (n *Project) Inputs() []Node { return []Node{n.Input} }

// Columns implements Node: keys, the group id, aggregates.
func (n *Aggregate) Columns() []*Column {
	out := append([]*Column{}, n.Keys...)
	if n.GroupID != nil {
		out = append(out, n.GroupID)
	}
	for _, a := range n.Aggs {
		out = append(out, a.Column)
	}
	return out
}

// Inputs implements Node.
func (n *Aggregate) Inputs() []Node { return []Node{n.Input} }

// Columns implements Node: left then right; for SemiMark left then Mark.
func (n *Join) Columns() []*Column {
	out := append([]*Column{}, n.Left.Columns()...)
	if n.Kind == SemiMark {
		return append(out, n.Mark)
	}
	return append(out, n.Right.Columns()...)
}

// Inputs implements Node.
func (n *Join) Inputs() []Node { return []Node{n.Left, n.Right} }

// Columns implements Node.
func (n *Sort) Columns() []*Column { return n.Input.Columns() }

// Inputs implements Node.
func (n *Sort) Inputs() []Node { return []Node{n.Input} }

// Columns implements Node.
func (n *TopN) Columns() []*Column { return n.Input.Columns() }

// Inputs implements Node.
func (n *TopN) Inputs() []Node { return []Node{n.Input} }

// Columns implements Node.
func (n *Limit) Columns() []*Column { return n.Input.Columns() }

// Inputs implements Node.
func (n *Limit) Inputs() []Node { return []Node{n.Input} }

// Columns implements Node.
func (n *SetOp) Columns() []*Column { return n.Cols }

// Inputs implements Node.
func (n *SetOp) Inputs() []Node { return n.From }

// Columns implements Node: the input's, the items', the ordinality.
func (n *Unnest) Columns() []*Column {
	out := append([]*Column{}, n.Input.Columns()...)
	for _, item := range n.Items {
		out = append(out, item.Out...)
	}
	if n.Ordinality != nil {
		out = append(out, n.Ordinality)
	}
	return out
}

// Inputs implements Node.
func (n *Unnest) Inputs() []Node { return []Node{n.Input} }

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

// Columns implements Node.
func (n *EnforceSingleRow) Columns() []*Column { return n.Input.Columns() }

// Inputs implements Node.
func (n *EnforceSingleRow) Inputs() []Node { return []Node{n.Input} }

// Columns implements Node.
func (n *Output) Columns() []*Column { return n.Cols }

// Inputs implements Node.
func (n *Output) Inputs() []Node { return []Node{n.Input} }

// Columns implements Node.
func (n *Explain) Columns() []*Column { return n.Cols }

// Inputs implements Node.
func (n *Explain) Inputs() []Node { return []Node{n.Input} }
