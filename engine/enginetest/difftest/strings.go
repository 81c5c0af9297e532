package difftest

import (
	"slices"
	"strconv"
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

func (g *generator) varchars() []maker {
	unary := func(name string, f func(string) string) maker {
		return func(s scope, d int) (expression, bool) {
			a := g.expression(varchar, s, d)
			return call(name+"("+a.sql+")", varchar, func(v []any) (any, error) { return f(v[0].(string)), nil }, a), true
		}
	}
	return []maker{
		unary("upper", strings.ToUpper), unary("lower", strings.ToLower), unary("reverse", reversed),
		unary("trim", func(s string) string { return strings.Trim(s, " ") }),
		g.concat, g.substr, g.replace, g.splitPart, g.textOf, g.mapEntry, g.rowText,
		func(s scope, d int) (expression, bool) { return g.greatest(varchar, s, d), true },
		func(s scope, d int) (expression, bool) { return g.nullIf(varchar, s, d), true },
	}
}

func reversed(s string) string {
	runes := []rune(s)
	slices.Reverse(runes)
	return string(runes)
}

func (g *generator) concat(s scope, d int) (expression, bool) {
	a, b := g.expression(varchar, s, d), g.expression(varchar, s, d)
	return call("("+a.sql+" || "+b.sql+")", varchar, func(v []any) (any, error) { return v[0].(string) + v[1].(string), nil }, a, b), true
}

func (g *generator) substr(s scope, d int) (expression, bool) {
	a := g.expression(varchar, s, d)
	start, length := g.n(7)-3, g.n(4)
	return call("substr("+a.sql+", "+strconv.Itoa(start)+", "+strconv.Itoa(length)+")", varchar, func(v []any) (any, error) {
		runes := []rune(v[0].(string))
		from := start - 1
		if start < 0 {
			from = len(runes) + start
		}
		if start == 0 || from < 0 || from >= len(runes) {
			return "", nil
		}
		return string(runes[from:min(len(runes), from+length)]), nil
	}, a), true
}

func (g *generator) replace(s scope, d int) (expression, bool) {
	a, with := g.expression(varchar, s, d), g.expression(varchar, s, d)
	what := pick(g, []string{"a", "b", "ab", "é"})
	return call("replace("+a.sql+", '"+what+"', "+with.sql+")", varchar, func(v []any) (any, error) {
		return strings.ReplaceAll(v[0].(string), what, v[1].(string)), nil
	}, a, with), true
}

func (g *generator) splitPart(s scope, d int) (expression, bool) {
	a := g.expression(varchar, s, d)
	n := 1 + g.n(3)
	return call("split_part("+a.sql+", 'b', "+strconv.Itoa(n)+")", varchar, func(v []any) (any, error) {
		parts := strings.Split(v[0].(string), "b")
		if n > len(parts) {
			return nil, nil
		}
		return parts[n-1], nil
	}, a), true
}

// textOf casts to varchar.
func (g *generator) textOf(s scope, d int) (expression, bool) {
	t := pick(g, append([]*types.Type{boolean, integer, bigint, date, decimal}, g.timeTypes[1:]...))
	a := g.expression(t, s, d)
	return call("CAST("+a.sql+" AS varchar)", varchar, func(v []any) (any, error) { return textOf(t, v[0]), nil }, a), true
}

func (g *generator) mapEntry(s scope, d int) (expression, bool) {
	m, k := g.expression(texts, s, d), g.expression(varchar, s, min(d, 1))
	return call("element_at("+m.sql+", "+k.sql+")", varchar, func(v []any) (any, error) {
		entries := v[0].(types.MapValue)
		for i, key := range entries.Keys {
			if key.V == v[1] {
				return entries.Values[i].V, nil
			}
		}
		return nil, nil
	}, m, k), true
}

func (g *generator) rowText(s scope, d int) (expression, bool) {
	r := g.expression(pair, s, d)
	return call("("+r.sql+").y", varchar, func(v []any) (any, error) { return v[0].([]types.Value)[1].V, nil }, r), true
}
