package difftest

import (
	"slices"
	"strings"
)

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
		t := pick(g, g.scalarTypes)
		if x, y := a.columns.columnsOf(t), b.columns.columnsOf(t); len(x) > 0 && len(y) > 0 {
			left, right := columnAt(all, pick(g, x)), columnAt(all, len(a.columns)+pick(g, y))
			conditions = append(conditions, compare("=", left, right))
		}
	}
	if g.chance(40) { // limits for a column of one side, by which the rows of a join are ordered
		t := pick(g, g.scalarTypes)
		x, y := a.columns.columnsOf(t), b.columns.columnsOf(t)
		for range 1 + g.n(3) {
			if t != boolean && len(x) > 0 && len(y) > 0 {
				left, right := columnAt(all, pick(g, x)), columnAt(all, len(a.columns)+pick(g, y))
				conditions = append(conditions, compare(pick(g, []string{"<", "<=", ">", ">="}), left, right))
			}
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
