package difftest

import (
	"slices"
	"strings"
)

// using is a selection from two tables joined on columns of the same name.
func (g *generator) using() *relation {
	a, b := g.named(pick(g, g.tables)), g.named(pick(g, g.tables))
	kind := pick(g, []string{"JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"})
	keys := []int{g.n(len(g.scalarTypes))}
	if g.chance(30) {
		keys = []int{1, len(a.columns) - 1} // an integer and a text
	}
	joined, names := scope{}, []string{}
	for _, k := range keys {
		name := a.columns[k].name[strings.IndexByte(a.columns[k].name, '.')+1:]
		names = append(names, name)
		joined = append(joined, column{name, a.columns[k].t})
	}
	joined = append(append(joined, without(a.columns, keys)...), without(b.columns, keys)...)
	var rows [][]any
	row := func(x, y []any) {
		var values []any
		for _, k := range keys {
			if values = append(values, x[k]); x[k] == nil {
				values[len(values)-1] = y[k]
			}
		}
		rows = append(rows, slices.Concat(values, without(x, keys), without(y, keys)))
	}
	met := make([]bool, len(b.rows))
	for _, x := range a.rows {
		alone := true
		for j, y := range b.rows {
			same := !slices.ContainsFunc(keys, func(k int) bool { return equal(a.columns[k].t, x[k], y[k]) != true })
			if same {
				alone, met[j] = false, true
				row(x, y)
			}
		}
		if alone && (kind == "LEFT JOIN" || kind == "FULL JOIN") {
			row(x, make([]any, len(b.columns)))
		}
	}
	for j, y := range b.rows {
		if !met[j] && (kind == "RIGHT JOIN" || kind == "FULL JOIN") {
			row(make([]any, len(a.columns)), y)
		}
	}
	sql := a.sql + " " + kind + " " + b.sql + " USING (" + strings.Join(names, ", ") + ")"
	list := []expression{columnAt(joined, 0)}
	for range 1 + g.n(4) {
		list = append(list, columnAt(joined, g.n(len(joined))))
	}
	out := &relation{}
	out.sql = out.selects(g, list, false) + " FROM " + sql
	for _, r := range rows {
		values, _ := evaluate(list, r)
		out.rows = append(out.rows, values)
	}
	return out
}

func without[T any](list []T, positions []int) []T {
	var out []T
	for i, x := range list {
		if !slices.Contains(positions, i) {
			out = append(out, x)
		}
	}
	return out
}
