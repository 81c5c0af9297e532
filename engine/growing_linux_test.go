package engine_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/types"
)

// TestGrowingFunctions asks each function whose result can be longer than what
// it is given for three results: of the longest text, of the largest array or
// map, and of itself within arrays within arrays. A function that no arguments
// are known for fails the test: growingArguments is where they go. What takes a
// while ends soon after it is cancelled. Every sixteenth
// function runs, the others are only planned; with AUDITLAKE_HOSTILE_LIMIT all of them run.
func TestGrowingFunctions(t *testing.T) {
	const limit = 64 << 20
	_, all := os.LookupEnv("AUDITLAKE_HOSTILE_LIMIT")
	if !all { // the soak measures how soon cancelled statements end
		t.Parallel()
	}
	child := startHostileChild(t, limit)
	for i, s := range function.New().List() {
		if !growing(s) {
			continue
		}
		t.Run(signatureText(s), func(t *testing.T) {
			for _, sql := range growingStatements(s) {
				if !all && i%16 != 0 {
					a := child.ask(t, hostileQuestion{SQL: sql, Estimate: true})
					require.Empty(t, a.Error, sql)
					continue
				}
				a := child.ask(t, hostileQuestion{SQL: sql})
				require.True(t, hostileOutcomes[a.Error] && a.Error != types.InvalidFunctionArgument, "%s: %s", a.Error, sql)
				require.Empty(t, a.Beside, sql)
				require.LessOrEqual(t, a.PeakBytes, peakLimit(limit), sql)
				child.checkCancel(t, sql, a)
			}
		})
	}
}

// growing reports whether the length of a function's result has no bound of its
// own, and is not that of one argument.
func growing(s *types.Signature) bool {
	switch s.Return.Kind {
	case types.Varchar, types.Char, types.Varbinary, types.JSON, types.Array, types.Map, types.Row:
		return s.Kind != types.Window && !growingElsewhere[s.Name]
	case types.Var:
		return slices.ContainsFunc(s.Args, func(t *types.Type) bool { return t.Kind == types.Func })
	}
	return false
}

func signatureText(s *types.Signature) string {
	args := make([]string, len(s.Args))
	for i, t := range s.Args {
		args[i] = t.String()
	}
	return s.Name + "(" + strings.Join(args, ", ") + ")"
}

// growingStatements are the three statements of a function. The arguments of
// the first two come from rows of long texts and large arrays.
func growingStatements(s *types.Signature) []string {
	const (
		texts  = "SELECT rpad('a', 2000000, 'ab=,c') AS t, sequence(1, 3) AS l, n FROM UNNEST(sequence(1, 16)) AS u (n)"
		arrays = "SELECT 'a=b,c=d' AS t, sequence(1, 10000) AS l, n FROM UNNEST(sequence(1, 16)) AS u (n)"
		small  = "SELECT 'a=b,c=d' AS t, sequence(1, 3) AS l, n FROM UNNEST(sequence(1, 4)) AS u (n)"
	)
	call := growingCall(s)
	nested := fmt.Sprintf("SELECT transform(sequence(1, 1000), y -> transform(sequence(1, 1000), x -> %s)) FROM (%s)", call, small)
	if s.Kind == types.Aggregate {
		nested = fmt.Sprintf("SELECT array_agg(r) FROM (SELECT array_agg(r) AS r FROM (SELECT %s AS r FROM (%s) CROSS JOIN UNNEST(sequence(1, 2000)) AS v (m) GROUP BY m) CROSS JOIN UNNEST(sequence(1, 100)) AS w (k) GROUP BY k)", call, small)
	}
	return []string{
		fmt.Sprintf("SELECT %s FROM (%s)", call, texts),
		fmt.Sprintf("SELECT %s FROM (%s)", call, arrays),
		nested,
	}
}

// growingCall writes a call over columns t, a text, and l, an array of numbers.
func growingCall(s *types.Signature) string {
	if args, ok := growingArguments[signatureText(s)]; ok {
		return s.Name + "(" + args + ")"
	}
	if args, ok := growingArguments[s.Name]; ok {
		return s.Name + "(" + args + ")"
	}
	args := make([]string, len(s.Args))
	for i, t := range s.Args {
		args[i] = growingArgument(t, i)
	}
	if s.Variadic {
		args = append(args, args[len(args)-1], args[len(args)-1])
	}
	return s.Name + "(" + strings.Join(args, ", ") + ")"
}

// growingArgument is an expression of a type for a place, from 0.
func growingArgument(t *types.Type, place int) string {
	switch t.Kind {
	case types.Varchar:
		if place > 0 {
			return "'a'"
		}
		return "t"
	case types.Char:
		return "CAST('a' AS char(60000))"
	case types.Varbinary:
		if place > 0 {
			return "to_utf8('a')"
		}
		return "to_utf8(t)"
	case types.JSON:
		return "CAST(t AS json)"
	case types.Array:
		if t.Elem.Kind == types.Row {
			return "transform(l, e -> row(e, t))"
		}
		if t.Elem.Kind == types.Array {
			return "transform(l, e -> l)"
		}
		return "transform(l, e -> " + growingElement(t.Elem) + ")"
	case types.Map:
		return "map_from_entries(transform(l, e -> row(" + growingElement(t.Key) + ", " + growingElement(t.Elem) + ")))"
	case types.Var:
		return "t"
	case types.Func:
		params := []string{"p", "q", "r"}[:len(t.Fields)]
		body := params[0]
		if t.Elem.Kind == types.Boolean {
			body = "true"
		}
		return "(" + strings.Join(params, ", ") + ") -> " + body
	case types.Double, types.Real:
		return "0.5e0"
	case types.Boolean:
		return "true"
	}
	return "CAST(" + map[bool]string{true: "2", false: "TIMESTAMP '2026-01-31 10:00:00 UTC'"}[isWhole(t)] + " AS " + t.String() + ")"
}

func growingElement(t *types.Type) string {
	switch t.Kind {
	case types.Varchar:
		return "CAST(e AS varchar)"
	case types.Double:
		return "CAST(e AS double)"
	}
	return "e"
}

func isWhole(t *types.Type) bool {
	switch t.Kind {
	case types.BigInt, types.Integer, types.SmallInt, types.TinyInt, types.Decimal:
		return true
	}
	return false
}

// growingArguments are those of functions that want more of them than a type,
// by signature or by name.
var growingArguments = map[string]string{
	"approx_percentile(bigint, array(double))":         "n, repeat(0.5e0, 1000)",
	"approx_percentile(bigint, double, array(double))": "n, 1e0, repeat(0.5e0, 1000)",
	"approx_percentile(double, array(double))":         "CAST(n AS double), repeat(0.5e0, 1000)",
	"approx_percentile(double, double, array(double))": "CAST(n AS double), 1e0, repeat(0.5e0, 1000)",
	"approx_percentile(real, array(double))":           "CAST(n AS real), repeat(0.5e0, 1000)",
	"approx_percentile(real, double, array(double))":   "CAST(n AS real), 1e0, repeat(0.5e0, 1000)",

	"array_remove(array(E), E)":                         "l, n",
	"array_sort(array(T), function(T, T, integer))":     "l, (p, q) -> CASE WHEN p < q THEN 1 WHEN p > q THEN -1 ELSE 0 END",
	"bar(double, bigint, color, color)":                 "0.5e0, 100000, color('#f00'), color('#0f0')",
	"combinations":                                      "slice(transform(l, e -> t), 1, 25), 3",
	"concat(array(E), E)":                               "transform(l, e -> t), t",
	"concat(E, array(E))":                               "t, transform(l, e -> t)",
	"concat(char(x), char(y))":                          "CAST(t AS char(30000)), CAST(t AS char(30000))",
	"date_format(timestamp(p), varchar)":                "TIMESTAMP '2026-01-31 10:00:00', replace(t, 'a', '%W')",
	"date_format(timestamp(p) with time zone, varchar)": "TIMESTAMP '2026-01-31 10:00:00 UTC', replace(t, 'a', '%W')",

	"format_datetime(timestamp(p), varchar)":                "TIMESTAMP '2026-01-31 10:00:00', rpad('EEEE', if(length(t) > 100, 4000, 40), 'EEEE ')",
	"format_datetime(timestamp(p) with time zone, varchar)": "TIMESTAMP '2026-01-31 10:00:00 UTC', rpad('EEEE', if(length(t) > 100, 4000, 40), 'EEEE ')",

	"from_base32(varchar)":      "to_base32(to_utf8(t))",
	"from_base32(varbinary)":    "to_utf8(to_base32(to_utf8(t)))",
	"from_base64(varchar)":      "to_base64(to_utf8(t))",
	"from_base64(varbinary)":    "to_utf8(to_base64(to_utf8(t)))",
	"from_base64url(varchar)":   "to_base64url(to_utf8(t))",
	"from_base64url(varbinary)": "to_utf8(to_base64url(to_utf8(t)))",
	"from_hex(varchar)":         "to_hex(to_utf8(t))",
	"from_hex(varbinary)":       "to_utf8(to_hex(to_utf8(t)))",

	"json_extract(varchar, varchar)":           "'{\"a\":\"' || t || '\"}', '$.a'",
	"json_extract(json, varchar)":              "CAST(map(ARRAY['a'], ARRAY[t]) AS json), '$.a'",
	"json_extract_scalar(varchar(x), varchar)": "'{\"a\":\"' || t || '\"}', '$.a'",
	"json_extract_scalar(json, varchar)":       "CAST(map(ARRAY['a'], ARRAY[t]) AS json), '$.a'",
	"json_parse":                               "'[\"' || replace(t, 'a', '\",\"') || '\"]'",

	"normalize": "t, NFKD",
	"regexp_extract(varchar(x), varchar, bigint)":                               "t, '(a.*)', 1",
	"regexp_extract_all(varchar(x), varchar, bigint)":                           "t, '(a)', 1",
	"regexp_replace(varchar(x), varchar, function(array(varchar(x)), varchar))": "t, '(a)', p -> p[1] || t",
	"regexp_replace(varchar(x), varchar, varchar(y))":                           "t, '(a)', '$1$1$1$1'",
	"replace(varchar(x), varchar(y), varchar(z))":                               "t, 'a', t",

	"render(varchar(x), color)": "t, color('#f00')",
	"render(bigint, color)":     "n, color('#f00')",
	"render(double, color)":     "CAST(n AS double), color('#f00')",

	"sequence(date, date)":                                         "DATE '2000-01-01', DATE '2020-01-01'",
	"sequence(date, date, interval day to second)":                 "DATE '2000-01-01', DATE '2020-01-01', INTERVAL '1' DAY",
	"sequence(date, date, interval year to month)":                 "DATE '1900-01-01', DATE '2600-01-01', INTERVAL '1' MONTH",
	"sequence(timestamp(p), timestamp(p), interval day to second)": "TIMESTAMP '2000-01-01 00:00:00', TIMESTAMP '2020-01-01 00:00:00', INTERVAL '1' DAY",
	"sequence(timestamp(p), timestamp(p), interval year to month)": "TIMESTAMP '1900-01-01 00:00:00', TIMESTAMP '2600-01-01 00:00:00', INTERVAL '1' MONTH",
	"sequence(bigint, bigint)":                                     "n, n + 9999",
	"sequence(bigint, bigint, bigint)":                             "n, n + 19998, 2",
	"repeat":                                                       "t, 10000",
	"rpad(varchar, bigint, varchar)":                               "t, 30000000, 'ab'",
	"lpad(varchar, bigint, varchar)":                               "t, 30000000, 'ab'",
	"lpad(char, bigint, varchar)":                                  "CAST('a' AS char(10)), 30000000, 'ab'",
	"rpad(varbinary, bigint, varbinary)":                           "to_utf8(t), 30000000, to_utf8('ab')",
	"lpad(varbinary, bigint, varbinary)":                           "to_utf8(t), 30000000, to_utf8('ab')",
	"reduce":                                                       "l, t, (s, x) -> s || s, s -> s",

	"split_to_map":             "array_join(transform(l, e -> CAST(e AS varchar) || '=' || t), ';'), ';', '=' || substr(t, 1, 1)",
	"split_to_multimap":        "array_join(transform(l, e -> CAST(e AS varchar) || '=' || t), ';'), ';', '=' || substr(t, 1, 1)",
	"to_char":                  "TIMESTAMP '2026-01-31 10:00:00 UTC', 'yyyy'",
	"to_ieee754_32":            "REAL '0.5'",
	"to_iso8601(timestamp(p))": "TIMESTAMP '2026-01-31 10:00:00'",
	"to_iso8601(timestamp(p) with time zone)": "TIMESTAMP '2026-01-31 10:00:00 UTC'",
	"timezone(timestamp(p) with time zone)":   "TIMESTAMP '2026-01-31 10:00:00 UTC'",
	"timezone(time(p) with time zone)":        "TIME '10:00:00+01:00'",
	"word_stem(varchar(x), varchar(2))":       "t, 'en'",
}

// growingElsewhere are functions whose results other statements ask for: listagg,
// which has a grammar of its own, is among the hostile ones; the others read
// sketches, which are bounded.
var growingElsewhere = map[string]bool{"listagg": true, "hash_counts": true, "values_at_quantiles": true}
