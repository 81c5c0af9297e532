package ast

// PatternRelation is relation MATCH_RECOGNIZE (…). An alias after it is an *Aliased
// around it.
type PatternRelation struct {
	At
	Relation     Relation
	PartitionBy  []Expr
	OrderBy      []*SortItem
	Measures     []*MeasureDefinition
	AllRows      bool // ALL ROWS PER MATCH, else ONE ROW PER MATCH
	EmptyMatches EmptyMatches
	Pattern      *Pattern
}

// EmptyMatches is what ALL ROWS PER MATCH does with empty matches and unmatched
// rows.
type EmptyMatches string

// The ways to treat empty matches.
const (
	EmptyMatchesDefault EmptyMatches = ""
	ShowEmptyMatches    EmptyMatches = "SHOW EMPTY MATCHES"
	OmitEmptyMatches    EmptyMatches = "OMIT EMPTY MATCHES"
	WithUnmatchedRows   EmptyMatches = "WITH UNMATCHED ROWS"
)

// MeasureDefinition is expression AS name.
type MeasureDefinition struct {
	At
	X    Expr
	Name Ident
}

// Pattern is what MATCH_RECOGNIZE and pattern windows share.
type Pattern struct {
	At
	Skip        *SkipTo // nil when absent
	Seek        bool    // SEEK
	Initial     bool    // INITIAL
	SearchAt    At      // of SEEK or INITIAL
	Pattern     RowPattern
	Subsets     []*SubsetDefinition
	Definitions []*VariableDefinition
}

// SkipKind is where matching continues after a match.
type SkipKind string

// The places to continue at.
const (
	SkipPastLast  SkipKind = "PAST LAST ROW"
	SkipToNext    SkipKind = "TO NEXT ROW"
	SkipToFirst   SkipKind = "TO FIRST"
	SkipToLast    SkipKind = "TO LAST"
	SkipToDefault SkipKind = "TO" // TO name: the last row of the variable
)

// SkipTo is AFTER MATCH SKIP ….
type SkipTo struct {
	At
	Kind SkipKind
	Name *Ident // of the kinds that name a variable
}

// SubsetDefinition is name = (names).
type SubsetDefinition struct {
	At
	Name  Ident
	Union []Ident
}

// VariableDefinition is name AS condition.
type VariableDefinition struct {
	At
	Name      Ident
	Condition Expr
}

// RowPattern is an element of a pattern: *PatternVariable, *PatternAnchor,
// *EmptyPattern, *PatternSequence, *PatternAlternation, *PatternPermutation,
// *ExcludedPattern or *QuantifiedPattern.
type RowPattern interface {
	Node
	rowPattern()
}

// PatternVariable is a name.
type PatternVariable struct {
	At
	Name Ident
}

// PatternAnchor is ^ or $.
type PatternAnchor struct {
	At
	End bool // $
}

// EmptyPattern is ().
type EmptyPattern struct{ At }

// PatternSequence is two or more patterns that match one after the other.
type PatternSequence struct {
	At
	Items []RowPattern
}

// PatternAlternation is a | b | ….
type PatternAlternation struct {
	At
	Items []RowPattern
}

// PatternPermutation is PERMUTE(a, b, …).
type PatternPermutation struct {
	At
	Items []RowPattern
}

// ExcludedPattern is {- a -}.
type ExcludedPattern struct {
	At
	Item RowPattern
}

// QuantifiedPattern repeats an item Min to Max times.
type QuantifiedPattern struct {
	At
	Item      RowPattern
	Min       int64
	Max       int64 // -1: no bound
	Reluctant bool
	RangeAt   At // of {Min,Max}
}

func (*PatternVariable) rowPattern()    {}
func (*PatternAnchor) rowPattern()      {}
func (*EmptyPattern) rowPattern()       {}
func (*PatternSequence) rowPattern()    {}
func (*PatternAlternation) rowPattern() {}
func (*PatternPermutation) rowPattern() {}
func (*ExcludedPattern) rowPattern()    {}
func (*QuantifiedPattern) rowPattern()  {}
