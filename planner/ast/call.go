package ast

// FunctionCall is a call of a scalar, aggregate or window function.
// POSITION(a IN b), SUBSTRING(x FROM n FOR m) and NORMALIZE(x, form) are calls of
// strpos(b, a), substr(x, n, m) and normalize(x, 'form').
type FunctionCall struct {
	At
	Name     QualifiedName
	Star     bool   // f(*) or f(label.*); no arguments
	Label    *Ident // of f(label.*), nil otherwise
	Distinct bool
	Args     []Expr
	OrderBy  []*SortItem // inside the parentheses
	// Overflow and WithinGroup belong to LISTAGG alone.
	Overflow    *ListaggOverflow
	WithinGroup []*SortItem
	Filter      Expr // nil when absent
	Nulls       NullTreatment
	Over        *Over // nil when absent
	Processing  ProcessingMode
}

// NullTreatment is IGNORE NULLS or RESPECT NULLS.
type NullTreatment string

// The null treatments.
const (
	NullTreatmentDefault NullTreatment = ""
	IgnoreNulls          NullTreatment = "IGNORE NULLS"
	RespectNulls         NullTreatment = "RESPECT NULLS"
)

// ProcessingMode is the RUNNING or FINAL of a row pattern's measure.
type ProcessingMode string

// The processing modes.
const (
	ProcessingDefault ProcessingMode = ""
	Running           ProcessingMode = "RUNNING"
	Final             ProcessingMode = "FINAL"
)

// ListaggOverflow is ON OVERFLOW ERROR | TRUNCATE [filler] WITH | WITHOUT COUNT.
type ListaggOverflow struct {
	At
	Error     bool           // else TRUNCATE
	Filler    *StringLiteral // nil when absent
	WithCount bool
}

// Over is OVER name or OVER (specification): exactly one is set.
type Over struct {
	At
	Name *Ident
	Spec *WindowSpec
}

// Measure is name OVER window: a measure of a window with a row pattern.
type Measure struct {
	At
	Name Ident
	Over *Over
}

// WindowSpec is [existing window] [PARTITION BY …] [ORDER BY …] [frame].
type WindowSpec struct {
	At
	Base        *Ident // nil when absent
	PartitionBy []Expr
	OrderBy     []*SortItem
	OrderAt     At     // of ORDER BY
	Frame       *Frame // nil when absent
}

// FrameUnit is ROWS, RANGE or GROUPS.
type FrameUnit string

// The frame units.
const (
	Rows   FrameUnit = "ROWS"
	Range  FrameUnit = "RANGE"
	Groups FrameUnit = "GROUPS"
)

// Frame is a window frame, with the row pattern that may follow it.
type Frame struct {
	At
	Unit  FrameUnit
	Start *Bound
	End   *Bound // nil when only one bound is written: CURRENT ROW
	// Measures and Pattern are set only for row pattern recognition in windows.
	Measures []*MeasureDefinition
	Pattern  *Pattern
}

// BoundKind is the kind of a frame bound.
type BoundKind uint8

// The kinds of frame bounds.
const (
	UnboundedPreceding BoundKind = iota
	Preceding                    // X PRECEDING
	CurrentRow
	Following // X FOLLOWING
	UnboundedFollowing
)

// Bound is one end of a frame.
type Bound struct {
	At
	Kind BoundKind
	X    Expr // of Preceding and Following, nil otherwise
}

func (*FunctionCall) expr() {}
func (*Measure) expr()      {}
