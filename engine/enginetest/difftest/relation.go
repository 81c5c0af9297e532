package difftest

import (
	"slices"
	"strings"
)

// relation is something that rows come from: its SQL, as it stands after FROM or
// as a query in parentheses, and the rows it means.
type relation struct {
	sql     string
	columns scope
	rows    [][]any
	// err is the fault of a row; fallible: some row, or pair of rows, could fail if the engine evaluates it.
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
	case g.chance(20):
		return g.lateral(g.from(depth - 1))
	case g.chance(15):
		return g.named(g.using())
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
		condition = pick(g, []func(a, b expression) expression{and, or})(condition, pick(g, []func(scope) expression{g.subquery, g.largest, g.first, g.quantified})(r.columns))
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

// selection is SELECT [DISTINCT] expressions.
func (g *generator) selection(r filtered) *relation {
	out := &relation{err: r.err, fallible: r.fallible}
	var list []expression
	for range 1 + g.n(4) {
		list = append(list, g.expression(pick(g, g.columnTypes), r.columns, 3))
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
