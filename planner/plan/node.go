package plan

import "github.com/auditlake/auditlake/planner/types"

// Node is a step of a plan that produces rows of Columns().
type Node interface {
	Columns() []*Column
	Inputs() []Node
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
	Form    ExplainForm
	Cols    []*Column
}

// ExplainForm is what EXPLAIN shows a plan as.
type ExplainForm uint8

// The forms of EXPLAIN.
const (
	ExplainText        ExplainForm = iota
	ExplainJSON                    // the tree of nodes
	ExplainFragments               // the trees by fragment, of which there is one, "0"
	ExplainInputOutput             // the tables that are read, and which of their values
)

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
