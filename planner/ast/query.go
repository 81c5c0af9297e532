package ast

// Query is [WITH …] body [ORDER BY …] [OFFSET …] [LIMIT … | FETCH FIRST …].
type Query struct {
	At
	With    *With // nil when absent
	Body    QueryBody
	OrderBy []*SortItem
	OrderAt At     // of ORDER BY
	Offset  Expr   // *LongLiteral or *Parameter; nil when absent
	Limit   *Limit // nil when absent
}

// With is the WITH clause.
type With struct {
	At
	Recursive bool
	Queries   []*NamedQuery
}

// NamedQuery is name [(columns)] AS (query).
type NamedQuery struct {
	At
	Name    Ident
	Columns []Ident // empty when not given
	Query   *Query
}

// Limit is LIMIT n, LIMIT ALL, or FETCH FIRST n ROWS ONLY | WITH TIES.
// FETCH FIRST ROW ONLY has the count 1.
type Limit struct {
	At
	All      bool // no limit; Count is nil
	Count    Expr // *LongLiteral or *Parameter
	Fetch    bool // FETCH FIRST, which refuses a count of 0
	WithTies bool
}

// SortItem is one element of ORDER BY.
type SortItem struct {
	At
	X          Expr
	Descending bool
	Nulls      NullOrder
}

// NullOrder is where NULLs stand in an order.
type NullOrder uint8

// The null orders. Without a clause nulls come last, whatever the direction.
const (
	NullsDefault NullOrder = iota
	NullsFirst
	NullsLast
)

// SetOp is a set operation's name.
type SetOp string

// The set operations.
const (
	Union     SetOp = "UNION"
	Intersect SetOp = "INTERSECT"
	Except    SetOp = "EXCEPT"
)

// SetOperation is left op [ALL] [CORRESPONDING [BY (columns)]] right.
type SetOperation struct {
	At
	Op            SetOp
	All           bool
	Corresponding *Corresponding // nil when absent
	Left, Right   QueryBody
}

// Corresponding is CORRESPONDING [BY (columns)].
type Corresponding struct {
	At
	Columns []Ident // empty: all common columns
}

// Values is VALUES row, …; a row is any expression, usually a *Row.
type Values struct {
	At
	Rows []Expr
}

// Select is a SELECT block.
type Select struct {
	At
	Distinct bool
	Items    []SelectItem
	From     Relation // nil when absent; commas are joins of kind ImplicitJoin
	Where    Expr     // nil when absent
	GroupBy  *GroupBy // nil when absent
	Having   Expr     // nil when absent
	Windows  []*WindowDefinition
}

// SelectItem is *SingleColumn or *AllColumns.
type SelectItem interface {
	Node
	selectItem()
}

// SingleColumn is expression [[AS] alias].
type SingleColumn struct {
	At
	X     Expr
	Alias *Ident // nil when absent
}

// AllColumns is *, target.* or target.* AS (aliases).
type AllColumns struct {
	At
	Target  Expr // nil for a bare *
	Aliases []Ident
}

// GroupBy is the GROUP BY clause.
type GroupBy struct {
	At
	Distinct bool
	Elements []*GroupingElement
}

// GroupingKind is the kind of a grouping element.
type GroupingKind uint8

// The kinds of grouping elements.
const (
	GroupingSet  GroupingKind = iota // an expression or a list in parentheses
	Rollup                           // ROLLUP (sets)
	Cube                             // CUBE (sets)
	GroupingSets                     // GROUPING SETS (elements)
	Auto                             // AUTO: what the select list does not aggregate
)

// GroupingElement is one element of GROUP BY.
type GroupingElement struct {
	At
	Kind     GroupingKind
	Set      []Expr             // of a GroupingSet; empty is the grand total ()
	Elements []*GroupingElement // of the other kinds
}

// WindowDefinition is name AS (specification) in the WINDOW clause.
type WindowDefinition struct {
	At
	Name Ident
	Spec *WindowSpec
}

func (*Query) queryBody()        {}
func (*SetOperation) queryBody() {}
func (*Values) queryBody()       {}
func (*Table) queryBody()        {}
func (*Select) queryBody()       {}

func (*SingleColumn) selectItem() {}
func (*AllColumns) selectItem()   {}
