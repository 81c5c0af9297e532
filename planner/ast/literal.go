package ast

// NullLiteral is NULL.
type NullLiteral struct{ At }

// BoolLiteral is TRUE or FALSE.
type BoolLiteral struct {
	At
	Value bool
}

// StringLiteral is 'text' or U&'text'; Value has the escapes resolved.
type StringLiteral struct {
	At
	Value string
}

// BinaryLiteral is X'hex'.
type BinaryLiteral struct {
	At
	Value []byte
}

// LongLiteral is an integer, negative when a minus stands directly before it.
type LongLiteral struct {
	At
	Value int64
}

// DecimalLiteral is a number with a point and no exponent.
type DecimalLiteral struct {
	At
	Text string // sign, digits and point; no underscores
}

// DoubleLiteral is a number with an exponent.
type DoubleLiteral struct {
	At
	Value float64
	Text  string // as written
}

// TypedLiteral is typeName 'text', such as DATE '2024-01-31'. The text is not
// checked here.
type TypedLiteral struct {
	At
	Type *Type // a name without arguments
	Text string
}

// IntervalField is a unit of an interval.
type IntervalField string

// The units of intervals. Year and Month belong to interval year to month, the
// others to interval day to second.
const (
	Year   IntervalField = "YEAR"
	Month  IntervalField = "MONTH"
	Day    IntervalField = "DAY"
	Hour   IntervalField = "HOUR"
	Minute IntervalField = "MINUTE"
	Second IntervalField = "SECOND"
)

// IntervalLiteral is INTERVAL [+|-] 'text' from [TO to]. The text is not checked
// here.
type IntervalLiteral struct {
	At
	Negative bool
	Text     string
	From     IntervalField
	To       IntervalField // "" when absent
}

// Parameter is a question mark; Index counts from 0 in the order of the text.
type Parameter struct {
	At
	Index int
}

func (*NullLiteral) expr()     {}
func (*BoolLiteral) expr()     {}
func (*StringLiteral) expr()   {}
func (*BinaryLiteral) expr()   {}
func (*LongLiteral) expr()     {}
func (*DecimalLiteral) expr()  {}
func (*DoubleLiteral) expr()   {}
func (*TypedLiteral) expr()    {}
func (*IntervalLiteral) expr() {}
func (*Parameter) expr()       {}
