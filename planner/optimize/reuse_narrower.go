package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

const (
	// maxAlike is how many parts of a plan of one shape are compared with each other.
	maxAlike = 16
	// maxNarrowings is how many ways to choose columns of a part are compared with another part, and
	// maxNarrowingSteps how many columns are chosen for that: many may have one name.
	maxNarrowings     = 8
	maxNarrowingSteps = 1 << 10
)

// shareNarrower shares the rows of parts of the plan with those that give the same rows with fewer columns, such as a
// WITH query that is read twice, of which each reader needs something else. A LIMIT may stop before all rows are
// there, which a part with more columns may compute at once, and before something fails: with one in the plan nothing
// is shared so.
func (r *reuse) shareNarrower() {
	if r.hasLimit {
		return
	}
	alike := map[uint64][]plan.Node{}
	for _, x := range r.nodes {
		if r.isWhole(x.node) {
			alike[x.shape] = append(alike[x.shape], x.node)
		}
	}
	for _, x := range r.nodes {
		some := alike[x.shape]
		if len(some) > maxAlike {
			continue
		}
		for _, narrow := range some {
			if r.mayNarrow(x.node, narrow) {
				r.shareWith(x.node, narrow)
			}
		}
	}
}

// isWhole reports whether a node is not inside what is shared already, and if it is shared itself, gives the rows
// that the others have.
func (r *reuse) isWhole(n plan.Node) bool {
	if shared := r.replaced[n]; shared != nil {
		return shared.First
	}
	return !r.inside[n]
}

// mayNarrow reports whether one part may have its rows of another one. Neither is in the other, as a projection is
// that adds to its input, and nothing in them is shared with the rest of the plan, which would lose it.
func (r *reuse) mayNarrow(wide, narrow plan.Node) bool {
	return wide != narrow && len(narrow.Columns()) < len(wide.Columns()) && r.isWhole(wide) && r.isWhole(narrow) && r.isApart(wide, narrow)
}

// isApart reports whether neither of two parts is in the other one, nor in the step of a recursion, and nothing in
// them is shared with the rest of the plan.
func (r *reuse) isApart(a, b plan.Node) bool {
	r.step()
	if r.isBelow(b, a) || r.isBelow(a, b) || r.isInStep(a) || r.isInStep(b) {
		return false
	}
	for n := range r.replaced {
		r.step()
		if r.isBelow(n, a) || r.isBelow(n, b) {
			return false
		}
	}
	return true
}

// isInStep reports whether a node is in the step of a recursion, which is built anew each time.
func (r *reuse) isInStep(n plan.Node) bool {
	return slices.ContainsFunc(r.recursions, func(x *plan.Recursion) bool { return n == x.Step || r.isBelow(n, x.Step) })
}

// isBelow reports whether a node is below another one.
func (r *reuse) isBelow(n, other plan.Node) bool {
	at, span := r.spans[n][0], r.spans[other]
	return span[0] < at && at <= span[1]
}

// shareWith shares the rows of a wide part with a narrow one, and with those that have their rows of it, if this
// gives the same rows with fewer columns.
func (r *reuse) shareWith(wide, narrow plan.Node) {
	r.checkCancelled()
	columns := wide.Columns()
	if r.estimateRows(wide)*float64(len(columns)) > maxReusedValues {
		return
	}
	of := r.narrowing(wide, narrow)
	if of == nil {
		return
	}
	readers := map[plan.Node]*plan.Reuse{narrow: {Cols: narrow.Columns()}}
	if shared := r.replaced[narrow]; shared != nil {
		for n, reader := range r.replaced {
			if reader.Number == shared.Number {
				readers[n] = reader
			}
		}
	}
	if r.replaced[wide] == nil {
		r.last++
		r.replacePart(wide, &plan.Reuse{Number: r.last, Input: wide, Cols: columns, First: true})
	}
	for n, reader := range readers {
		own := of
		if reader.Of != nil {
			own = make([]int, len(reader.Of))
			for i, at := range reader.Of {
				own[i] = of[at]
			}
		}
		r.replacePart(n, &plan.Reuse{Number: r.replaced[wide].Number, Input: n, Cols: reader.Cols, Of: own})
	}
}

// narrowing returns which columns of the wide part are those of the narrow one, if it gives the same rows, else nil.
// Their names and types tell which they may be.
func (r *reuse) narrowing(wide, narrow plan.Node) []int {
	columns, wanted := wide.Columns(), narrow.Columns()
	steps, tries := 0, 0
	var choose func(chosen []int) []int
	choose = func(chosen []int) []int {
		if steps++; steps > maxNarrowingSteps || tries == maxNarrowings {
			return nil
		}
		if len(chosen) == len(wanted) {
			if tries++; r.isNarrowed(wide, narrow, chosen) {
				return chosen
			}
			return nil
		}
		c := wanted[len(chosen)]
		for i, other := range columns {
			if other.Name != c.Name || !other.Type.Equal(c.Type) || slices.Contains(chosen, i) {
				continue
			}
			if found := choose(append(slices.Clone(chosen), i)); found != nil {
				return found
			}
		}
		return nil
	}
	return choose([]int{})
}

// isNarrowed reports whether a part of which some columns alone are wanted is the narrow one, with its columns in the
// order of these.
func (r *reuse) isNarrowed(wide, narrow plan.Node, chosen []int) bool {
	columns := wide.Columns()
	wanted := columnSet{}
	for _, i := range chosen {
		wanted[columns[i].ID] = true
	}
	s := plan.Sameness{}
	if !s.SamePlans(removeProjections(r.optimizer, r.keepColumns(wide, wanted)), narrow) {
		return false
	}
	for i, c := range narrow.Columns() {
		if s[c.ID] == nil || s[c.ID].ID != columns[chosen[i]].ID {
			return false
		}
	}
	return mayCompute(wide, wanted)
}

// mayCompute reports whether what a part computes of which nobody wants the values cannot fail.
func mayCompute(n plan.Node, wanted columnSet) bool {
	may := true
	visitNodes(n, func(n plan.Node) {
		switch n := n.(type) {
		case *plan.Project:
			for _, item := range n.Items {
				may = may && (wanted[item.Column.ID] || cannotFail(item.Expr))
			}
		case *plan.Aggregate:
			for _, call := range n.Aggs {
				may = may && (wanted[call.Column.ID] || isTotalAggregate(call))
			}
		case *plan.Window, *plan.PatternRecognition:
			n.VisitMade(func(c *plan.Column) { may = may && wanted[c.ID] })
		}
	})
	return may
}

// totalAggregates give a value for all arguments, and hold little.
var totalAggregates = map[string]bool{
	"count": true, "count_if": true, "min": true, "max": true, "bool_and": true, "bool_or": true, "every": true, "any_value": true,
	"arbitrary": true, "approx_distinct": true,
}

// isTotalAggregate reports whether an aggregate cannot fail: sums of integers may become too large, and what is
// nested may not compare.
func isTotalAggregate(call plan.AggCall) bool {
	if len(call.Args) > 1 || !scalarOnly(call.Args) {
		return false
	}
	if call.Fn.Name == "sum" || call.Fn.Name == "avg" {
		return call.Fn.Return.Kind == types.Double || call.Fn.Return.Kind == types.Real
	}
	return totalAggregates[call.Fn.Name]
}
