package difftest

import (
	"strconv"

	"github.com/auditlake/auditlake/planner/types"
)

func items(v any) []types.Value { return v.([]types.Value) }

func (g *generator) arrays() []maker {
	return []maker{
		func(s scope, d int) (expression, bool) {
			list, sql := g.list(1+g.n(3), integer, s, d)
			return expression{sql: "ARRAY[" + sql + "]", t: integers, fallible: anyFallible(list), eval: func(row []any) (any, error) { return itemsOf(list, row) }}, true
		},
		g.transform, g.filtered,
		func(s scope, d int) (expression, bool) {
			a, b := g.expression(integers, s, d), g.expression(integers, s, d)
			return call("("+a.sql+" || "+b.sql+")", integers, func(v []any) (any, error) {
				return append(append([]types.Value{}, items(v[0])...), items(v[1])...), nil
			}, a, b), true
		},
		func(s scope, d int) (expression, bool) {
			a := g.expression(integers, s, d)
			return call("reverse("+a.sql+")", integers, func(v []any) (any, error) {
				out := []types.Value{}
				for i := len(items(v[0])) - 1; i >= 0; i-- {
					out = append(out, items(v[0])[i])
				}
				return out, nil
			}, a), true
		},
		func(s scope, d int) (expression, bool) {
			a := g.expression(integers, s, d)
			return call("array_distinct("+a.sql+")", integers, func(v []any) (any, error) { return distinctItems(items(v[0])), nil }, a), true
		},
		func(s scope, d int) (expression, bool) {
			a, start, length := g.expression(integers, s, d), 1+g.n(3), g.n(3)
			return call("slice("+a.sql+", "+strconv.Itoa(start)+", "+strconv.Itoa(length)+")", integers, func(v []any) (any, error) {
				list := items(v[0])
				from := min(start-1, len(list))
				return list[from:min(len(list), from+length)], nil
			}, a), true
		},
	}
}

func itemsOf(list []expression, row []any) (any, error) {
	out := make([]types.Value, len(list))
	for i, e := range list {
		v, err := e.eval(row)
		if err != nil {
			return nil, err
		}
		out[i] = types.Value{Type: e.t, V: v}
	}
	return out, nil
}

func distinctItems(list []types.Value) []types.Value {
	seen := map[string]bool{}
	out := []types.Value{}
	for _, v := range list {
		if k := key(v.V); !seen[k] {
			seen[k] = true
			out = append(out, v)
		}
	}
	return out
}

// lambda makes a function of an array with a lambda of its element that gives t.
func (g *generator) lambda(function string, t *types.Type, s scope, d int, keep func(out []types.Value, item types.Value, result any) []types.Value) (expression, bool) {
	list := g.expression(integers, s, d)
	name := g.name("e")
	body := g.expression(t, append(s[:len(s):len(s)], column{name, integer}), d)
	e := expression{sql: function + "(" + list.sql + ", " + name + " -> " + body.sql + ")", t: integers, fallible: list.fallible || body.fallible}
	e.eval = func(row []any) (any, error) {
		v, err := list.eval(row)
		if err != nil || v == nil {
			return nil, err
		}
		out := []types.Value{}
		for _, item := range items(v) {
			result, err := body.eval(append(row[:len(row):len(row)], item.V))
			if err != nil {
				return nil, err
			}
			out = keep(out, item, result)
		}
		return out, nil
	}
	return e, true
}

func (g *generator) transform(s scope, d int) (expression, bool) {
	return g.lambda("transform", integer, s, d, func(out []types.Value, _ types.Value, result any) []types.Value {
		return append(out, types.Value{Type: integer, V: result})
	})
}

func (g *generator) filtered(s scope, d int) (expression, bool) {
	return g.lambda("filter", boolean, s, d, func(out []types.Value, item types.Value, result any) []types.Value {
		if result == true {
			return append(out, item)
		}
		return out
	})
}

func (g *generator) element(s scope, d int) (expression, bool) {
	list, at := g.expression(integers, s, d), pick(g, []int{-2, -1, 1, 2, 3})
	return call("element_at("+list.sql+", "+strconv.Itoa(at)+")", integer, func(v []any) (any, error) {
		i := at - 1
		if at < 0 {
			i = len(items(v[0])) + at
		}
		if i < 0 || i >= len(items(v[0])) {
			return nil, nil
		}
		return items(v[0])[i].V, nil
	}, list), true
}

func (g *generator) subscript(s scope, d int) (expression, bool) {
	if !g.chance(g.faults * 4) {
		return expression{}, false
	}
	list, at := g.expression(integers, s, d), 1+g.n(2)
	return failing(call(list.sql+"["+strconv.Itoa(at)+"]", integer, func(v []any) (any, error) {
		if at > len(items(v[0])) {
			return nil, badArgument
		}
		return items(v[0])[at-1].V, nil
	}, list)), true
}

func (g *generator) arrayPosition(s scope, d int) (expression, bool) {
	list, x := g.expression(integers, s, d), g.expression(integer, s, d)
	return call("array_position("+list.sql+", "+x.sql+")", bigint, func(v []any) (any, error) {
		for i, item := range items(v[0]) {
			if item.V == v[1] {
				return int64(i + 1), nil
			}
		}
		return int64(0), nil
	}, list, x), true
}

func (g *generator) rows() []maker {
	return []maker{func(s scope, d int) (expression, bool) {
		x, y := g.expression(integer, s, d), g.expression(varchar, s, d)
		list := []expression{x, y}
		return expression{sql: "CAST(ROW(" + x.sql + ", " + y.sql + ") AS row(x integer, y varchar))", t: pair, fallible: anyFallible(list),
			eval: func(row []any) (any, error) { return itemsOf(list, row) }}, true
	}}
}

func (g *generator) field(s scope, d int) (expression, bool) {
	r := g.expression(pair, s, d)
	return call("("+r.sql+").x", integer, func(v []any) (any, error) { return items(v[0])[0].V, nil }, r), true
}
