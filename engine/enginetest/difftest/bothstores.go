package difftest

import (
	"fmt"
	"slices"
	"strings"
)

// textColumns are the columns of events that questions group by.
var textColumns = []int{eventNameColumn, 3, 4, 6, 7, 8}

// ofBothStores groups the rows of two stores, or of the other one, by texts that both have.
func (n *nearby) ofBothStores(condition expression) *relation {
	var keys []int
	for _, i := range n.random.Perm(len(textColumns))[:1+n.n(3)] {
		keys = append(keys, textColumns[i])
	}
	counted := pick(n.generator, append([]int{eventIDColumn}, textColumns...))
	stores := []*relation{n.r, n.other}
	if n.chance(20) {
		stores = stores[1:]
	}
	var parts []string
	groups := map[string]*groupOfTexts{}
	out := &relation{}
	for _, store := range stores {
		parts = append(parts, "SELECT "+n.namedTexts(append([]int{counted}, keys...))+" FROM "+store.sql+" WHERE "+condition.sql)
		for _, row := range store.rows {
			if v, _ := condition.eval(row); v == true {
				groupOf(groups, out, keys, row).takeIn(row[counted])
			}
		}
	}
	list := []expression{{sql: "count(*)", t: bigint}, {sql: "count(DISTINCT x0)", t: bigint}}
	names := []string{}
	for i := range keys {
		names = append(names, fmt.Sprint("x", i+1))
		list = append(list, expression{sql: names[i], t: varchar})
	}
	from := " FROM (" + strings.Join(parts, " UNION ALL ") + ")"
	if n.chance(30) {
		out.sql = out.selects(n.generator, list[2:], true) + from
		return out
	}
	out.sql = out.selects(n.generator, list, false) + from + " GROUP BY " + strings.Join(names, ", ")
	for i, row := range out.rows {
		g := groups[textsKey(row)]
		out.rows[i] = slices.Concat([]any{g.rows, int64(len(g.values))}, row)
	}
	return out
}

// namedTexts selects columns as x0, x1 ….
func (n *nearby) namedTexts(columns []int) string {
	var list []string
	for i, c := range columns {
		list = append(list, fmt.Sprint(n.r.columns[c].name, " AS x", i))
	}
	return strings.Join(list, ", ")
}

// groupOfTexts counts the rows of a group, and their values.
type groupOfTexts struct {
	rows   int64
	values map[any]bool
}

func (g *groupOfTexts) takeIn(value any) {
	g.rows++
	if value != nil {
		g.values[value] = true
	}
}

func textsKey(texts []any) string { return fmt.Sprintf("%q", texts) }

// groupOf finds the group of a row, or appends its keys to out.
func groupOf(groups map[string]*groupOfTexts, out *relation, keys []int, row []any) *groupOfTexts {
	texts := make([]any, len(keys))
	for i, k := range keys {
		texts[i] = row[k]
	}
	g := groups[textsKey(texts)]
	if g == nil {
		g = &groupOfTexts{values: map[any]bool{}}
		groups[textsKey(texts)] = g
		out.rows = append(out.rows, texts)
	}
	return g
}
