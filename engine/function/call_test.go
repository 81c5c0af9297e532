package function

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

var testSession = &metadata.Session{Now: time.Date(2024, 8, 7, 15, 4, 5, 0, time.UTC), Location: time.UTC, Zone: "UTC"}

// constantOf is a constant of a Go value; nil is a NULL text.
func constantOf(v any) types.Value {
	switch x := v.(type) {
	case string:
		return types.Value{Type: types.VarcharType, V: x}
	case int:
		return types.Value{Type: types.BigIntType, V: int64(x)}
	case float64:
		return types.Value{Type: types.DoubleType, V: x}
	case types.Value:
		return x
	}
	return types.Null(types.VarcharType)
}

// callFunction runs a function on one row and returns the Go value, lists as
// []any.
func callFunction(name string, args ...any) (any, error) {
	list, values := make([]types.Arg, len(args)), make([]types.Value, len(args))
	for i, a := range args {
		values[i] = constantOf(a)
		list[i].Type = values[i].Type
	}
	fn, err := New().Resolve(name, list)
	if err != nil {
		return nil, err
	}
	for i, want := range fn.Args { // integers of the tests are bigint
		if want.Kind == types.Integer {
			values[i].Type = types.IntegerType
		}
	}
	out, err := New().Fold(fn, values, testSession)
	return plainValue(out), err
}

func plainValue(v types.Value) any {
	list, ok := v.V.([]types.Value)
	if !ok {
		return v.V
	}
	out := make([]any, len(list))
	for i, e := range list {
		out[i] = plainValue(e)
	}
	return out
}

type callCase struct {
	function string
	args     []any
	want     any
	err      string // error name
}

func runCalls(t *testing.T, cases []callCase) {
	for _, c := range cases {
		got, err := callFunction(c.function, c.args...)
		if c.err != "" {
			require.Equal(t, c.err, types.ErrorName(err), "%s%q", c.function, c.args)
			continue
		}
		require.NoError(t, err, "%s%q", c.function, c.args)
		require.Equal(t, c.want, got, "%s%q", c.function, c.args)
	}
}

func TestRegexpSyntax(t *testing.T) {
	like := func(text, pattern string, want bool) callCase {
		return callCase{"regexp_like", []any{text, pattern}, want, ""}
	}
	bad := func(pattern string) callCase {
		return callCase{"regexp_like", []any{"x", pattern}, nil, types.InvalidFunctionArgument}
	}
	runCalls(t, []callCase{
		like("abc\n", "c$", true), like("abc\n\n", "c$", false), like("abc\nd", "c$", false), like("abc\nd", "(?m)c$", true),
		like("abc\n", `c\Z`, true), like("abc\n", `c\z`, false), like("a\nabc", "^abc", false),
		like("aaa", "a++a", false), like("aaab", "a++b", true), like("aaa", "(?>a+)a", false), like("aab", "a{1,2}+b", true),
		like("abab", `(ab)\1`, true), like("abac", `(ab)\1`, false), like("xx", `(?<c>x)\k<c>`, true),
		like("price: 7", "(?<=: )7", true), like("price: 7", "(?<!: )7", false),
		like("é", `\w`, false), like("٣", `\d`, false), like("aé", `a\b`, false), like("a.é", `\bé\b`, true), like("\u00a0", `\s`, false), like("\v", `\s`, true),
		like("b", "[a-c&&[^b]]", false), like("c", "[a-c&&[^b]]", true), like("-", "[a-]", true), like("]", `[\]]`, true), like("^", "[a^]", true),
		like("é", "[[:alpha:]]", true), like("1", "[[:^alpha:]]", true), like("ß", `\p{Latin}`, true), bad(`\p{IsLatin}`), like("+", "[[:punct:]]", false), like("я", `\p{L}`, true), like("я", `\P{L}`, false),
		like("A", "(?i)[^a]", false), like("a", "(?i)A", true), like("ab", "(?i:A)b", true), like("aB", "(?i:A)b", false), like("ab", "(?x) a b # c", true),
		like(" ", `[\w-.]`, true), like("-", "[a-c-e]", false), like("a", "[a-[b]]", false), like("a", "[a-z&&]", false), bad(`[a-\d]`),
		like("C", "a(?i)b|c", false), like("aAC", "a(?i)b|ac", true), like("aa", "a(?#c){2}", true), like("a{,2}", "^a{,2}$", true), bad("a{100001}"),
		bad("(?<=a+)b"), bad("(?<=(?:x|(a|bc)))d"), bad("(?<!(a))b"), bad("(?<=$)"), like("bcd", "(?<=a|bc)d", true), like("aab", "(?<=a{2})b", true),
		like("A", `\101`, true), like("é", `\xC3\xA9`, true), like("日", `[\x80-\xff]`, true), like("x{g}", `^\x{g}$`, true), like("aa", `(?'n'a)\k<1>`, true),
		like("ab", `(?i)\p{Lu}`, false), like("a", `\p{InBasicLatin}`, true), bad("(?P<n>a)"), bad("(?u)a"), bad("(?<1>a)"),
		like("a.b", `\Qa.b\E`, true), like("axb", `\Qa.b\E`, false), like("a\tb", `a\tb`, true), like("é", `\u00e9`, true), like("A", `\x41`, true), like("😀", `\x{1F600}`, true),
		like("a{b", "a{b", true), like("aa", "^a{2}$", true), like("a,b", "a(?#comment),b", true), like("a\nb", "a.b", false), like("a\nb", "(?s)a.b", true),
		bad("("), bad(")"), bad("["), bad("*a"), bad(`\`), bad("a{2,1}"), bad(`\p{Nothing}`), bad("(?<n>a)(?<n>b)"), bad("(?q)"), bad(`\k<n>`), bad("[b-a]"),
		{"regexp_count", []any{"aaa", "a*"}, int64(2), ""}, {"regexp_count", []any{"日本", ""}, int64(3), ""}, {"regexp_count", []any{"a\n", "(?m)^"}, int64(1), ""},
		{"regexp_extract", []any{"aab", "(a*)*b", 1}, "", ""},
		{"regexp_replace", []any{"aXbX", "X", "$0$0"}, "aXXbXX", ""}, {"regexp_replace", []any{"ab", "(a)", "$12"}, "a2b", ""},
		{"regexp_replace", []any{"ab", "(a)", "${n}"}, nil, types.InvalidFunctionArgument}, {"regexp_replace", []any{"ab", "(a)", "$"}, nil, types.InvalidFunctionArgument},
		{"regexp_extract_all", []any{"a1b", "(a)|(1)", 2}, []any{nil, "1"}, ""},
		{"regexp_like", []any{"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(a+)+$"}, false, ""},
	})
}

func TestRegexpTimeLimit(t *testing.T) {
	if testing.Short() {
		t.Skip("takes the time limit of a match")
	}
	_, err := callFunction("regexp_like", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "(?=a)(a+)+$")
	require.Equal(t, types.GenericUserError, types.ErrorName(err))
}

func TestFormat(t *testing.T) {
	format := func(want string, args ...any) callCase { return callCase{"format", args, want, ""} }
	bad := func(args ...any) callCase { return callCase{"format", args, nil, types.InvalidFunctionArgument} }
	runCalls(t, []callCase{
		format("00042|+42| 42|(42)|42   |", "%05d|%+d|% d|%(d|%-5d|", 42, 42, 42, -42, 42), format("-1,234,567", "%,d", -1234567),
		format("ffffffffffffffff", "%x", -1), format("0x1f 017", "%#x %#o", 31, 15),
		format("3.14 003.1 1,234.50 -0", "%.2f %05.1f %,.2f %.0f", 3.14159, 3.14159, 1234.5, -0.4),
		format("1.50000 1.50000e+10 0.00000", "%g %g %g", 1.5, 1.5e10, 0.0), format("9.999995e-05", "%e", 9.999995e-5),
		format("a a b b", "%s %<s %2$s %2$s", "a", "b"), format("ABC", "%S", "abc"), format("TRUE false", "%B %b", "x", nil),
		format("100%", "100%%", 1), format("NaN", "%.1f", nanValue()), format("  é|", "%3s|", "é"),
		bad("%q", 1), bad("%", 1), bad("%d", "x"), bad("%s %s", 1), bad("%.2d", 1), bad("%99999999999d", 1), bad("%#s", "x"), bad("%tY", "x"), bad("%-d", 1), bad("%05s", "x"), bad("%,x", 1), bad("%#g", 1.5), bad("%5n"),
		format("1970 17862 0x1.8p0 -0.00 (Infinity) 3.", "%tY %h %a %.2f %(f %#.0f", 1, "abc", 1.5, math.Copysign(0, -1), math.Inf(-1), 3.1),
	})
}

func nanValue() types.Value {
	v, _ := callFunction("nan")
	return types.Value{Type: types.DoubleType, V: v}
}

func TestTextFunctions(t *testing.T) {
	runCalls(t, []callCase{
		{"split_part", []any{"abc", "", 2}, "b", ""}, {"split_part", []any{"abc", "", 4}, nil, ""}, {"split_part", []any{"a,b", ",", 3}, nil, ""},
		{"split", []any{"a", ""}, nil, types.InvalidFunctionArgument}, {"split", []any{"a,b,", ",", 3}, []any{"a", "b", ""}, ""},
		{"split_to_map", []any{"a=1,a=2", ",", "="}, nil, types.InvalidFunctionArgument}, {"split_to_map", []any{"a", ",", "="}, nil, types.InvalidFunctionArgument},
		{"concat_ws", []any{"-", nil, nil}, "", ""}, {"soundex", []any{"Tymczak"}, "T522", ""}, {"soundex", []any{"Pfister"}, "P236", ""}, {"soundex", []any{"Honeyman"}, "H555", ""},
		{"luhn_check", []any{"4242424242424242"}, true, ""}, {"luhn_check", []any{"4242424242424241"}, false, ""}, {"luhn_check", []any{""}, false, ""},
		{"lpad", []any{"a", 5, "xy"}, "xyxya", ""}, {"lpad", []any{"a", 1 << 31, "x"}, nil, types.InvalidFunctionArgument}, {"rpad", []any{"日", 3, "本"}, "日本本", ""},
		{"url_extract_host", []any{"https://user:pw@[::1]:8443/a"}, "[::1]", ""}, {"url_extract_port", []any{"https://h:8443"}, int64(8443), ""},
		{"url_extract_path", []any{"http://h/a%20b?q"}, "/a b", ""}, {"url_encode", []any{"a b*c~é"}, "a+b*c%7E%C3%A9", ""}, {"url_decode", []any{"%ff"}, "\uFFFD", ""},
		{"format_number", []any{999.5}, "999", ""}, {"format_number", []any{-1500.0}, "-1.5K", ""}, {"human_readable_seconds", []any{0.0}, "0 seconds", ""},
		{"parse_duration", []any{"1 fortnight"}, nil, types.InvalidFunctionArgument}, {"parse_duration", []any{"1.5 h"}, int64(5400000), ""},
	})
}

func TestJodaPatterns(t *testing.T) {
	instant := types.Value{Type: types.TimestampTZType, V: types.Zoned{Instant: 1723043045678, Zone: "America/New_York"}}
	format := func(pattern, want string) callCase {
		return callCase{"format_datetime", []any{instant, pattern}, want, ""}
	}
	parse := func(text, pattern string, millis int64, zone string) callCase {
		return callCase{"parse_datetime", []any{text, pattern}, types.Zoned{Instant: millis, Zone: zone}, ""}
	}
	bad := func(text, pattern string) callCase {
		return callCase{"parse_datetime", []any{text, pattern}, nil, types.InvalidFunctionArgument}
	}
	runCalls(t, []callCase{
		format("yy YYYY G C", "24 2024 AD 20"), format("EEE, EEEE d MMM MMMM", "Wed, Wednesday 7 Aug August"), format("h:mm a K k", "11:04 AM 11 11"),
		format("xxxx-'W'ww-e", "2024-W32-3"), format("z ZZ", "EDT -04:00"), format("yyyyMMdd''HH", "20240807'11"),
		parse("20240807 150405", "yyyyMMdd HHmmss", 1723043045000, "UTC"), parse("07 Aug 2024 3 PM", "dd MMM yyyy h a", 1723042800000, "UTC"),
		parse("2024-W32-3", "xxxx-'W'ww-e", 1722988800000, "UTC"), parse("12-25", "MM-dd", 977702400000, "UTC"), parse("2024 220", "yyyy DDD", 1722988800000, "UTC"),
		parse("2024-08-07 America/New_York", "yyyy-MM-dd ZZZ", 1723003200000, "America/New_York"), parse("50", "yy", -631152000000, "UTC"),
		bad("2024-13", "yyyy-MM"), bad("2024-08-07x", "yyyy-MM-dd"), bad("24:00", "HH:mm"), bad("Foo", "MMM"), bad("2024", ""), bad("2024", "Q"), bad("", "yyyy"),
	})
}
