package difftest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

// relation is something that rows come from: its SQL, as it stands after FROM or
// as a query in parentheses, and the rows it means.
type relation struct {
	sql     string
	columns scope
	rows    [][]any
	// err is the fault of a row; fallible: some row, or pair of rows, could have one,
	// if the engine looks at it.
	err      error
	fallible bool
	with     string // common table expressions, to stand before sql
}

// maxRows keeps the products of joins small.
const maxRows = 400

func (r *relation) failed(err error) bool {
	if err != nil && r.err == nil {
		r.err = err
	}
	return r.err != nil
}

// from makes a relation to read from.
func (g *generator) from(depth int) *relation {
	switch {
	case depth <= 0 || g.chance(25):
		return g.named(pick(g, g.tables))
	case g.chance(50):
		return g.join(g.from(depth-1), g.from(depth-1))
	case g.chance(20):
		return g.unnested(g.from(depth - 1))
	case g.chance(15) && len(g.shared) > 0:
		return g.named(pick(g, g.shared))
	}
	return g.named(g.query(depth - 1))
}

// unnested joins a relation with the items of an array in each of its rows.
func (g *generator) unnested(r *relation) *relation {
	list := g.expression(integers, r.columns, 1)
	alias := g.name("u")
	out := &relation{err: r.err, fallible: r.fallible || list.fallible,
		sql:     r.sql + " CROSS JOIN UNNEST(" + list.sql + ") WITH ORDINALITY AS " + alias + "(item, place)",
		columns: append(slices.Clone(r.columns), column{alias + ".item", integer}, column{alias + ".place", bigint})}
	for _, row := range r.rows {
		v, err := list.eval(row)
		if out.failed(err) || len(out.rows) > maxRows {
			return r // one without an answer, or too long
		}
		if v == nil {
			continue
		}
		for i, item := range items(v) {
			out.rows = append(out.rows, append(slices.Clone(row), item.V, int64(i+1)))
		}
	}
	return out
}

// statement is a query, at times with common table expressions that it reads
// any number of times.
func (g *generator) statement(depth int) *relation {
	var with []string
	var err error
	fallible := false
	for range g.n(3) {
		q := g.query(1)
		name := g.name("w")
		with = append(with, name+" AS ("+q.sql+")")
		g.shared = append(g.shared, &relation{sql: name, columns: q.columns, rows: q.rows})
		fallible = fallible || q.fallible
		if err == nil {
			err = q.err
		}
	}
	if len(with) > 0 && g.chance(60) {
		depth = max(depth, 1)
	}
	r := g.query(depth)
	r.fallible = r.fallible || fallible
	if err != nil {
		r.failed(err)
	}
	if len(with) > 0 {
		r.with = "WITH " + strings.Join(with, ", ") + " "
	}
	return r
}

// named gives a relation a name, by which its columns are found.
func (g *generator) named(r *relation) *relation {
	alias := g.name("r")
	out := &relation{sql: r.sql + " AS " + alias, rows: r.rows, err: r.err, fallible: r.fallible}
	if strings.ContainsAny(r.sql, " (") {
		out.sql = "(" + r.sql + ") AS " + alias
	}
	for _, c := range r.columns {
		name := c.name[strings.LastIndexByte(c.name, '.')+1:]
		out.columns = append(out.columns, column{alias + "." + name, c.t})
	}
	return out
}

// join joins two relations: on equal columns where it can, with other conditions or without.
func (g *generator) join(a, b *relation) *relation {
	out := &relation{columns: append(slices.Clone(a.columns), b.columns...), err: a.err, fallible: a.fallible || b.fallible}
	out.failed(b.err)
	if len(a.rows)*len(b.rows) > maxRows {
		return a
	}
	kind := pick(g, []string{"JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN", "CROSS JOIN"})
	on := constant("true", boolean, true)
	if kind != "CROSS JOIN" {
		on = g.joinCondition(a, b, out.columns)
	}
	out.fallible = out.fallible || on.fallible
	out.sql = a.sql + " " + kind + " " + b.sql
	if strings.Contains(b.sql, " JOIN ") && !strings.HasPrefix(b.sql, "(") {
		out.sql = a.sql + " " + kind + " (" + b.sql + ")"
	}
	if kind != "CROSS JOIN" {
		out.sql += " ON " + on.sql
	}
	met := make([]bool, len(b.rows))
	for _, x := range a.rows {
		alone := true
		for j, y := range b.rows {
			row := slices.Concat(x, y)
			v, err := on.eval(row)
			if out.failed(err) {
				return out
			}
			if v == true {
				alone, met[j] = false, true
				out.rows = append(out.rows, row)
			}
		}
		if alone && (kind == "LEFT JOIN" || kind == "FULL JOIN") {
			out.rows = append(out.rows, slices.Concat(x, make([]any, len(b.columns))))
		}
	}
	for j, y := range b.rows {
		if !met[j] && (kind == "RIGHT JOIN" || kind == "FULL JOIN") {
			out.rows = append(out.rows, slices.Concat(make([]any, len(a.columns)), y))
		}
	}
	return out
}

func (g *generator) joinCondition(a, b *relation, all scope) expression {
	var conditions []expression
	if g.chance(85) {
		t := pick(g, scalarTypes)
		if x, y := a.columns.columnsOf(t), b.columns.columnsOf(t); len(x) > 0 && len(y) > 0 {
			left, right := columnAt(all, pick(g, x)), columnAt(all, len(a.columns)+pick(g, y))
			conditions = append(conditions, compare("=", left, right))
		}
	}
	if len(conditions) == 0 || g.chance(30) {
		conditions = append(conditions, g.expression(boolean, all, 2))
	}
	condition := conditions[0]
	for _, c := range conditions[1:] {
		condition = and(condition, c)
	}
	return condition
}

// query makes a SELECT or a set operation.
func (g *generator) query(depth int) *relation {
	switch {
	case g.chance(15):
		return g.setOperation(depth)
	case g.chance(35):
		return g.aggregation(g.where(g.from(depth)))
	case g.chance(20):
		return g.windows(g.where(g.from(depth)))
	}
	return g.selection(g.where(g.from(depth)))
}

// filtered is a relation with the condition that its rows were chosen by.
type filtered struct {
	*relation
	where string
}

// where chooses rows.
func (g *generator) where(r *relation) filtered {
	if g.chance(40) {
		return filtered{r, ""}
	}
	condition := g.expression(boolean, r.columns, 3)
	if g.chance(25) {
		condition = pick(g, []func(a, b expression) expression{and, or})(condition, pick(g, []func(scope) expression{g.subquery, g.largest})(r.columns))
	}
	out := &relation{sql: r.sql, columns: r.columns, err: r.err, fallible: r.fallible || condition.fallible}
	for _, row := range r.rows {
		v, err := condition.eval(row)
		if out.failed(err) {
			break
		}
		if v == true {
			out.rows = append(out.rows, row)
		}
	}
	return filtered{out, " WHERE " + condition.sql}
}

// subquery makes a condition with EXISTS or IN over a table, which may look at the row outside.
func (g *generator) subquery(outer scope) expression {
	inner := g.named(pick(g, g.tables))
	both := slices.Concat(outer, inner.columns)
	t := pick(g, scalarTypes)
	condition := g.expression(boolean, inner.columns, 1)
	if x := outer.columnsOf(t); len(x) > 0 && g.chance(60) {
		condition = and(compare("=", columnAt(both, pick(g, x)), columnAt(both, len(outer)+pick(g, inner.columns.columnsOf(t)))), shifted(condition, len(outer)))
	} else {
		condition = shifted(condition, len(outer))
	}
	negative := g.chance(40)
	if g.chance(50) || len(outer.columnsOf(t)) == 0 {
		sql := "EXISTS (SELECT 1 FROM " + inner.sql + " WHERE " + condition.sql + ")"
		e := expression{sql: sql, t: boolean, fallible: condition.fallible, eval: func(row []any) (any, error) {
			for _, x := range inner.rows {
				if v, err := condition.eval(slices.Concat(row, x)); err != nil || v == true {
					return v == true, err
				}
			}
			return false, nil
		}}
		if negative {
			return not(e)
		}
		return e
	}
	return in(columnAt(outer, pick(g, outer.columnsOf(t))), inner, condition, pick(g, inner.columns.columnsOf(t)), negative)
}

// largest is a comparison with the largest value of a column in the rows of a table that a condition,
// which may look at the row outside, chooses.
func (g *generator) largest(outer scope) expression {
	inner := g.named(pick(g, g.tables))
	both := slices.Concat(outer, inner.columns)
	t := pick(g, []*types.Type{integer, varchar, date})
	condition := shifted(g.expression(boolean, inner.columns, 1), len(outer))
	if x := outer.columnsOf(t); len(x) > 0 && g.chance(60) {
		condition = and(compare("=", columnAt(both, pick(g, x)), columnAt(both, len(outer)+pick(g, inner.columns.columnsOf(t)))), condition)
	}
	at := pick(g, inner.columns.columnsOf(t))
	function := pick(g, []string{"max", "min", "count"})
	value := expression{t: t, fallible: condition.fallible,
		sql: "(SELECT " + function + "(" + inner.columns[at].name + ") FROM " + inner.sql + " WHERE " + condition.sql + ")"}
	if function == "count" {
		value.t = bigint
	}
	value.eval = func(row []any) (any, error) {
		var values []any
		for _, y := range inner.rows {
			c, err := condition.eval(slices.Concat(row, y))
			if err != nil {
				return nil, err
			}
			if c == true && y[at] != nil {
				values = append(values, y[at])
			}
		}
		return fold(function, t, values)
	}
	return compare(pick(g, operators), g.expression(value.t, outer, 1), value)
}

// in is x IN (SELECT a column FROM inner WHERE condition).
func in(x expression, inner *relation, condition expression, at int, negative bool) expression {
	operator := " IN "
	if negative {
		operator = " NOT IN "
	}
	e := expression{t: boolean, fallible: condition.fallible,
		sql: "(" + x.sql + operator + "(SELECT " + inner.columns[at].name + " FROM " + inner.sql + " WHERE " + condition.sql + "))"}
	e.eval = func(row []any) (any, error) {
		v, err := x.eval(row)
		if err != nil {
			return nil, err
		}
		var found any = false
		for _, y := range inner.rows {
			c, err := condition.eval(slices.Concat(row, y))
			if err != nil {
				return nil, err
			}
			if c != true {
				continue
			}
			switch equal(x.t, v, y[at]) {
			case true:
				return !negative, nil
			case nil:
				found = nil
			}
		}
		if found == nil {
			return nil, nil
		}
		return negative, nil
	}
	return e
}

// shifted reads the columns of an expression further right in the row.
func shifted(e expression, by int) expression {
	eval := e.eval
	e.eval = func(row []any) (any, error) { return eval(row[by:]) }
	return e
}

// selection is SELECT [DISTINCT] expressions.
func (g *generator) selection(r filtered) *relation {
	out := &relation{err: r.err, fallible: r.fallible}
	var list []expression
	for range 1 + g.n(4) {
		list = append(list, g.expression(pick(g, columnTypes), r.columns, 3))
	}
	distinct := g.chance(20)
	if distinct {
		list = slices.DeleteFunc(list, func(e expression) bool { return e.t == texts || e.t == pair })
		list = append(list, g.expression(varchar, r.columns, 1))
	}
	out.sql = out.selects(g, list, distinct) + " FROM " + r.sql + r.where
	seen := map[string]bool{}
	for _, row := range r.rows {
		values, err := evaluate(list, row)
		if out.failed(err) {
			return out
		}
		if distinct && seen[rowKey(values)] {
			continue
		}
		if distinct {
			seen[rowKey(values)] = true
		}
		out.rows = append(out.rows, values)
	}
	return out
}

// selects writes the select list and notes the columns.
func (r *relation) selects(g *generator, list []expression, distinct bool) string {
	var parts []string
	for _, e := range list {
		name := g.name("x")
		parts = append(parts, e.sql+" AS "+name)
		r.columns = append(r.columns, column{name, e.t})
		r.fallible = r.fallible || e.fallible
	}
	if distinct {
		return "SELECT DISTINCT " + strings.Join(parts, ", ")
	}
	return "SELECT " + strings.Join(parts, ", ")
}

func evaluate(list []expression, row []any) ([]any, error) {
	values := make([]any, len(list))
	for i, e := range list {
		v, err := e.eval(row)
		if err != nil {
			return nil, err
		}
		values[i] = v
	}
	return values, nil
}

// setOperation is UNION, INTERSECT or EXCEPT of two selections of the same types.
func (g *generator) setOperation(depth int) *relation {
	var columnTypes []*types.Type
	for range 1 + g.n(3) {
		columnTypes = append(columnTypes, pick(g, scalarTypes))
	}
	side := func() *relation {
		r := g.where(g.from(depth - 1))
		out := &relation{err: r.err, fallible: r.fallible}
		var list []expression
		for _, t := range columnTypes {
			list = append(list, g.expression(t, r.columns, 1))
		}
		out.sql = out.selects(g, list, false) + " FROM " + r.sql + r.where
		for _, row := range r.rows {
			values, err := evaluate(list, row)
			if out.failed(err) {
				break
			}
			out.rows = append(out.rows, values)
		}
		return out
	}
	a, b := side(), side()
	operator := pick(g, []string{"UNION ALL", "UNION", "INTERSECT", "EXCEPT", "INTERSECT ALL", "EXCEPT ALL"})
	out := &relation{sql: a.sql + " " + operator + " " + b.sql, columns: a.columns, err: a.err, fallible: a.fallible || b.fallible}
	if !out.failed(b.err) {
		out.rows = combine(operator, a.rows, b.rows)
	}
	return out
}

func combine(operator string, a, b [][]any) [][]any {
	if strings.HasPrefix(operator, "UNION") {
		a, b = slices.Concat(a, b), nil
	}
	if operator == "UNION ALL" {
		return a
	}
	left := map[string]int{}
	for _, row := range b {
		left[rowKey(row)]++
	}
	given := map[string]bool{}
	var out [][]any
	for _, row := range a {
		k := rowKey(row)
		all := strings.HasSuffix(operator, "ALL")
		if given[k] && !all {
			continue
		}
		inBoth := left[k] > 0
		if all {
			left[k]--
		}
		if strings.HasPrefix(operator, "INTERSECT") == inBoth || operator == "UNION" {
			given[k] = true
			out = append(out, row)
		}
	}
	return out
}

// ordered sorts a query by all its columns and takes some rows, so that the
// answer is one whatever the order of equal rows; false where a column has no order.
func (g *generator) ordered(r *relation) (*relation, bool) {
	for _, c := range r.columns {
		if c.t == texts || c.t == pair || c.t == integers {
			return r, false
		}
	}
	var keys []string
	descending, nullsFirst := make([]bool, len(r.columns)), make([]bool, len(r.columns))
	for i, c := range r.columns {
		k := c.name
		if descending[i] = g.chance(50); descending[i] {
			k += " DESC"
		}
		if nullsFirst[i] = g.chance(30); nullsFirst[i] {
			k += " NULLS FIRST"
		}
		keys = append(keys, k)
	}
	out := &relation{columns: r.columns, rows: slices.Clone(r.rows), err: r.err, fallible: r.fallible, with: r.with}
	out.sql = "SELECT * FROM (" + r.sql + ") ORDER BY " + strings.Join(keys, ", ")
	slices.SortStableFunc(out.rows, func(a, b []any) int {
		for i, c := range r.columns {
			if d := compareKeys(c.t, a[i], b[i], descending[i], nullsFirst[i]); d != 0 {
				return d
			}
		}
		return 0
	})
	if g.chance(30) {
		n := g.n(4)
		out.sql += fmt.Sprintf(" OFFSET %d", n)
		out.rows = out.rows[min(n, len(out.rows)):]
	}
	if g.chance(60) {
		n := g.n(8)
		out.sql += fmt.Sprintf(" LIMIT %d", n)
		out.rows = out.rows[:min(n, len(out.rows))]
	}
	return out, true
}

func compareKeys(t *types.Type, a, b any, descending, nullsFirst bool) int {
	if a == nil || b == nil {
		d := truth(a == nil) - truth(b == nil)
		if nullsFirst {
			return -d
		}
		return d
	}
	d := order(t, a, b)
	if descending {
		return -d
	}
	return d
}
