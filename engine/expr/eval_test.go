package expr_test

import (
	"context"
	"math/rand"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/analyze"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/parse"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// The table t of these tests: by row, NULLs and repeats included.
var fixture = []struct {
	name string
	t    *types.Type
	vals []any
}{
	{"s", types.VarcharType, []any{"Get", "Put", nil, "Get", "Delete%", "", "Put", "1", "x_y", nil}},
	{"u", types.VarcharType, []any{"Get", "Get", "Get", nil, "é", "Put", "Put", "2", "x_y", nil}},
	{"n", types.BigIntType, []any{int64(1), int64(0), nil, int64(-7), int64(4), int64(0), int64(9), int64(1), nil, int64(3)}},
	{"k", types.BigIntType, []any{int64(1), nil, int64(2), int64(-7), int64(0), int64(0), int64(8), int64(2), nil, int64(3)}},
	{"d", types.DoubleType, []any{1.5, nil, 0.0, -2.5, 1e300, 0.0, nil, 3.0, 2.0, -0.5}},
	{"b", types.BooleanType, []any{true, false, nil, true, false, nil, true, false, true, nil}},
	{"ts", types.TimestampType, []any{int64(0), int64(1700000000123), nil, int64(-1), int64(86400000), int64(5), int64(6), int64(7), nil, int64(9)}},
	{"a", types.ArrayOf(types.BigIntType), []any{
		ints(1, 2, 3), ints(), nil, ints(4), ints(5, 6), nil, ints(7), ints(8, 9, 10, 11), ints(0), ints(-1)}},
	{"m", types.MapOf(types.VarcharType, types.VarcharType), []any{
		texts("Get", "1"), texts(), nil, texts("Get", "2", "Put", "3"), texts("z", "4"), nil,
		texts("Put", "5"), texts("1", "6"), texts("x_y", "7"), texts("Get", "8")}},
	{"r", rowType, []any{
		row(1, "a"), row(2, "b"), nil, row(1, "a"), row(0, "c"), nil, row(5, ""), row(6, "Get"), row(7, "x"), row(8, "y")}},
	{"l", types.ArrayOf(types.VarcharType), []any{
		words("Get", "Put", "Get"), words(), nil, words("Put"), words("1", ""), nil, words("x_y", "Get"), words("é", "1"), words("Put", "Put"), words("z")}},
	{"q", types.ArrayOf(rowType), []any{
		rows("Get", "Put"), rows(), nil, rows("Get"), rows("Put", "", "Put"), nil, rows("z"), rows("1", "2"), rows("Get", "Get"), rows("x")}},
}

var rowType = types.RowOf(types.Field{Name: "x", Type: types.BigIntType}, types.Field{Name: "y", Type: types.VarcharType})

func ints(vals ...int64) []types.Value {
	out := []types.Value{}
	for _, v := range vals {
		out = append(out, types.Value{Type: types.BigIntType, V: v})
	}
	return out
}

func words(vals ...string) []types.Value {
	out := []types.Value{}
	for _, v := range vals {
		out = append(out, types.Value{Type: types.VarcharType, V: v})
	}
	return out
}

func rows(vals ...string) []types.Value {
	out := []types.Value{}
	for i, v := range vals {
		out = append(out, types.Value{Type: rowType, V: row(int64(i), v)})
	}
	return append(out, types.Value{Type: rowType})
}

func texts(pairs ...string) types.MapValue {
	var m types.MapValue
	for i := 0; i < len(pairs); i += 2 {
		m.Keys = append(m.Keys, types.Value{Type: types.VarcharType, V: pairs[i]})
		m.Values = append(m.Values, types.Value{Type: types.VarcharType, V: pairs[i+1]})
	}
	return m
}

func row(x int64, y string) []types.Value {
	return []types.Value{{Type: types.BigIntType, V: x}, {Type: types.VarcharType, V: y}}
}

// fixtureBatch is the table as one batch; with dictionaries its texts are encoded.
func fixtureBatch(t testing.TB, dictionaries bool) *batch.Batch {
	b := &batch.Batch{}
	for _, c := range fixture {
		vals := make([]types.Value, len(c.vals))
		for i, v := range c.vals {
			vals[i] = types.Value{Type: c.t, V: v}
		}
		a, err := function.ArrayOf(c.t, vals)
		require.NoError(t, err)
		if dictionaries && c.t.Kind == types.Varchar {
			a = encode(t, a)
		}
		if dictionaries && (c.t.Kind == types.Array || c.t.Kind == types.Map) {
			a = encodeTexts(t, a)
		}
		b.Columns = append(b.Columns, batch.Vector{Array: a})
		b.Len = a.Len()
	}
	return b
}

// encode makes a dictionary array, with a value that no row has.
func encode(t testing.TB, a arrow.Array) arrow.Array {
	codes, valid := make([]int32, a.Len()), arrowdata.Validity(a)
	words := []string{"no row has this"}
	for i, s := range batch.Strings(a) {
		if a.IsNull(i) {
			continue
		}
		for codes[i] = 0; int(codes[i]) < len(words) && words[codes[i]] != s; codes[i]++ {
		}
		if int(codes[i]) == len(words) {
			words = append(words, s)
		}
	}
	dictionary, err := batch.FromStrings(arrow.BinaryTypes.String, words, nil)
	require.NoError(t, err)
	return batch.FromCodes(codes, valid, dictionary)
}

type fixtureCatalog struct{}

func (fixtureCatalog) Table(context.Context, string) (*metadata.Table, error) {
	table := &metadata.Table{Name: "t"}
	for _, c := range fixture {
		table.Columns = append(table.Columns, metadata.Column{Name: c.name, Type: c.t})
	}
	return table, nil
}
func (fixtureCatalog) Tables(context.Context) ([]*metadata.Table, error) { return nil, nil }

// compile makes the evaluator of an expression over the table.
func compile(t testing.TB, text string) (expr.Evaluator, *types.Type) {
	return compileLimited(t, text, 32<<20)
}

// compileLimited is compile of an expression whose values are no longer than so many bytes.
func compileLimited(t testing.TB, text string, maxValueBytes int64) (expr.Evaluator, *types.Type) {
	stmt, err := parse.Statement("SELECT " + text + " FROM t")
	require.NoError(t, err, text)
	node, err := analyze.Statement(context.Background(), stmt, fixtureCatalog{}, function.New(), session)
	require.NoError(t, err, text)
	project, ok := plan.Inputs(node)[0].(*plan.Project)
	require.True(t, ok, text)
	layout := map[int]int{}
	for i, c := range project.Input.(*plan.Scan).Cols {
		layout[c.Column.ID] = i
	}
	e := project.Items[0].Expr
	env := statementEnv()
	env.Limits.MaxValueBytes = maxValueBytes
	evaluator, err := expr.Compile(e, layout, env)
	require.NoError(t, err, text)
	return evaluator, e.Type()
}

// statementEnv is an Env whose memory is counted.
func statementEnv() *function.Env {
	env := function.SessionEnv(session)
	env.Memory = memory.NewPool(1 << 30).Account("an expression")
	env.Limits = memory.Limits{MaxValueBytes: 32 << 20}
	return env
}

func values(t *types.Type, v batch.Vector, rows int) []types.Value {
	out := make([]types.Value, rows)
	for i := range out {
		out[i] = function.ValueAt(t, v.Array, v.At(i))
	}
	return out
}

// expressions are computed in every encoding and selection below.
var expressions = []string{
	"n + k", "n * 2 - k", "-n", "n % 3", "d / 2e0", "n + d",
	"s = 'Get'", "s <> u", "'Get' = s", "s < u", "s >= 'G'", "n > k", "ts < TIMESTAMP '2000-01-01 00:00:00'", "s IS DISTINCT FROM u",
	"a = ARRAY[1, 2, 3]", "r = ROW(1, 'a')", "m = m", "b = true",
	"s LIKE 'G%'", "s LIKE '%e%'", "s LIKE 'x__' ESCAPE '_' OR true", "s LIKE u", "s LIKE 'x!_y' ESCAPE '!'",
	"s IN ('Get', 'Put')", "s NOT IN ('Get', NULL)", "n IN (1, 2, NULL)", "n IN (k, 1)", "d IN (1.5e0, 0e0)", "r IN (ROW(1, 'a'))",
	"n = 1 AND k = 1", "n = 1 OR k = 2 OR b", "NOT b", "b AND (n > 0 OR d > 0)", "NULL AND b", "s IS NULL", "n BETWEEN k AND 5",
	"n <> 0 AND 100 / n > 5", "n = 0 OR 100 / n > 5",
	"CASE WHEN n > 1 THEN 'big' WHEN n = 1 THEN s ELSE u END", "IF(n = 0, NULL, 100 / n)", "CASE s WHEN 'Get' THEN 1 WHEN 'Put' THEN 2 END",
	"COALESCE(s, u, 'none')", "COALESCE(n, k)", "NULLIF(s, u)", "NULLIF(n, 0)", "TRY(100 / n)", "TRY(CAST(s AS bigint))",
	"TRY_CAST(s AS bigint)", "CAST(n AS varchar)", "CAST(d AS varchar)", "CAST(ts AS varchar)", "CAST(a AS json)", "CAST(m AS json)",
	"CAST(r AS json)", "CAST(a AS array(varchar))", "TRY_CAST(s AS double)", "CAST(s AS varchar(2))",
	"s || '-' || u", "a || n", "a || a", "element_at(m, s)", "element_at(m, 'Get')", "element_at(a, 1)", "element_at(a, COALESCE(NULLIF(n, 0), 1))",
	"r.x", "r.y = 'a'", "ROW(s, n)", "ARRAY[n, k, 5]", "ARRAY[s, 'c']", "greatest(n, k, 1)", "least(s, u)",
	"transform(a, x -> x + n)", "filter(a, x -> x > k)", "any_match(a, x -> x = n OR s = 'Put')", "reduce(a, n, (acc, x) -> acc + x, acc -> acc)",
	"transform(ARRAY[1, 2], x -> x + n)", "transform(ARRAY['p', s], x -> x || u)", "transform(a, x -> transform(a, y -> x * y + COALESCE(n, 0)))",
	"transform_values(m, (key, v) -> key || v || s)", "filter(ARRAY[1, 2, 3], x -> x <> 2)", "any_match(map_keys(m), x -> x = s)",
	"map_zip_with(m, m, (key, v, w) -> key || v || w)", "map_zip_with(m, MAP(ARRAY[COALESCE(s, 'none')], ARRAY[u]), (key, v, w) -> COALESCE(v, s) || COALESCE(w, '-'))",
	"map_zip_with(MAP(ARRAY[7], ARRAY[n]), MAP(ARRAY[COALESCE(k, 7)], ARRAY[n]), (key, v, w) -> COALESCE(v, w) + key)",
	"array_intersect(ARRAY[s, u], l)", "arrays_overlap(l, ARRAY[u, 'Put'])", "flatten(ARRAY[l, NULL, ARRAY[s]])", "flatten(ARRAY[a, a])", "sequence(1, COALESCE(k, 0) + 3)",
	"transform(filter(a, x -> x > 1), x -> IF(x > n, s, u))", "transform(a, x -> TRY(x / n))",
	"IF(n > 1, 'big', 'small')", "CASE WHEN n > 1 THEN 'big' WHEN b THEN NULL ELSE '' END", "IF(s = 'Get', true, false)", "CASE WHEN b THEN true WHEN n > 3 THEN false END",
	"IF(b, n, 0)", "IF(s = 'Get', d / 2e0, d)", "CASE WHEN b THEN n WHEN s = 'Put' THEN k END", "CASE WHEN n > 1 THEN d / 0e0 WHEN d > 1 THEN d * d - 1e0 ELSE NULL END", "IF(n > 1, ts, TIMESTAMP '2000-01-01 00:00:00')",
	"CASE WHEN n > 3 THEN d WHEN n > 2 THEN 1e0 WHEN n > 1 THEN d + 1e0 WHEN b THEN 2e0 ELSE d END", "IF(n > -100, n, k)", "IF(n > 100, n, k)", "IF(n = 0, k, n * k)",
	"CAST(IF(n > 1, 1, 0) AS bigint)", "CAST(CASE WHEN b THEN 1 WHEN s = 'Get' THEN 2 END AS varchar)", "TRY_CAST(IF(b, 'x', '1') AS bigint)", "CAST(IF(n > 100, 'x', '1') AS bigint)",
	"IF(b, 1.5, 2.25)", "IF(b, DECIMAL '12345678901234567890.5', NULL)", "CASE WHEN b THEN DATE '2024-01-02' WHEN n = 0 THEN DATE '1969-01-02' END", "IF(b, TINYINT '1', TINYINT '2')",
	"IF(b, SMALLINT '3', NULL)", "IF(b, X'01', X'02')", "IF(b, ARRAY[1], ARRAY[2])", "IF(b, TIMESTAMP '2024-01-01 10:00:00 UTC', NULL)", "IF(b, 1e0, -0e0)",
	"CASE WHEN n = 0 OR n IS NULL THEN 0 WHEN 100 / n > 20 THEN 1 ELSE 2 END", "IF(b, IF(n > 1, 1, 2), 3) + IF(n > 1, 1, 2)", "transform(a, x -> IF(x > n, 'more', 'less'))",
	"IF(NOT b AND s = 'Get', 1, 0)", "NOT b AND (s = 'Put' OR NULL) AND n = 0", "b OR s = 'Put' OR n = 0", "(b AND NULL) OR s = 'Put'",
	"l = ARRAY['Put']", "l = l", "l < ARRAY['Put']", "l IN (ARRAY['Put'], ARRAY['z'])", "l IS NOT DISTINCT FROM ARRAY['z']", "NULLIF(l, ARRAY['z'])", "greatest(l, ARRAY['H'])",
	"contains(l, 'Get')", "contains(l, s)", "array_position(l, s)", "array_distinct(l)", "array_sort(l)", "array_sort(l, (x, y) -> IF(x < y, 1, IF(x = y, 0, -1)))", "array_join(l, ',')",
	"array_join(l, ',', 'none')", "array_max(l)", "array_min(l)", "array_remove(l, 'Get')", "array_union(l, ARRAY[s, 'new'])", "array_intersect(l, ARRAY['Get', 'z'])", "array_except(l, ARRAY['Get'])",
	"arrays_overlap(l, ARRAY[s])", "reverse(l)", "slice(l, 2, 1)", "cardinality(l)", "flatten(ARRAY[l, l])", "ngrams(l, 2)", "combinations(l, 2)", "element_at(l, 1)", "element_at(l, -1)", "try(l[2])",
	"l || l", "l || 'more'", "s || l", "l || ARRAY[s]", "concat(l, ARRAY['a'], l)", "zip(l, a)", "zip_with(l, a, (x, y) -> x || CAST(y AS varchar))", "transform(l, x -> upper(x) || s)", "transform(l, x -> x)",
	"filter(l, x -> x LIKE '%e%')", "any_match(l, x -> x = s)", "all_match(l, x -> length(x) > 1)", "none_match(l, x -> x = 'Put')", "reduce(l, '', (acc, x) -> acc || x, acc -> acc)", "reduce(l, s, (acc, x) -> acc || x, acc -> acc || u)", "reduce(q, s, (acc, e) -> e.y, acc -> acc)", "reduce(l, s, (acc, x) -> acc, acc -> acc)", "trim_array(l, 0)",
	"contains_sequence(l, ARRAY['Get', 'Put'])", "array_histogram(l)", "try(map(l, transform(l, x -> 1)))", "try(map_from_entries(transform(l, x -> ROW(x, s))))",
	"multimap_from_entries(transform(l, x -> ROW(x, s)))", "CAST(l AS json)", "json_format(CAST(l AS json))", "try(CAST(l AS array(bigint)))", "CAST(l AS array(varchar(1)))", "COALESCE(l, ARRAY['none'])", "IF(b, l, ARRAY[s])",
	"ROW(l, s)", "ARRAY[l, ARRAY[s]]", "transform(ARRAY[1, 2], x -> l)", "array_sort(array_distinct(flatten(ARRAY[l, ARRAY[s]])))", "IF(cardinality(l) > 1, slice(l, 1, 1), l)",
	"q = q", "contains(transform(q, e -> e.y), s)", "any_match(q, e -> e.y = 'Put' AND e.x > 0)", "filter(q, e -> e.y LIKE 'P%')", "transform(q, e -> e)", "array_distinct(transform(q, e -> e.y))",
	"array_join(transform(q, e -> COALESCE(e.y, 'NULL')), '+')", "element_at(q, 1).y", "element_at(q, 1).y || s", "slice(q, 1, 1)", "reverse(q)", "q || q", "CAST(q AS json)", "zip_with(q, l, (e, x) -> e.y || x)",
	"try(array_distinct(q))", "try(array_position(q, ROW(BIGINT '0', 'Get')))", "reduce(q, '', (acc, e) -> acc || COALESCE(e.y, '-'), acc -> acc)", "COALESCE(q, ARRAY[r])", "q || r", "CAST(q AS array(row(x bigint, y varchar(1))))",
	"ts + INTERVAL '1' DAY", "ts - TIMESTAMP '1970-01-01 00:00:00'", "ts + INTERVAL '1' MONTH",
	"date_format(ts, '%Y-%m-%d %H')", "hour(ts)", "concat(date_format(ts, '%W'), s)", "date_diff('minute', TIMESTAMP '1970-01-02 00:00:00.007', ts)", "date_diff('month', ts, TIMESTAMP '2024-01-01 00:00:00')",
	"concat(s, '/', u, s)", "starts_with(s, u)", "strpos(u, s)", "regexp_extract(s, '(.)et', 1)", "concat(regexp_extract(s, '(.)et', 1), u)", "TRY(split_part(s, u, 1))", "levenshtein_distance(s, u)",
	"to_hex(md5(to_utf8(s)))", "TRY(split(s, 'e')[2])", "json_array_length(json_extract('{\"a\":[1,' || s || ']}', '$.a'))", "strpos(s, 'e') > 1", "strpos(lower(s), 'g') = 1", "element_at(split(s, 'e'), 1) = 'G'", "element_at(split(s, 'e'), 2)", "cardinality(split(s, 'e')) > 1", "length(s) + length(u)", "TRY(CAST(s || u AS bigint))", "concat_ws('-', s, u)", "lower(s) = lower(u)",
}

func TestEveryEncodingAndSelectionGivesTheRowsAnswer(t *testing.T) {
	if testing.Short() {
		t.Skip("has a single goroutine")
	}
	random := rand.New(rand.NewSource(1))
	plain := fixtureBatch(t, false)
	for _, text := range expressions {
		t.Run(text, func(t *testing.T) {
			e, typ := compile(t, text)
			// The oracle: each row as constants, alone.
			want := make([]types.Value, plain.Len)
			for i := range want {
				one := &batch.Batch{Len: 1}
				for _, c := range plain.Columns {
					one.Columns = append(one.Columns, batch.Vector{Array: batch.Take(c.Array, []int32{int32(i)}), Const: true})
				}
				v, err := e.Eval(one)
				require.NoError(t, err)
				want[i] = values(typ, v, 1)[0]
			}
			for _, dictionaries := range []bool{false, true} {
				b := fixtureBatch(t, dictionaries)
				v, err := e.Eval(b)
				require.NoError(t, err)
				require.Equal(t, want, values(typ, v, b.Len), "dictionaries: %v", dictionaries)
				many, rows := repeated(b, random)
				v, err = e.Eval(many)
				require.NoError(t, err)
				for i, got := range values(typ, v, many.Len) {
					require.Equal(t, want[rows[i]], got, "repeated, dictionaries: %v", dictionaries)
				}
				for range 4 {
					var chosen []types.Value
					b.Sel = []int32{}
					for i := range b.Len {
						if random.Intn(2) == 0 {
							b.Sel = append(b.Sel, int32(i))
							chosen = append(chosen, want[i])
						}
					}
					v, err := e.Eval(b)
					require.NoError(t, err)
					require.Equal(t, chosen, append([]types.Value(nil), values(typ, v, len(b.Sel))...), "selection %v", b.Sel)
				}
			}
			if typ.Kind == types.Boolean {
				requireFilter(t, e, want)
			}
		})
	}
}

// repeated has each row of b many times, among others.
func repeated(b *batch.Batch, random *rand.Rand) (many *batch.Batch, rows []int32) {
	rows = make([]int32, 1000)
	for i := range rows {
		if rows[i] = int32(random.Intn(b.Len)); i > 0 && random.Intn(5) > 0 {
			rows[i] = rows[i-1]
		}
	}
	many = &batch.Batch{Len: len(rows)}
	for _, c := range b.Columns {
		many.Columns = append(many.Columns, batch.Vector{Array: batch.Take(c.Array, rows)})
	}
	return many, rows
}

// requireFilter checks that Filter keeps the rows that are true, for several
// selections.
func requireFilter(t *testing.T, e expr.Evaluator, truth []types.Value) {
	for _, sel := range [][]int32{nil, {}, {0}, {1, 3, 5, 7, 9}, {0, 1, 2, 3, 4, 5, 6, 7, 8, 9}} {
		b := fixtureBatch(t, true)
		b.Sel = sel
		live := sel
		if sel == nil {
			live = []int32{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}
		}
		want := []int32{}
		for _, i := range live {
			if truth[i].V == true {
				want = append(want, i)
			}
		}
		got, err := e.Filter(b)
		require.NoError(t, err)
		if got == nil {
			require.Len(t, want, b.Len)
			continue
		}
		require.Equal(t, want, got)
	}
}

func TestErrorsSurfaceOnlyForRowsThatNeedThem(t *testing.T) {
	fails := []struct{ text, name string }{
		{"100 / n", types.DivisionByZero},
		{"100 / n > 5 AND n <> 0", types.DivisionByZero},
		{"CAST(s AS bigint)", types.InvalidCastArgument},
		{"CAST(IF(n = 1, 'x', '1') AS bigint)", types.InvalidCastArgument},
		{"CASE WHEN n > 3 THEN 1 WHEN 100 / n > 5 THEN 2 END", types.DivisionByZero},
		{"m['Get']", types.InvalidFunctionArgument},
		{"a[1]", types.InvalidFunctionArgument},
		{"1 IN (1, 1 / 0)", types.DivisionByZero},
		{"n * 9223372036854775807", types.NumericValueOutOfRange},
		{"ARRAY[n, NULL] < ARRAY[n, k]", types.NotSupported},
		{"TRY(ARRAY[n, NULL] < ARRAY[n, k])", types.NotSupported},
	}
	for _, c := range fails {
		e, _ := compile(t, c.text)
		for _, dictionaries := range []bool{false, true} {
			_, err := e.Eval(fixtureBatch(t, dictionaries))
			require.Equal(t, c.name, types.ErrorName(err), c.text)
			b := fixtureBatch(t, dictionaries)
			b.Sel = []int32{}
			v, err := e.Eval(b)
			require.NoError(t, err, c.text)
			require.Zero(t, v.Array.Len(), c.text)
		}
	}
	// Row 7 holds the only text that is a number; the dictionary holds others.
	e, typ := compile(t, "CAST(s AS bigint)")
	b := fixtureBatch(t, true)
	b.Sel = []int32{2, 7}
	v, err := e.Eval(b)
	require.NoError(t, err)
	require.Equal(t, []types.Value{types.Null(types.BigIntType), {Type: types.BigIntType, V: int64(1)}}, values(typ, v, 2))
}

func TestArgumentsAfterANullAreNotNeeded(t *testing.T) {
	for _, text := range []string{
		"NULLIF(NULLIF(n, 0), 100 / n)", "NULLIF(n, 0) + 100 / n", "NULLIF(n, 0) IN (100 / n, 7)",
	} {
		e, _ := compile(t, text)
		for _, dictionaries := range []bool{false, true} {
			_, err := e.Eval(fixtureBatch(t, dictionaries))
			require.NoError(t, err, text)
		}
	}
	for _, text := range []string{
		"100 / n + NULLIF(n, 0)", "COALESCE(n, 1) + 100 / n", "greatest(NULLIF(n, 0), 100 / n)", "n IN (n, 100 / n)",
	} {
		e, _ := compile(t, text)
		_, err := e.Eval(fixtureBatch(t, false))
		require.Equal(t, types.DivisionByZero, types.ErrorName(err), text)
	}
}

func TestFilterSeesLaterConjunctsOnlyOnSurvivors(t *testing.T) {
	e, _ := compile(t, "n <> 0 AND s IS NOT NULL AND 100 / n > 20")
	got, err := e.Filter(fixtureBatch(t, true))
	require.NoError(t, err)
	require.Equal(t, []int32{0, 4, 7}, got)
}

func TestUnknownColumnDoesNotCompile(t *testing.T) {
	_, err := expr.Compile(&plan.Ref{Column: &plan.Column{ID: 7, Name: "x", Type: types.BigIntType}}, nil, &function.Env{})
	require.ErrorContains(t, err, "x")
}

func TestOneEvaluatorServesManyGoroutines(t *testing.T) {
	for _, text := range []string{"s LIKE '%e%'", "s = 'Get' AND n > 0", "TRY_CAST(s AS bigint)", "transform(a, x -> x + n)", "s IN ('Get', 'x')"} {
		e, typ := compile(t, text)
		want, err := e.Eval(fixtureBatch(t, true))
		require.NoError(t, err)
		var workers sync.WaitGroup
		for range 4 {
			workers.Add(1)
			go func() {
				defer workers.Done()
				for range 20 {
					b := fixtureBatch(t, true)
					v, err := e.Eval(b)
					if !assert.NoError(t, err) {
						return
					}
					assert.Equal(t, values(typ, want, b.Len), values(typ, v, b.Len), text)
				}
			}()
		}
		workers.Wait()
	}
}
