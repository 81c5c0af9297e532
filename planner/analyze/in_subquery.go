package analyze

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

func (e *env) inSubquery(x *ast.InSubquery) plan.Expr {
	e.refuseInLambda(x)
	return negateIf(x.Not, e.inQuery(x, e.expr(x.X), x.Query, x.Not))
}

// inQuery plans value IN (q). In a filter that keeps only rows for which it is true, it is a join on equal values,
// and false may replace NULL. Elsewhere values match that are not distinct (NaN, and rows and arrays that hold
// NULL), unless the subquery is correlated.
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

// wholeValues returns one pair: the parts of a value as a row, and those of the subquery's row.
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

// subqueryOperands pairs the parts of a value with the columns of a subquery, each pair with one type.
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

// plainIn plans IN over an uncorrelated subquery. Unless nullAware, it is false instead of NULL.
func (e *env) plainIn(x ast.Node, pair [2]plan.Expr, s subplan, nullAware bool) plan.Expr {
	mark := e.newColumn("in", types.BooleanType)
	right := &projection{analyzer: e.analyzer, input: s.node}
	rightKey := right.column(pair[1], "")
	rightNode := right.node()
	e.addSubquery(&pending{at: x, exprs: []plan.Expr{pair[0]}, join: func(node plan.Node, exprs []plan.Expr) plan.Node {
		ids := e.columnsOf(node)
		left := &projection{analyzer: e.analyzer, input: node, have: ids}
		key := plan.JoinKey{Left: left.column(exprs[0], ""), Right: rightKey}
		j := &plan.Join{Kind: plan.SemiMark, Left: left.node(), Right: rightNode, Equal: []plan.JoinKey{key}, Mark: mark, NullAware: nullAware}
		left.noteAdded(ids)
		e.joined(j, ids, map[int]bool{mark.ID: true})
		return j
	}})
	return &plan.Ref{Column: mark}
}

// trueElseNull is true if found is, otherwise NULL if undecided is true, otherwise false.
func trueElseNull(found, undecided plan.Expr) plan.Expr {
	return special(plan.If, types.BooleanType, found, boolConst(true),
		special(plan.If, types.BooleanType, undecided, constant(types.Null(types.BooleanType)), boolConst(false)))
}

// pairsMark plans EXISTS with a condition on the parts of value and those of the subquery's row.
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
