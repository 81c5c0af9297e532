package plan

import (
	"fmt"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

// Aggregate groups rows. Keys and aggregate arguments are columns of Input.
type Aggregate struct {
	Input Node
	// Keys are all grouping columns. Without Keys there is exactly one group, even for no rows.
	Keys []*Column
	// RowNumber is a key that alone identifies a group, a column of NumberRows: all rows of a group agree in the
	// other keys. Nil: there is none.
	RowNumber *Column
	// Sets are the grouping sets, as indexes into Keys; nil means one set of all Keys. With Sets, GroupID (bigint)
	// is the set's index.
	Sets    [][]int
	GroupID *Column
	Aggs    []AggCall
	// Counts marks an aggregation that the manifest can answer for whole segments.
	//
	// It asks only for count(*), min and max of eventtime, and its keys are monotonic in eventtime. Input, a scan
	// of a store or a projection of one, filters by eventtime alone. For a segment that matches as a whole and has
	// one combination of keys, the manifest then says enough.
	Counts bool
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

// MapInputs implements Node.
func (n *Aggregate) MapInputs(f func(Node) Node) Node {
	input := f(n.Input)
	if input == n.Input {
		return n
	}
	c := *n
	c.Input = input
	return &c
}

// MapExprs implements Node.
func (n *Aggregate) MapExprs(f func(Expr) Expr) Node {
	aggs, changed := mapParts(n.Aggs, func(a AggCall) (AggCall, bool) {
		args, changed := mapList(a.Args, f)
		a.Args = args
		return a, changed
	})
	if !changed {
		return n
	}
	c := *n
	c.Aggs = aggs
	return &c
}

// MapColumns implements Node: the keys, the aggregates' filters and orders.
func (n *Aggregate) MapColumns(f func(*Column) *Column) Node {
	keys, keysChanged := mapList(n.Keys, f)
	aggs, aggsChanged := mapParts(n.Aggs, func(a AggCall) (AggCall, bool) {
		filter := a.Filter
		if filter != nil {
			filter = f(filter)
		}
		orderBy, changed := mapSortKeys(a.OrderBy, f)
		changed = changed || filter != a.Filter
		a.Filter, a.OrderBy = filter, orderBy
		return a, changed
	})
	number := n.RowNumber
	if number != nil {
		number = f(number)
	}
	if !keysChanged && !aggsChanged && number == n.RowNumber {
		return n
	}
	c := *n
	c.Keys, c.RowNumber, c.Aggs = keys, number, aggs
	return &c
}

// VisitMade implements Node.
func (n *Aggregate) VisitMade(visit func(*Column)) {
	if n.GroupID != nil {
		visit(n.GroupID)
	}
	for _, a := range n.Aggs {
		visit(a.Column)
	}
}

// KeepMade keeps the wanted aggregates and the keys. With a row number, it drops the other keys that are not
// wanted.
func (n *Aggregate) KeepMade(wanted func(*Column) bool) Node {
	aggs := keepParts(n.Aggs, func(a AggCall) bool { return wanted(a.Column) })
	keys := n.Keys
	if n.RowNumber != nil {
		keys = keepParts(keys, func(k *Column) bool { return k.ID == n.RowNumber.ID || wanted(k) })
	}
	if len(aggs) == len(n.Aggs) && len(keys) == len(n.Keys) {
		return n
	}
	c := *n
	c.Aggs, c.Keys = aggs, keys
	return &c
}

// SplitsBy returns the keys that are in every grouping set.
func (n *Aggregate) SplitsBy() func(*Column) bool {
	if n.Sets == nil {
		return columnsIn(n.Keys)
	}
	uses := make([]int, len(n.Keys))
	for _, set := range n.Sets {
		for _, k := range set {
			uses[k]++
		}
	}
	var common []*Column
	for k, count := range uses {
		if count == len(n.Sets) {
			common = append(common, n.Keys[k])
		}
	}
	return columnsIn(common)
}

// GuessRows guesses the number of groups.
func (n *Aggregate) GuessRows(guessed func(Node) float64) float64 {
	if len(n.Keys) == 0 {
		return 1
	}
	return guessed(n.Input) * groupsPerRow
}

func (n *Aggregate) same(other Node, s Sameness) bool {
	o, ok := other.(*Aggregate)
	if !ok || n.Counts != o.Counts || !s.columns(n.Keys, o.Keys) || !s.column(n.RowNumber, o.RowNumber) || !slices.EqualFunc(n.Sets, o.Sets, slices.Equal[[]int]) || (n.Sets == nil) != (o.Sets == nil) ||
		!s.noteOptional(n.GroupID, o.GroupID) {
		return false
	}
	return slices.EqualFunc(n.Aggs, o.Aggs, func(a, b AggCall) bool {
		return sameFunction(a.Fn, b.Fn) && a.Distinct == b.Distinct && s.exprs(a.Args, b.Args) &&
			s.column(a.Filter, b.Filter) && s.sortKeys(a.OrderBy, b.OrderBy) && s.note(a.Column, b.Column)
	})
}

// Describe implements Node.
func (n *Aggregate) Describe() string {
	aggs := make([]string, len(n.Aggs))
	for i, a := range n.Aggs {
		aggs[i] = columnName(a.Column) + " := " + formatAggCall(a)
	}
	text := "Aggregate " + "by " + columnNames(n.Keys)
	if n.Sets != nil {
		text += fmt.Sprintf(" sets %v id %s", n.Sets, columnName(n.GroupID))
	}
	return text + " [" + strings.Join(aggs, ", ") + "]" + iff(n.Counts, " counting whole segments")
}

func formatAggCall(a AggCall) string {
	text := a.Fn.Name + "(" + iff(a.Distinct, "DISTINCT ") + formatExprs(a.Args)
	if len(a.OrderBy) > 0 {
		text += " ORDER BY " + sortKeys(a.OrderBy)
	}
	text += ")"
	if a.Filter != nil {
		text += " FILTER " + columnName(a.Filter)
	}
	return text
}
