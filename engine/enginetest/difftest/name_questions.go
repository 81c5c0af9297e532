package difftest

import (
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

// question is a statement and its rows, and how many of these in turn may come in
// any order; nil: all.
func (m *nameMaker) question() (out *relation, runs []int) {
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
	return out, nil
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

// sorted sorts by names, some from the select list, and returns the lengths of the runs of rows with equal keys.
func (m *nameMaker) sorted(out *relation) (runs []int) {
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
	slices.SortStableFunc(rows, func(x, y sortable) int {
		for i := range keys {
			if d := compareKeys(integer, x.keys[i], y.keys[i], descending, false); d != 0 {
				return d
			}
		}
		return 0
	})
	for i, r := range rows {
		if i == 0 || rowKey(r.keys) != rowKey(rows[i-1].keys) {
			runs = append(runs, 0)
		}
		runs[len(runs)-1]++
		out.rows = append(out.rows, r.values)
	}
	return runs
}
