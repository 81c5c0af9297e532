package analyze

import (
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// output is an item of the select list.
type output struct {
	name string // "" when unnamed
	expr plan.Expr
	at   ast.Node // where it stands
	// subqueries are those of expr, unless they are joined below the aggregation.
	subqueries []*pending
}

// hasOutput reports whether an item of a select list has this name.
func hasOutput(outputs []output, name string) bool {
	return slices.ContainsFunc(outputs, func(o output) bool { return o.name != "" && strings.EqualFold(o.name, name) })
}

// outputNamed returns the expression of the item with this name, nil if there is none. Two items with the name end
// the analysis at n.
func (a *analyzer) outputNamed(outputs []output, name string, n ast.Node) plan.Expr {
	var found plan.Expr
	for _, o := range outputs {
		if !strings.EqualFold(o.name, name) {
			continue
		}
		if found != nil {
			a.fail(types.AmbiguousName, n, "Column '%s' is ambiguous", name)
		}
		found = o.expr
	}
	return found
}

// block is a SELECT block during planning. Its expressions are analysed over the FROM clause's columns. Aggregates
// and window functions in them are columns that do not exist yet; finish puts the steps in order.
type block struct {
	*analyzer
	sel   *ast.Select
	scope *scope // of the FROM clause
	node  plan.Node

	aggregates aggregation
	windows    windowing
	subqueries []*pending // of the select list, HAVING and ORDER BY
	outputs    []output
	mistakes   []mistake
}

// selectBlock plans a SELECT block with the ORDER BY of its query. The sort keys are columns of the relation's
// node; the caller sorts.
func (a *analyzer) selectBlock(sel *ast.Select, s *scope, orderBy []*ast.SortItem) (relation, []plan.SortKey) {
	b := &block{analyzer: a, sel: sel}
	from := relation{node: oneRow()}
	if sel.From != nil {
		from = a.from(sel.From, s)
	}
	if sel.GroupBy != nil {
		from = a.apart(from)
	}
	b.scope, b.node = s.inner(from), from.node
	b.scope.hasFrom, b.scope.selected = sel.From != nil, sel.Items
	if sel.Where != nil {
		b.node = a.filter(b.node, b.scope, sel.Where, "WHERE clause")
	}
	b.windows.sel = sel
	b.namedWindows(sel.Windows)
	b.selectList()
	b.groupBy()
	having := b.having()
	order := b.orderBy(orderBy)
	return b.finish(having, order, orderBy)
}

// filter keeps the rows of node for which a condition holds.
func (a *analyzer) filter(node plan.Node, s *scope, condition ast.Expr, clause string) plan.Node {
	var subqueries []*pending
	e := &env{analyzer: a, scope: s, clause: clause, subqueries: &subqueries}
	e.addConjuncts(condition, false)
	predicate := e.boolean(condition, clause)
	return &plan.Filter{Input: a.attach(node, subqueries), Predicate: predicate}
}

// addConjuncts records the terms of a filter's condition, or of its negation.
func (e *env) addConjuncts(x ast.Expr, negated bool) {
	if e.conjuncts == nil {
		e.conjuncts = map[ast.Expr]bool{}
	}
	switch l := x.(type) {
	case *ast.Not:
		e.addConjuncts(l.X, !negated)
		return
	case *ast.Logical:
		if (l.Op == ast.And) != negated {
			for _, term := range l.Terms {
				e.addConjuncts(term, negated)
			}
			return
		}
	}
	e.conjuncts[x] = negated
}

// env returns the env of the select list's expressions.
func (b *block) env(clause string) *env {
	return &env{analyzer: b.analyzer, scope: b.scope, clause: clause,
		aggregates: &b.aggregates, windows: &b.windows, subqueries: &b.subqueries, mistakes: &b.mistakes}
}

func (b *block) selectList() {
	e := b.env("SELECT clause")
	for _, item := range b.sel.Items {
		switch item := item.(type) {
		case *ast.SingleColumn:
			o := output{name: outputName(item), at: item.X}
			before := len(b.subqueries)
			o.expr = e.expr(item.X)
			o.subqueries = b.subqueries[before:]
			b.outputs = append(b.outputs, o)
		case *ast.AllColumns:
			b.star(e, item)
		}
		if len(b.outputs) > maxItems {
			b.fail(types.NotSupported, item, "a select list of more than %d columns is not supported", maxItems)
		}
	}
}

// outputName returns the alias, or else the last part of a column's name as written.
func outputName(item *ast.SingleColumn) string {
	if item.Alias != nil {
		return item.Alias.Name
	}
	if parts, ok := nameParts(item.X); ok {
		return parts[len(parts)-1]
	}
	return ""
}

func (b *block) having() plan.Expr {
	if b.sel.Having == nil {
		return nil
	}
	b.aggregates.forced = true
	e := b.env("HAVING clause")
	e.windows = nil
	b.refuseWindows(b.sel.Having)
	e.addConjuncts(b.sel.Having, false)
	return e.boolean(b.sel.Having, "HAVING clause")
}

// refuseWindows ends the analysis if HAVING holds a window function.
func (b *block) refuseWindows(x ast.Expr) {
	ast.Inspect(x, func(n ast.Node) bool {
		switch call := n.(type) {
		case *ast.Query:
			return false
		case *ast.FunctionCall:
			if call.Over != nil || len(call.Name.Parts) == 1 && b.fns.IsWindow(strings.ToLower(call.Name.Last().Name)) {
				b.fail(types.NestedWindow, call, "HAVING clause cannot contain window functions or row pattern measures")
			}
		}
		return true
	})
}

// orderBy analyses the sort expressions. Output names take precedence over columns.
func (b *block) orderBy(items []*ast.SortItem) []plan.Expr {
	e := b.env("ORDER BY clause")
	e.aliases = b.outputs
	sight := *b.scope
	sight.outputs = b.outputs
	e.scope = &sight
	exprs := make([]plan.Expr, len(items))
	for i, item := range items {
		if n, ok := item.X.(*ast.LongLiteral); ok {
			exprs[i] = b.outputs[b.ordinal(n, item.X, len(b.outputs), "ORDER BY")].expr
			continue
		}
		aliased := false
		e.aliased = &aliased
		exprs[i] = e.expr(item.X)
		_, bare := item.X.(*ast.Column)
		if b.sel.Distinct && !bare && (aliased || !plan.IsDeterministic(exprs[i])) {
			b.fail(types.ExpressionNotInDistinct, b.sel, "For SELECT DISTINCT, ORDER BY expressions must appear in select list")
		}
	}
	return exprs
}

// finish orders the steps: aggregation, HAVING, window functions, the select list, DISTINCT.
func (b *block) finish(having plan.Expr, order []plan.Expr, items []*ast.SortItem) (relation, []plan.SortKey) {
	over := b.aggregate()
	for i, o := range b.outputs {
		b.reportItem(o.at)
		b.windows.rewrite(o.at, over)
		b.outputs[i].expr = over.rewrite(o.expr, o.at, "'%s' must be an aggregate expression or appear in GROUP BY clause")
	}
	over.checkReads(&b.aggregates)
	for i := range order {
		b.reportItem(items[i].X)
		b.windows.rewrite(items[i].X, over)
		order[i] = over.rewrite(order[i], items[i].X, "'%s' must be an aggregate expression or appear in GROUP BY clause")
	}
	for _, s := range b.subqueries {
		b.checkOrder(s)
		s.rewrite(func(x plan.Expr) plan.Expr {
			return over.rewrite(x, s.at, "Subquery uses '%s' which must appear in GROUP BY clause")
		})
	}
	b.node = b.attach(b.node, b.subqueries)
	if having != nil {
		predicate := over.rewrite(having, b.sel.Having, "'%s' must be an aggregate expression or appear in GROUP BY clause")
		b.node = &plan.Filter{Input: b.node, Predicate: predicate}
	}
	for _, s := range []stage{withGroups, withoutOver, withWindows} {
		b.report(s)
	}
	b.node = b.windows.plan(b, over)
	return b.project(order, items)
}

// checkOrder refuses a subquery over a window function: subqueries are joined
// before window functions are computed.
func (b *block) checkOrder(s *pending) {
	for _, x := range s.exprs {
		if b.windows.reads(x) {
			panic(b.notSupported(s.at, "a window function inside the operand of a subquery"))
		}
	}
}

// project computes the select list, makes it distinct, and adds the further columns that ORDER BY needs.
func (b *block) project(order []plan.Expr, items []*ast.SortItem) (relation, []plan.SortKey) {
	p := &projection{analyzer: b.analyzer, input: b.node}
	var rel relation
	for _, o := range b.outputs {
		if o.expr.Type().Kind == types.Func {
			b.fail(types.TypeMismatch, o.at, "a lambda is not a value")
		}
		rel.fields = append(rel.fields, field{name: o.name, col: p.column(o.expr, o.name)})
	}
	if b.sel.Distinct {
		return b.distinct(rel, p, order, items)
	}
	keys := b.sortKeys(items, order, p, b.sel)
	rel.node = p.only(rel.fields, keys)
	return rel, keys
}

func (b *block) distinct(rel relation, p *projection, order []plan.Expr, items []*ast.SortItem) (relation, []plan.SortKey) {
	for _, f := range rel.fields {
		if !f.col.Type.IsComparable() {
			b.fail(types.TypeMismatch, b.sel, "DISTINCT can only be applied to comparable types (actual: %s)", f.col.Type)
		}
	}
	var keys []plan.SortKey
	for i, x := range order {
		at := -1
		for j, o := range b.outputs {
			if plan.Equal(o.expr, x) {
				at = j
				break
			}
		}
		if at < 0 {
			b.fail(types.ExpressionNotInDistinct, b.sel, "For SELECT DISTINCT, ORDER BY expressions must appear in select list")
		}
		if t := x.Type(); !t.IsOrderable() {
			b.fail(types.TypeMismatch, b.sel, "Type %s is not orderable, and therefore cannot be used in ORDER BY: %s", t, ast.Format(items[i].X))
		}
		keys = append(keys, sortKey(items[i], rel.fields[at].col))
	}
	rel.node = distinctNode(p.only(rel.fields, nil), rel.fields)
	return rel, keys
}

// distinctNode keeps one row for each combination of fields.
func distinctNode(node plan.Node, fields []field) plan.Node {
	agg := &plan.Aggregate{Input: node}
	seen := map[int]bool{}
	for _, f := range fields {
		if !seen[f.col.ID] {
			seen[f.col.ID] = true
			agg.Keys = append(agg.Keys, f.col)
		}
	}
	return agg
}

// only returns a projection to just the fields and sort keys, or node itself if it has no other columns.
func (p *projection) only(fields []field, keys []plan.SortKey) plan.Node {
	exprs := map[int]plan.Expr{}
	for _, a := range p.added {
		exprs[a.Column.ID] = a.Expr
	}
	var items []plan.Assignment
	seen := map[int]bool{}
	add := func(c *plan.Column) {
		if seen[c.ID] {
			return
		}
		seen[c.ID] = true
		x := exprs[c.ID]
		if x == nil {
			x = &plan.Ref{Column: c}
		}
		items = append(items, plan.Assignment{Column: c, Expr: x})
	}
	for _, f := range fields {
		add(f.col)
	}
	for _, k := range keys {
		add(k.Column)
	}
	if len(p.added) == 0 && sameColumns(items, p.input.Columns()) {
		return p.input
	}
	return &plan.Project{Input: p.input, Items: items}
}

func sameColumns(items []plan.Assignment, columns []*plan.Column) bool {
	if len(items) != len(columns) {
		return false
	}
	for i, item := range items {
		if item.Column.ID != columns[i].ID {
			return false
		}
	}
	return true
}
