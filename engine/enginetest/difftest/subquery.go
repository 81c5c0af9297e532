package difftest

import (
	"slices"

	"github.com/auditlake/auditlake/planner/types"
)

// subquery makes a condition with EXISTS or IN over a table, which may look at the row outside.
func (g *generator) subquery(outer scope) expression {
	inner := g.named(pick(g, g.tables))
	both := slices.Concat(outer, inner.columns)
	t := pick(g, g.scalarTypes)
	for t == double { // NaN is in a list of NaN or not by where IN stands
		t = pick(g, g.scalarTypes)
	}
	condition := g.expression(boolean, inner.columns, 1)
	if x := outer.columnsOf(t); len(x) > 0 && g.chance(60) {
		condition = and(compare("=", columnAt(both, pick(g, x)), columnAt(both, len(outer)+pick(g, inner.columns.columnsOf(t)))), shifted(condition, len(outer)))
	} else {
		condition = shifted(condition, len(outer))
	}
	negative := g.chance(40)
	if g.chance(50) || len(outer.columnsOf(t)) == 0 {
		sql := "EXISTS (SELECT 1 FROM " + inner.sql + " WHERE " + condition.sql + ")"
		e := expression{sql: sql, t: boolean, fallible: condition.fallible, eval: func(row []any) (any, error) {
			for _, x := range inner.rows {
				if v, err := condition.eval(slices.Concat(row, x)); err != nil || v == true {
					return v == true, err
				}
			}
			return false, nil
		}}
		if negative {
			return not(e)
		}
		return e
	}
	return in(columnAt(outer, pick(g, outer.columnsOf(t))), inner, condition, pick(g, inner.columns.columnsOf(t)), negative)
}

// largest compares with the largest value of a column over the rows of a table for which a condition holds. The
// condition may refer to the row outside.
func (g *generator) largest(outer scope) expression {
	inner := g.named(pick(g, g.tables))
	both := slices.Concat(outer, inner.columns)
	t := pick(g, []*types.Type{integer, varchar, date})
	condition := shifted(g.expression(boolean, inner.columns, 1), len(outer))
	if x := outer.columnsOf(t); len(x) > 0 && g.chance(60) {
		condition = and(compare("=", columnAt(both, pick(g, x)), columnAt(both, len(outer)+pick(g, inner.columns.columnsOf(t)))), condition)
	}
	at := pick(g, inner.columns.columnsOf(t))
	function := pick(g, []string{"max", "min", "count"})
	value := expression{t: t, fallible: condition.fallible,
		sql: "(SELECT " + function + "(" + inner.columns[at].name + ") FROM " + inner.sql + " WHERE " + condition.sql + ")"}
	if function == "count" {
		value.t = bigint
	}
	value.eval = func(row []any) (any, error) {
		var values []any
		for _, y := range inner.rows {
			c, err := condition.eval(slices.Concat(row, y))
			if err != nil {
				return nil, err
			}
			if c == true && y[at] != nil {
				values = append(values, y[at])
			}
		}
		return fold(function, t, values)
	}
	return compare(pick(g, operators), g.expression(value.t, outer, 1), value)
}

// first is a comparison with the first value, in some order, among the rows of a
// table that match the row outside.
func (g *generator) first(outer scope) expression {
	inner := g.named(pick(g, g.tables))
	condition, ok := g.matching(outer, inner.columns)
	if !ok {
		return g.largest(outer)
	}
	at := g.n(len(g.scalarTypes))
	order := g.windowOrder(inner.columns, []int{at})
	value := columnAt(inner.columns, at)
	value.sql = "(SELECT " + value.sql + " FROM " + inner.sql + " WHERE " + condition.sql + order.sql + " LIMIT 1)"
	value.eval = func(row []any) (any, error) {
		var best []any
		for _, y := range inner.rows {
			if c, _ := condition.eval(slices.Concat(row, y)); c == true && (best == nil || order.compare(y, best) < 0) {
				best = y
			}
		}
		if best == nil {
			return nil, nil
		}
		return best[at], nil
	}
	return compare(pick(g, operators), g.expression(value.t, outer, 1), value)
}

// quantified is a comparison with all or any of the values of a column.
func (g *generator) quantified(outer scope) expression {
	inner := g.named(pick(g, g.tables))
	at := g.n(len(g.scalarTypes))
	t := inner.columns[at].t
	condition := g.expression(boolean, inner.columns, 1)
	x, operator, quantifier := g.expression(t, outer, 1), pick(g, operators), pick(g, []string{"ALL", "ANY", "SOME"})
	all := quantifier == "ALL"
	if t == double && (operator == "=" && !all || operator == "<>" && all) { // as for IN
		operator = "<"
	}
	e := expression{t: boolean, fallible: x.fallible || condition.fallible,
		sql: "(" + x.sql + " " + operator + " " + quantifier + " (SELECT " + inner.columns[at].name + " FROM " + inner.sql + " WHERE " + condition.sql + "))"}
	e.eval = func(row []any) (any, error) {
		v, err := x.eval(row)
		if err != nil {
			return nil, err
		}
		var values []any
		for _, y := range inner.rows {
			c, err := condition.eval(y)
			if err != nil {
				return nil, err
			}
			if c == true {
				values = append(values, y[at])
			}
		}
		return compareWithAll(operator, all, t, v, values), nil
	}
	return e
}

// compareWithAll compares with the least and the greatest value, as Trino does:
// values that differ among themselves decide = ALL and <> ANY, even of NULL.
func compareWithAll(operator string, all bool, t *types.Type, v any, values []any) any {
	var least, greatest any
	decisive, hasNull := []any{}, false
	for _, y := range values {
		switch {
		case y == nil:
			hasNull = true
			continue
		case least == nil:
			least, greatest = y, y
		}
		least, greatest = extreme(t, least, y, -1), extreme(t, greatest, y, 1)
		decisive = append(decisive, y)
	}
	compared := func(a, b any) any {
		result, _ := compare(operator, constant("", t, a), constant("", t, b)).eval(nil)
		return result
	}
	var results []any
	switch low := operator == "<" || operator == "<="; {
	case operator == "=" && !all || operator == "<>" && all:
		for _, y := range decisive {
			results = append(results, compared(v, y))
		}
	case operator == "=" || operator == "<>":
		results = []any{compared(least, greatest), compared(v, least)}
	case low == all:
		results = []any{compared(v, least)}
	default:
		results = []any{compared(v, greatest)}
	}
	if len(values) == 0 {
		return all
	}
	if hasNull {
		results = append(results, nil)
	}
	var result any = all
	for _, r := range results {
		switch r {
		case !all:
			return !all
		case nil:
			result = nil
		}
	}
	return result
}

// in is x IN (SELECT a column FROM inner WHERE condition).
func in(x expression, inner *relation, condition expression, at int, negative bool) expression {
	operator := " IN "
	if negative {
		operator = " NOT IN "
	}
	e := expression{t: boolean, fallible: condition.fallible,
		sql: "(" + x.sql + operator + "(SELECT " + inner.columns[at].name + " FROM " + inner.sql + " WHERE " + condition.sql + "))"}
	e.eval = func(row []any) (any, error) {
		v, err := x.eval(row)
		if err != nil {
			return nil, err
		}
		var found any = false
		for _, y := range inner.rows {
			c, err := condition.eval(slices.Concat(row, y))
			if err != nil {
				return nil, err
			}
			if c != true {
				continue
			}
			switch equal(x.t, v, y[at]) {
			case true:
				return !negative, nil
			case nil:
				found = nil
			}
		}
		if found == nil {
			return nil, nil
		}
		return negative, nil
	}
	return e
}

// shifted reads the columns of an expression further right in the row.
func shifted(e expression, by int) expression {
	eval := e.eval
	e.eval = func(row []any) (any, error) { return eval(row[by:]) }
	return e
}
