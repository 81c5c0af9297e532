package analyze

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// pending is a subquery whose result an expression reads as a column. attach
// joins it below the node that evaluates the expression.
type pending struct {
	at ast.Node
	// exprs are over the node's columns (and the subquery's): rewritten when an
	// aggregation comes between.
	exprs []plan.Expr
	join  func(node plan.Node, exprs []plan.Expr) plan.Node
}

func (p *pending) rewrite(f func(plan.Expr) plan.Expr) {
	for i, x := range p.exprs {
		p.exprs[i] = f(x)
	}
}

// attach joins subqueries to node.
func (a *analyzer) attach(node plan.Node, subqueries []*pending) plan.Node {
	for _, s := range subqueries {
		node = s.join(node, s.exprs)
	}
	return node
}

// addSubquery adds a subquery to those of the expression's node.
func (e *env) addSubquery(s *pending) {
	if e.subqueries == nil {
		panic(e.notSupported(s.at, "a subquery, or an operand that is not deterministic, in "+e.clause))
	}
	*e.subqueries = append(*e.subqueries, s)
}

// subplan is an analysed subquery.
type subplan struct {
	relation
	correlated map[int]bool // columns of outer queries that it reads, by ID
}

func (e *env) subplan(q *ast.Query) subplan {
	var correlated []*plan.Column
	before := len(e.outerReads)
	rel := visible(e.query(q, e.scope.subquery(&correlated), false))
	if e.aggregates != nil {
		for _, read := range e.outerReads[before:] {
			read.from = q
			e.aggregates.outerReads = append(e.aggregates.outerReads, read)
		}
	}
	s := subplan{relation: rel, correlated: map[int]bool{}}
	for _, c := range correlated {
		s.correlated[c.ID] = true
	}
	return s
}

// refuseInLambda ends the analysis where a lambda's body holds a subquery.
func (e *env) refuseInLambda(x ast.Node) {
	if len(e.params) > 0 {
		e.fail(types.NotSupported, x, "Lambda expression cannot contain subqueries")
	}
}

func (e *env) scalarSubquery(x *ast.Subquery) plan.Expr {
	e.refuseInLambda(x)
	s := e.subplan(x.Query)
	if len(s.correlated) > 0 {
		return e.correlatedScalar(x, e.inOneColumn(s))
	}
	right := s.node
	if !isSingleRow(right) {
		right = &plan.EnforceSingleRow{Input: right}
	}
	e.addSubquery(&pending{at: x, join: func(node plan.Node, _ []plan.Expr) plan.Node {
		return &plan.Join{Kind: plan.CrossJoin, Left: node, Right: right}
	}})
	return valueOf(s.fields)
}

// valueOf is the value of a subquery's row: of several fields a row of them.
func valueOf(fields []field) plan.Expr {
	if len(fields) == 1 {
		return &plan.Ref{Column: fields[0].col}
	}
	items, row := make([]plan.Expr, len(fields)), make([]types.Field, len(fields))
	for i, f := range fields {
		items[i] = &plan.Ref{Column: f.col}
		row[i] = types.Field{Name: f.name, Type: f.col.Type}
	}
	return special(plan.MakeRow, types.RowOf(row...), items...)
}

// inOneColumn makes a row of several columns, so that a subquery without rows is
// NULL.
func (e *env) inOneColumn(s subplan) subplan {
	if len(s.fields) == 1 {
		return s
	}
	row := &projection{analyzer: e.analyzer, input: s.node}
	s.fields = []field{{col: row.column(valueOf(s.fields), "row")}}
	s.node = row.node()
	return s
}

// isSingleRow reports whether n gives exactly one row.
func isSingleRow(n plan.Node) bool {
	switch n := n.(type) {
	case *plan.Aggregate:
		return len(n.Keys) == 0 && n.Sets == nil
	case *plan.Project:
		return isSingleRow(n.Input)
	case *plan.Values:
		return len(n.Rows) == 1
	case *plan.EnforceSingleRow:
		return true
	}
	return false
}

func (e *env) exists(x *ast.Exists) plan.Expr {
	s := e.subplan(x.Query)
	if len(s.correlated) > 0 {
		if isSingleRow(existsInput(s.node)) {
			return boolConst(true)
		}
		return e.correlatedMark(x, s, nil)
	}
	mark := e.newColumn("exists", types.BooleanType)
	e.addSubquery(&pending{at: x, join: func(node plan.Node, _ []plan.Expr) plan.Node {
		right := &plan.Limit{Input: s.node, Count: 1}
		return &plan.Join{Kind: plan.SemiMark, Left: node, Right: right, Mark: mark}
	}})
	return &plan.Ref{Column: mark}
}

func (e *env) inSubquery(x *ast.InSubquery) plan.Expr {
	e.refuseInLambda(x)
	return negateIf(x.Not, e.inQuery(x, e.expr(x.X), x.Query, x.Not))
}

// inQuery is value IN (q). A filter that keeps its rows only where this is true
// is a join on equal values, and false may stand for NULL. Anywhere else values
// match that are not distinct (NaN, and rows and arrays that hold NULL), unless
// the subquery is correlated.
func (e *env) inQuery(x ast.Expr, value plan.Expr, q *ast.Query, not bool) plan.Expr {
	s := e.subplan(q)
	pairs := e.subqueryOperands(value, s, x)
	negated, isTerm := e.conjuncts[x]
	joins := isTerm && negated == not
	correlated := len(s.correlated) > 0
	if !correlated && !joins {
		return e.plainIn(x, wholeValues(value, pairs), s, true)
	}
	if !correlated && len(pairs) == 1 && exactKey(pairs[0][0].Type()) {
		return e.plainIn(x, pairs[0], s, false)
	}
	found := e.pairsMark(x, value, q, e.equalPairs)
	if joins || isMadeRow(value) {
		return found
	}
	undecided := e.pairsMark(x, value, q, func(_ ast.Expr, pairs [][2]plan.Expr) plan.Expr {
		whole := wholeValues(value, pairs)
		return special(plan.Or, types.BooleanType, isNull(whole[0]), isNull(whole[1]))
	})
	return trueElseNull(found, undecided)
}

// wholeValues makes one pair of the parts of a value and those of a row.
func wholeValues(value plan.Expr, pairs [][2]plan.Expr) [2]plan.Expr {
	kind := value.Type().Kind
	if kind != types.Row && len(pairs) == 1 {
		return pairs[0]
	}
	rows := asRows(pairs)
	if !isMadeRow(value) {
		rowType := rows[0].Type()
		rows[0] = special(plan.If, rowType, isNull(value), constant(types.Null(rowType)), rows[0])
	}
	return rows
}

// isMadeRow reports whether x is ROW(...), which is never NULL.
func isMadeRow(x plan.Expr) bool {
	s, ok := x.(*plan.Special)
	return ok && s.Form == plan.MakeRow
}

// subqueryOperands pairs the parts of a value with the columns of a subquery,
// each pair of one type.
func (e *env) subqueryOperands(value plan.Expr, s subplan, n ast.Node) [][2]plan.Expr {
	parts := []plan.Expr{value}
	switch t := value.Type(); t.Kind {
	case types.Row:
		parts = nil
		for i := range t.Fields {
			parts = append(parts, fieldOf(value, i))
		}
	case types.Unknown: // a NULL row
		for len(parts) < len(s.fields) {
			parts = append(parts, value)
		}
	}
	mismatch := func() {
		e.fail(types.TypeMismatch, n, "Value expression and result of subquery must be of the same type: %s vs %s", rowType(parts), fieldTypes(s.fields))
	}
	if len(parts) != len(s.fields) {
		mismatch()
	}
	pairs := make([][2]plan.Expr, len(parts))
	for i, f := range s.fields {
		common, ok := types.CommonSuperType(parts[i].Type(), f.col.Type)
		if !ok || !common.IsComparable() {
			mismatch()
		}
		pairs[i] = [2]plan.Expr{e.coerce(parts[i], common, n), e.coerce(&plan.Ref{Column: f.col}, common, n)}
	}
	return pairs
}

func rowType(parts []plan.Expr) *types.Type {
	fields := make([]types.Field, len(parts))
	for i, p := range parts {
		fields[i].Type = p.Type()
	}
	return types.RowOf(fields...)
}

func fieldTypes(fields []field) *types.Type {
	row := make([]types.Field, len(fields))
	for i, f := range fields {
		row[i].Type = f.col.Type
	}
	return types.RowOf(row...)
}

// plainIn is IN over an uncorrelated subquery, which is false instead of NULL
// unless nullAware.
func (e *env) plainIn(x ast.Node, pair [2]plan.Expr, s subplan, nullAware bool) plan.Expr {
	mark := e.newColumn("in", types.BooleanType)
	right := &projection{analyzer: e.analyzer, input: s.node}
	rightKey := right.column(pair[1], "")
	rightNode := right.node()
	e.addSubquery(&pending{at: x, exprs: []plan.Expr{pair[0]}, join: func(node plan.Node, exprs []plan.Expr) plan.Node {
		left := &projection{analyzer: e.analyzer, input: node}
		key := plan.JoinKey{Left: left.column(exprs[0], ""), Right: rightKey}
		return &plan.Join{Kind: plan.SemiMark, Left: left.node(), Right: rightNode, Equal: []plan.JoinKey{key}, Mark: mark, NullAware: nullAware}
	}})
	return &plan.Ref{Column: mark}
}

// trueElseNull is true where found is, else NULL where undecided is true, else false.
func trueElseNull(found, undecided plan.Expr) plan.Expr {
	return special(plan.If, types.BooleanType, found, boolConst(true),
		special(plan.If, types.BooleanType, undecided, constant(types.Null(types.BooleanType)), boolConst(false)))
}

// pairsMark is EXISTS with a condition on the parts of value and those of the row.
func (e *env) pairsMark(x ast.Expr, value plan.Expr, q *ast.Query, condition func(ast.Expr, [][2]plan.Expr) plan.Expr) plan.Expr {
	e.ctes++
	if e.ctes > maxCTEs {
		e.fail(types.NotSupported, x, "subqueries nest too deep")
	}
	s := e.subplan(q)
	return e.correlatedMark(x, s, condition(x, e.subqueryOperands(value, s, x)))
}

// equalPairs is the equality of all pairs.
func (e *env) equalPairs(x ast.Expr, pairs [][2]plan.Expr) plan.Expr {
	terms := make([]plan.Expr, len(pairs))
	for i, pair := range pairs {
		terms[i], _ = e.compareCall(types.OpEqual, pair[0], pair[1], x)
	}
	return and(terms...)
}

// quantified is left op ALL | ANY (query): IN and NOT IN for = ANY and <> ALL,
// else a comparison with the least and greatest value.
func (e *env) quantified(x *ast.Quantified) plan.Expr {
	e.refuseInLambda(x.Query)
	value := e.expr(x.Left)
	switch {
	case x.Op == ast.Equal && x.Quantifier == ast.Any:
		return e.inQuery(x, value, x.Query, false)
	case x.Op == ast.NotEqual && x.Quantifier == ast.All:
		return not(e.inQuery(x, value, x.Query, true))
	}
	s := e.subplan(x.Query)
	pairs := e.subqueryOperands(value, s, x)
	equality := x.Op == ast.Equal || x.Op == ast.NotEqual
	orderable := true
	for _, pair := range pairs {
		orderable = orderable && pair[0].Type().IsOrderable()
	}
	switch {
	case equality && (len(pairs) > 1 || !orderable):
		return e.anyDiffers(x, value)
	case !orderable:
		e.fail(types.TypeMismatch, x, "Type [%s] must be orderable in order to be used in quantified comparison", value.Type())
	case len(pairs) > 1:
		return e.quantifiedRange(x, asRows(pairs), s)
	}
	return e.quantifiedRange(x, pairs[0], s)
}

// asRows makes one pair of rows.
func asRows(pairs [][2]plan.Expr) [2]plan.Expr {
	var left, right []plan.Expr
	for _, pair := range pairs {
		left, right = append(left, pair[0]), append(right, pair[1])
	}
	return [2]plan.Expr{rowOf(left), rowOf(right)}
}

// anyDiffers is value <> ANY (query), which decides value = ALL (query) too.
func (e *env) anyDiffers(x *ast.Quantified, value plan.Expr) plan.Expr {
	differs := trueElseNull(
		e.pairsMark(x, value, x.Query, func(x ast.Expr, pairs [][2]plan.Expr) plan.Expr { return not(e.equalPairs(x, pairs)) }),
		e.pairsMark(x, value, x.Query, func(x ast.Expr, pairs [][2]plan.Expr) plan.Expr { return isNull(e.equalPairs(x, pairs)) }))
	if x.Op == ast.NotEqual {
		return differs
	}
	return not(differs)
}

// quantifiedRange compares with min, max and the counts of all and of non-null
// values: over no rows ALL is true and ANY false; a NULL leaves open what the
// other values do not decide.
func (e *env) quantifiedRange(x *ast.Quantified, pair [2]plan.Expr, s subplan) plan.Expr {
	right := &projection{analyzer: e.analyzer, input: s.node}
	c := right.column(pair[1], "")
	node := &plan.Aggregate{Input: right.node()}
	agg := func(name string, args ...plan.Expr) plan.Expr {
		list := make([]*types.Type, len(args))
		for i, arg := range args {
			list[i] = arg.Type()
		}
		fn := e.resolve(name, x, list...)
		col := e.newColumn(name, fn.Return)
		node.Aggs = append(node.Aggs, plan.AggCall{Column: col, Fn: fn, Args: args})
		return &plan.Ref{Column: col}
	}
	ref := &plan.Ref{Column: c}
	low, high, all, known := agg("min", ref), agg("max", ref), agg("count"), agg("count", ref)
	if len(s.correlated) > 0 {
		p := &puller{analyzer: e.analyzer, at: x, outer: s.correlated}
		counts := e.aggregateMatches(x.Query, node.Input, node.Aggs, p)
		all, known = substitute(all, counts), substitute(known, counts)
	} else {
		e.addSubquery(&pending{at: x, join: func(left plan.Node, _ []plan.Expr) plan.Node {
			return &plan.Join{Kind: plan.CrossJoin, Left: left, Right: node}
		}})
	}
	compare := func(bound plan.Expr) plan.Expr {
		return e.compare(x.Op, pair[0], bound, x, x.Left, x.Left)
	}
	decided := e.bounds(x, compare, low, high)
	empty, _ := e.compareCall(types.OpEqual, all, longConst(0), x)
	nulls, _ := e.compareCall(types.OpNotEqual, all, known, x)
	onEmpty := x.Quantifier == ast.All
	open := special(plan.If, types.BooleanType, nulls, constant(types.Null(types.BooleanType)), boolConst(onEmpty))
	form := plan.Or
	if onEmpty {
		form = plan.And
	}
	return special(plan.If, types.BooleanType, empty, boolConst(onEmpty), special(form, types.BooleanType, decided, open))
}

// bounds picks the bound that decides: x < ALL means x < min, x < ANY x < max.
// Values that differ among themselves decide = ALL and <> ANY, even of NULL.
func (e *env) bounds(x *ast.Quantified, compare func(plan.Expr) plan.Expr, low, high plan.Expr) plan.Expr {
	all := x.Quantifier == ast.All
	switch x.Op {
	case ast.Equal: // = ALL
		same, _ := e.compareCall(types.OpEqual, low, high, x)
		return and(same, compare(low))
	case ast.NotEqual: // <> ANY
		differ, _ := e.compareCall(types.OpNotEqual, low, high, x)
		return special(plan.Or, types.BooleanType, differ, compare(low))
	case ast.Less, ast.LessOrEqual:
		if all {
			return compare(low)
		}
		return compare(high)
	}
	if all {
		return compare(high)
	}
	return compare(low)
}
