package engine_test

import (
	"fmt"
	"os"
	"strings"
)

// manyEvents is every event many times, withNumbers begins a statement with a table of as many numbers k, and
// numbersAsTexts has a text t of each besides.
const (
	manyEvents     = "main CROSS JOIN UNNEST(sequence(1, 300)) AS u (n)"
	numbersAsTexts = "(SELECT k, 'caller-' || CAST(k AS varchar) AS t FROM numbers)"
)

var withNumbers = fmt.Sprintf("WITH numbers AS (SELECT n + 10000 * m AS k FROM UNNEST(sequence(1, 10000)) AS a (n) "+
	"CROSS JOIN UNNEST(sequence(0, %d)) AS b (m)) ", tenThousands()-1)

// tenThousands is how many numbers there are: a soak takes more of them.
func tenThousands() int {
	if _, soaks := os.LookupEnv("AUDITLAKE_HOSTILE_LIMIT"); soaks {
		return 100
	}
	return 25
}

// hostileOperators make each operator, and each way of it, work on more rows than there is memory for.
var hostileOperators = []struct{ name, sql string }{
	// joins
	{"pairs of all events", "SELECT count(*) FROM main a CROSS JOIN main b"},
	{"pairs in a region", "SELECT count(*), max(a.eventname || b.eventname) FROM main a JOIN main b ON a.awsregion = b.awsregion"},
	{"pairs in a region, with texts", "SELECT max(length(a.eventjson || b.eventjson)) FROM main a JOIN main b ON a.awsregion = b.awsregion WHERE b.eventid < '2'"},
	{"pairs of keys that are NULL", "SELECT count(*) FROM main a FULL JOIN main b ON a.errorcode = b.errorcode AND a.eventid < b.eventid"},
	{"all before it", "SELECT count(b.eventid) FROM main a LEFT JOIN main b ON b.eventtime < a.eventtime"},
	{"all of the month after it", "SELECT count(*) FROM main a JOIN main b ON a.awsregion = b.awsregion AND b.eventtime BETWEEN a.eventtime AND a.eventtime + INTERVAL '30' DAY"},
	{"joined long texts", "SELECT count(*) FROM main a JOIN (SELECT eventid, rpad(eventjson, 100000, 'x') t FROM main) b ON a.eventid = b.eventid WHERE b.t > a.eventjson"},
	{"joined by arrays", "SELECT count(*) FROM main a JOIN (SELECT repeat(eventid, 1000) x FROM main) b ON repeat(a.eventid, 1000) = b.x"},
	{"joined numbers", withNumbers + "SELECT count(*) FROM numbers a JOIN numbers b ON a.k = b.k"},
	{"joined numbers, the left kept", withNumbers + "SELECT count(b.k) FROM numbers a LEFT JOIN numbers b ON a.k = b.k + 500000"},
	{"joined numbers, all kept", withNumbers + "SELECT count(a.k), count(b.k) FROM numbers a FULL JOIN numbers b ON a.k = b.k + 500000"},
	{"joined numbers as texts", withNumbers + "SELECT max(a.t) FROM " + numbersAsTexts + " a JOIN " + numbersAsTexts + " b ON a.t = b.t"},
	{"numbers among numbers", withNumbers + "SELECT count(*) FROM numbers WHERE k IN (SELECT k + 7 FROM numbers)"},
	{"numbers not among numbers", withNumbers + "SELECT count(*) FROM numbers WHERE k NOT IN (SELECT k + 7 FROM numbers)"},
	{"numbers without partner", withNumbers + "SELECT count(*) FROM numbers a WHERE NOT EXISTS (SELECT 1 FROM numbers b WHERE b.k = a.k + 7)"},
	{"events after which something else came", "SELECT count(*) FROM main a WHERE EXISTS (SELECT 1 FROM main b WHERE b.eventtime > a.eventtime AND b.eventname <> a.eventname)"},
	{"a count for each event", "SELECT max((SELECT count(*) FROM main b WHERE b.eventname = a.eventname)) FROM main a"},
	{"rows for each event", "SELECT count(*) FROM main a CROSS JOIN LATERAL (SELECT x FROM UNNEST(sequence(1, 2000)) AS u (x)) t"},
	{"one key of all", withNumbers + "SELECT count(*) FROM numbers a JOIN (SELECT 1 AS one, eventid FROM main) b ON a.k % 1 + 1 = b.one WHERE b.eventid < '01'"},
	{"read three times", withNumbers + "SELECT count(*) FROM numbers a JOIN numbers b ON a.k = b.k JOIN numbers c ON b.k = c.k"},
	// aggregations
	{"groups of one row", withNumbers + "SELECT count(*) FROM (SELECT k, count(*) FROM numbers GROUP BY k)"},
	{"groups of one text", withNumbers + "SELECT count(*) FROM (SELECT t, min(k) FROM " + numbersAsTexts + " GROUP BY t)"},
	{"groups of rows", withNumbers + "SELECT count(*) FROM (SELECT row(k, 'x') r, count(*) FROM numbers GROUP BY 1)"},
	{"groups of arrays", withNumbers + "SELECT count(*) FROM (SELECT ARRAY[k, k + 1] r, count(*) FROM numbers GROUP BY 1)"},
	{"groups of maps", withNumbers + "SELECT count(*) FROM (SELECT MAP(ARRAY[k], ARRAY['x']) r, count(*) FROM numbers GROUP BY 1)"},
	{"groups of six keys", withNumbers + "SELECT count(*) FROM (SELECT k, k + 1, k + 2, k + 3, k + 4, CAST(k AS varchar), count(*) FROM numbers GROUP BY 1, 2, 3, 4, 5, 6)"},
	{"a cube of keys", "SELECT count(*) FROM (SELECT eventname, eventsource, awsregion, eventid, count(*) FROM " + manyEvents + " GROUP BY CUBE (eventname, eventsource, awsregion, eventid))"},
	{"rolled up texts", "SELECT count(*) FROM (SELECT eventname, i, count(*) FROM (SELECT eventname, eventid || CAST(n AS varchar) i FROM " + manyEvents + ") GROUP BY ROLLUP (eventname, i))"},
	{"distinct numbers in groups", withNumbers + "SELECT sum(d) FROM (SELECT k % 1000, count(DISTINCT k) d FROM numbers GROUP BY 1)"},
	{"distinct numbers of three kinds", withNumbers + "SELECT count(DISTINCT k), count(DISTINCT CAST(k AS varchar)), count(DISTINCT k * 1e0) FROM numbers"},
	{"sketches in groups", withNumbers + "SELECT count(*) FROM (SELECT k % 200000, approx_distinct(k) FROM numbers GROUP BY 1)"},
	{"percentiles in groups", withNumbers + "SELECT count(*) FROM (SELECT k % 200000, approx_percentile(k, 0.5) FROM numbers GROUP BY 1)"},
	{"sketches as values", withNumbers + "SELECT count(*) FROM (SELECT k % 200000, approx_set(k) s FROM numbers GROUP BY 1)"},
	{"digests as values", withNumbers + "SELECT count(*) FROM (SELECT k % 200000, tdigest_agg(CAST(k AS double)) s FROM numbers GROUP BY 1)"},
	{"quantile digests as values", withNumbers + "SELECT count(*) FROM (SELECT k % 200000, qdigest_agg(k) s FROM numbers GROUP BY 1)"},
	{"arrays in groups", withNumbers + "SELECT sum(cardinality(l)) FROM (SELECT k % 10, array_agg(k) l FROM numbers GROUP BY 1)"},
	{"an array of numbers", withNumbers + "SELECT cardinality(array_agg(k)) FROM numbers"},
	{"an array of distinct numbers", withNumbers + "SELECT cardinality(array_agg(DISTINCT k)) FROM numbers"},
	{"an array from the greatest on", withNumbers + "SELECT cardinality(array_agg(k ORDER BY k DESC)) FROM numbers"},
	{"a map of numbers", withNumbers + "SELECT cardinality(map_agg(k, k)) FROM numbers"},
	{"a map of lists", withNumbers + "SELECT cardinality(multimap_agg(k % 10, k)) FROM numbers"},
	{"a histogram of numbers", withNumbers + "SELECT cardinality(histogram(k)) FROM numbers"},
	{"a union of maps", withNumbers + "SELECT cardinality(map_union(MAP(ARRAY[k], ARRAY[k]))) FROM numbers"},
	{"a list of numbers", withNumbers + "SELECT length(listagg(CAST(k AS varchar), ',') WITHIN GROUP (ORDER BY k)) FROM numbers"},
	{"lists in groups", withNumbers + "SELECT sum(length(l)) FROM (SELECT k % 100, listagg(CAST(k AS varchar), ',') WITHIN GROUP (ORDER BY k) l FROM numbers GROUP BY 1)"},
	{"greatest in groups", withNumbers + "SELECT sum(cardinality(m)) FROM (SELECT k % 10000, max(k, 100) m FROM numbers GROUP BY 1)"},
	{"texts of the greatest in groups", withNumbers + "SELECT sum(cardinality(m)) FROM (SELECT k % 10000, max_by(t, k, 100) m FROM " + numbersAsTexts + " GROUP BY 1)"},
	{"greatest text in groups", "SELECT count(*) FROM (SELECT eventid, n, max_by(eventjson, n) FROM " + manyEvents + " GROUP BY 1, 2)"},
	{"reduced in groups", withNumbers + "SELECT sum(s) FROM (SELECT k % 100000, reduce_agg(k, 0, (a, b) -> a + b, (a, b) -> a + b) s FROM numbers GROUP BY 1)"},
	{"filtered aggregates", withNumbers + "SELECT " + commas(4, "count(DISTINCT k) FILTER (WHERE k %% 4 = %d)") + " FROM numbers"},
	{"sums of long decimals", withNumbers + "SELECT count(*) FROM (SELECT k, sum(CAST(k AS decimal(38, 10))) FROM numbers GROUP BY 1)"},
	// sorts
	{"sorted numbers", withNumbers + "SELECT k FROM numbers ORDER BY k % 7, k DESC OFFSET 999990"},
	{"sorted texts", withNumbers + "SELECT t FROM " + numbersAsTexts + " ORDER BY reverse(t) OFFSET 999990"},
	{"sorted long texts", "SELECT length(t) FROM (SELECT rpad(eventid, 5000, 'x') || CAST(n AS varchar) t FROM main CROSS JOIN UNNEST(sequence(1, 100)) AS u (n)) ORDER BY t OFFSET 199990"},
	{"sorted arrays", withNumbers + "SELECT r FROM (SELECT ARRAY[k % 3, k] r FROM numbers) ORDER BY r OFFSET 999990"},
	{"sorted rows", withNumbers + "SELECT r FROM (SELECT row(k % 3, CAST(k AS varchar)) r FROM numbers) ORDER BY r OFFSET 999990"},
	{"sorted decimals", withNumbers + "SELECT d FROM (SELECT CAST(k % 3 AS decimal(38, 10)) d, k FROM numbers) ORDER BY d, k OFFSET 999990"},
	{"sorted by ten keys", withNumbers + "SELECT k FROM numbers ORDER BY k % 2, k % 3, k % 5, k % 7, k % 11, k % 13, k % 17, k % 19, k % 23, k OFFSET 999990"},
	{"the first half", withNumbers + "SELECT max(k) FROM (SELECT k FROM numbers ORDER BY k % 11, k LIMIT 500000)"},
	{"the first with all ties", withNumbers + "SELECT count(*) FROM (SELECT k FROM numbers ORDER BY k % 2 FETCH FIRST 1000 ROWS WITH TIES)"},
	{"the latest of many, whole", "SELECT count(*) FROM (SELECT * FROM " + manyEvents + " ORDER BY n DESC, eventid LIMIT 100000)"},
	{"sorted whole events", "SELECT * FROM main CROSS JOIN UNNEST(sequence(1, 50)) AS u (n) ORDER BY eventid, n OFFSET 99990"},
	// windows
	{"numbered rows", withNumbers + "SELECT max(r) FROM (SELECT row_number() OVER (ORDER BY k DESC) r FROM numbers)"},
	{"ranks in three parts", withNumbers + "SELECT max(r) FROM (SELECT rank() OVER (PARTITION BY k % 3 ORDER BY k) r FROM numbers)"},
	{"ranks in many parts", withNumbers + "SELECT max(r) FROM (SELECT dense_rank() OVER (PARTITION BY k % 200000 ORDER BY k) r FROM numbers)"},
	{"running sums", withNumbers + "SELECT max(r) FROM (SELECT sum(k) OVER (ORDER BY k) r FROM numbers)"},
	{"sums of a range", withNumbers + "SELECT max(r) FROM (SELECT sum(k) OVER (ORDER BY k RANGE BETWEEN 100000 PRECEDING AND CURRENT ROW) r FROM numbers)"},
	{"greatest of groups around", withNumbers + "SELECT max(r) FROM (SELECT max(k) OVER (ORDER BY k % 100000 GROUPS BETWEEN 50 PRECEDING AND 50 FOLLOWING) r FROM numbers)"},
	{"texts before it", "SELECT max(length(r)) FROM (SELECT lag(eventjson, 100) OVER (ORDER BY n, eventid) r FROM " + manyEvents + ")"},
	{"tiles and shares", withNumbers + "SELECT max(a), max(b), max(c) FROM (SELECT ntile(7) OVER (ORDER BY k) a, percent_rank() OVER (ORDER BY k % 10) b, cume_dist() OVER (PARTITION BY k % 2 ORDER BY k) c FROM numbers)"},
	{"the last of each part", "SELECT max(length(r)) FROM (SELECT last_value(eventjson) OVER (PARTITION BY awsregion ORDER BY n, eventid ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING) r FROM " + manyEvents + ")"},
	{"the tenth, without NULLs", withNumbers + "SELECT max(r) FROM (SELECT nth_value(nullif(k % 3, 0), 10) IGNORE NULLS OVER (ORDER BY k ROWS BETWEEN 100 PRECEDING AND 100 FOLLOWING) r FROM numbers)"},
	{"windows of five orders", withNumbers + "SELECT max(a0 + a1 + a2 + a3 + a4) FROM (SELECT " + commas(5, "row_number() OVER (PARTITION BY k %% (%[1]d + 2) ORDER BY k) a%[1]d") + " FROM numbers)"},
	{"sliding arrays of texts", "SELECT max(cardinality(r)) FROM (SELECT array_agg(eventjson) OVER (ORDER BY n, eventid ROWS BETWEEN 50 PRECEDING AND CURRENT ROW) r FROM main CROSS JOIN UNNEST(sequence(1, 20)) AS u (n))"},
	{"sliding sketches", "SELECT max(r) FROM (SELECT approx_distinct(eventid) OVER (ORDER BY eventid ROWS BETWEEN 500 PRECEDING AND CURRENT ROW) r FROM main)"},
	{"first three of each part", withNumbers + "SELECT count(*) FROM (SELECT k, row_number() OVER (PARTITION BY k % 100000 ORDER BY k DESC) r FROM numbers) WHERE r <= 3"},
	{"first whole events of each part", "SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY eventid ORDER BY n) r FROM " + manyEvents + ") WHERE r <= 10"},
	{"sums of one part", withNumbers + "SELECT max(s) FROM (SELECT sum(k) OVER () s, k FROM numbers)"},
	// set operations
	{"thirty branches", "SELECT count(*) FROM (" + strings.Repeat("SELECT eventjson FROM main UNION ALL ", 29) + "SELECT eventjson FROM main)"},
	{"thirty branches, distinct", "SELECT count(*) FROM (" + strings.ReplaceAll(commas(30, "SELECT eventjson || '%d' FROM main"), ",", " UNION") + ")"},
	{"a union of numbers", withNumbers + "SELECT count(*) FROM (SELECT k FROM numbers UNION SELECT k + 500000 FROM numbers)"},
	{"all but a half", withNumbers + "SELECT count(*) FROM (SELECT k FROM numbers EXCEPT SELECT k + 500000 FROM numbers)"},
	{"what both have", withNumbers + "SELECT count(*) FROM (SELECT CAST(k AS varchar) t FROM numbers INTERSECT SELECT CAST(k + 500000 AS varchar) FROM numbers)"},
	{"distinct rows", withNumbers + "SELECT count(*) FROM (SELECT DISTINCT k, k % 3, CAST(k AS varchar) FROM numbers)"},
	// recursion
	{"a recursion that doubles", "WITH RECURSIVE r (n, k) AS (SELECT 1, 1 UNION ALL SELECT n + 1, k * 2 + x FROM r CROSS JOIN UNNEST(ARRAY[0, 1]) AS u (x) WHERE n < 10) SELECT count(*), max(k) FROM r"},
	{"a recursion over events", "WITH RECURSIVE r (n, t) AS (SELECT 1, eventjson FROM main UNION ALL SELECT n + 1, t FROM r WHERE n < 10) SELECT count(*), max(length(t)) FROM r"},
	// unnest, patterns
	{"letters of all events", "SELECT count(*), count(DISTINCT x) FROM main CROSS JOIN UNNEST(regexp_extract_all(eventjson, '.')) AS u (x)"},
	{"words of all events", "SELECT x, count(*) FROM main CROSS JOIN UNNEST(regexp_split(eventjson, '[^a-z]+')) AS u (x) GROUP BY 1"},
	{"two lists at once", "SELECT count(*) FROM main CROSS JOIN UNNEST(sequence(1, 1000), repeat(eventjson, 1000)) WITH ORDINALITY AS u (a, b, c)"},
	{"unnested twice", "SELECT count(*) FROM UNNEST(repeat(sequence(1, 1000), 1000)) AS a (l) CROSS JOIN UNNEST(l) AS b (x)"},
	{"entries of maps", "SELECT count(*), max(length(v)) FROM " + manyEvents + " CROSS JOIN UNNEST(requestparameters) AS e (k, v)"},
	{"a pattern over numbers", withNumbers + "SELECT count(*) FROM numbers MATCH_RECOGNIZE (ORDER BY k MEASURES count(*) AS c ONE ROW PER MATCH PATTERN (a b*) DEFINE b AS b.k % 100 <> 0)"},
	{"a pattern that keeps all rows", withNumbers + "SELECT count(*) FROM numbers MATCH_RECOGNIZE (ORDER BY k MEASURES classifier() AS c, last(k) AS l ALL ROWS PER MATCH PATTERN (a b*) DEFINE b AS b.k % 1000 <> 0)"},
	// json, texts, arrays and maps
	{"events as maps of JSON", "SELECT max(cardinality(CAST(json_parse(eventjson) AS map(varchar, json)))) FROM " + manyEvents},
	{"fields of events' JSON", "SELECT count(DISTINCT json_extract_scalar(eventjson, '$.userIdentity.arn') || CAST(n AS varchar)) FROM " + manyEvents},
	{"JSON of all events", "SELECT length(json_format(CAST(array_agg(eventjson) AS json))) FROM " + manyEvents},
	{"distance of long texts", "SELECT levenshtein_distance(rpad('a', 100000, 'ab'), rpad('b', 100000, 'ba'))"},
	{"a text to a map of lists", "SELECT cardinality(split_to_multimap(array_join(transform(sequence(1, 10000), x -> CAST(x % 10 AS varchar) || '=' || rpad('v', 1000, 'v')), ','), ',', '='))"},
	{"bytes of bytes", "SELECT max(length(to_base64(to_utf8(rpad(eventid, 100000, 'x'))))) FROM main"},
	{"sorted by a function", "SELECT sum(cardinality(array_sort(sequence(n, n + 9999), (x, y) -> IF(x < y, 1, IF(x = y, 0, -1))))) FROM UNNEST(sequence(1, 20)) AS u (n)"},
	{"distinct elements", "SELECT sum(cardinality(array_distinct(transform(sequence(n, n + 9999), x -> CAST(x AS varchar))))) FROM UNNEST(sequence(1, 200)) AS u (n)"},
	{"common elements", "SELECT sum(cardinality(array_intersect(sequence(n, n + 9999), sequence(1, 10000)))) FROM UNNEST(sequence(1, 500)) AS u (n)"},
	{"elements left out", "SELECT sum(cardinality(array_except(sequence(n, n + 9999), sequence(1, 5000)))) FROM UNNEST(sequence(1, 500)) AS u (n)"},
	{"shuffled", "SELECT sum(cardinality(shuffle(sequence(n, n + 9999)))) FROM UNNEST(sequence(1, 1000)) AS u (n)"},
	{"maps of maps", "SELECT sum(cardinality(map_filter(map(sequence(n, n + 9999), sequence(1, 10000)), (k, v) -> v % 2 = 0))) FROM UNNEST(sequence(1, 300)) AS u (n)"},
	{"long values of maps", "SELECT sum(cardinality(transform_values(map(sequence(1, 10000), sequence(1, 10000)), (k, v) -> rpad('x', 1000, 'x')))) FROM UNNEST(sequence(1, 100)) AS u (n)"},
	{"two maps zipped", "SELECT sum(cardinality(map_zip_with(map(sequence(1, 10000), sequence(1, 10000)), map(sequence(n, n + 9999), sequence(1, 10000)), (k, a, b) -> rpad('x', 500, 'x')))) FROM UNNEST(sequence(1, 100)) AS u (n)"},
	{"texts of all columns", "SELECT max(length(concat(eventjson, eventjson, eventjson, CAST(n AS varchar)))) FROM " + manyEvents},
	{"arrays of maps in one value", "SELECT cardinality(array_agg(requestparameters)) FROM " + manyEvents},
	{"long texts in groups", "SELECT count(*) FROM (SELECT rpad(eventid, 20000, 'x') || CAST(n AS varchar) t, count(*) FROM " + manyEvents + " GROUP BY 1)"},
	{"long texts joined on both sides", "SELECT count(*) FROM (SELECT rpad(eventid, 20000, 'x') t FROM main) a FULL JOIN (SELECT rpad(eventid, 20000, 'y') t FROM main) b ON a.t = b.t"},
	{"the greatest long text of each group", "SELECT count(*) FROM (SELECT eventid, n, max(rpad(eventid, 20000, 'x')) FROM " + manyEvents + " GROUP BY 1, 2)"},
	{"distinct long rows", "SELECT count(*) FROM (SELECT DISTINCT eventid, eventjson, n FROM " + manyEvents + ")"},
}

// commas is n times an item, which has its number in it, with commas between them.
func commas(n int, item string) string {
	items := make([]string, n)
	for i := range items {
		items[i] = fmt.Sprintf(item, i)
	}
	return strings.Join(items, ", ")
}
