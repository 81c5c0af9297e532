package difftest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

// nameMaker makes questions about names. At most one name of a question is wrong; mistake is its error.
type nameMaker struct {
	*generator
	with     []*relation // the queries of WITH in sight
	mistakes bool        // whether a mistake may be made
	mistake  error
}

// reference is a name with one to three parts that means an integer.
func (m *nameMaker) reference(s sight) expression {
	for range 60 {
		var parts []string
		for range 1 + m.n(3) {
			parts = append(parts, pick(m.generator, fewNames))
		}
		e, err := s.meaning(parts)
		if err != nil && m.mistakes && m.mistake == nil && m.chance(3) {
			m.mistake = err
			return constant(strings.Join(parts, "."), integer, int64(0))
		}
		if err == nil && e.t == integer {
			if m.chance(20) {
				e.sql = strings.ToUpper(e.sql)
			}
			return e
		}
	}
	return constant("7", integer, int64(7))
}

// block is a query that reads rows around it: its rows for each of these.
type block struct {
	sql     string
	columns []column
	rows    func(around []any) [][]any

	// Of SELECT alone: what its items see, and the rows they are computed of, all
	// around included.
	inside sight
	source func(around []any) [][]any
}

// table is VALUES under a name, of integers and rows, or a query of WITH.
func (m *nameMaker) table() *relation {
	if len(m.with) > 0 && m.chance(30) {
		w := pick(m.generator, m.with)
		out := &relation{sql: w.sql, rows: w.rows, columns: slices.Clone(w.columns)}
		alias := w.sql
		if m.chance(40) {
			alias = pick(m.generator, fewNames)
			out.sql += " AS " + alias
		}
		for i := range out.columns {
			out.columns[i].name = alias + "." + out.columns[i].name
		}
		return out
	}
	r := &relation{}
	alias := pick(m.generator, fewNames)
	var labels, lines []string
	for range 1 + m.n(3) {
		t, label := integer, pick(m.generator, fewNames)
		if m.chance(35) {
			t = fewFields
		}
		for slices.Contains(labels, label) && m.chance(90) {
			label = pick(m.generator, fewNames)
		}
		labels = append(labels, label)
		r.columns = append(r.columns, column{alias + "." + label, t})
	}
	for range 1 + m.n(3) {
		var texts []string
		var row []any
		for _, c := range r.columns {
			v, text := m.small(c.t)
			row, texts = append(row, v), append(texts, text)
		}
		r.rows, lines = append(r.rows, row), append(lines, "ROW("+strings.Join(texts, ", ")+")")
	}
	r.sql = "(VALUES " + strings.Join(lines, ", ") + ") AS " + alias + "(" + strings.Join(labels, ", ") + ")"
	return r
}

// small is a small integer, or a row of them, and its text.
func (m *nameMaker) small(t *types.Type) (any, string) {
	if t == integer {
		n := int64(m.n(4))
		return n, fmt.Sprint(n)
	}
	var fields []types.Value
	var texts []string
	for range t.Fields {
		n := int64(m.n(6))
		fields, texts = append(fields, types.Value{Type: integer, V: n}), append(texts, fmt.Sprint(n))
	}
	return fields, "CAST(ROW(" + strings.Join(texts, ", ") + ") AS row(a integer, b integer, t integer))"
}

// placeOf returns the names of columns whose values begin at index first of a row.
func placeOf(columns []column, first int) place {
	var p place
	for i, c := range columns {
		table, name, qualified := strings.Cut(c.name, ".")
		if !qualified {
			table, name = "", c.name
		}
		p = append(p, namedColumn{table, name, c.t, func(row []any) (any, error) { return row[first+i], nil }})
	}
	return p
}

// from is what stands after FROM, inside of rows of width values.
func (m *nameMaker) from(outer sight, width, depth int) block {
	r := m.table()
	b := block{sql: r.sql, columns: r.columns, rows: func([]any) [][]any { return r.rows }}
	switch {
	case width == 0 && depth > 0 && m.chance(25):
		return m.nestedWith()
	case m.chance(30):
		other := m.table()
		columns := append(slices.Clone(r.columns), other.columns...)
		on := m.comparison(append(slices.Clone(outer), placeOf(columns, width)))
		return block{sql: r.sql + " JOIN " + other.sql + " ON " + on.sql, columns: columns, rows: func(around []any) [][]any {
			var out [][]any
			for _, x := range r.rows {
				for _, y := range other.rows {
					if v, _ := on.eval(slices.Concat(around, x, y)); v == true {
						out = append(out, slices.Concat(x, y))
					}
				}
			}
			return out
		}}
	case depth > 0 && m.chance(40):
		inner := m.block(append(slices.Clone(outer), placeOf(r.columns, width)), width+len(r.columns), 0)
		alias := pick(m.generator, fewNames)
		columns := slices.Clone(r.columns)
		for _, c := range inner.columns {
			columns = append(columns, column{alias + "." + c.name, c.t})
		}
		return block{sql: r.sql + ", LATERAL (" + inner.sql + ") AS " + alias, columns: columns, rows: func(around []any) [][]any {
			var out [][]any
			for _, x := range r.rows {
				for _, y := range inner.rows(slices.Concat(around, x)) {
					out = append(out, slices.Concat(x, y))
				}
			}
			return out
		}}
	}
	return b
}

// nestedWith is a query with a WITH of its own, which may hide one outside.
func (m *nameMaker) nestedWith() block {
	before, name := m.with, pick(m.generator, fewNames)
	q := m.block(nil, 0, 0)
	m.with = []*relation{{sql: name, columns: q.columns, rows: q.rows(nil)}}
	for _, w := range before {
		if w.sql != name {
			m.with = append(m.with, w)
		}
	}
	inner := m.block(nil, 0, 0)
	m.with = before
	alias := pick(m.generator, fewNames)
	out := block{sql: "(WITH " + name + " AS (" + q.sql + ") " + inner.sql + ") AS " + alias}
	for _, c := range inner.columns {
		out.columns = append(out.columns, column{alias + "." + c.name, c.t})
	}
	rows := inner.rows(nil)
	out.rows = func([]any) [][]any { return rows }
	return out
}

// block is SELECT … FROM … WHERE inside of rows of width values.
func (m *nameMaker) block(outer sight, width, depth int) block {
	from := m.from(outer, width, depth)
	inside := append(slices.Clone(outer), placeOf(from.columns, width))
	below := width + len(from.columns)
	where := m.condition(inside, below, depth)
	var list []expression
	var texts []string
	out := block{}
	for range 1 + m.n(3) {
		e, label := m.item(inside, below, depth), pick(m.generator, fewNames)
		text := e.sql + " AS " + label
		if last := strings.ToLower(e.sql[strings.LastIndexByte(e.sql, '.')+1:]); slices.Contains(fewNames, last) && m.chance(50) {
			text, label = e.sql, last
		}
		list, texts = append(list, e), append(texts, text)
		out.columns = append(out.columns, column{label, e.t})
	}
	out.sql = "SELECT " + strings.Join(texts, ", ") + " FROM " + from.sql + " WHERE " + where.sql
	out.inside = inside
	out.source = func(around []any) [][]any {
		var rows [][]any
		for _, x := range from.rows(around) {
			row := slices.Concat(around, x)
			if v, _ := where.eval(row); v == true {
				rows = append(rows, row)
			}
		}
		return rows
	}
	out.rows = func(around []any) [][]any {
		var rows [][]any
		for _, row := range out.source(around) {
			values, _ := evaluate(list, row)
			rows = append(rows, values)
		}
		return rows
	}
	return out
}

func (m *nameMaker) comparison(s sight) expression {
	a, b := m.reference(s), m.reference(s)
	return compare(pick(m.generator, []string{"=", "=", "=", "<=", "<>"}), a, b)
}

// condition is a comparison, or a subquery with one, in rows of width values.
func (m *nameMaker) condition(s sight, width, depth int) expression {
	if depth == 0 || m.chance(60) {
		return m.comparison(s)
	}
	if m.chance(50) {
		inner := m.block(s, width, depth-1)
		e := expression{sql: "EXISTS (" + inner.sql + ")", t: boolean}
		e.eval = func(row []any) (any, error) { return len(inner.rows(row)) > 0, nil }
		return e
	}
	x, inner := m.reference(s), m.table()
	sights := append(slices.Clone(s), placeOf(inner.columns, width))
	value, where := m.reference(sights), m.comparison(sights)
	e := expression{sql: x.sql + " IN (SELECT " + value.sql + " FROM " + inner.sql + " WHERE " + where.sql + ")", t: boolean}
	e.eval = func(row []any) (any, error) {
		v, _ := x.eval(row)
		for _, y := range inner.rows {
			both := slices.Concat(row, y)
			kept, _ := where.eval(both)
			if w, _ := value.eval(both); kept == true && w == v {
				return true, nil
			}
		}
		return false, nil
	}
	return e
}

// item is a name, a sum of names, a lambda with one, or an aggregate over a table.
func (m *nameMaker) item(s sight, width, depth int) expression {
	switch {
	case m.chance(15):
		a, b := m.reference(s), m.reference(s)
		return call("("+a.sql+" + "+b.sql+")", integer, func(v []any) (any, error) { return v[0].(int64) + v[1].(int64), nil }, a, b)
	case m.chance(15):
		name, argument := pick(m.generator, fewNames), expression{}
		if m.chance(50) {
			v, text := m.small(fewFields)
			argument = constant(text, fewFields, v)
		} else {
			argument = m.reference(s)
		}
		body := m.reference(append(slices.Clone(s), place{{name: name, t: argument.t, eval: func(row []any) (any, error) { return row[len(row)-1], nil }}}))
		e := expression{sql: "element_at(transform(ARRAY[" + argument.sql + "], " + name + " -> " + body.sql + "), 1)", t: integer}
		e.eval = func(row []any) (any, error) {
			v, err := argument.eval(row)
			if err != nil {
				return nil, err
			}
			return body.eval(append(slices.Clone(row), v))
		}
		return e
	case depth > 0 && m.chance(30):
		inner := m.table()
		sights := append(slices.Clone(s), placeOf(inner.columns, width))
		where := m.comparison(sights)
		e := expression{sql: "(SELECT count(*) FROM " + inner.sql + " WHERE " + where.sql + ")", t: bigint}
		e.eval = func(row []any) (any, error) {
			n := int64(0)
			for _, y := range inner.rows {
				if v, _ := where.eval(slices.Concat(row, y)); v == true {
					n++
				}
			}
			return n, nil
		}
		return e
	}
	return m.reference(s)
}
