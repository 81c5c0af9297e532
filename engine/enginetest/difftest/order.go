package difftest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

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
		if nullsFirst[i] = g.nullsFirst(); nullsFirst[i] {
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

// nullsFirst decides whether a sort key has NULLs first.
func (g *generator) nullsFirst() bool { return g.chance(30) }

func compareKeys(t *types.Type, a, b any, descending, nullsFirst bool) int {
	if a == nil || b == nil {
		d := truth(a == nil) - truth(b == nil)
		if nullsFirst {
			return -d
		}
		return d
	}
	d := order(t, a, b)
	if nullsFirst && isNaN(a) != isNaN(b) { // with NULLS FIRST NaN is the least value
		d = -d
	}
	if descending {
		return -d
	}
	return d
}
