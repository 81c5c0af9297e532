package difftest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

// windowOrder is the order of a window: columns, and how each is sorted.
type windowOrder struct {
	columns               scope
	by                    []int
	descending, nullsLast []bool
	sql                   string
}

func (o *windowOrder) compare(a, b []any) int {
	for i, c := range o.by {
		if d := compareKeys(o.columns[c].t, a[c], b[c], o.descending[i], !o.nullsLast[i]); d != 0 {
			return d
		}
	}
	return 0
}

func (g *generator) windowOrder(s scope, by []int) *windowOrder {
	o := &windowOrder{columns: s, by: by}
	var keys []string
	for _, c := range by {
		key, descending, nullsLast := s[c].name, g.chance(40), !g.nullsFirst()
		if descending {
			key += " DESC"
		}
		if !nullsLast {
			key += " NULLS FIRST"
		}
		keys = append(keys, key)
		o.descending, o.nullsLast = append(o.descending, descending), append(o.nullsLast, nullsLast)
	}
	if len(keys) > 0 {
		o.sql = " ORDER BY " + strings.Join(keys, ", ")
	}
	return o
}

// windows makes SELECT of columns and window functions. Where a function depends on the order of single rows, the
// order has all orderable columns, and the function reads only these, so that equal rows stay equal.
func (g *generator) windows(r filtered) *relation {
	out := &relation{err: r.err, fallible: r.fallible}
	var orderable []int
	for i, c := range r.columns {
		if slices.ContainsFunc(g.scalarTypes, c.t.Equal) {
			orderable = append(orderable, i)
		}
	}
	if len(orderable) == 0 {
		return g.selection(r)
	}
	var shown []expression
	for _, i := range orderable {
		shown = append(shown, columnAt(r.columns, i))
	}
	partition := constant("1", integer, int64(1))
	if g.chance(70) {
		partition = g.expression(pick(g, g.scalarTypes), r.columns, 1)
	}
	byRow := g.chance(50)
	by := orderable
	if !byRow {
		g.random.Shuffle(len(orderable), func(i, j int) { orderable[i], orderable[j] = orderable[j], orderable[i] })
		by = orderable[:min(len(orderable), g.n(3))]
	}
	order := g.windowOrder(r.columns, by)
	w := g.windowFunction(r.columns, order, byRow)
	over := " OVER (PARTITION BY " + partition.sql + order.sql + w.frame.sql + ")"
	out.sql = out.selects(g, append(shown, expression{sql: w.sql + over, t: w.t, fallible: w.fallible || w.frame.fallible || partition.fallible}), false) + " FROM " + r.sql + r.where
	var keys []string
	groups := map[string][][]any{}
	for _, row := range r.rows {
		p, err := partition.eval(row)
		if out.failed(err) {
			return out
		}
		if groups[key(p)] == nil {
			keys = append(keys, key(p))
		}
		groups[key(p)] = append(groups[key(p)], row)
	}
	for _, k := range keys {
		rows := groups[k]
		slices.SortStableFunc(rows, order.compare)
		for i, row := range rows {
			v, err := w.run(windowRows{rows, order}, i)
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
	if w.ranks && g.chance(60) {
		g.limitRanks(out)
	}
	return out
}

// limitRanks keeps the rows whose rank, the last column, is small.
func (g *generator) limitRanks(r *relation) {
	last, most := len(r.columns)-1, int64(1+g.n(3))
	condition := pick(g, []string{"%s <= %d", "%[2]d >= %[1]s"})
	if most == 1 && g.chance(50) {
		condition = "%s = %d"
	}
	r.sql = "SELECT * FROM (" + r.sql + ") WHERE " + fmt.Sprintf(condition, r.columns[last].name, most)
	r.rows = slices.DeleteFunc(r.rows, func(row []any) bool { return row[last].(int64) > most })
}

// windowRows are the rows of a partition in their order.
type windowRows struct {
	rows  [][]any
	order *windowOrder
}

// peers are the rows from first to before end that are equal to row i.
func (w windowRows) peers(i int) (first, end int) {
	for first = i; first > 0 && w.order.compare(w.rows[first-1], w.rows[i]) == 0; first-- {
	}
	for end = i + 1; end < len(w.rows) && w.order.compare(w.rows[end], w.rows[i]) == 0; end++ {
	}
	return first, end
}

// groups are the numbers of each row's peer group.
func (w windowRows) groups() []int {
	groups := make([]int, len(w.rows))
	for i := 1; i < len(w.rows); i++ {
		groups[i] = groups[i-1]
		if w.order.compare(w.rows[i-1], w.rows[i]) != 0 {
			groups[i]++
		}
	}
	return groups
}

// windowFunction is a call, its frame, and its value at row i of a partition.
type windowFunction struct {
	sql      string
	t        *types.Type
	frame    frame
	fallible bool
	ranks    bool // it numbers rows from 1 on, in their order
	run      func(w windowRows, i int) (any, error)
}

func (g *generator) windowFunction(s scope, o *windowOrder, byRow bool) windowFunction {
	switch {
	case g.chance(30):
		return g.ranking(o, byRow)
	case byRow && g.chance(60):
		return g.neighbour(s, o)
	}
	return g.framed(s, o, byRow)
}

// ranking makes the functions without a value.
func (g *generator) ranking(o *windowOrder, byRow bool) windowFunction {
	kinds := []string{"rank", "dense_rank", "percent_rank", "cume_dist"}
	if byRow {
		kinds = append(kinds, "row_number", "ntile")
	}
	kind := pick(g, kinds)
	f := windowFunction{sql: kind + "()", t: bigint, ranks: slices.Contains([]string{"rank", "dense_rank", "row_number"}, kind)}
	if kind == "percent_rank" || kind == "cume_dist" {
		f.t = double
	}
	buckets := 1 + g.n(4)
	if kind == "ntile" {
		f.sql = fmt.Sprintf("ntile(%d)", buckets)
	}
	f.run = func(w windowRows, i int) (any, error) {
		first, end := w.peers(i)
		n := len(w.rows)
		switch kind {
		case "rank":
			return int64(first + 1), nil
		case "dense_rank":
			return int64(w.groups()[i] + 1), nil
		case "percent_rank":
			if n == 1 {
				return 0.0, nil
			}
			return float64(first) / float64(n-1), nil
		case "cume_dist":
			return float64(end) / float64(n), nil
		case "row_number":
			return int64(i + 1), nil
		}
		bucket, given := 1, 0
		for { // the first buckets have one row more
			size := n / buckets
			if bucket <= n%buckets {
				size++
			}
			if given += size; i < given {
				return int64(bucket), nil
			}
			bucket++
		}
	}
	return f
}

// neighbour makes functions that read one row of the partition or its frame.
func (g *generator) neighbour(s scope, o *windowOrder) windowFunction {
	value := columnAt(s, pick(g, o.by))
	kind := pick(g, []string{"lag", "lead", "first_value", "last_value", "nth_value"})
	n, ignoring := g.n(3), g.chance(35)
	f := windowFunction{t: value.t}
	arguments := value.sql
	otherwise := constant("", value.t, nil)
	switch kind {
	case "lag", "lead":
		if g.chance(60) {
			arguments += fmt.Sprintf(", %d", n)
			if g.chance(50) {
				otherwise = g.literal(value.t)
				arguments += ", " + otherwise.sql
			}
		} else {
			n = 1
		}
	case "nth_value":
		n++
		arguments += fmt.Sprintf(", %d", n)
	}
	f.sql = kind + "(" + arguments + ")"
	if ignoring {
		f.sql += " IGNORE NULLS"
	}
	if strings.HasSuffix(kind, "_value") {
		f.frame = g.frame(s, o, true)
	}
	f.run = func(w windowRows, i int) (any, error) {
		first, end, step := 0, len(w.rows), 1
		at := i
		switch kind {
		case "lag":
			step = -1
		case "lead":
		default:
			first, end = f.frame.of(w, i)
			n, at = max(1, n), first-1
			if kind == "last_value" {
				n, at, step = 1, end, -1
			}
			if kind == "first_value" {
				n = 1
			}
		}
		if at == i && n == 0 {
			return value.eval(w.rows[i])
		}
		left := n
		for at += step; at >= first && at < end; at += step {
			v, err := value.eval(w.rows[at])
			if err != nil {
				return nil, err
			}
			if v == nil && ignoring {
				continue
			}
			if left--; left == 0 {
				return v, nil
			}
		}
		return otherwise.eval(nil)
	}
	return f
}

// framed makes an aggregate over frames.
func (g *generator) framed(s scope, o *windowOrder, byRow bool) windowFunction {
	value := g.expression(pick(g, append([]*types.Type{integer, varchar, date, double, decimal, boolean}, g.timeTypes[1:]...)), s, 1)
	if byRow {
		value = columnAt(s, pick(g, o.by))
	}
	kinds := []string{"count", "max", "min"}
	switch {
	case value.t == integer || value.t == decimal:
		kinds = append(kinds, "sum", "avg", "sum", "count distinct")
	case value.t == boolean:
		kinds = append(kinds, "bool_and", "bool_or", "count_if")
	}
	if value.t == integer && byRow && g.chance(40) {
		return g.collected(s, o, value)
	}
	kind := pick(g, kinds)
	f := windowFunction{fallible: value.fallible, frame: g.frame(s, o, byRow)}
	f.sql, f.t = aggregateText(kind, value)
	f.run = func(w windowRows, i int) (any, error) {
		var values []any
		first, end := f.frame.of(w, i)
		for _, row := range w.rows[first:max(first, end)] {
			v, err := value.eval(row)
			if err != nil {
				return nil, err
			}
			if v != nil {
				values = append(values, v)
			}
		}
		return fold(kind, value.t, values)
	}
	return f
}

// collected makes array_agg over frames: no aggregate shows better which rows a frame has.
func (g *generator) collected(s scope, o *windowOrder, value expression) windowFunction {
	f := windowFunction{sql: "array_agg(" + value.sql + ")", t: integers, fallible: value.fallible, frame: g.frame(s, o, true)}
	f.run = func(w windowRows, i int) (any, error) {
		first, end := f.frame.of(w, i)
		if first >= end {
			return nil, nil
		}
		var values []types.Value
		for _, row := range w.rows[first:end] {
			v, err := value.eval(row)
			if err != nil {
				return nil, err
			}
			values = append(values, types.Value{Type: integer, V: v})
		}
		return values, nil
	}
	return f
}
