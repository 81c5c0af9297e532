package difftest

import (
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

// setOperation is UNION, INTERSECT or EXCEPT of two selections of the same types.
func (g *generator) setOperation(depth int) *relation {
	var columnTypes []*types.Type
	for range 1 + g.n(3) {
		columnTypes = append(columnTypes, pick(g, g.scalarTypes))
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
