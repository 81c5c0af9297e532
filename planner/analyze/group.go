package analyze

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// aggregation collects what a SELECT block aggregates.
type aggregation struct {
	calls      []*aggregate
	groupings  []*groupingCall
	subqueries []*pending // below the aggregation
	forced     bool       // HAVING makes one group even without aggregates
	grouped    bool       // GROUP BY is there
	keys       []plan.Expr
	sets       [][]int // of keys; at least one when grouped
}

// aggregate is one aggregate function, read as column col above.
type aggregate struct {
	col      *plan.Column
	fn       *types.Resolved
	args     []plan.Expr
	distinct bool
	filter   plan.Expr // nil: all rows
	order    []sortExpr
}

// sortExpr is an expression rows are ordered by.
type sortExpr struct {
	item *ast.SortItem
	expr plan.Expr
}

// groupingCall is GROUPING(args), read as column col.
type groupingCall struct {
	col  *plan.Column
	args []plan.Expr
	at   *ast.Grouping
}

// aggregateCall adds an aggregate and reads its column.
func (e *env) aggregateCall(name string, x *ast.FunctionCall) plan.Expr {
	if e.aggregates == nil {
		e.refuseAggregate(name, x)
	}
	if x.Nulls != ast.NullTreatmentDefault {
		e.fail(types.NotSupported, x, "%s is only supported for window functions", x.Nulls)
	}
	inner := *e
	inner.aggregates, inner.windows, inner.subqueries = nil, nil, &e.aggregates.subqueries
	inner.inside, inner.aliases = x, nil
	agg := &aggregate{distinct: x.Distinct}
	agg.fn, agg.args = inner.aggregateArgs(name, x)
	for _, item := range append(append([]*ast.SortItem{}, x.OrderBy...), x.WithinGroup...) {
		key := inner.expr(item.X)
		if !key.Type().IsOrderable() {
			e.fail(types.TypeMismatch, x, "ORDER BY can only be applied to orderable types (actual: %s)", key.Type())
		}
		agg.order = append(agg.order, sortExpr{item, key})
	}
	if x.Filter != nil {
		agg.filter = inner.boolean(x.Filter, "Filter expression")
	}
	if x.Distinct {
		e.checkDistinct(agg, x)
	}
	return &plan.Ref{Column: e.aggregates.add(e.analyzer, name, agg)}
}

func (e *env) refuseAggregate(name string, x *ast.FunctionCall) {
	if e.inside != nil {
		e.fail(types.NestedAggregation, e.inside, "Cannot nest aggregations inside aggregation: [%s]", ast.Format(x))
	}
	e.fail(types.ExpressionNotScalar, x, "%s cannot contain aggregations, window functions or grouping operations: [%s]", e.clause, ast.Format(x))
}

func (e *env) aggregateArgs(name string, x *ast.FunctionCall) (*types.Resolved, []plan.Expr) {
	if x.Label != nil {
		panic(e.notSupported(x, "an aggregate over label.*"))
	}
	list := x.Args
	if len(x.WithinGroup) > 0 {
		list = listaggArgs(x)
	}
	fn, args := e.resolveCall(name, list, x)
	if fn.Kind != types.Aggregate {
		e.fail(types.FunctionNotAggregate, x, "%s is not an aggregate function", name)
	}
	for i, arg := range args {
		if _, ok := arg.(*plan.Lambda); ok {
			plan.FreeColumns(arg, func(*plan.Column) {
				panic(e.notSupported(x.Args[i], "a column inside an aggregate's lambda"))
			})
		}
	}
	return fn, args
}

// listaggArgs spells the clauses of LISTAGG out: value, separator, whether to
// fail on overflow, the filler of a cut list, whether to count what was cut.
func listaggArgs(x *ast.FunctionCall) []ast.Expr {
	separator := ast.Expr(&ast.StringLiteral{At: x.At})
	if len(x.Args) > 1 {
		separator = x.Args[1]
	}
	fails, counts := true, false
	filler := &ast.StringLiteral{At: x.At, Value: "..."}
	if o := x.Overflow; o != nil && !o.Error {
		fails, counts = false, o.WithCount
		if o.Filler != nil {
			filler = o.Filler
		}
	}
	return []ast.Expr{x.Args[0], separator, &ast.BoolLiteral{At: x.At, Value: fails}, filler, &ast.BoolLiteral{At: x.At, Value: counts}}
}

func (e *env) checkDistinct(agg *aggregate, x *ast.FunctionCall) {
	for _, arg := range agg.args {
		if !arg.Type().IsComparable() {
			e.fail(types.TypeMismatch, x, "DISTINCT can only be applied to comparable types (actual: %s)", arg.Type())
		}
	}
	for _, o := range agg.order {
		found := false
		for _, arg := range agg.args {
			found = found || plan.Equal(o.expr, arg)
		}
		if !found {
			e.fail(types.ExpressionNotInDistinct, o.item.X, "For aggregate function with DISTINCT, ORDER BY expressions must appear in arguments")
		}
	}
}

// add returns the column of agg, or of an equal aggregate added before.
func (g *aggregation) add(a *analyzer, name string, agg *aggregate) *plan.Column {
	for _, c := range g.calls {
		if c.equal(agg) {
			return c.col
		}
	}
	agg.col = a.newColumn(name, agg.fn.Return)
	g.calls = append(g.calls, agg)
	return agg.col
}

func (g *aggregate) equal(o *aggregate) bool {
	if g.fn.Signature != o.fn.Signature || g.distinct != o.distinct || !equalAll(g.args, o.args) ||
		(g.filter == nil) != (o.filter == nil) || len(g.order) > 0 || len(o.order) > 0 {
		return false
	}
	return g.filter == nil || plan.Equal(g.filter, o.filter)
}

func equalAll(a, b []plan.Expr) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if !plan.Equal(a[i], b[i]) {
			return false
		}
	}
	return true
}

func (e *env) grouping(x *ast.Grouping) plan.Expr {
	if e.aggregates == nil {
		e.fail(types.ExpressionNotScalar, x, "%s cannot contain aggregations, window functions or grouping operations: [%s]", e.clause, ast.Format(x))
	}
	if len(x.Args) > 31 {
		panic(e.notSupported(x, "GROUPING with more than 31 arguments"))
	}
	call := &groupingCall{col: e.newColumn("grouping", types.IntegerType), at: x}
	inner := *e
	inner.aggregates, inner.windows = nil, nil
	for _, arg := range x.Args {
		call.args = append(call.args, inner.expr(arg))
	}
	e.aggregates.groupings = append(e.aggregates.groupings, call)
	return &plan.Ref{Column: call.col}
}

// groupBy analyses the GROUP BY clause into keys and grouping sets.
func (b *block) groupBy() {
	g := b.sel.GroupBy
	if g == nil {
		return
	}
	b.aggregates.grouped = true
	if g.Auto {
		b.aggregates.sets = [][]int{b.autoKeys()}
		return
	}
	sets := [][]int{{}}
	for _, element := range g.Elements {
		sets = b.product(sets, b.groupingSets(element), element)
	}
	if g.Distinct {
		sets = distinctSets(sets)
	}
	b.aggregates.sets = sets
}

// autoKeys are all items of the select list that aggregate nothing.
func (b *block) autoKeys() []int {
	var set []int
	for _, o := range b.outputs {
		if !b.aggregates.reads(o.expr) && !b.windows.reads(o.expr) {
			set = appendNew(set, b.key(o.expr, o.at))
		}
	}
	return set
}

// groupingSets are the sets one element stands for.
func (b *block) groupingSets(element *ast.GroupingElement) [][]int {
	switch element.Kind {
	case ast.GroupingSet:
		set := []int{}
		for _, x := range element.Set {
			set = appendNew(set, b.groupingKey(x))
		}
		return [][]int{set}
	case ast.GroupingSets:
		var sets [][]int
		for _, inner := range element.Elements {
			sets = append(sets, b.groupingSets(inner)...)
		}
		return sets
	}
	var parts [][]int
	for _, inner := range element.Elements {
		parts = append(parts, b.groupingSets(inner)...)
	}
	if element.Kind == ast.Rollup {
		if len(parts) > maxRollup {
			b.fail(types.NotSupported, element, "ROLLUP over more than %d elements is not supported", maxRollup)
		}
		return rollup(parts)
	}
	if len(parts) > 11 {
		b.fail(types.NotSupported, element, "CUBE over more than 11 elements is not supported")
	}
	return cube(parts)
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
	for _, part := range parts {
		for _, k := range part {
			set = appendNew(set, k)
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

// product joins every set of a with every set of b.
func (b *block) product(left, right [][]int, n ast.Node) [][]int {
	if len(left)*len(right) > maxGroupingSets {
		b.fail(types.NotSupported, n, "GROUP BY has more than %d grouping sets", maxGroupingSets)
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
	for _, set := range sets {
		known := false
		for _, o := range out {
			known = known || len(o) == len(set) && len(union([][]int{o, set})) == len(set)
		}
		if !known {
			out = append(out, set)
		}
	}
	return out
}

// groupingKey analyses a grouping expression: an ordinal or an expression over
// the FROM clause's columns.
func (b *block) groupingKey(x ast.Expr) int {
	if n, ok := x.(*ast.LongLiteral); ok {
		o := b.outputs[b.ordinal(n, x, len(b.outputs), "GROUP BY")]
		if b.aggregates.reads(o.expr) || b.windows.reads(o.expr) {
			b.fail(types.ExpressionNotScalar, o.at, "GROUP BY clause cannot contain aggregations, window functions or grouping operations: [%s]", ast.Format(o.at))
		}
		return b.key(o.expr, x)
	}
	e := &env{analyzer: b.analyzer, scope: b.scope, clause: "GROUP BY clause", subqueries: &b.aggregates.subqueries}
	return b.key(e.expr(x), x)
}

// key is the index of a grouping expression among the keys.
func (b *block) key(x plan.Expr, n ast.Node) int {
	if !x.Type().IsComparable() {
		b.fail(types.TypeMismatch, n, "%s is not comparable, and therefore cannot be used in GROUP BY", x.Type())
	}
	for i, k := range b.aggregates.keys {
		if plan.Equal(k, x) {
			return i
		}
	}
	if len(b.aggregates.keys) == maxItems {
		b.fail(types.NotSupported, n, "GROUP BY over more than %d expressions is not supported", maxItems)
	}
	b.aggregates.keys = append(b.aggregates.keys, x)
	return len(b.aggregates.keys) - 1
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
