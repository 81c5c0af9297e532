package difftest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

// matching makes a condition that ties a row of inner to the row outside: two of their columns are equal, of one
// type or of two kinds of numbers.
func (g *generator) matching(outer, inner scope) (expression, bool) {
	both := slices.Concat(outer, inner)
	numbers := []*types.Type{integer, bigint, double}
	t := pick(g, g.groupableTypes)
	other := t
	if slices.Contains(numbers, t) && g.chance(50) {
		other = pick(g, numbers)
	}
	x, y := outer.columnsOf(t), inner.columnsOf(other)
	if len(x) == 0 || len(y) == 0 {
		return expression{}, false
	}
	a, b := columnAt(both, pick(g, x)), columnAt(both, len(outer)+pick(g, y))
	if g.chance(30) {
		a, b = b, a
	}
	return call("("+a.sql+" = "+b.sql+")", boolean, func(v []any) (any, error) {
		if t != other {
			return asDouble(v[0]) == asDouble(v[1]) && (t == double || other == double || v[0] == v[1]), nil
		}
		return equal(t, v[0], v[1]), nil
	}, a, b), true
}

func asDouble(v any) float64 {
	if n, ok := v.(int64); ok {
		return float64(n)
	}
	return v.(float64)
}

// lateral joins r with a query over a table that reads r's columns: its rows, an
// aggregation of them, its groups, or the first ones.
func (g *generator) lateral(r *relation) *relation {
	inner := g.named(pick(g, g.tables))
	condition, ok := g.matching(r.columns, inner.columns)
	if !ok {
		return r
	}
	alias := g.name("l")
	list, rest, choose := g.lateralQuery(r.columns, inner.columns)
	var items []string
	names := scope{}
	for i, e := range list {
		items = append(items, e.sql)
		names = append(names, column{fmt.Sprint(alias, ".y", i), e.t})
	}
	left := g.chance(50)
	join, on := " CROSS JOIN LATERAL (", ""
	if left {
		join, on = " LEFT JOIN LATERAL (", " ON true"
	}
	var labels []string
	for i := range names {
		labels = append(labels, fmt.Sprint("y", i))
	}
	out := &relation{err: r.err, fallible: r.fallible, columns: slices.Concat(r.columns, names)}
	out.sql = r.sql + join + "SELECT " + strings.Join(items, ", ") + " FROM " + inner.sql + " WHERE " + condition.sql + rest + ") AS " +
		alias + "(" + strings.Join(labels, ", ") + ")" + on
	for _, x := range r.rows {
		var rows [][]any
		for _, y := range inner.rows {
			if v, _ := condition.eval(slices.Concat(x, y)); v == true {
				rows = append(rows, y)
			}
		}
		found := choose(x, rows)
		for _, y := range found {
			out.rows = append(out.rows, slices.Concat(x, y))
		}
		if len(found) == 0 && left {
			out.rows = append(out.rows, slices.Concat(x, make([]any, len(names))))
		}
		if len(out.rows) > maxRows {
			return r
		}
	}
	return out
}

// lateralQuery returns the select list of a query over s, what follows WHERE, and the result of the two for the
// rows that match the row outside.
func (g *generator) lateralQuery(outside, s scope) (list []expression, rest string, choose func(outer []any, rows [][]any) [][]any) {
	at := g.n(len(g.scalarTypes))
	value := columnAt(s, at)
	count := func(rows [][]any) int64 { return int64(len(rows)) }
	switch g.n(4) {
	case 0:
		both := slices.Concat(outside, s)
		list = []expression{columnAt(both, len(outside)+at), columnAt(both, len(outside)+g.n(len(s)))}
		if e := g.expression(pick(g, g.scalarTypes), both, 1); g.chance(40) && !e.fallible { // of both sides
			list = append(list, e)
		}
		return list, "", func(outer []any, rows [][]any) [][]any {
			var out [][]any
			for _, row := range rows {
				values, _ := evaluate(list, slices.Concat(outer, row))
				out = append(out, values)
			}
			return out
		}
	case 1: // one row, whatever matches
		list = []expression{{sql: "count(*)", t: bigint}, {sql: "max(" + value.sql + ")", t: value.t}}
		return list, "", func(_ []any, rows [][]any) [][]any {
			return [][]any{{count(rows), largestOf(value.t, at, rows)}}
		}
	case 2: // a row for each group
		list = []expression{value, {sql: "count(*)", t: bigint}}
		return list, " GROUP BY " + value.sql, func(_ []any, rows [][]any) [][]any {
			var order []string
			groups := map[string][][]any{}
			for _, row := range rows {
				k := key(row[at])
				if groups[k] == nil {
					order = append(order, k)
				}
				groups[k] = append(groups[k], row)
			}
			var out [][]any
			for _, k := range order {
				out = append(out, []any{groups[k][0][at], count(groups[k])})
			}
			return out
		}
	}
	order := g.windowOrder(s, []int{at})
	n := 1 + g.n(2)
	list = []expression{value}
	return list, order.sql + fmt.Sprintf(" LIMIT %d", n), func(_ []any, rows [][]any) [][]any {
		slices.SortStableFunc(rows, order.compare)
		var out [][]any
		for _, row := range rows[:min(n, len(rows))] {
			out = append(out, []any{row[at]})
		}
		return out
	}
}

func largestOf(t *types.Type, at int, rows [][]any) any {
	var best any
	for _, row := range rows {
		switch {
		case best == nil:
			best = row[at]
		case row[at] != nil:
			best = extreme(t, best, row[at], 1)
		}
	}
	return best
}
