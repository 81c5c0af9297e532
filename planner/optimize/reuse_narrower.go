package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

const (
	// maxAlike limits how many parts of one shape are compared with each other.
	maxAlike = 16
	// maxNarrowings limits how many choices of columns of a part are compared with another part, and
	// maxNarrowingSteps how many columns are tried for them: several columns may have the same name.
	maxNarrowings     = 8
	maxNarrowingSteps = 1 << 10
)

// shareNarrower shares the rows of parts of the plan with parts that return the same rows with fewer columns. An
// example is a WITH query whose two readers need different columns. Nothing is shared in a plan with a LIMIT: it
// may stop before all rows are there and before something fails, whereas a part with more columns may compute all
// rows at once.
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

// isWhole reports whether a node is not inside a part that is already shared. A shared node itself counts only if
// it computes the rows for the others.
func (r *reuse) isWhole(n plan.Node) bool {
	if shared := r.replaced[n]; shared != nil {
		return shared.First
	}
	return !r.inside[n]
}

// mayNarrow reports whether narrow may take its rows from wide. Neither may contain the other, as a projection that
// adds to its input does. Nothing in them may be shared with the rest of the plan, which would lose it.
func (r *reuse) mayNarrow(wide, narrow plan.Node) bool {
	return wide != narrow && len(narrow.Columns()) < len(wide.Columns()) && r.isWhole(wide) && r.isWhole(narrow) && r.isApart(wide, narrow)
}

// isApart reports whether neither part contains the other, neither is in the step of a recursion, and nothing in
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

// isInStep reports whether a node is in the step of a recursion, which is rebuilt each round.
func (r *reuse) isInStep(n plan.Node) bool {
	return slices.ContainsFunc(r.recursions, func(x *plan.Recursion) bool { return n == x.Step || r.isBelow(n, x.Step) })
}

// isBelow reports whether a node is below another one.
func (r *reuse) isBelow(n, other plan.Node) bool {
	at, span := r.spans[n][0], r.spans[other]
	return span[0] < at && at <= span[1]
}

// shareWith shares the rows of a wide part with a narrow one, and with the parts that take their rows from that.
// The narrow part must return the same rows with fewer columns.
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

// narrowing returns, for each column of the narrow part, the index of the wide part's column, if both return the
// same rows, else nil. Names and types of the columns limit the choices.
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

// isNarrowed reports whether the wide part, with only the chosen columns, equals the narrow one. The narrow part's
// columns must correspond to the chosen ones in order.
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

// mayCompute reports whether the values of a part that are not wanted cannot fail.
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

// totalAggregates return a value for all arguments, and hold little.
var totalAggregates = map[string]bool{
	"count": true, "count_if": true, "min": true, "max": true, "bool_and": true, "bool_or": true, "every": true, "any_value": true,
	"arbitrary": true, "approx_distinct": true,
}

// isTotalAggregate reports whether an aggregate cannot fail. Sums of integers may overflow, and nested values may
// not be comparable.
func isTotalAggregate(call plan.AggCall) bool {
	if len(call.Args) > 1 || !scalarOnly(call.Args) {
		return false
	}
	if call.Fn.Name == "sum" || call.Fn.Name == "avg" {
		return call.Fn.Return.Kind == types.Double || call.Fn.Return.Kind == types.Real
	}
	return totalAggregates[call.Fn.Name]
}
