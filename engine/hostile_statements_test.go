package engine_test

import (
	"fmt"
	"strings"
)

// hostileStatements ask for many times the memory that a process has.
var hostileStatements = []struct{ name, sql string }{
	{"doubled texts", doubled("rpad('a', 1000, 'b')", "s || s", 40, "length(s)")},
	{"doubled texts of events", doubled("eventid", "s || s", 40, "length(s)", "main")},
	{"doubled arrays", doubled("sequence(1, 1000)", "s || s", 40, "cardinality(s)")},
	{"doubled by concat", doubled("rpad('a', 1000, 'b')", "concat(s, s, s)", 30, "length(s)")},
	{"doubled by concat_ws", doubled("rpad('a', 1000, 'b')", "concat_ws(s, s, s)", 30, "length(s)")},
	{"doubled by replace", doubled("rpad('a', 1000, 'b')", "replace(s, 'b', 'bbbb')", 30, "length(s)")},
	{"doubled by flatten", doubled("sequence(1, 1000)", "flatten(ARRAY[s, s, s])", 30, "cardinality(s)")},
	{"doubled by regexp_replace", doubled("rpad('a', 1000, 'b')", "regexp_replace(s, '(b+)', '$1$1')", 30, "length(s)")},
	{"doubled by json", doubled("rpad('a', 1000, '\"')", "json_format(CAST(s AS json))", 30, "length(s)")},
	{"doubled by rows", doubled("rpad('a', 1000, 'b')", "CAST(row(s, s) AS row(a varchar, b varchar)).a || s", 40, "length(s)")},
	{"doubled by array_join", doubled("rpad('a', 1000, 'b')", "array_join(ARRAY[s, s, s], s)", 30, "length(s)")},
	{"doubled by format", doubled("rpad('a', 1000, 'b')", "format('%s%s%s', s, s, s)", 30, "length(s)")},
	{"doubled by url_encode", doubled("rpad('%', 1000, '%')", "url_encode(s)", 40, "length(s)")},
	{"doubled by to_hex", doubled("rpad('a', 1000, 'b')", "to_hex(to_utf8(s))", 40, "length(s)")},
	{"replaced by long texts", "SELECT length(replace(rpad('a', 1000000, 'a'), 'a', rpad('b', 100000, 'b')))"},
	{"replaced matches", "SELECT length(regexp_replace(rpad('a', 1000000, 'a'), 'a', rpad('b', 100000, 'b')))"},
	{"replaced by whole matches", "SELECT length(regexp_replace(rpad('a', 1000000, 'a'), 'a+', rpad('$0', 100000, '$0')))"},
	{"replaced by a lambda", "SELECT length(regexp_replace(rpad('a', 1000000, 'ab'), '(a)', x -> rpad('b', 100000, 'b')))"},
	{"matches with many groups", "SELECT cardinality(regexp_extract_all(rpad('a', 1000000, 'a'), '" + strings.Repeat("(a)?", 50) + "a'))"},
	{"a pattern of many groups", "SELECT cardinality(regexp_extract_all(rpad('a', 1000000, 'a'), array_join(repeat('(a)?', 10000), '') || '[bc]'))"},
	{"all matches", "SELECT cardinality(regexp_extract_all(rpad('a', 30000000, 'a'), 'a'))"},
	{"padded constant", "SELECT rpad('x', 300000, 'y') AS t FROM UNNEST(sequence(1, 10000)) AS u(n)"},
	{"padded constant, sorted", "SELECT rpad('x', 300000, 'y') AS t FROM UNNEST(sequence(1, 10000)) AS u(n) ORDER BY n"},
	{"padded per row", "SELECT max(length(rpad(eventid, 100000, 'y'))) FROM main"},
	{"padded per row, greatest", "SELECT max(rpad(eventid, 100000, 'y')) FROM main"},
	{"padded per row, grouped", "SELECT rpad(eventid, 100000, 'y'), count(*) FROM main GROUP BY 1"},
	{"padded per row, joined", "SELECT count(*) FROM main a JOIN main b ON rpad(a.eventid, 100000, 'y') = rpad(b.eventid, 100000, 'y')"},
	{"padded per row, distinct", "SELECT DISTINCT rpad(eventid, 100000, 'y') FROM main"},
	{"padded per name", "SELECT rpad(eventname, 1000000, 'y') FROM main"},
	{"padded per row, limited", "SELECT rpad(eventid, 100000, 'y') FROM main ORDER BY 1 LIMIT 1000"},
	{"padded bytes", "SELECT rpad(to_utf8('x'), 2147483647, to_utf8('y'))"},
	{"padded to the end", "SELECT rpad('x', 2147483647, 'y')"},
	{"cast to long char", "SELECT CAST(eventid AS char(60000)) FROM main"},
	{"nested repeat", "SELECT cardinality(repeat(repeat(repeat(1, 10000), 10000), 10000))"},
	{"joined repeats", "SELECT array_join(repeat(rpad('x', 200000, 'x'), 10000), '')"},
	{"repeat per row", "SELECT cardinality(repeat(eventjson, 10000)) FROM main"},
	{"rows of sequences", "SELECT sequence(1, 10000), sequence(n, n + 9999) FROM UNNEST(sequence(1, 10000)) AS u(n)"},
	{"transformed to texts", "SELECT cardinality(transform(sequence(1, 10000), x -> rpad(CAST(x AS varchar), 100000, 'y')))"},
	{"transformed with a captured text", "SELECT cardinality(transform(sequence(1, 10000), x -> eventjson || CAST(x AS varchar))) FROM main"},
	{"transformed twice", "SELECT cardinality(transform(sequence(1, 10000), x -> transform(sequence(1, 10000), y -> x * y)))"},
	{"zipped", "SELECT zip(sequence(1, 10000), sequence(n, n + 9000), sequence(n, n + 9999)) FROM UNNEST(sequence(1, 10000)) AS u(n)"},
	{"zipped with texts", "SELECT zip_with(sequence(1, 10000), sequence(1, 10000), (x, y) -> rpad('a', 100000, 'b'))"},
	{"n-grams", "SELECT cardinality(ngrams(sequence(1, 10000), 5000))"},
	{"combinations", "SELECT cardinality(combinations(sequence(1, 20), 4)) FROM main"},
	{"combined texts", "SELECT combinations(transform(sequence(1, 20), x -> eventjson), 4) FROM main"},
	{"reduced to a text", "SELECT length(reduce(sequence(1, 10000), 'x', (s, x) -> s || s, s -> s))"},
	{"reduced to an array", "SELECT cardinality(reduce(sequence(1, 10000), ARRAY[1], (s, x) -> s || s, s -> s))"},
	{"reduced per row", "SELECT reduce(sequence(1, 20), eventid, (s, x) -> s || s, s -> length(s)) FROM main"},
	{"map of long texts", "SELECT map_from_entries(transform(sequence(1, 10000), x -> row(x, rpad('a', 100000, 'b'))))"},
	{"map_concat of maps", doubled("map(sequence(1, 1000), repeat(rpad('x', 1000, 'y'), 1000))", "map_concat(s, transform_keys(s, (k, v) -> k + cardinality(s)))", 20, "cardinality(s)")},
	{"split into letters", "SELECT cardinality(split(rpad('a', 10000000, 'a,'), ',')) FROM UNNEST(sequence(1, 100)) AS u(n)"},
	{"split per row", "SELECT split(eventjson, 'e') FROM main a CROSS JOIN UNNEST(sequence(1, 100)) AS u(n)"},
	{"split to a map", "SELECT cardinality(split_to_map(array_join(transform(sequence(1, 10000), x -> CAST(x AS varchar) || '=' || rpad('v', 3000, 'v')), ','), ',', '='))"},
	{"read json", "SELECT cardinality(CAST(json_parse('[' || rpad('1', 19999999, ',1') || ']') AS array(bigint)))"},
	{"json path", "SELECT json_query('[' || rpad('1', 20000000, ',1') || ']', 'lax $[*]' WITH ARRAY WRAPPER)"},
	{"members of an input in a filter", "SELECT json_exists('{\"w\":2,\"b\":[' || rpad('1', 4000000, ',1') || ']}', 'lax $.b[*] ? (@ == $.w)')"},
	{"members at any depth", "SELECT json_query(array_join(repeat('{\"a\":', 400), '') || '{\"s\":\"' || rpad('x', 100000, 'x') || '\",\"a\":' || array_join(repeat('{\"a\":', 580), '') || '1' || array_join(repeat('}', 981), ''), 'lax $..zz' WITH ARRAY WRAPPER)"},
	{"rows of JSON", "SELECT sum(v) FROM main CROSS JOIN JSON_TABLE('[' || rpad('1', 4001, ',1') || ']', 'lax $[*]' COLUMNS (v bigint PATH 'lax $'))"},
	{"a map of many keys of JSON", "SELECT cardinality(CAST(json_parse('{' || array_join(flatten(transform(sequence(1, 100), i -> transform(sequence(1, 10000), k -> '\"' || CAST(10000 * i + k AS varchar) || '\":1'))), ',') || '}') AS map(varchar, bigint)))"},
	{"members of JSON out of order", "SELECT length(json_format(json_parse('{' || array_join(flatten(transform(sequence(1, 100), i -> transform(sequence(1, 10000), k -> '\"' || CAST(2000000 - 10000 * i - k AS varchar) || '\":1'))), ',') || '}')))"},
	{"groups in long texts", "SELECT regexp_extract(rpad('a', 400000, 'a'), '(?:" + strings.Repeat("(a+)|", 300) + "(b))+', 1) FROM UNNEST(sequence(1, 3)) AS u(n)"},
	{"formatted many times", "SELECT max(length(format(rpad('%1$s', 200000, '%1$s'), eventjson))) FROM main"},
	{"json of arrays", "SELECT length(json_format(CAST(repeat(rpad('\"', 1000, '\"'), 10000) AS json)))"},
	{"all events in one value", "SELECT array_agg(row(eventid, eventjson, eventname)) FROM main a CROSS JOIN UNNEST(sequence(1, 200)) AS u(n)"},
	{"texts in one value", "SELECT array_agg(rpad(eventid, 100000, 'y')) FROM main"},
	{"constant in one value", "SELECT array_agg(rpad('x', 100000, 'y')) FROM UNNEST(sequence(1, 10000)) AS u(n)"},
	{"histogram of texts", "SELECT histogram(rpad(eventid, 10000, 'y') || CAST(n AS varchar)) FROM main CROSS JOIN UNNEST(sequence(1, 100)) AS u(n)"},
	{"map of texts", "SELECT map_agg(eventid || CAST(n AS varchar), eventjson) FROM main CROSS JOIN UNNEST(sequence(1, 200)) AS u(n)"},
	{"multimap of texts", "SELECT multimap_agg(eventname, eventjson) FROM main CROSS JOIN UNNEST(sequence(1, 200)) AS u(n)"},
	{"listed texts", "SELECT listagg(eventjson, ',') WITHIN GROUP (ORDER BY eventid) FROM main CROSS JOIN UNNEST(sequence(1, 200)) AS u(n)"},
	{"reduced by an aggregate", "SELECT length(reduce_agg(eventid, 'x', (s, x) -> s || s, (a, b) -> a)) FROM main"},
	{"running arrays", "SELECT array_agg(eventjson) OVER (ORDER BY eventid) FROM main"},
	{"moving arrays", "SELECT array_agg(eventjson) OVER (ORDER BY eventid ROWS BETWEEN 1000 PRECEDING AND CURRENT ROW) FROM main"},
	{"running maps", "SELECT cardinality(map_agg(eventid, eventjson) OVER (ORDER BY eventid)) FROM main"},
	{"running histograms", "SELECT histogram(eventjson) OVER (ORDER BY eventid) FROM main"},
	{"ordered arrays", "SELECT array_agg(eventjson ORDER BY eventtime) FROM main CROSS JOIN UNNEST(sequence(1, 300)) AS u(n)"},
	{"distinct texts", "SELECT count(DISTINCT eventjson || CAST(n AS varchar)) FROM main CROSS JOIN UNNEST(sequence(1, 300)) AS u(n)"},
	{"sorted events", "SELECT eventjson FROM main CROSS JOIN UNNEST(sequence(1, 300)) AS u(n) ORDER BY n, eventid"},
	{"lead with a default", "SELECT lead(eventjson, 1, rpad('x', 100000, 'y')) OVER (ORDER BY eventid) FROM main"},
	{"union of texts", "SELECT rpad(eventid, 100000, 'y') FROM main UNION SELECT rpad(eventname, 100000, 'y') FROM main"},
	{"common texts", "SELECT rpad(eventid, 100000, 'y') FROM main INTERSECT SELECT rpad(eventid, 100000, 'y') FROM main"},
	{"recursion", "WITH RECURSIVE r (n, s) AS (SELECT 1, CAST(rpad('ab', 100000, 'ab') AS varchar) UNION ALL SELECT n + 1, s || s FROM r WHERE n < 9) SELECT max(length(s)) FROM r"},
	{"wide rows", "SELECT " + strings.TrimSuffix(strings.Repeat("rpad(eventid, 3000000, 'y'), ", 40), ", ") + " FROM main"},
	{"choice of long texts", "SELECT CASE WHEN n % 2 = 0 THEN rpad('x', 1000000, 'y') ELSE rpad('z', 1000000, 'y') END FROM UNNEST(sequence(1, 10000)) AS u(n)"},
	{"long rows in a join", "SELECT a.s, b.s FROM (SELECT rpad(eventid, 10000, 'y') s FROM main) a JOIN (SELECT rpad(eventid, 10000, 'y') s FROM main) b ON substr(a.s, 1, 1) = substr(b.s, 1, 1)"},
	{"normalized", "SELECT length(normalize(rpad(U&'\\FDFA', 3000000, U&'\\FDFA'), NFKD))"},
	{"translated", doubled("rpad('a', 1000, 'b')", "translate(s || s || s, 'ab', U&'\\+01F600\\+01F601')", 30, "length(s)")},
	{"format with widths", "SELECT length(format('" + strings.Repeat("%1000000s", 100) + "', " + strings.TrimSuffix(strings.Repeat("'a', ", 100), ", ") + "))"},
}

// endlessStatements compute one value for minutes.
var endlessStatements = []struct{ name, sql string }{
	{"one match among many groups", "SELECT regexp_extract(rpad('a', 20000000, 'a'), '" + strings.Repeat("(a)?", 50) + "[bc]', 1)"},
	{"matches that each look at all that follows", "SELECT regexp_count(rpad('a', 10000000, 'a'), 'a.*[bc]|a')"},
	{"matches that each look at what stands before", "SELECT regexp_count(rpad('a ', 10000000, 'a '), '\\ba.*b|\\ba')"},
	{"a long repeat", "SELECT regexp_like(rpad('a', 20000000, 'a'), '(a{1,500}){1,2}[bc]')"},
	{"backtracking", "SELECT count(*) FROM UNNEST(sequence(1, 1000)) AS u(n) WHERE try(regexp_like(rpad('a', 40, 'a') || CAST(n AS varchar), '(?=a)(a+)+$')) IS NULL"},
	{"backtracking over a long text", "SELECT count(*) FROM UNNEST(sequence(1, 100)) AS u(n) WHERE try(regexp_count(rpad(CAST(n AS varchar), 1000000, 'ab'), '(?=a)(?:a|b)*+[cd]')) IS NULL"},
	{"wildcards", "SELECT rpad('ab', 20000000, 'ab') LIKE '%' || rpad('a_', 100000, 'a_') || '_a%'"},
	{"wildcards beyond ASCII", "SELECT rpad('éb', 20000000, 'éb') LIKE '%' || rpad('é_', 100000, 'é_') || '_é%'"},
}

// doubled is steps of queries over each other that each make more of column s.
func doubled(first, more string, steps int, result string, from ...string) string {
	var b strings.Builder
	b.WriteString("WITH t0 AS (SELECT " + first + " AS s")
	if len(from) > 0 {
		b.WriteString(" FROM " + from[0])
	}
	b.WriteString(")")
	for i := range steps {
		fmt.Fprintf(&b, ", t%d AS (SELECT %s AS s FROM t%d)", i+1, more, i)
	}
	fmt.Fprintf(&b, " SELECT max(%s) FROM t%d", result, steps)
	return b.String()
}
