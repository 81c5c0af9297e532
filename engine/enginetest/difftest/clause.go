package difftest

// clause makes a short question about one clause over tables as they are.
func (g *generator) clause() *relation {
	table := func() *relation { return g.named(pick(g, g.tables[:3])) }
	r := table()
	var condition expression
	switch g.n(8) {
	case 0, 1, 2:
		return g.windows(filtered{r, ""})
	case 3:
		return g.setOperation(0)
	case 4:
		return g.using()
	case 5:
		other := table()
		joined := g.join(r, other)
		if on, ok := g.matching(r.columns, other.columns); ok && g.chance(50) {
			joined = &relation{sql: r.sql + " CROSS JOIN " + other.sql, columns: append(r.columns[:len(r.columns):len(r.columns)], other.columns...)}
			for _, x := range r.rows {
				for _, y := range other.rows {
					joined.rows = append(joined.rows, append(x[:len(x):len(x)], y...))
				}
			}
			return g.columnsWhere(joined, on)
		}
		return g.selection(g.where(joined))
	case 6:
		condition = pick(g, []func(scope) expression{g.subquery, g.subquery, g.largest, g.first, g.quantified})(r.columns)
	default:
		condition = g.fallingComparison(r.columns)
	}
	if g.chance(30) {
		condition = not(condition)
	}
	return g.columnsWhere(r, condition)
}

// fallingComparison compares a number less a column.
func (g *generator) fallingComparison(s scope) expression {
	x, n := columnAt(s, pick(g, s.columnsOf(bigint))), int64(g.n(8))
	less := failing(call("(BIGINT '5' - "+x.sql+")", bigint, func(v []any) (any, error) { return 5 - v[0].(int64), nil }, x))
	return compare(pick(g, operators), less, constant(textOf(bigint, n), bigint, n))
}

// columnsWhere is some columns of the rows of r for which a condition holds.
func (g *generator) columnsWhere(r *relation, condition expression) *relation {
	out := &relation{fallible: condition.fallible}
	var list []expression
	for range 4 {
		list = append(list, columnAt(r.columns, g.n(len(r.columns))))
	}
	out.sql = out.selects(g, list, false) + " FROM " + r.sql + " WHERE " + condition.sql
	for _, row := range r.rows {
		v, err := condition.eval(row)
		if out.failed(err) {
			return out
		}
		if v == true {
			values, _ := evaluate(list, row)
			out.rows = append(out.rows, values)
		}
	}
	return out
}
