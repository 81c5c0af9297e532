package analyze

import (
	"fmt"
	"slices"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// aggregation collects the aggregates and keys of a SELECT block.
type aggregation struct {
	calls      []*aggregate
	groupings  []*groupingCall
	subqueries []*pending  // below the aggregation
	outerReads []outerRead // of the subqueries above it
	keyItems   []ast.Node  // items of the select list that are keys
	forced     bool        // HAVING makes one group even without aggregates
	grouped    bool        // GROUP BY is there
	keys       []plan.Expr
	keyIndex   plan.ExprIndex                    // of keys
	same       map[aggregateKind]*sameAggregates // those without an order
	sets       [][]int                           // of keys; at least one when grouped
}

// aggregateKind is what two calls must share to be computed once.
type aggregateKind struct {
	fn                 *types.Signature
	distinct, filtered bool
}

// sameAggregates are the calls of one kind, found by their arguments and filter.
type sameAggregates struct {
	index plan.ExprIndex
	calls []*aggregate // at the positions of index
}

// aggregate is one aggregate function. Expressions above the aggregation read its value from column col.
type aggregate struct {
	col      *plan.Column
	fn       *types.Resolved
	args     []plan.Expr
	distinct bool
	filter   plan.Expr // nil: all rows
	order    []sortExpr
}

// sortExpr is an expression by which rows are ordered.
type sortExpr struct {
	item *ast.SortItem
	expr plan.Expr
}

// groupingCall is GROUPING(args). Expressions above the aggregation read its value from column col.
type groupingCall struct {
	col  *plan.Column
	args []plan.Expr
	at   *ast.Grouping
}

// groupBy analyses the GROUP BY clause into keys and grouping sets.
func (b *block) groupBy() {
	g := b.sel.GroupBy
	if g == nil {
		return
	}
	b.aggregates.grouped = true
	sets := [][]int{{}}
	var plain [][]int // the elements with one set each, joined at once
	for _, element := range g.Elements {
		of := b.groupingSets(element)
		if len(of) == 1 {
			plain = append(plain, of[0])
			continue
		}
		sets, plain = b.product(b.product(sets, [][]int{union(plain)}), of), nil
	}
	sets = b.product(sets, [][]int{union(plain)})
	if g.Distinct {
		sets = distinctSets(sets)
	}
	b.aggregates.sets = sets
}

// autoKeys returns the keys of GROUP BY AUTO: all items of the select list without an aggregate.
func (b *block) autoKeys() []int {
	var set []int
	for i, o := range b.outputs {
		if !b.aggregates.reads(o.expr) && !b.windows.reads(o.expr) {
			set = appendNew(set, b.outputKey(i, o.at))
			continue
		}
		if _, isCall := o.at.(*ast.FunctionCall); !isCall {
			b.refuseAggregates(o.at)
		}
	}
	return set
}

// refuseAggregates ends the analysis because GROUP BY names an item that aggregates.
func (b *block) refuseAggregates(x ast.Node) {
	b.fail(types.ExpressionNotScalar, x, "GROUP BY clause cannot contain aggregations, window functions or grouping operations: [%s]", ast.Format(x))
}

// groupingSets returns the grouping sets of one element of GROUP BY.
func (b *block) groupingSets(element *ast.GroupingElement) [][]int {
	switch element.Kind {
	case ast.GroupingSet:
		set := []int{}
		for _, x := range element.Set {
			set = appendNew(set, b.groupingKey(x))
		}
		return [][]int{set}
	case ast.Auto:
		return [][]int{b.autoKeys()}
	}
	var parts [][]int
	for _, inner := range element.Elements {
		for _, x := range inner.Set {
			b.checkReference(x)
		}
		parts = append(parts, b.groupingSets(inner)...)
	}
	switch element.Kind {
	case ast.GroupingSets:
		return parts
	case ast.Rollup:
		switch {
		case len(parts) >= maxGroupingSets:
			b.fail(types.TooManyGroupingSets, b.sel.GroupBy, "GROUP BY has %d grouping sets but can contain at most %d", len(parts)+1, maxGroupingSets)
		case len(parts) > maxRollup:
			b.fail(types.NotSupported, element, "ROLLUP over more than %d elements is not supported", maxRollup)
		}
		return rollup(parts)
	}
	if len(parts) > maxCube {
		b.fail(types.TooManyGroupingSets, b.sel.GroupBy, "GROUP BY has more than %d grouping sets", maxGroupingSets)
	}
	return cube(parts)
}

// maxCube is the number of elements whose CUBE has maxGroupingSets grouping sets.
const maxCube = 11

// checkReference refuses an element of grouping sets that is not a column, as Trino does.
func (b *block) checkReference(x ast.Expr) {
	if parts, ok := nameParts(x); ok && b.lookup(b.scope, parts, x) != nil {
		return
	}
	e := &env{analyzer: b.analyzer, scope: b.scope, clause: "GROUP BY clause"}
	e.expr(x)
	b.fail(types.InvalidColumnReference, x, "GROUP BY expression must be a column reference: %s", ast.Format(x))
}

func rollup(parts [][]int) [][]int {
	var sets [][]int
	for n := len(parts); n >= 0; n-- {
		sets = append(sets, union(parts[:n]))
	}
	return sets
}

func cube(parts [][]int) [][]int {
	var sets [][]int
	for mask := 1<<len(parts) - 1; mask >= 0; mask-- {
		var chosen [][]int
		for i, part := range parts {
			if mask&(1<<(len(parts)-1-i)) != 0 {
				chosen = append(chosen, part)
			}
		}
		sets = append(sets, union(chosen))
	}
	return sets
}

func union(parts [][]int) []int {
	set := []int{}
	seen := map[int]bool{}
	for _, part := range parts {
		for _, k := range part {
			if !seen[k] {
				seen[k] = true
				set = append(set, k)
			}
		}
	}
	return set
}

func appendNew(set []int, key int) []int {
	for _, k := range set {
		if k == key {
			return set
		}
	}
	return append(set, key)
}

// product combines every set of left with every set of right.
func (b *block) product(left, right [][]int) [][]int {
	if len(left)*len(right) > maxGroupingSets {
		b.fail(types.TooManyGroupingSets, b.sel.GroupBy, "GROUP BY has %d grouping sets but can contain at most %d", len(left)*len(right), maxGroupingSets)
	}
	var sets [][]int
	for _, l := range left {
		for _, r := range right {
			sets = append(sets, union([][]int{l, r}))
		}
	}
	return sets
}

func distinctSets(sets [][]int) [][]int {
	var out [][]int
	known := map[string]bool{}
	for _, set := range sets {
		if key := fmt.Sprint(slices.Sorted(slices.Values(set))); !known[key] {
			known[key] = true
			out = append(out, set)
		}
	}
	return out
}

// groupingKey analyses a grouping expression: an ordinal, or an expression over the FROM clause's columns.
func (b *block) groupingKey(x ast.Expr) int {
	if n, ok := x.(*ast.LongLiteral); ok {
		i := b.ordinal(n, x, len(b.outputs), "GROUP BY")
		o := b.outputs[i]
		if b.aggregates.reads(o.expr) || b.windows.reads(o.expr) {
			b.refuseAggregates(o.at)
		}
		return b.outputKey(i, x)
	}
	if i := b.sameSubquery(x); i >= 0 {
		return b.outputKey(i, x)
	}
	e := &env{analyzer: b.analyzer, scope: b.scope, clause: "GROUP BY clause", subqueries: &b.aggregates.subqueries}
	return b.key(e.expr(x), x)
}

// sameSubquery returns the index of the select item that reads subqueries and has the same text as a grouping
// expression, -1 if there is none. It compares texts because each analysis of a subquery makes new columns.
func (b *block) sameSubquery(x ast.Expr) int {
	return slices.IndexFunc(b.outputs, func(o output) bool {
		return len(o.subqueries) > 0 && ast.Format(o.at) == ast.Format(x)
	})
}

// outputKey makes an item of the select list a grouping key. Its subqueries are then joined below the aggregation.
func (b *block) outputKey(i int, n ast.Node) int {
	o := &b.outputs[i]
	for _, s := range o.subqueries {
		b.subqueries = slices.DeleteFunc(slices.Clone(b.subqueries), func(other *pending) bool { return other == s })
		b.aggregates.subqueries = append(b.aggregates.subqueries, s)
	}
	o.subqueries = nil
	b.aggregates.keyItems = append(b.aggregates.keyItems, o.at)
	return b.key(o.expr, n)
}

// key returns the index of a grouping expression among the keys. It adds a new one.
func (b *block) key(x plan.Expr, n ast.Node) int {
	if !x.Type().IsComparable() {
		b.fail(types.TypeMismatch, b.sel, "%s is not comparable, and therefore cannot be used in GROUP BY", x.Type())
	}
	if at := b.aggregates.keyIndex.FindExpr(x); at >= 0 {
		return at
	}
	if len(b.aggregates.keys) == maxItems {
		b.fail(types.NotSupported, n, "GROUP BY over more than %d expressions is not supported", maxItems)
	}
	b.aggregates.keys = append(b.aggregates.keys, x)
	return b.aggregates.keyIndex.AddExpr(x)
}

// reads reports whether x holds an aggregate or GROUPING.
func (g *aggregation) reads(x plan.Expr) bool {
	found := false
	plan.FreeColumns(x, func(c *plan.Column) {
		for _, call := range g.calls {
			found = found || call.col == c
		}
		for _, call := range g.groupings {
			found = found || call.col == c
		}
	})
	return found
}
