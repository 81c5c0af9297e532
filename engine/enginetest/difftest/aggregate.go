package difftest

import (
	"math/big"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/planner/types"
)

// aggregate is an aggregate function over the rows of a group.
type aggregate struct {
	sql      string
	t        *types.Type
	run      func(rows [][]any) (any, error)
	fallible bool
}

// aggregation groups rows, with HAVING and grouping sets at times.
func (g *generator) aggregation(r filtered) *relation {
	out := &relation{err: r.err, fallible: r.fallible}
	keys, groupBy, sets := g.grouping(r.columns)
	var aggregates []aggregate
	for range 1 + g.n(3) {
		aggregates = append(aggregates, g.aggregate(r.columns))
	}
	list := slices.Clone(keys)
	for _, a := range aggregates {
		list = append(list, expression{sql: a.sql, t: a.t, fallible: a.fallible})
	}
	out.sql = out.selects(g, list, false) + " FROM " + r.sql + r.where + groupBy
	having := -1
	if g.chance(20) {
		having = g.n(3)
		out.sql += " HAVING count(*) > " + string(rune('0'+having))
	}
	for _, set := range sets {
		if out.group(r.rows, keys, set, aggregates, having); out.err != nil {
			break
		}
	}
	return out
}

// grouping makes what rows are grouped by: the keys, the clause, and for each grouping set which keys it has.
func (g *generator) grouping(s scope) (keys []expression, clause string, sets [][]bool) {
	var columns []int
	for i, c := range s {
		if slices.ContainsFunc(g.groupableTypes, c.t.Equal) {
			columns = append(columns, i)
		}
	}
	if len(columns) >= 2 && g.chance(20) {
		g.random.Shuffle(len(columns), func(i, j int) { columns[i], columns[j] = columns[j], columns[i] })
		a, b := columnAt(s, columns[0]), columnAt(s, columns[1])
		none, first, second, both := []bool{false, false}, []bool{true, false}, []bool{false, true}, []bool{true, true}
		names := a.sql + ", " + b.sql
		switch g.n(3) {
		case 0:
			clause, sets = "ROLLUP ("+names+")", [][]bool{both, first, none}
		case 1:
			clause, sets = "CUBE ("+names+")", [][]bool{both, first, second, none}
		default:
			clause, sets = "GROUPING SETS (("+b.sql+"), ("+names+"))", [][]bool{second, both}
		}
		return []expression{a, b}, " GROUP BY " + clause, sets
	}
	var positions []string
	all := []bool{}
	for i := range g.n(3) {
		keys, all = append(keys, g.expression(pick(g, g.groupableTypes), s, 2)), append(all, true)
		positions = append(positions, string(rune('1'+i)))
	}
	if len(keys) > 0 {
		clause = " GROUP BY " + strings.Join(positions, ", ")
	}
	return keys, clause, [][]bool{all}
}

// group adds the groups of one grouping set that have more rows than having.
func (r *relation) group(rows [][]any, keys []expression, set []bool, aggregates []aggregate, having int) {
	var order []string
	of, groups := map[string][]any{}, map[string][][]any{}
	if !slices.Contains(set, true) { // all rows are one group, even none
		order, of[""] = []string{""}, make([]any, len(keys))
	}
	for _, row := range rows {
		values, err := evaluate(keys, row)
		if r.failed(err) {
			return
		}
		for i := range values {
			if !set[i] {
				values[i] = nil
			}
		}
		k := ""
		if slices.Contains(set, true) {
			k = rowKey(values)
		}
		if _, known := of[k]; !known {
			order = append(order, k)
			of[k] = values
		}
		groups[k] = append(groups[k], row)
	}
	for _, k := range order {
		if len(groups[k]) <= having {
			continue
		}
		row := slices.Clone(of[k])
		for _, a := range aggregates {
			v, err := a.run(groups[k])
			if r.failed(err) {
				return
			}
			row = append(row, v)
		}
		r.rows = append(r.rows, row)
	}
}

func (g *generator) aggregate(s scope) aggregate {
	if g.chance(15) {
		return aggregate{sql: "count(*)", t: bigint, run: func(rows [][]any) (any, error) { return int64(len(rows)), nil }}
	}
	kind := pick(g, []string{"count", "count distinct", "min", "max", "sum", "avg", "bool_and", "bool_or", "array_agg", "array_agg distinct", "count_if"})
	var x expression
	switch kind {
	case "sum", "avg":
		// Doubles are columns, halves of small numbers: their sums are exact in any order.
		t := pick(g, []*types.Type{integer, double, decimal})
		x = g.expression(t, s, 2)
		if t == double {
			x = constant("0.5E0", double, 0.5)
			if columns := s.columnsOf(double); len(columns) > 0 && strings.Contains(s[columns[0]].name, ".c") {
				x = columnAt(s, columns[0])
			}
		}
	case "bool_and", "bool_or", "count_if":
		x = g.expression(boolean, s, 2)
	case "array_agg", "array_agg distinct":
		x = g.expression(integer, s, 2)
	default:
		x = g.expression(pick(g, g.scalarTypes), s, 2)
	}
	filter := constant("true", boolean, true)
	a := aggregate{fallible: x.fallible}
	a.sql, a.t = aggregateText(kind, x)
	if g.chance(25) {
		filter = g.expression(boolean, s, 2)
		a.sql += " FILTER (WHERE " + filter.sql + ")"
		a.fallible = a.fallible || filter.fallible
	}
	if kind == "array_agg distinct" {
		a.sql = "array_sort(array_distinct(" + a.sql + "))"
	}
	a.run = func(rows [][]any) (any, error) {
		var values []any
		for _, row := range rows {
			keep, err := filter.eval(row)
			if err != nil {
				return nil, err
			}
			if keep != true {
				continue
			}
			v, err := x.eval(row)
			if err != nil {
				return nil, err
			}
			if v != nil || a.t == integers {
				values = append(values, v)
			}
		}
		return fold(kind, x.t, values)
	}
	return a
}

func aggregateText(kind string, x expression) (sql string, t *types.Type) {
	switch kind {
	case "count", "count_if":
		return kind + "(" + x.sql + ")", bigint
	case "count distinct":
		return "count(DISTINCT " + x.sql + ")", bigint
	case "sum":
		switch x.t {
		case integer:
			return "sum(" + x.sql + ")", bigint
		case decimal:
			return "sum(" + x.sql + ")", types.DecimalOf(38, 2)
		}
		return "sum(" + x.sql + ")", double
	case "avg":
		if x.t == decimal {
			return "avg(" + x.sql + ")", decimal
		}
		return "avg(" + x.sql + ")", double
	case "bool_and", "bool_or":
		return kind + "(" + x.sql + ")", boolean
	case "array_agg distinct":
		return "array_agg(" + x.sql + ")", integers
	case "array_agg":
		return "array_agg(" + x.sql + " ORDER BY " + x.sql + " NULLS LAST)", integers
	}
	return kind + "(" + x.sql + ")", x.t
}

// fold computes an aggregate of values. Only lists have NULLs among them.
func fold(kind string, t *types.Type, values []any) (any, error) {
	switch kind {
	case "count":
		return int64(len(values)), nil
	case "count distinct":
		seen := map[string]bool{}
		for _, v := range values {
			seen[key(v)] = true
		}
		return int64(len(seen)), nil
	case "count_if":
		n := int64(0)
		for _, v := range values {
			n += int64(truth(v.(bool)))
		}
		return n, nil
	}
	if len(values) == 0 {
		return nil, nil
	}
	switch kind {
	case "min", "max":
		best, sense := values[0], 1
		if kind == "min" {
			sense = -1
		}
		for _, v := range values[1:] {
			best = extreme(t, best, v, sense)
		}
		return best, nil
	case "bool_and":
		return !slices.Contains(values, any(false)), nil
	case "bool_or":
		return slices.Contains(values, any(true)), nil
	case "array_agg", "array_agg distinct":
		slices.SortFunc(values, func(a, b any) int { return compareKeys(integer, a, b, false, false) })
		if kind == "array_agg distinct" {
			values = slices.Compact(values)
		}
		out := make([]types.Value, len(values))
		for i, v := range values {
			out[i] = types.Value{Type: integer, V: v}
		}
		return out, nil
	}
	return total(kind, t, values)
}

// total is sum and avg.
func total(kind string, t *types.Type, values []any) (any, error) {
	if t == double {
		sum := 0.0
		for _, v := range values {
			sum += v.(float64)
		}
		if kind == "avg" {
			return sum / float64(len(values)), nil
		}
		return sum, nil
	}
	sum := new(big.Int)
	for _, v := range values {
		if t == decimal {
			sum.Add(sum, v.(decimal128.Num).BigInt())
		} else {
			sum.Add(sum, big.NewInt(v.(int64)))
		}
	}
	switch {
	case t == decimal && kind == "sum":
		return decimal128.FromBigInt(sum), nil
	case t == decimal:
		return decimal128.FromBigInt(roundedQuotient(sum, int64(len(values)))), nil
	case kind == "avg":
		return float64(sum.Int64()) / float64(len(values)), nil
	}
	return sum.Int64(), nil
}

// roundedQuotient rounds halves away from zero.
func roundedQuotient(a *big.Int, n int64) *big.Int {
	d := big.NewInt(n)
	q, r := new(big.Int).QuoRem(a, d, new(big.Int))
	if r.Abs(r).Lsh(r, 1).Cmp(d) >= 0 {
		q.Add(q, big.NewInt(int64(a.Sign())))
	}
	return q
}
