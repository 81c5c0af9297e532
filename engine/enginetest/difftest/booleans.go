package difftest

import (
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

func (g *generator) booleans() []maker {
	return []maker{
		func(s scope, d int) (expression, bool) {
			a, b := g.expression(boolean, s, d), g.expression(boolean, s, d)
			return pick(g, []func(a, b expression) expression{and, or})(a, b), true
		},
		func(s scope, d int) (expression, bool) { return not(g.expression(boolean, s, d)), true },
		func(s scope, d int) (expression, bool) {
			e := isNull(g.expression(pick(g, g.columnTypes), s, d))
			if g.chance(50) {
				e = not(e)
			}
			return e, true
		},
		g.comparison, g.comparison, g.comparison, g.mixedTimes, g.distinctFrom, g.between, g.inList, g.like, g.contains, g.anyMatch, g.startsWith,
	}
}

var comparisons = map[string]func(int) bool{
	"=": func(c int) bool { return c == 0 }, "<>": func(c int) bool { return c != 0 }, "<": func(c int) bool { return c < 0 },
	"<=": func(c int) bool { return c <= 0 }, ">": func(c int) bool { return c > 0 }, ">=": func(c int) bool { return c >= 0 },
}

var operators = []string{"=", "<>", "<", "<=", ">", ">="}

func compare(operator string, a, b expression) expression {
	return call("("+a.sql+" "+operator+" "+b.sql+")", boolean, func(v []any) (any, error) {
		if isNaN(v[0]) || isNaN(v[1]) {
			return operator == "<>", nil
		}
		return comparisons[operator](order(a.t, v[0], v[1])), nil
	}, a, b)
}

func (g *generator) comparison(s scope, d int) (expression, bool) {
	t := pick(g, g.groupableTypes)
	a, b := g.expression(t, s, d), g.expression(t, s, d)
	if t == integers {
		negative := g.chance(50)
		operator := map[bool]string{false: " = ", true: " <> "}[negative]
		return call("("+a.sql+operator+b.sql+")", boolean, func(v []any) (any, error) {
			e := equal(t, v[0], v[1])
			if e == nil || !negative {
				return e, nil
			}
			return !e.(bool), nil
		}, a, b), true
	}
	return compare(pick(g, operators), a, b), true
}

func (g *generator) distinctFrom(s scope, d int) (expression, bool) {
	t := pick(g, g.scalarTypes)
	a, b := g.expression(t, s, d), g.expression(t, s, d)
	negative := g.chance(50)
	operator := map[bool]string{false: " IS DISTINCT FROM ", true: " IS NOT DISTINCT FROM "}[negative]
	return expression{sql: "(" + a.sql + operator + b.sql + ")", t: boolean, fallible: a.fallible || b.fallible, eval: func(row []any) (any, error) {
		x, err := a.eval(row)
		if err != nil {
			return nil, err
		}
		y, err := b.eval(row)
		if err != nil {
			return nil, err
		}
		return (key(x) == key(y)) == negative, nil
	}}, true
}

func (g *generator) between(s scope, d int) (expression, bool) {
	t := pick(g, g.scalarTypes)
	x, low, high := g.expression(t, s, d), g.expression(t, s, d), g.expression(t, s, d)
	both := and(compare(">=", x, low), compare("<=", x, high))
	both.sql = "(" + x.sql + " BETWEEN " + low.sql + " AND " + high.sql + ")"
	return both, true
}

func (g *generator) inList(s scope, d int) (expression, bool) {
	t := pick(g, g.scalarTypes)
	x := g.expression(t, s, d)
	list, sql := g.list(1+g.n(4), t, s, min(d, g.n(2)))
	if g.chance(40) { // constants alone
		list, sql = g.list(1+g.n(4), t, nil, 0)
		if g.chance(40) {
			list, sql = append(list, constant("NULL", t, nil)), sql+", NULL"
		}
	}
	if anyFallible(list) {
		return expression{}, false // which items are computed depends on what is constant
	}
	e := compare("=", x, list[0])
	for _, item := range list[1:] {
		e = or(e, compare("=", x, item))
	}
	if g.chance(40) {
		e = not(e)
		e.sql = "(" + x.sql + " NOT IN (" + sql + "))"
		return e, true
	}
	e.sql = "(" + x.sql + " IN (" + sql + "))"
	return e, true
}

var patterns = []string{"%", "a%", "%b", "_", "%a%", "", "a_", "é%", "%_b%", "x y"}

func (g *generator) like(s scope, d int) (expression, bool) {
	x, pattern := g.expression(varchar, s, d), pick(g, patterns)
	return call("("+x.sql+" LIKE '"+pattern+"')", boolean, func(v []any) (any, error) {
		return matches([]rune(v[0].(string)), []rune(pattern)), nil
	}, x), true
}

// matches is LIKE without an escape character.
func matches(text, pattern []rune) bool {
	switch {
	case len(pattern) == 0:
		return len(text) == 0
	case pattern[0] == '%':
		for i := range len(text) + 1 {
			if matches(text[i:], pattern[1:]) {
				return true
			}
		}
		return false
	}
	return len(text) > 0 && (pattern[0] == '_' || pattern[0] == text[0]) && matches(text[1:], pattern[1:])
}

func (g *generator) contains(s scope, d int) (expression, bool) {
	list, x := g.expression(integers, s, d), g.expression(integer, s, d)
	return call("contains("+list.sql+", "+x.sql+")", boolean, func(v []any) (any, error) {
		var found any = false
		for _, item := range v[0].([]types.Value) {
			switch equal(integer, item.V, v[1]) {
			case true:
				return true, nil
			case nil:
				found = nil
			}
		}
		return found, nil
	}, list, x), true
}

// anyMatch makes any_match, all_match and none_match with a lambda over the
// element, which may read the row, too.
func (g *generator) anyMatch(s scope, d int) (expression, bool) {
	list := g.expression(integers, s, d)
	name := g.name("e")
	condition := g.expression(boolean, append(s[:len(s):len(s)], column{name, integer}), d)
	kind := pick(g, []string{"any_match", "all_match", "none_match"})
	deciding := kind != "all_match"
	e := expression{sql: kind + "(" + list.sql + ", " + name + " -> " + condition.sql + ")", t: boolean, fallible: list.fallible || condition.fallible}
	e.eval = func(row []any) (any, error) {
		v, err := list.eval(row)
		if err != nil || v == nil {
			return nil, err
		}
		found, unknown := false, false
		for _, item := range v.([]types.Value) {
			c, err := condition.eval(append(row[:len(row):len(row)], item.V))
			if err != nil {
				return nil, err
			}
			found = found || c == deciding
			unknown = unknown || c == nil
		}
		if unknown && !found {
			return nil, nil
		}
		return found == (kind == "any_match"), nil
	}
	return e, true
}

func (g *generator) startsWith(s scope, d int) (expression, bool) {
	a, b := g.expression(varchar, s, d), g.expression(varchar, s, d)
	return call("starts_with("+a.sql+", "+b.sql+")", boolean, func(v []any) (any, error) {
		return strings.HasPrefix(v[0].(string), v[1].(string)), nil
	}, a, b), true
}
