package plan

import (
	"reflect"
	"slices"

	"github.com/auditlake/auditlake/planner/types"
)

// PatternRecognition finds runs of rows that match a row pattern (MATCH_RECOGNIZE).
//
// It returns a row per match, with the partition's columns and the measures; with AllRows a row per matched row,
// with all input columns and the measures.
type PatternRecognition struct {
	Input       Node
	PartitionBy []*Column
	OrderBy     []SortKey
	// Variables are the primary pattern variables, by the names that CLASSIFIER returns; everything else refers to
	// them by index. Conditions[i] must hold for a row to be Variables[i]. If its Expr is nil, any row matches.
	Variables  []string
	Conditions []PatternExpr
	Pattern    *RowPattern
	Measures   []PatternMeasure
	AllRows    bool
	// For AllRows: HideEmpty leaves out empty matches; Unmatched adds the rows that are in no match, with measures
	// of NULL.
	HideEmpty, Unmatched bool
	Skip                 PatternSkip
	// Classifier (varchar) and Number (bigint) are columns that arguments of aggregates may read besides the
	// input's: the variable a row was matched as, and the number of its match within the partition.
	Classifier, Number *Column
}

// RowPatternOp is what a RowPattern does.
type RowPatternOp uint8

// The row patterns.
const (
	PatternEmpty     RowPatternOp = iota
	PatternVariable               // one row that is Variable
	PatternStart                  // ^
	PatternEnd                    // $
	PatternSequence               // Items one after the other
	PatternEither                 // the first of Items that leads to a match
	PatternPermute                // Items in any order; the written order is tried first
	PatternExclusion              // Items[0]; AllRows leaves its rows out
	PatternRepeat                 // Items[0], Min to Max times
)

// RowPattern is a row pattern as a tree.
type RowPattern struct {
	Op        RowPatternOp
	Variable  int
	Items     []*RowPattern
	Min, Max  int64 // Max < 0: no bound
	Reluctant bool  // as few times as possible, else as many
}

// PatternExpr is an expression over Values, which are looked up for each row.
type PatternExpr struct {
	Expr   Expr
	Values []PatternValue
}

// PatternMeasure is a measure and its column.
type PatternMeasure struct {
	PatternExpr
	Column *Column
}

// PatternValueKind is what a PatternValue reads.
type PatternValueKind uint8

// The kinds of values.
const (
	NavigatedColumn     PatternValueKind = iota // Source of the row navigated to
	NavigatedClassifier                         // the variable of the row navigated to
	MatchNumber
	PatternAggregate // Fn over the rows of Labels
)

// PatternValue is a value that a match provides.
//
// Navigation starts at the last (or First) matched row whose variable is among Labels and goes Offset such rows
// further into the match. From there it moves Physical rows on (back if negative) within the partition. If there is
// no such row the value is NULL.
type PatternValue struct {
	Column *Column
	Kind   PatternValueKind
	Source *Column
	Labels []int // variables, nil: all
	First  bool
	Offset int64
	// Physical is the number of rows that PREV and NEXT move.
	Physical int64
	// Final: read the whole match; otherwise only its rows up to the current one.
	Final bool
	// For PatternAggregate. Args read the input's columns, Classifier and Number.
	Fn   *types.Resolved
	Args []Expr
}

// PatternSkipKind is where matching continues after a match.
type PatternSkipKind uint8

// The positions at which matching continues.
const (
	SkipPastLast PatternSkipKind = iota
	SkipToNext                   // the row after the match's first
	SkipToFirst                  // the first row of Labels
	SkipToLast                   // the last row of Labels
)

// PatternSkip is AFTER MATCH SKIP.
type PatternSkip struct {
	Kind   PatternSkipKind
	Labels []int
}

// Columns implements Node: the partition's or all of the input's columns, then the measures.
func (n *PatternRecognition) Columns() []*Column {
	out := append([]*Column{}, n.PartitionBy...)
	if n.AllRows {
		out = append([]*Column{}, n.Input.Columns()...)
	}
	for _, m := range n.Measures {
		out = append(out, m.Column)
	}
	return out
}

// MapInputs implements Node.
func (n *PatternRecognition) MapInputs(f func(Node) Node) Node {
	input := f(n.Input)
	if input == n.Input {
		return n
	}
	c := *n
	c.Input = input
	return &c
}

// MapExprs implements Node: the conditions, the measures and the arguments of their aggregates.
func (n *PatternRecognition) MapExprs(f func(Expr) Expr) Node {
	c, changed := n.mapPatterns(func(x PatternExpr) (PatternExpr, bool) {
		e := x.Expr
		if e != nil {
			e = f(e)
		}
		values, changed := mapParts(x.Values, func(v PatternValue) (PatternValue, bool) {
			args, changed := mapList(v.Args, f)
			v.Args = args
			return v, changed
		})
		changed = changed || e != x.Expr
		return PatternExpr{Expr: e, Values: values}, changed
	})
	if !changed {
		return n
	}
	return c
}

// MapColumns implements Node: partitions, orders and what values navigate to.
func (n *PatternRecognition) MapColumns(f func(*Column) *Column) Node {
	partitionBy, partitionChanged := mapList(n.PartitionBy, f)
	orderBy, orderChanged := mapSortKeys(n.OrderBy, f)
	c, partsChanged := n.mapPatterns(func(x PatternExpr) (PatternExpr, bool) {
		values, changed := mapParts(x.Values, func(v PatternValue) (PatternValue, bool) {
			if v.Source == nil {
				return v, false
			}
			source := f(v.Source)
			changed := source != v.Source
			v.Source = source
			return v, changed
		})
		x.Values = values
		return x, changed
	})
	if !partitionChanged && !orderChanged && !partsChanged {
		return n
	}
	c.PartitionBy, c.OrderBy = partitionBy, orderBy
	return c
}

// VisitMade implements Node.
func (n *PatternRecognition) VisitMade(visit func(*Column)) {
	for _, x := range n.Conditions {
		visitValues(x.Values, visit)
	}
	for _, m := range n.Measures {
		visitValues(m.Values, visit)
		visit(m.Column)
	}
	for _, c := range []*Column{n.Classifier, n.Number} {
		if c != nil {
			visit(c)
		}
	}
}

// KeepMade keeps the wanted measures.
func (n *PatternRecognition) KeepMade(wanted func(*Column) bool) Node {
	measures := keepParts(n.Measures, func(m PatternMeasure) bool { return wanted(m.Column) })
	if len(measures) == len(n.Measures) {
		return n
	}
	c := *n
	c.Measures = measures
	return &c
}

func (n *PatternRecognition) same(other Node, s Sameness) bool {
	o, ok := other.(*PatternRecognition)
	return ok && s.columns(n.PartitionBy, o.PartitionBy) && s.sortKeys(n.OrderBy, o.OrderBy) &&
		slices.Equal(n.Variables, o.Variables) && reflect.DeepEqual(n.Pattern, o.Pattern) &&
		n.AllRows == o.AllRows && n.HideEmpty == o.HideEmpty && n.Unmatched == o.Unmatched && n.Skip.same(o.Skip) &&
		s.noteOptional(n.Classifier, o.Classifier) && s.noteOptional(n.Number, o.Number) &&
		slices.EqualFunc(n.Conditions, o.Conditions, s.patternExpr) &&
		slices.EqualFunc(n.Measures, o.Measures, func(a, b PatternMeasure) bool {
			return s.patternExpr(a.PatternExpr, b.PatternExpr) && s.note(a.Column, b.Column)
		})
}

func (p PatternSkip) same(o PatternSkip) bool {
	return p.Kind == o.Kind && slices.Equal(p.Labels, o.Labels)
}

func (s Sameness) patternExpr(a, b PatternExpr) bool {
	return slices.EqualFunc(a.Values, b.Values, s.patternValue) && s.expr(a.Expr, b.Expr)
}

func (s Sameness) patternValue(a, b PatternValue) bool {
	if (a.Fn == nil) != (b.Fn == nil) || a.Fn != nil && !sameFunction(a.Fn, b.Fn) {
		return false
	}
	return a.Kind == b.Kind && a.First == b.First && a.Offset == b.Offset && a.Physical == b.Physical && a.Final == b.Final &&
		(a.Labels == nil) == (b.Labels == nil) && slices.Equal(a.Labels, b.Labels) &&
		s.column(a.Source, b.Source) && s.exprs(a.Args, b.Args) && s.note(a.Column, b.Column)
}

// mapPatterns returns a copy with f applied to the conditions and measures, and
// whether f changed any.
func (n *PatternRecognition) mapPatterns(f func(PatternExpr) (PatternExpr, bool)) (*PatternRecognition, bool) {
	conditions, conditionsChanged := mapParts(n.Conditions, f)
	measures, measuresChanged := mapParts(n.Measures, func(m PatternMeasure) (PatternMeasure, bool) {
		x, changed := f(m.PatternExpr)
		return PatternMeasure{PatternExpr: x, Column: m.Column}, changed
	})
	c := *n
	c.Conditions, c.Measures = conditions, measures
	return &c, conditionsChanged || measuresChanged
}

func visitValues(values []PatternValue, visit func(*Column)) {
	for _, v := range values {
		visit(v.Column)
	}
}
