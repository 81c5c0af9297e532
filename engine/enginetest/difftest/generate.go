package difftest

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/planner/types"
)

// The types that columns and expressions have.
var (
	boolean   = types.BooleanType
	integer   = types.IntegerType
	bigint    = types.BigIntType
	double    = types.DoubleType
	decimal   = types.DecimalOf(10, 2)
	varchar   = types.VarcharType
	date      = types.DateType
	timestamp = types.TimestampType
	instant   = types.TimestampTZOf(3)
	nanoTime  = types.TimestampOf(9)
	picoTime  = types.TimestampOf(picoDigits)
	integers  = types.ArrayOf(integer)
	texts     = types.MapOf(varchar, varchar)
	// picoInstant is a long timestamp, as nanoTime and picoTime are.
	picoInstant = types.TimestampTZOf(picoDigits)

	pair = types.RowOf(types.Field{Name: "x", Type: integer}, types.Field{Name: "y", Type: varchar})

	columnTypes     = []*types.Type{boolean, integer, bigint, double, decimal, varchar, date, timestamp, instant, nanoTime, picoTime, picoInstant, integers, texts, pair}
	firstLong       = 9             // of columnTypes: three types of long timestamps
	firstNested     = 12            // of columnTypes
	firstDay        = int64(19_720) // 2023-12-29
	millisecondsDay = int64(86_400_000)
)

// generator makes random questions. The same seed makes the same ones.
type generator struct {
	random *rand.Rand
	tables []*relation
	shared []*relation // common table expressions
	names  int
	// faults is how many of 100 calls can fail.
	faults int
	// exact: no two different rows count as equal, so what distinguishes equal values (zones, the sign of 0) is
	// known of every value.
	exact bool

	// The types of this seed's questions; without long timestamps for most, which leaves room for the others.
	columnTypes, scalarTypes, groupableTypes, timeTypes []*types.Type
}

// longSeeds: one in longSeeds seeds has long timestamps.
const longSeeds = 4

func newGenerator(seed uint64) *generator {
	g := &generator{random: rand.New(rand.NewPCG(seed, 1)), faults: 5, timeTypes: []*types.Type{timestamp, nanoTime, picoTime}}
	g.columnTypes = columnTypes
	if g.scalarTypes = columnTypes[:firstNested]; seed%longSeeds > 0 {
		g.scalarTypes, g.timeTypes = columnTypes[:firstLong], g.timeTypes[:1]
		g.columnTypes = slices.Concat(g.scalarTypes, columnTypes[firstNested:])
	}
	g.groupableTypes = g.columnTypes[:len(g.scalarTypes)+1]
	for i, rows := range []int{11, 7, 1 + g.n(4), 0} {
		g.tables = append(g.tables, g.table(fmt.Sprint("t", i), rows))
	}
	return g
}

func (g *generator) n(n int) int { return g.random.IntN(n) }

func (g *generator) chance(percent int) bool { return g.n(100) < percent }

func pick[T any](g *generator, list []T) T { return list[g.n(len(list))] }

// name makes a name that no other piece has.
func (g *generator) name(prefix string) string {
	g.names++
	return fmt.Sprint(prefix, g.names)
}

// table makes a table with every column type, and some twice.
func (g *generator) table(name string, rows int) *relation {
	r := &relation{sql: name}
	for i, t := range append(slices.Clone(g.columnTypes), integer, varchar) {
		r.columns = append(r.columns, column{fmt.Sprint("c", i), t})
	}
	nulls := 10 + g.n(30)
	for range rows {
		row := make([]any, len(r.columns))
		for i, c := range r.columns {
			if !g.chance(nulls) {
				row[i] = g.value(c.t)
			}
		}
		r.rows = append(r.rows, row)
	}
	return r
}

var zones = []string{"UTC", "Europe/Berlin", "+05:30", "America/New_York"}

var words = []string{"", "a", "ab", "abc", "b", "Ba", "é", "x y", "10", "-3", "%", "_"}

// value makes one of few values, so that rows match; sometimes one from a table.
func (g *generator) value(t *types.Type) any {
	if len(g.tables) > 0 && g.chance(30) {
		r := g.tables[0]
		at := slices.IndexFunc(r.columns, func(c column) bool { return c.t.Equal(t) })
		if v := pick(g, r.rows)[at]; v != nil {
			return v
		}
	}
	switch t.Kind {
	case types.Boolean:
		return g.chance(50)
	case types.Integer:
		return pick(g, []int64{-3, -1, 0, 1, 2, 3, 10, 2_147_483_647, -2_147_483_648})
	case types.BigInt:
		return pick(g, []int64{-3, -1, 0, 1, 2, 3, 10, 4_000_000_000, 9_223_372_036_854_775_807})
	case types.Double:
		return pick(g, []float64{-2.5, -1, 0, math.Copysign(0, -1), 0.5, 1, 2, 1000, math.NaN()})
	case types.Decimal:
		return decimal128.FromI64(pick(g, []int64{-250, -1, 0, 1, 100, 150, 99_999_999}))
	case types.Varchar:
		return pick(g, words)
	case types.Date:
		return firstDay + int64(g.n(6))
	case types.Timestamp:
		if t.IsLong() {
			return g.longTimestamp(t.Precision)
		}
		return (firstDay+int64(g.n(4)))*millisecondsDay + int64(g.n(8))*10_800_123
	case types.TimestampTZ:
		if t.IsLong() {
			return types.LongZoned{Instant: g.longTimestamp(t.Precision), Zone: pick(g, zones)}
		}
		return types.Zoned{Instant: (firstDay+int64(g.n(2)))*millisecondsDay + int64(g.n(4))*10_800_000, Zone: pick(g, zones)}
	case types.Array:
		list := []types.Value{}
		for range g.n(4) {
			list = append(list, g.item(integer))
		}
		return list
	case types.Map:
		m := types.MapValue{}
		for _, k := range words[1 : 1+g.n(3)] {
			m.Keys = append(m.Keys, types.Value{Type: varchar, V: k})
			m.Values = append(m.Values, g.item(varchar))
		}
		return m
	}
	return []types.Value{g.item(integer), g.item(varchar)}
}

func (g *generator) item(t *types.Type) types.Value {
	if g.chance(20) {
		return types.Null(t)
	}
	return types.Value{Type: t, V: g.value(t)}
}

// literal writes a value.
func (g *generator) literal(t *types.Type) expression {
	if g.chance(8) {
		return constant("CAST(NULL AS "+t.String()+")", t, nil)
	}
	v := g.value(t)
	return constant(literalText(t, v), t, v)
}

func literalText(t *types.Type, v any) string {
	text := types.Value{Type: t, V: v}.String()
	switch t.Kind {
	case types.Integer:
		if v == int64(-2_147_483_648) {
			return "(-2147483647 - 1)"
		}
		if v.(int64) < 0 {
			return "(" + text + ")"
		}
		return text
	case types.Array:
		list := make([]string, len(v.([]types.Value)))
		for i, item := range v.([]types.Value) {
			list[i] = "NULL"
			if item.V != nil {
				list[i] = literalText(t.Elem, item.V)
			}
		}
		return "CAST(ARRAY[" + strings.Join(list, ", ") + "] AS " + t.String() + ")"
	case types.Real:
		return "CAST(" + literalText(double, float64(v.(float32))) + " AS real)"
	case types.BigInt, types.Decimal, types.Map, types.Row:
		return "CAST(" + text + " AS " + t.String() + ")"
	case types.Double:
		switch {
		case isNaN(v):
			return "nan()"
		case math.IsInf(v.(float64), 0):
			return strings.TrimPrefix(text[:1], "+") + "infinity()"
		}
		if math.Signbit(v.(float64)) {
			return "(" + text + ")"
		}
		return text
	}
	return text
}

// expression makes a random expression of a type over a scope.
func (g *generator) expression(t *types.Type, s scope, depth int) expression {
	columns := s.columnsOf(t)
	if depth <= 0 || g.chance(15) {
		if len(columns) > 0 && g.chance(80) {
			return columnAt(s, pick(g, columns))
		}
		return g.literal(t)
	}
	makers := g.makers(t)
	for range 8 {
		if e, ok := pick(g, makers)(s, depth-1); ok && len(e.sql) < maxExpressionBytes {
			return e
		}
	}
	return g.literal(t)
}

// maxExpressionBytes keeps questions readable.
const maxExpressionBytes = 600

// maker makes an expression whose parts have at most the given depth; false
// when it cannot.
type maker func(s scope, depth int) (expression, bool)

func (g *generator) makers(t *types.Type) []maker {
	general := []maker{
		func(s scope, d int) (expression, bool) { return g.conditional(t, s, d), true },
		func(s scope, d int) (expression, bool) { return g.coalesce(t, s, d), true },
		func(s scope, d int) (expression, bool) { return g.try(t, s, d), true },
	}
	var own []maker
	switch t.Kind {
	case types.Boolean:
		own = g.booleans()
	case types.Integer, types.BigInt:
		own = g.whole(t)
	case types.Double:
		own = g.doubles()
	case types.Decimal:
		own = g.decimals()
	case types.Varchar:
		own = g.varchars()
	case types.Date:
		own = g.dates()
	case types.Timestamp:
		if own = g.timestamps(); t.IsLong() {
			own = g.longTimestamps(t)
		}
	case types.TimestampTZ:
		if own = g.instants(); t.IsLong() {
			own = g.longInstants()
		}
	case types.Array:
		own = g.arrays()
	case types.Map:
		own = nil
	case types.Row:
		own = g.rows()
	}
	for range 4 { // the types' own functions more often
		general = append(general, own...)
	}
	return general
}

func (g *generator) conditional(t *types.Type, s scope, d int) expression {
	c, yes, no := g.expression(boolean, s, d), g.expression(t, s, d), g.expression(t, s, d)
	if g.chance(50) {
		return choose("IF("+c.sql+", "+yes.sql+", "+no.sql+")", c, yes, no)
	}
	c2, second := g.expression(boolean, s, d), g.expression(t, s, d)
	rest := choose("", c2, second, no)
	return choose("CASE WHEN "+c.sql+" THEN "+yes.sql+" WHEN "+c2.sql+" THEN "+second.sql+" ELSE "+no.sql+" END", c, yes, rest)
}

func (g *generator) coalesce(t *types.Type, s scope, d int) expression {
	a, b := g.expression(t, s, d), g.expression(t, s, d)
	return expression{sql: "COALESCE(" + a.sql + ", " + b.sql + ")", t: t, fallible: a.fallible || b.fallible, eval: func(row []any) (any, error) {
		v, err := a.eval(row)
		if err != nil || v != nil {
			return v, err
		}
		return b.eval(row)
	}}
}

// try wraps an expression that can fail more often than others.
func (g *generator) try(t *types.Type, s scope, d int) expression {
	before := g.faults
	g.faults = 50
	defer func() { g.faults = before }()
	return try(g.expression(t, s, d))
}

// list makes n expressions of a type.
func (g *generator) list(n int, t *types.Type, s scope, d int) (list []expression, sql string) {
	var parts []string
	for range n {
		e := g.expression(t, s, d)
		list, parts = append(list, e), append(parts, e.sql)
	}
	return list, strings.Join(parts, ", ")
}
