package analyze

import (
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// query plans q. Without keepOrder, ORDER BY is checked but sorts only if a limit needs it, because the order of a
// subquery's rows has no meaning.
func (a *analyzer) query(q *ast.Query, s *scope, keepOrder bool) relation {
	a.enter(q)
	defer a.leave()
	if q.With != nil {
		s = a.with(q.With, s)
	}
	var rel relation
	var keys []plan.SortKey
	if sel, ok := q.Body.(*ast.Select); ok {
		rel, keys = a.selectBlock(sel, s, q.OrderBy)
	} else {
		rel = a.queryBody(q.Body, s, keepOrder && len(q.OrderBy) == 0)
		rel.node, keys = a.orderByOutput(rel, s, q)
	}
	offset, count := int64(0), int64(-1)
	if q.Offset != nil {
		offset = a.rowCount(q.Offset)
	}
	if q.Limit != nil && !q.Limit.All {
		count = a.rowCount(q.Limit.Count)
		if count == 0 && q.Limit.Fetch {
			a.fail(types.NumericValueOutOfRange, q.Limit, "FETCH FIRST row count must be positive (actual value: 0)")
		}
	}
	ties := q.Limit != nil && q.Limit.WithTies
	if ties && len(keys) == 0 {
		a.fail(types.MissingOrderBy, q.Limit, "FETCH FIRST WITH TIES clause requires ORDER BY")
	}
	switch limited := offset > 0 || count >= 0; {
	case count >= 0 && len(keys) > 0:
		rel.node = &plan.TopN{Input: rel.node, Keys: keys, Offset: offset, Count: count, WithTies: ties}
		return rel
	case len(keys) > 0 && (keepOrder || limited):
		rel.node = &plan.Sort{Input: rel.node, Keys: keys}
		fallthrough
	default:
		if limited {
			rel.node = &plan.Limit{Input: rel.node, Offset: offset, Count: count}
		}
	}
	return rel
}

func (a *analyzer) rowCount(x ast.Expr) int64 {
	switch x := x.(type) {
	case *ast.LongLiteral:
		return x.Value
	case *ast.Parameter:
		a.coerce(a.parameter(x), types.BigIntType, x)
	}
	return 0
}

// with returns a scope that adds the WITH queries to s.
func (a *analyzer) with(w *ast.With, s *scope) *scope {
	out := &scope{outer: s.outer, correlated: s.correlated, with: s.with}
	seen := map[string]bool{}
	for _, q := range w.Queries {
		name := strings.ToLower(q.Name.Name)
		if seen[name] {
			a.fail(types.DuplicateNamedQuery, q, "WITH query name '%s' specified more than once", q.Name.Name)
		}
		seen[name] = true
		named := &withScope{name: name, query: q, outer: out.with}
		named.sight = &scope{outer: s.outer, correlated: &named.reads, with: out.with}
		if w.Recursive {
			named.recursion = a.recursionOf(q)
		}
		rel := a.namedQuery(named)
		named.planned = &rel
		out.with = named
	}
	return out
}

// checkColumnNames refuses a column list with a repeated name.
func (a *analyzer) checkColumnNames(q *ast.NamedQuery) {
	seen := map[string]bool{}
	for i := range q.Columns {
		name := strings.ToLower(q.Columns[i].Name)
		if seen[name] {
			a.fail(types.DuplicateColumnName, &q.Columns[i], "Column name '%s' specified more than once", q.Columns[i].Name)
		}
		seen[name] = true
	}
}

// namedQuery plans a WITH query.
func (a *analyzer) namedQuery(w *withScope) relation {
	a.ctes++
	if a.ctes > maxCTEs {
		a.fail(types.NotSupported, w.query, "WITH queries are read more than %d times", maxCTEs)
	}
	a.checkColumnNames(w.query)
	if w.recursion != nil {
		return a.recursive(w)
	}
	rel := a.query(w.query.Query, w.sight, false)
	rel = visible(rel)
	if len(w.query.Columns) == 0 {
		return rel
	}
	if len(w.query.Columns) != len(rel.fields) {
		a.fail(types.MismatchedColumnAliases, &w.query.Columns[0], "Column alias list has %d entries but relation has %d columns", len(w.query.Columns), len(rel.fields))
	}
	for i, c := range w.query.Columns {
		rel.fields[i].name = c.Name
	}
	return rel
}

// visible returns rel without its hidden columns, and without the relation's name for the others.
func visible(rel relation) relation {
	out := relation{node: rel.node}
	for _, f := range rel.fields {
		if !f.hidden {
			out.fields = append(out.fields, field{name: f.name, col: f.col})
		}
	}
	return out
}

func (a *analyzer) queryBody(b ast.QueryBody, s *scope, keepOrder bool) relation {
	switch b := b.(type) {
	case *ast.Select:
		rel, _ := a.selectBlock(b, s, nil)
		return rel
	case *ast.Query:
		return a.query(b, s, keepOrder)
	case *ast.SetOperation:
		return a.setOperation(b, s)
	case *ast.Values:
		return a.values(b, s)
	case *ast.Table:
		return visible(a.table(b, s))
	}
	panic(a.notSupported(b, "this query"))
}

// orderByOutput sorts the rows of VALUES, TABLE or a set operation. ORDER BY sees only the output's names.
func (a *analyzer) orderByOutput(rel relation, s *scope, q *ast.Query) (plan.Node, []plan.SortKey) {
	if len(q.OrderBy) == 0 {
		return rel.node, nil
	}
	var subqueries []*pending
	e := &env{analyzer: a, scope: s.inner(rel), clause: "ORDER BY clause", subqueries: &subqueries}
	exprs := make([]plan.Expr, len(q.OrderBy))
	for i, item := range q.OrderBy {
		if n, ok := item.X.(*ast.LongLiteral); ok {
			exprs[i] = &plan.Ref{Column: rel.fields[a.ordinal(n, item.X, len(rel.fields), "ORDER BY")].col}
			continue
		}
		exprs[i] = e.expr(item.X)
	}
	p := &projection{analyzer: a, input: a.attach(rel.node, subqueries)}
	keys := a.sortKeys(q.OrderBy, exprs, p, q.Body)
	return p.node(), keys
}

// ordinal checks a position in the select list and returns it as an index.
func (a *analyzer) ordinal(n *ast.LongLiteral, at ast.Node, count int, clause string) int {
	if n.Value < 1 || n.Value > int64(count) {
		a.fail(types.InvalidColumnReference, at, "%s position %d is not in select list", clause, n.Value)
	}
	return int(n.Value - 1)
}

// sortKeys computes the sort expressions in p. Trino reports a type without an order at body.
func (a *analyzer) sortKeys(items []*ast.SortItem, exprs []plan.Expr, p *projection, body ast.Node) []plan.SortKey {
	var keys []plan.SortKey
	for i, item := range items {
		if t := exprs[i].Type(); !t.IsOrderable() {
			a.fail(types.TypeMismatch, body, "Type %s is not orderable, and therefore cannot be used in ORDER BY: %s", t, ast.Format(item.X))
		}
		keys = append(keys, sortKey(item, p.column(exprs[i], "")))
	}
	return keys
}

func sortKey(item *ast.SortItem, c *plan.Column) plan.SortKey {
	return plan.SortKey{Column: c, Descending: item.Descending, NullsFirst: item.Nulls == ast.NullsFirst}
}

// values plans VALUES. The items of each column get a common type.
func (a *analyzer) values(v *ast.Values, s *scope) relation {
	var subqueries []*pending
	e := &env{analyzer: a, scope: s, clause: "VALUES clause", subqueries: &subqueries}
	var rows [][]plan.Expr
	for _, r := range v.Rows {
		row := e.valuesItems(r)
		if len(rows) > 0 && len(row) != len(rows[0]) {
			a.fail(types.TypeMismatch, v, "Values rows have mismatched sizes: %d vs %d", len(rows[0]), len(row))
		}
		rows = append(rows, row)
	}
	node := &plan.Values{Rows: rows}
	rel := relation{node: node}
	for c := range rows[0] {
		common := rows[0][c].Type()
		for _, row := range rows[1:] {
			var ok bool
			if common, ok = types.CommonSuperType(common, row[c].Type()); !ok {
				a.fail(types.TypeMismatch, v, "Values rows have mismatched types: %s vs %s", rows[0][c].Type(), row[c].Type())
			}
		}
		for _, row := range rows {
			row[c] = a.coerce(row[c], common, v)
		}
		col := a.newColumn("", common)
		node.Cols = append(node.Cols, col)
		rel.fields = append(rel.fields, field{col: col})
	}
	if len(subqueries) > 0 {
		rel.node = a.valuesRow(node, subqueries)
	}
	return rel
}

// valuesItems returns the items of a row of VALUES: the fields of a row, or the only item.
func (e *env) valuesItems(r ast.Expr) []plan.Expr {
	var items []plan.Expr
	if list, ok := r.(*ast.Row); ok {
		for _, item := range list.Items {
			items = append(items, e.expr(item))
		}
		return items
	}
	x := e.expr(r)
	if x.Type().Kind != types.Row {
		return []plan.Expr{x}
	}
	for i := range x.Type().Fields {
		items = append(items, fieldOf(x, i))
	}
	return items
}

// valuesRow plans a row that reads subqueries.
func (a *analyzer) valuesRow(values *plan.Values, subqueries []*pending) plan.Node {
	if len(values.Rows) > 1 {
		panic(a.notSupported(subqueries[0].at, "a subquery in VALUES of several rows"))
	}
	project := &plan.Project{Input: a.attach(oneRow(), subqueries)}
	for i, c := range values.Cols {
		project.Items = append(project.Items, plan.Assignment{Column: c, Expr: values.Rows[0][i]})
	}
	return project
}
