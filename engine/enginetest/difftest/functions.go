package difftest

import (
	"math"
	"regexp"
	"slices"
	"strings"

	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/planner/types"
)

// Calls of functions that the interpreter does not know are made by a grammar: they are compared between the ways of
// the engine, and with a Trino server. Their table has odd values of every type.

// oddColumn is a column of the table of odd values: what it gives is written as @kind in the grammar.
type oddColumn struct {
	name, kind string
	t          *types.Type
	values     []any
}

var (
	wide     = types.DecimalOf(38, 10)
	tiny     = types.DecimalOf(5, 5)
	real     = types.RealType
	textList = types.ArrayOf(varchar)
	longs    = types.ArrayOf(bigint)
	reals    = types.ArrayOf(double)
	listList = types.ArrayOf(textList)
	counts   = types.MapOf(varchar, bigint)
)

var oddColumns = []oddColumn{
	{"txt", "text", varchar, anyOf("", "a", "ab", "abc", "b", "A,b,,c", ",", ",,", "a,b", "é", "éa,ü", "日本語", "😀", "😀,x", " x ", "x y  z", "aaaa",
		"abababab", "a-b_c.d", "1a22bb333", "AbC",
		"https://ex.com:80/a/b?x=1&y=é#f", "the quick brown fox jumps over", "tab\there", "line\nbreak", "\"quoted\"", "back\\slash", "\x01\x1f", "ß", "İ",
		"100%", "k=v", "k=v,l=w", "null", "true", "ǅ", "e\u0301")},
	{"low", "text", varchar, anyOf("a", "b", "a,b", "x", "", "s3.amazonaws.com")},
	{"obj", "doc", varchar, anyOf(`{"a":"x","b":1}`, `{"a":"y","b":2.5,"c":[1,2]}`, `{"a":"","b":null}`, `{"b":-3,"c":[]}`, `{}`,
		`{"a":"x","c":["p","q"],"d":{"e":"f"}}`, `{"a":"é😀","b":12345678901}`)},
	{"doc", "doc", varchar, anyOf(`{"a": 1, "b": [1, 2, 3], "d": {"e": {"f": null}}}`, `{"b":1,"a":2}`, `{"a":1,"a":2}`, `{"a":{"a":{"a":1}},"b":true}`,
		`[1,"2",null,true,[3],{"a":4}]`, `[]`, `{}`, `null`, `"x"`, `1`, `-0`, `-0.0`,
		`0.10`, `1e3`, `1E-7`, `1.5E300`, `1e400`, `12345678901234567890`, `0.1234567890123456789012`, `true`, ` { "a" : "\u00e9\/\n" } `,
		`{"a":"\ud83d\ude00"}`, `{"a":"\"q\"","b":"\\"}`, `{"A":1,"a":"z"}`, `{"":0,"a":""}`,
		`{"a":[{"e":1},{"e":2},{}],"c":[[1],[2,3]]}`, `{"a b":1,"a.b":2,"é":3}`, `[[1,2],[],[null]]`, `{"a":null,"b":1.0,"c":1.50}`,
		`{"b":"1","c":["1",2,null,true,1.5]}`, `["a","b","a"]`, `{"a":false,"b":"true","c":{"x":1,"y":"2"}}`)},
	{"bad", "doc", varchar, anyOf(`{"a":1`, `{"a":1}}`, `{a:1}`, `{"a":1,}`, `[1,]`, ``, ` `, `nul`, `{"a":"\ud83d"}`, `{"a":"\x"}`, `{"a":01}`, `+1`,
		`.5`, `1.`, `NaN`, `"open`, "{\"a\":\"tab\t\"}", `{"a":1} x`, `{"a":"x","b":}`, `'a'`, `{"b":2,"a":"y"}`, `[1,2`, `{"a":[1,{"e":2]}`, "\ufeff{}",
		`//c`, `{"a":1}//`, `1 2`, `"\u00"`, `-`, `1e`, `tru`, `True`)},
	{"num", "number", varchar, anyOf("0", "-0", "1", "+1", "007", "-5", "12.50", ".5", "5.", "1e3", "1E-5", " 1", "1 ", "", "abc", "9223372036854775807",
		"9223372036854775808", "-9223372036854775808", "2147483648", "1e308", "1e309", "-1e-400", "NaN", "Infinity", "-Infinity", "inf", "1_0",
		"0x10", "1f", "1d", "99999999.995", "12345678901234567890123456789012345678", "123456789012345678901234567890.1", "0.00000000005",
		"1.7976931348623157e308", "4.9e-324", "2.2250738585072014E-308", "0.1", "123456.789", "--1", "１")},
	{"whn", "moment", varchar, anyOf("2024-01-02", "2024-01-02 03:04:05", "2024-01-02 03:04:05.123", "2024-01-02 03:04:05.123456789", "2024-1-2 3:4:5",
		"2024-01-02 03:04", "2024-01-02T03:04:05Z", "2024-01-02T03:04:05.678+05:30", "2024-02-30", "2024-02-29 23:59:59", "2023-02-29",
		"1969-12-31 23:59:59.999", "0001-01-01",
		"0000-01-01 00:00:00", "-0001-01-01", "9999-12-31 23:59:59.9999", "10000-01-01 00:00:00", "+12345-01-01", "2024-01-02 24:00:00",
		"2024-01-02 03:04:60", " 2024-01-02 ", "2024-01-02 03:04:05 UTC", "2024-01-02 03:04:05 Europe/Berlin", "2024-03-31 02:30:00 Europe/Berlin",
		"2024-10-27 02:30:00 Europe/Berlin",
		"2024-01-02 03:04:05 +05:30", "2024-01-02 03:04:05+01:00", "", "x", "2024", "2024-01", "2024-13-01", "2024-00-10", "240102",
		"2024-01-02T03:04:05.123456Z", "2024-W01-2", "2024-01-02 03:04:05.", "1900-01-01 00:00:00", "2024-01-02T", "２０24-01-02")},
	{"flag", "boolean", boolean, []any{true, false}},
	{"small", "whole", integer, whole(-3, -1, 0, 1, 2, 3, 7, 100, math.MaxInt32, math.MinInt32)},
	{"big", "whole", bigint, whole(-5, 0, 1, 2, 3, 64, 1_700_000_000, 1_700_000_000_123, math.MaxInt64, math.MinInt64, -62_135_596_800,
		253_402_300_800)},
	{"dbl", "double", double, []any{0.0, math.Copysign(0, -1), 1.0, -1.5, 0.1, 0.5, 2.5, 1e7, 1e-3, 9999999.0, 12345678.9, 1e21, 1e-7, math.MaxFloat64,
		5e-324, math.Inf(1), math.Inf(-1), math.NaN(), 1e15, 123456789012345680.0, 0.30000000000000004, 2e16, -3.0, 9.007199254740993e15}},
	{"flt", "real", real, []any{float32(0), float32(1.5), float32(-0.1), float32(16777216), float32(1e-5), float32(3.4e38), float32(1e10),
		float32(math.Inf(1)), float32(math.NaN())}},
	{"dec", "decimal", decimal, decimals(-250, -1, 0, 1, 50, 99, 100, 150, 99_999_999, -99_999_999_99, 99_999_999_99)},
	{"wid", "decimal", wide, append(decimals(-1, 0, 1, 5_000_000_000, 10_000_000_000, -12_345_678_901_234, math.MaxInt64),
		bigDecimal("99999999999999999999999999999999999999"), bigDecimal("-99999999999999999999999999999999999999"),
		bigDecimal("12345678901234567890123456789012345"))},
	{"tin", "decimal", tiny, decimals(-99_999, -1, 0, 1, 10, 50_000, 99_999)},
	{"day", "date", date, whole(0, -1, 1, 19_720, 19_782, 19_783, -719_528, -719_529, -719_162, 2_932_896, 2_932_897, -25_567, 11_016)},
	{"at", "time", timestamp, whole(0, -1, 1, 999, 1_704_164_645_123, 1_709_164_800_000, -62_167_219_200_000, -62_167_219_200_001, 253_402_300_799_999,
		253_402_300_800_000, 1_711_848_600_000, 1_729_989_000_000, -2_208_988_800_000)},
	{"zat", "zoned", instant, []any{types.Zoned{Instant: 0, Zone: "UTC"}, types.Zoned{Instant: -1, Zone: "+05:30"},
		types.Zoned{Instant: 1_711_846_800_000, Zone: "Europe/Berlin"}, types.Zoned{Instant: 1_711_843_200_000, Zone: "Europe/Berlin"},
		types.Zoned{Instant: 1_729_987_200_000, Zone: "Europe/Berlin"}, types.Zoned{Instant: 1_729_994_400_123, Zone: "Europe/Berlin"},
		types.Zoned{Instant: 1_704_164_645_123, Zone: "America/New_York"}, types.Zoned{Instant: 253_402_300_799_999, Zone: "UTC"}, types.Zoned{Instant: -2_208_988_800_000, Zone: "-08:00"}}},
	{"txts", "texts", textList, lists(varchar, nil, []any{""}, []any{"a"}, []any{"a", "b"}, []any{"b", "a", "a"}, []any{nil}, []any{"a", nil, "b"},
		[]any{nil, nil}, []any{"é", "日本", "", "x"}, []any{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}, []any{"abcdefgh", "abcdefgi", "abcdefg"},
		[]any{"ab", "abc", "abc\x00"})},
	{"nums", "wholes", longs, lists(bigint, nil, []any{int64(1)}, []any{int64(1), int64(2), int64(3)}, []any{int64(3), nil, int64(1)}, []any{nil},
		[]any{int64(2), int64(2), int64(2)}, []any{int64(math.MaxInt64), int64(math.MinInt64), int64(0)}, []any{int64(5), int64(4), int64(3), int64(2),
			int64(1), int64(0), int64(-1), int64(-2), int64(-3)})},
	{"dbls", "doubles", reals, lists(double, nil, []any{1.0}, []any{math.NaN(), 1.0}, []any{0.0, math.Copysign(0, -1)}, []any{nil, 2.5, -1.0},
		[]any{math.Inf(1), math.Inf(-1)}, []any{math.NaN(), math.NaN()}, []any{1e10, 0.1, 3.0})},
	{"deep", "lists", listList, []any{[]types.Value{}, []types.Value{{Type: textList, V: []types.Value{}}}, nestedTexts("a", "b"),
		[]types.Value{{Type: textList}, {Type: textList, V: lists(varchar, []any{"x", nil})[0]}}, append(nestedTexts("é"), nestedTexts("a", "a")...),
		nestedTexts("")}},
	{"tags", "tags", texts, []any{entries(varchar), entries(varchar, "a", "x"), entries(varchar, "a", "y", "b", nil), entries(varchar, "b", "x", "a",
		"x"), entries(varchar, "", "", "é", "ü"), entries(varchar, "c", "1", "d", "2", "e", "3", "f", "4")}},
	{"cnts", "counts", counts, []any{entries(bigint), entries(bigint, "a", int64(1)), entries(bigint, "a", int64(2), "b", nil), entries(bigint, "b",
		int64(-1), "c", int64(0), "a", int64(math.MaxInt64))}},
}

func anyOf[T any](values ...T) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = v
	}
	return out
}

func whole(values ...int64) []any { return anyOf(values...) }

func decimals(values ...int64) []any {
	out := make([]any, len(values))
	for i, v := range values {
		out[i] = decimal128.FromI64(v)
	}
	return out
}

func bigDecimal(digits string) any {
	n, err := decimal128.FromString(digits, 38, 0)
	if err != nil {
		panic(err)
	}
	return n
}

func lists(t *types.Type, values ...[]any) []any {
	out := make([]any, len(values))
	for i, list := range values {
		items := []types.Value{}
		for _, v := range list {
			items = append(items, types.Value{Type: t, V: v})
		}
		out[i] = items
	}
	return out
}

func nestedTexts(values ...any) []types.Value {
	return []types.Value{{Type: textList, V: lists(varchar, values)[0]}}
}

// entries is a map of texts: keys and values in turn.
func entries(t *types.Type, pairs ...any) types.MapValue {
	m := types.MapValue{}
	for i := 0; i < len(pairs); i += 2 {
		m.Keys = append(m.Keys, types.Value{Type: varchar, V: pairs[i]})
		m.Values = append(m.Values, types.Value{Type: t, V: pairs[i+1]})
	}
	return m
}

// oddTable makes a table of odd values, numbered by its first column. Half of its columns have few values each, and
// some no NULL.
func (g *generator) oddTable(name string, rows int) *relation {
	r := &relation{sql: name, columns: scope{{"id", bigint}}}
	for i := range rows {
		r.rows = append(r.rows, []any{int64(i)})
	}
	for _, c := range oddColumns {
		values, nulls := c.values, pick(g, []int{0, 10, 30})
		if g.chance(30) {
			values = slices.Clone(values)
			g.random.Shuffle(len(values), func(i, j int) { values[i], values[j] = values[j], values[i] })
			values = values[:min(len(values), 4)]
		}
		r.columns = append(r.columns, column{c.name, c.t})
		for i := range r.rows {
			var v any
			if !g.chance(nulls) {
				v = pick(g, values)
			}
			r.rows[i] = append(r.rows[i], v)
		}
	}
	return r
}

// written writes an expression of a kind: one of the grammar, or a column, where depth is used up.
func (g *generator) written(kind string, depth int) string {
	forms, columns := productions[kind], columnsOfKind(kind)
	if len(columns) > 0 && (depth <= 0 || len(forms) == 0 || g.chance(20)) {
		return pick(g, columns)
	}
	form := pick(g, forms)
	text := partOfForm.ReplaceAllStringFunc(form, func(part string) string { return g.written(part[1:], depth-1) })
	if strings.HasPrefix(form, "@") || strings.HasPrefix(form, "-") { // an operator stands outside
		text = "(" + text + ")"
	}
	return text
}

// partOfForm is where an expression of another kind stands in a form of the grammar.
var partOfForm = regexp.MustCompile("@[a-z]+")

func columnsOfKind(kind string) (names []string) {
	for _, c := range oddColumns {
		if c.kind == kind {
			names = append(names, c.name)
		}
	}
	return names
}
