package difftest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

// Questions about names: few of them, for tables, columns, fields, lambda
// parameters and items of the select list alike, so that what a name means
// depends on where it stands.

var fewNames = []string{"a", "b", "c", "t"}

// fewFields is the row type of these questions.
var fewFields = types.RowOf(types.Field{Name: "a", Type: integer}, types.Field{Name: "b", Type: integer}, types.Field{Name: "t", Type: integer})

// named things of one place; the innermost place comes last in a sight.
type place []namedColumn

// namedColumn is a column by its name and that of its relation, "" for none.
type namedColumn struct {
	table, name string
	t           *types.Type
	eval        func(row []any) (any, error)
}

// sight is the places that a name can mean something of.
type sight []place

// The errors that names can have.
const (
	ambiguous = fault(types.AmbiguousName)
	notFound  = fault(types.ColumnNotFound)
	mismatch  = fault(types.TypeMismatch)
)

// called lists the columns of a place that parts name.
func (p place) called(parts []string) []namedColumn {
	var found []namedColumn
	for _, c := range p {
		switch {
		case len(parts) == 1 && c.name == parts[0]:
			found = append(found, c)
		case len(parts) == 2 && c.table == parts[0] && c.name == parts[1] && c.table != "":
			found = append(found, c)
		}
	}
	return found
}

// begins reports whether the first parts, but for the last one, name a column.
func (p place) begins(parts []string) bool {
	for n := 1; n < len(parts); n++ {
		if len(p.called(parts[:n])) > 0 {
			return true
		}
	}
	return false
}

// meaning is what parts mean, or the error of it: the innermost place decides
// which has a column of that name, or one of which it names a field.
func (s sight) meaning(parts []string) (expression, error) {
	sql := strings.Join(parts, ".")
	for i := len(s) - 1; i >= 0; i-- {
		found := s[i].called(parts)
		switch {
		case len(found) > 1:
			return expression{}, ambiguous
		case len(found) == 1:
			return expression{sql: sql, t: found[0].t, eval: found[0].eval}, nil
		case s[i].begins(parts):
			return s.field(parts)
		}
	}
	return expression{}, notFound
}

func (s sight) field(parts []string) (expression, error) {
	base, err := s.meaning(parts[:len(parts)-1])
	switch {
	case err != nil:
		return base, err
	case base.t.Kind != types.Row:
		return base, mismatch
	}
	last := parts[len(parts)-1]
	at := slices.IndexFunc(base.t.Fields, func(f types.Field) bool { return f.Name == last })
	if at < 0 {
		return base, fault(types.InvalidColumnReference)
	}
	return call(strings.Join(parts, "."), base.t.Fields[at].Type, func(v []any) (any, error) { return items(v[0])[at].V, nil }, base), nil
}

// nameMaker makes such questions. mistake is the error of the one name that may
// have one.
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

// placeOf is what the columns are called of which rows have values from first on.
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

// source is what stands after FROM, inside of rows of width values.
func (m *nameMaker) from(outer sight, width, depth int) block {
	r := m.table()
	b := block{sql: r.sql, columns: r.columns, rows: func([]any) [][]any { return r.rows }}
	switch {
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
		name, argument := pick(m.generator, fewNames), m.reference(s)
		body := m.reference(append(slices.Clone(s), place{{name: name, t: integer, eval: func(row []any) (any, error) { return row[len(row)-1], nil }}}))
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

// question is a statement and its rows, and whether they have an order.
func (m *nameMaker) question() (out *relation, isOrdered bool) {
	var with []string
	for range m.n(3) {
		name := pick(m.generator, fewNames)
		if slices.ContainsFunc(m.with, func(r *relation) bool { return r.sql == name }) {
			continue
		}
		q := m.block(nil, 0, 0)
		with = append(with, name+" AS ("+q.sql+")")
		m.with = append(m.with, &relation{sql: name, columns: q.columns, rows: q.rows(nil)})
	}
	out = &relation{}
	if len(with) > 0 {
		out.with = "WITH " + strings.Join(with, ", ") + " "
	}
	switch {
	case m.chance(20):
		m.grouped(out)
	case m.chance(50):
		return out, m.sorted(out)
	default:
		b := m.block(nil, 0, 2)
		out.sql, out.columns, out.rows = b.sql, b.columns, b.rows(nil)
	}
	return out, false
}

// grouped makes groups by a name, which means nothing of the select list.
func (m *nameMaker) grouped(out *relation) {
	from := m.from(nil, 0, 1)
	k := m.reference(sight{placeOf(from.columns, 0)})
	labels := []string{pick(m.generator, fewNames), pick(m.generator, fewNames)}
	out.sql = "SELECT " + k.sql + " AS " + labels[0] + ", count(*) AS " + labels[1] + " FROM " + from.sql + " GROUP BY " + k.sql
	out.columns = scope{{labels[0], k.t}, {labels[1], bigint}}
	of := map[any]int{}
	for _, row := range from.rows(nil) {
		v, _ := k.eval(row)
		at, known := of[v]
		if !known {
			at = len(out.rows)
			of[v], out.rows = at, append(out.rows, []any{v, int64(0)})
		}
		out.rows[at][1] = out.rows[at][1].(int64) + 1
	}
	if k.sql == "7" && m.mistake == nil { // a position of the select list, and none that it has
		m.mistake = fault(types.InvalidColumnReference)
	}
}

// sorted sorts by names that may be those of the select list, and reports whether
// that leaves no two rows equal.
func (m *nameMaker) sorted(out *relation) bool {
	b := m.block(nil, 0, 1)
	width := 0
	for _, p := range b.inside {
		width += len(p)
	}
	sights := append(slices.Clone(b.inside), placeOf(b.columns, width))
	keys, texts := []expression{}, []string{}
	descending := m.chance(40)
	for range 1 + m.n(2) {
		k := m.reference(sights)
		if k.sql == "7" {
			k.sql = "7 + 0" // no position
		}
		keys = append(keys, k)
		if descending {
			k.sql += " DESC"
		}
		texts = append(texts, k.sql)
	}
	out.sql, out.columns = b.sql+" ORDER BY "+strings.Join(texts, ", "), b.columns
	type sortable struct{ values, keys []any }
	var rows []sortable
	values := b.rows(nil)
	for i, row := range b.source(nil) {
		k, _ := evaluate(keys, slices.Concat(row, values[i]))
		rows = append(rows, sortable{values[i], k})
	}
	ties := false
	slices.SortStableFunc(rows, func(x, y sortable) int {
		for i := range keys {
			if d := compareKeys(integer, x.keys[i], y.keys[i], descending, false); d != 0 {
				return d
			}
		}
		return 0
	})
	for i, r := range rows {
		ties = ties || i > 0 && rowKey(r.keys) == rowKey(rows[i-1].keys)
		out.rows = append(out.rows, r.values)
	}
	return !ties
}
