package ast

// Column is a bare name: a column, a relation's name before a dot, or a lambda
// parameter.
type Column struct {
	At
	Name Ident
}

// Dereference is base.field: a qualified column or a field of a row.
type Dereference struct {
	At
	Base  Expr
	Field Ident
}

// Subscript is base[index].
type Subscript struct {
	At
	Base, Index Expr
}

// UnaryOp is a sign.
type UnaryOp string

// The signs.
const (
	Plus  UnaryOp = "+"
	Minus UnaryOp = "-"
)

// Unary is a signed expression. A minus directly before a number is part of the
// literal instead.
type Unary struct {
	At
	Op UnaryOp
	X  Expr
}

// BinaryOp is an arithmetic operator or the concatenation.
type BinaryOp string

// The binary operators.
const (
	Add      BinaryOp = "+"
	Subtract BinaryOp = "-"
	Multiply BinaryOp = "*"
	Divide   BinaryOp = "/"
	Modulus  BinaryOp = "%"
	Concat   BinaryOp = "||"
)

// Binary is left op right.
type Binary struct {
	At
	Op          BinaryOp
	Left, Right Expr
}

// AtTimeZone is x AT TIME ZONE zone.
type AtTimeZone struct {
	At
	X    Expr
	Zone Expr // *StringLiteral or *IntervalLiteral
}

// CompareOp is a comparison operator.
type CompareOp string

// The comparison operators.
const (
	Equal          CompareOp = "="
	NotEqual       CompareOp = "<>"
	Less           CompareOp = "<"
	LessOrEqual    CompareOp = "<="
	Greater        CompareOp = ">"
	GreaterOrEqual CompareOp = ">="
)

// Comparison is left op right.
type Comparison struct {
	At
	Op          CompareOp
	Left, Right Expr
}

// Quantifier is ALL or ANY (SOME is ANY).
type Quantifier string

// The quantifiers.
const (
	All Quantifier = "ALL"
	Any Quantifier = "ANY"
)

// Quantified is left op ALL | ANY (query).
type Quantified struct {
	At
	Op         CompareOp
	Quantifier Quantifier
	Left       Expr
	Query      *Query
}

// LogicalOp is AND or OR.
type LogicalOp string

// The logical operators.
const (
	And LogicalOp = "AND"
	Or  LogicalOp = "OR"
)

// Logical joins two or more terms; terms in parentheses stay nested.
type Logical struct {
	At
	Op    LogicalOp
	Terms []Expr
}

// Not is NOT x.
type Not struct {
	At
	X Expr
}

// Between is x [NOT] BETWEEN low AND high.
type Between struct {
	At
	X, Low, High Expr
	Not          bool
}

// In is x [NOT] IN (list).
type In struct {
	At
	X    Expr
	List []Expr // at least one
	Not  bool
}

// InSubquery is x [NOT] IN (query).
type InSubquery struct {
	At
	X     Expr
	Query *Query
	Not   bool
}

// Like is x [NOT] LIKE pattern [ESCAPE escape].
type Like struct {
	At
	X, Pattern Expr
	Escape     Expr // nil when absent
	Not        bool
}

// IsNull is x IS [NOT] NULL.
type IsNull struct {
	At
	X   Expr
	Not bool
}

// IsDistinct is left IS [NOT] DISTINCT FROM right.
type IsDistinct struct {
	At
	Left, Right Expr
	Not         bool
}

// Exists is EXISTS (query).
type Exists struct {
	At
	Query *Query
}

// Subquery is a query in parentheses used as a value.
type Subquery struct {
	At
	Query *Query
}

// Case is CASE [operand] WHEN … THEN … [ELSE …] END.
type Case struct {
	At
	Operand Expr // nil for the searched form
	Whens   []*When
	Else    Expr // nil when absent
}

// When is WHEN condition THEN result.
type When struct {
	At
	Condition, Result Expr
}

// If is IF(condition, then [, else]).
type If struct {
	At
	Condition, Then Expr
	Else            Expr // nil when absent
}

// Coalesce is COALESCE(x, y, …).
type Coalesce struct {
	At
	Args []Expr // at least two
}

// NullIf is NULLIF(first, second).
type NullIf struct {
	At
	First, Second Expr
}

// Try is TRY(x).
type Try struct {
	At
	X Expr
}

// Cast is CAST(x AS type) or TRY_CAST(x AS type).
type Cast struct {
	At
	X    Expr
	Type *Type
	Try  bool
}

// Row is ROW(items) or (item, item, …).
type Row struct {
	At
	Items []Expr
}

// Array is ARRAY[items].
type Array struct {
	At
	Items []Expr
}

// Lambda is x -> body or (x, y) -> body.
type Lambda struct {
	At
	Params []Ident
	Body   Expr
}

// Extract is EXTRACT(field FROM x); the field is checked by the analyzer.
type Extract struct {
	At
	Field Ident
	X     Expr
}

// TrimSide is the side TRIM cuts at.
type TrimSide string

// The sides.
const (
	Both     TrimSide = "BOTH"
	Leading  TrimSide = "LEADING"
	Trailing TrimSide = "TRAILING"
)

// Trim is TRIM([side] [chars] FROM x) or TRIM(x [, chars]).
type Trim struct {
	At
	Side  TrimSide
	X     Expr
	Chars Expr // nil when absent: blanks
}

// CurrentKind names a value of the session or its clock.
type CurrentKind string

// The values of the session.
const (
	CurrentDate      CurrentKind = "CURRENT_DATE"
	CurrentTime      CurrentKind = "CURRENT_TIME"
	CurrentTimestamp CurrentKind = "CURRENT_TIMESTAMP"
	LocalTime        CurrentKind = "LOCALTIME"
	LocalTimestamp   CurrentKind = "LOCALTIMESTAMP"
	CurrentUser      CurrentKind = "CURRENT_USER"
	CurrentCatalog   CurrentKind = "CURRENT_CATALOG"
	CurrentSchema    CurrentKind = "CURRENT_SCHEMA"
	CurrentPath      CurrentKind = "CURRENT_PATH"
)

// Current is CURRENT_DATE, CURRENT_TIMESTAMP(p), CURRENT_USER and their like.
type Current struct {
	At
	Kind      CurrentKind
	Precision int // -1 when not given
}

// Grouping is GROUPING(columns).
type Grouping struct {
	At
	Args []Expr // each a *Column or *Dereference
}

func (*Column) expr()      {}
func (*Dereference) expr() {}
func (*Subscript) expr()   {}
func (*Unary) expr()       {}
func (*Binary) expr()      {}
func (*AtTimeZone) expr()  {}
func (*Comparison) expr()  {}
func (*Quantified) expr()  {}
func (*Logical) expr()     {}
func (*Not) expr()         {}
func (*Between) expr()     {}
func (*In) expr()          {}
func (*InSubquery) expr()  {}
func (*Like) expr()        {}
func (*IsNull) expr()      {}
func (*IsDistinct) expr()  {}
func (*Exists) expr()      {}
func (*Subquery) expr()    {}
func (*Case) expr()        {}
func (*If) expr()          {}
func (*Coalesce) expr()    {}
func (*NullIf) expr()      {}
func (*Try) expr()         {}
func (*Cast) expr()        {}
func (*Row) expr()         {}
func (*Array) expr()       {}
func (*Lambda) expr()      {}
func (*Extract) expr()     {}
func (*Trim) expr()        {}
func (*Current) expr()     {}
func (*Grouping) expr()    {}
