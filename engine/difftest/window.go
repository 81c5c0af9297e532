package difftest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

// windows is SELECT columns and window functions. The order of a window has all
// orderable columns, so that equal rows stay equal.
func (g *generator) windows(r filtered) *relation {
	out := &relation{err: r.err, fallible: r.fallible}
	partition := g.expression(pick(g, scalarTypes), r.columns, 1)
	var by []int
	var keys []string
	var shown []expression
	for i, c := range r.columns {
		if slices.ContainsFunc(scalarTypes, c.t.Equal) {
			by, keys = append(by, i), append(keys, c.name)
			shown = append(shown, columnAt(r.columns, i))
		}
	}
	if len(by) == 0 {
		return g.selection(r)
	}
	over := " OVER (PARTITION BY " + partition.sql + " ORDER BY " + strings.Join(keys, ", ") + ")"
	kind := pick(g, []string{"rank", "dense_rank", "count", "max", "lag", "first_value"})
	value := g.expression(pick(g, []*types.Type{integer, varchar, date}), r.columns, 1)
	sql, t := map[string]string{
		"rank": "rank()", "dense_rank": "dense_rank()", "count": "count(" + value.sql + ")", "max": "max(" + value.sql + ")",
		"lag": "lag(" + value.sql + ")", "first_value": "first_value(" + value.sql + ")",
	}[kind], bigint
	if kind == "max" || kind == "lag" || kind == "first_value" {
		t = value.t
	}
	if kind == "lag" || kind == "first_value" { // of equal rows any may come first
		value = columnAt(r.columns, by[0])
		sql, t = fmt.Sprintf("%s(%s)", kind, value.sql), value.t
	}
	out.sql = out.selects(g, append(shown, expression{sql: sql + over, t: t, fallible: value.fallible || partition.fallible}), false) + " FROM " + r.sql + r.where
	groups := map[string][][]any{}
	for _, row := range r.rows {
		p, err := partition.eval(row)
		if out.failed(err) {
			return out
		}
		groups[key(p)] = append(groups[key(p)], row)
	}
	compareRows := func(a, b []any) int {
		for _, c := range by {
			if d := compareKeys(r.columns[c].t, a[c], b[c], false, false); d != 0 {
				return d
			}
		}
		return 0
	}
	for _, rows := range groups {
		slices.SortStableFunc(rows, compareRows)
		for i, row := range rows {
			v, err := overRows(kind, value, rows, i, compareRows)
			if out.failed(err) {
				return out
			}
			values, err := evaluate(shown, row)
			if out.failed(err) {
				return out
			}
			out.rows = append(out.rows, append(values, v))
		}
	}
	return out
}

// overRows is a window function at row i of its sorted partition; frames go to
// the last row that is equal to it.
func overRows(kind string, value expression, rows [][]any, i int, compareRows func(a, b []any) int) (any, error) {
	var values []any
	for j := 0; j < len(rows) && compareRows(rows[j], rows[i]) <= 0; j++ {
		v, err := value.eval(rows[j])
		if err != nil {
			return nil, err
		}
		values = append(values, v)
	}
	switch kind {
	case "rank", "dense_rank":
		rank, dense := int64(1), int64(1)
		for j := 1; j <= i; j++ {
			if compareRows(rows[j-1], rows[j]) != 0 {
				rank, dense = int64(j+1), dense+1
			}
		}
		if kind == "rank" {
			return rank, nil
		}
		return dense, nil
	case "lag":
		if i == 0 {
			return nil, nil
		}
		return value.eval(rows[i-1])
	case "first_value":
		return values[0], nil
	}
	return fold(kind, value.t, slices.DeleteFunc(values, func(v any) bool { return v == nil }))
}
