package parse_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/parse"
)

func TestStatements(t *testing.T) {
	for _, tt := range statements {
		t.Run(tt.name, func(t *testing.T) {
			tree, err := parse.Statement(tt.sql)
			require.NoError(t, err)
			want := tt.printed
			if want == "" {
				want = tt.sql
			}
			require.Equal(t, want, ast.Format(tree))
			requireRoundTrip(t, tt.sql)
		})
	}
}

// statements covers every construct of the grammar. The printed form shows what
// was understood: parentheses where the tree branches, names of operators. It is
// "" where it is the statement itself.
var statements = []struct{ name, sql, printed string }{
	{
		"select list",
		`select  all a , b c, t.*, * , "q""x" as "Y" from T`,
		`SELECT a, b AS c, t.*, *, "q""x" AS "Y" FROM T`,
	},
	{
		"select distinct",
		`SELECT DISTINCT a FROM t WHERE b GROUP BY c HAVING d`,
		"",
	},
	{
		"no from",
		`select 1`,
		`SELECT 1`,
	},
	{
		"columns of a row",
		`SELECT (r).* AS (x, y), t.r.* FROM t`,
		`SELECT r.* AS (x, y), t.r.* FROM t`,
	},
	{
		"columns of a call",
		`SELECT f(1).*, a[1].* FROM t`,
		"",
	},
	{
		"trailing semicolon and comments",
		"-- first\nselect /* in * between */ 1 ; -- last",
		`SELECT 1`,
	},
	{
		"from a store id",
		`SELECT * FROM 3f2c1c5e-aaaa-4e1b-9c58-1f0d2a7b4c11`,
		"",
	},
	{
		"store id with letters",
		`SELECT * FROM EXAMPLE-f852 e JOIN 1e5-2x ON true`,
		`SELECT * FROM EXAMPLE-f852 AS e INNER JOIN 1e5-2x ON TRUE`,
	},
	{
		"store id behind dots",
		`SELECT * FROM lake.main.3f2c-1 AS x, memory.0x-1f`,
		"",
	},
	{
		"store id that begins like a keyword",
		`SELECT * FROM order-events`,
		"",
	},
	{
		"store id described",
		`describe 3f2c-9`,
		`SHOW COLUMNS FROM 3f2c-9`,
	},
	{
		"where clauses",
		`SELECT a FROM t WHERE a = 1 AND NOT b <> 2 OR c < 3 AND (d OR e)`,
		"",
	},
	{
		"not not",
		`SELECT NOT NOT a, NOT (a AND b)`,
		"",
	},
	{
		"comparisons",
		`SELECT a != b, a <= b, (a >= b) = (c > d)`,
		`SELECT a <> b, a <= b, (a >= b) = (c > d)`,
	},
	{
		"predicates",
		`SELECT a BETWEEN 1 AND 2 AND b NOT BETWEEN c + 1 AND d, a IN (1, 2), a NOT IN (SELECT 1), a IS NULL, a IS NOT NULL, a IS DISTINCT FROM b, a IS NOT DISTINCT FROM b`,
		"",
	},
	{
		"like",
		`SELECT a LIKE 'x%', a NOT LIKE b || '!_' ESCAPE '!'`,
		"",
	},
	{
		"in subqueries",
		`SELECT a IN ((SELECT 1)), a IN ((SELECT 1) UNION SELECT 2), (a, b) IN (VALUES (1, 2))`,
		`SELECT a IN ((SELECT 1)), a IN ((SELECT 1) UNION SELECT 2), ROW(a, b) IN (VALUES ROW(1, 2))`,
	},
	{
		"quantified",
		`SELECT a = all (select 1), a < any (values 1), a > some ((select 1) limit 1), a = any(1)`,
		`SELECT a = ALL (SELECT 1), a < ANY (VALUES 1), a > ANY ((SELECT 1) LIMIT 1), a = any(1)`,
	},
	{
		"exists",
		`SELECT EXISTS (SELECT 1), EXISTS ((SELECT 1) EXCEPT SELECT 2)`,
		"",
	},
	{
		"arithmetic",
		`SELECT a + b * c - d / e % f, (a + b) * c, a - (b - c), a || b || c + 1`,
		"",
	},
	{
		"signs",
		`SELECT -1, - 1, - -1, -(1), -a, +a, -(-a), - a * b, -(a * b), 1 - -1, -9223372036854775808, +1.5, -1[1], (-a)[1]`,
		`SELECT -1, -1, - -1, -(1), -a, +a, - -a, -a * b, -(a * b), 1 - -1, -9223372036854775808, +1.5, -1[1], (-a)[1]`,
	},
	{
		"at time zone",
		`SELECT a AT TIME ZONE 'UTC', -a AT TIME ZONE INTERVAL -'1' HOUR, (-a) AT TIME ZONE 'UTC', a AT TIME ZONE 'x' AT TIME ZONE 'y'`,
		"",
	},
	{
		"at as a name",
		`select at, a at from t`,
		`SELECT at, a AS at FROM t`,
	},
	{
		"numbers",
		`SELECT 1_000, 0xFF, 0o17, 0b1_01, 1., .5, 1_0.0_1, 1e3, 1.5E-3, .5e0, 12.`,
		`SELECT 1000, 255, 15, 5, 1., .5, 10.01, 1e3, 1.5E-3, .5e0, 12.`,
	},
	{
		"strings",
		`SELECT 'it''s', U&'\0041\+01F600\\', u&'#0041' UESCAPE '#', X'0a FF', ''`,
		`SELECT 'it''s', 'A😀\', 'A', X'0aff', ''`,
	},
	{
		"typed literals",
		`SELECT DATE '2024-01-01', timestamp '2024-01-01', Decimal '1.5', json '{}', double precision '1', "My Type" 'x', interval '1'`,
		`SELECT date '2024-01-01', timestamp '2024-01-01', decimal '1.5', json '{}', double '1', "my type" 'x', interval '1'`,
	},
	{
		"intervals",
		`SELECT INTERVAL '1' DAY, INTERVAL -'1-2' YEAR TO MONTH, interval + '3' hour to second`,
		`SELECT INTERVAL '1' DAY, INTERVAL -'1-2' YEAR TO MONTH, INTERVAL '3' HOUR TO SECOND`,
	},
	{
		"interval as a name",
		`SELECT interval, interval + 1, interval - interval '1' day FROM t`,
		`SELECT interval, interval + 1, interval - INTERVAL '1' DAY FROM t`,
	},
	{
		"booleans and null",
		`SELECT true, FALSE, null`,
		`SELECT TRUE, FALSE, NULL`,
	},
	{
		"parameters",
		`SELECT ?, ? FROM t LIMIT ?`,
		"",
	},
	{
		"columns and fields",
		`SELECT a.b.c, a.b[1].c['x'], (a).b, (1).x, ROW(1, 2).field0`,
		`SELECT a.b.c, a.b[1].c['x'], a.b, (1).x, ROW(1, 2).field0`,
	},
	{
		"case",
		`SELECT CASE WHEN a THEN 1 ELSE 2 END, case a when 1 then 'x' when 2 then 'y' end`,
		`SELECT CASE WHEN a THEN 1 ELSE 2 END, CASE a WHEN 1 THEN 'x' WHEN 2 THEN 'y' END`,
	},
	{
		"casts",
		`SELECT CAST(a AS bigint), TRY_CAST(a AS VARCHAR(10)), CAST(a AS decimal(10, 2))`,
		`SELECT CAST(a AS bigint), TRY_CAST(a AS varchar(10)), CAST(a AS decimal(10, 2))`,
	},
	{
		"time types",
		`SELECT CAST(a AS timestamp(3) with time zone), CAST(a AS time without time zone), CAST(a AS timestamp), CAST(a AS TIME(6) WITH TIME ZONE), CAST(a AS timestamp(p))`,
		`SELECT CAST(a AS timestamp(3) with time zone), CAST(a AS time), CAST(a AS timestamp), CAST(a AS time(6) with time zone), CAST(a AS timestamp(p))`,
	},
	{
		"nested types",
		`SELECT CAST(a AS array(map(varchar, row(x bigint, "y z" double precision)))), CAST(a AS array<map<int, int>>), CAST(a AS bigint array array[3])`,
		`SELECT CAST(a AS array(map(varchar, row(x bigint, "y z" double)))), CAST(a AS array(map(int, int))), CAST(a AS array(array(bigint)))`,
	},
	{
		"row types",
		`SELECT CAST(a AS row(bigint, double precision, x double precision, interval year to month, i interval day to second, bigint array, x array(int), time without time zone, timestamp with time zone, t time, interval int))`,
		`SELECT CAST(a AS row(bigint, double, x double, interval year to month, i interval day to second, array(bigint), x array(int), time, timestamp with time zone, t time, interval int))`,
	},
	{
		"quoted types",
		`SELECT CAST(a AS "select"), CAST(a AS "Row"(1)), CAST(a AS qdigest(bigint))`,
		`SELECT CAST(a AS "select"), CAST(a AS "row"(1)), CAST(a AS qdigest(bigint))`,
	},
	{
		"constructors",
		`SELECT (1, 2), ROW(1), ARRAY[], ARRAY[1, ARRAY[2]], [1, 2], MAP(ARRAY['a'], ARRAY[1])`,
		`SELECT ROW(1, 2), ROW(1), ARRAY[], ARRAY[1, ARRAY[2]], ARRAY[1, 2], MAP(ARRAY['a'], ARRAY[1])`,
	},
	{
		"lambdas",
		`SELECT filter(a, x -> x > 1 AND y), reduce(a, 0, (s, x) -> s + x, s -> s), f(() -> 1), transform(a, "X" -> x -> 1), g((x -> 1)[1])`,
		`SELECT filter(a, (x) -> x > 1 AND y), reduce(a, 0, (s, x) -> s + x, (s) -> s), f(() -> 1), transform(a, ("X") -> (x) -> 1), g(((x) -> 1)[1])`,
	},
	{
		"if and its like",
		`SELECT if(a, 1), IF(a, 1, 2), coalesce(a, b, c), NULLIF(a, b), try(a / b), FORMAT('%s', a)`,
		`SELECT IF(a, 1), IF(a, 1, 2), COALESCE(a, b, c), NULLIF(a, b), TRY(a / b), FORMAT('%s', a)`,
	},
	{
		"quoted builtin is a builtin",
		`SELECT "if"(a, b)`,
		`SELECT IF(a, b)`,
	},
	{
		"extract",
		`SELECT extract(year FROM a), EXTRACT(DAY_OF_WEEK FROM b + c)`,
		`SELECT EXTRACT(year FROM a), EXTRACT(DAY_OF_WEEK FROM b + c)`,
	},
	{
		"substring",
		`SELECT SUBSTRING(a FROM 2), substring(a from 2 for 3), substring(a, 2), substring`,
		`SELECT substr(a, 2), substr(a, 2, 3), substring(a, 2), substring`,
	},
	{
		"position",
		`SELECT POSITION('a' IN b || c), position(a, b), position(), position((a IN (1))), position(a = 1 AND b, c), position`,
		`SELECT strpos(b || c, 'a'), position(a, b), position(), position((a IN (1))), position((a = 1 AND b), c), position`,
	},
	{
		"trim",
		`SELECT TRIM(a), trim(' x ' FROM a), TRIM(LEADING FROM a), trim(trailing 'x' from a), trim(BOTH f(x) FROM a), trim(a, 'x'), trim(both), trim(both.x || y)`,
		`SELECT TRIM(BOTH FROM a), TRIM(BOTH ' x ' FROM a), TRIM(LEADING FROM a), TRIM(TRAILING 'x' FROM a), TRIM(BOTH f(x) FROM a), TRIM(BOTH 'x' FROM a), TRIM(BOTH FROM both), TRIM(BOTH FROM both.x || y)`,
	},
	{
		"normalize",
		`SELECT NORMALIZE(a), normalize(a, nfkd)`,
		`SELECT normalize(a, NFC), normalize(a, nfkd)`,
	},
	{
		"current values",
		`SELECT current_date, current_time, CURRENT_TIMESTAMP(6), localtime(0), localtimestamp, current_user, current_catalog, current_schema, current_path`,
		`SELECT CURRENT_DATE, CURRENT_TIME, CURRENT_TIMESTAMP(6), LOCALTIME(0), LOCALTIMESTAMP, CURRENT_USER, CURRENT_CATALOG, CURRENT_SCHEMA, CURRENT_PATH`,
	},
	{
		"aggregates",
		`SELECT count(*), COUNT(t.*), count(DISTINCT a), count(ALL a), sum(a) FILTER (WHERE b), array_agg(a ORDER BY b DESC NULLS FIRST, c), count(all), count(all, 1)`,
		`SELECT count(*), COUNT(t.*), count(DISTINCT a), count(a), sum(a) FILTER (WHERE b), array_agg(a ORDER BY b DESC NULLS FIRST, c), count(all), count(all, 1)`,
	},
	{
		"listagg",
		`SELECT LISTAGG(a) WITHIN GROUP (ORDER BY a), listagg(DISTINCT a, ',' ON OVERFLOW TRUNCATE '...' WITH COUNT) WITHIN GROUP (ORDER BY b DESC) FILTER (WHERE c), listagg(a, U&'\0041' ON OVERFLOW ERROR) WITHIN GROUP (ORDER BY 1), listagg(a on overflow truncate without count) within group (order by a)`,
		`SELECT LISTAGG(a) WITHIN GROUP (ORDER BY a), listagg(DISTINCT a, ',' ON OVERFLOW TRUNCATE '...' WITH COUNT) WITHIN GROUP (ORDER BY b DESC) FILTER (WHERE c), listagg(a, 'A' ON OVERFLOW ERROR) WITHIN GROUP (ORDER BY 1), listagg(a ON OVERFLOW TRUNCATE WITHOUT COUNT) WITHIN GROUP (ORDER BY a)`,
	},
	{
		"windows",
		`SELECT rank() OVER (), sum(a) OVER (PARTITION BY b, c ORDER BY d ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), f(a) IGNORE NULLS OVER w, f(a) RESPECT NULLS OVER (w), f(a) OVER (w PARTITION BY b) FROM t WINDOW w AS (ORDER BY x), "v" AS (w RANGE UNBOUNDED PRECEDING)`,
		"",
	},
	{
		"frames",
		`SELECT f(a) OVER (GROUPS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING), f(a) OVER (RANGE INTERVAL '1' DAY PRECEDING), f(a) OVER (ROWS BETWEEN b + 1 FOLLOWING AND c FOLLOWING), f(a) OVER (ROWS CURRENT ROW)`,
		"",
	},
	{
		"window words as names",
		`SELECT over, filter, sum(a) over, sum(b) filter, f(a) OVER (rows) FROM t window`,
		`SELECT over, filter, sum(a) AS over, sum(b) AS filter, f(a) OVER (rows) FROM t AS window`,
	},
	{
		"group by",
		`SELECT a FROM t GROUP BY a, (b), (c, d), (), f(x), ((e, f)), (g + 1) * 2, 1`,
		`SELECT a FROM t GROUP BY a, b, (c, d), (), f(x), ROW(e, f), (g + 1) * 2, 1`,
	},
	{
		"grouping sets",
		`SELECT GROUPING(a, t.b) FROM t GROUP BY DISTINCT ROLLUP (a, (b, c)), CUBE (), GROUPING SETS ((a), (), b), ALL`,
		`SELECT GROUPING(a, t.b) FROM t GROUP BY DISTINCT ROLLUP (a, (b, c)), CUBE (), GROUPING SETS (a, (), b), ALL`,
	},
	{
		"group by all quantifier",
		`SELECT a FROM t GROUP BY ALL a, b`,
		`SELECT a FROM t GROUP BY a, b`,
	},
	{
		"group by auto",
		`SELECT a FROM t GROUP BY AUTO`,
		"",
	},
	{
		"order and limits",
		`SELECT a FROM t ORDER BY a, b DESC, c ASC NULLS FIRST, d NULLS LAST OFFSET 5 ROWS LIMIT 10`,
		`SELECT a FROM t ORDER BY a, b DESC, c NULLS FIRST, d NULLS LAST OFFSET 5 LIMIT 10`,
	},
	{
		"fetch first",
		`SELECT a FROM t OFFSET 1 ROW FETCH NEXT ROW ONLY`,
		`SELECT a FROM t OFFSET 1 FETCH FIRST 1 ROWS ONLY`,
	},
	{
		"fetch with ties",
		`SELECT a FROM t ORDER BY a FETCH FIRST 3 ROWS WITH TIES`,
		"",
	},
	{
		"limit all",
		`SELECT a FROM t LIMIT ALL`,
		"",
	},
	{
		"limit words as names",
		`SELECT limit, offset, fetch, 1 limit, 2 offset, 3 fetch FROM limit, offset offset, fetch limit WHERE x`,
		`SELECT limit, offset, fetch, 1 AS limit, 2 AS offset, 3 AS fetch FROM limit, offset AS offset, fetch AS limit WHERE x`,
	},
	{
		"set operations",
		`SELECT 1 UNION SELECT 2 UNION ALL SELECT 3 INTERSECT SELECT 4 EXCEPT DISTINCT SELECT 5`,
		`SELECT 1 UNION SELECT 2 UNION ALL SELECT 3 INTERSECT SELECT 4 EXCEPT SELECT 5`,
	},
	{
		"set operations in parentheses",
		`(SELECT 1 ORDER BY 1 LIMIT 1) UNION (SELECT 2 UNION SELECT 3) ORDER BY 1`,
		"",
	},
	{
		"corresponding",
		`SELECT 1 a UNION ALL CORRESPONDING SELECT 2 a INTERSECT CORRESPONDING BY (a, b) SELECT 3 a`,
		`SELECT 1 AS a UNION ALL CORRESPONDING SELECT 2 AS a INTERSECT CORRESPONDING BY (a, b) SELECT 3 AS a`,
	},
	{
		"query in many parentheses",
		`(((SELECT 1)))`,
		"",
	},
	{
		"values and table",
		`VALUES 1, (2, 'x'), ROW(3) `,
		`VALUES 1, ROW(2, 'x'), ROW(3)`,
	},
	{
		"table statement",
		`TABLE a.b.c`,
		"",
	},
	{
		"with",
		`WITH a AS (SELECT 1), b (x, y) AS (WITH c AS (TABLE d) SELECT * FROM c) SELECT * FROM a, b`,
		"",
	},
	{
		"with recursive",
		`WITH RECURSIVE t (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) TABLE t`,
		"",
	},
	{
		"with words as names",
		`WITH function AS (SELECT 1), session AS (SELECT 2) SELECT 3`,
		"",
	},
	{
		"joins",
		`SELECT * FROM a JOIN b ON a.x = b.x LEFT OUTER JOIN c USING (x, y) RIGHT JOIN d ON true FULL JOIN e ON false CROSS JOIN f NATURAL LEFT JOIN g, h`,
		`SELECT * FROM a INNER JOIN b ON a.x = b.x LEFT JOIN c USING (x, y) RIGHT JOIN d ON TRUE FULL JOIN e ON FALSE CROSS JOIN f NATURAL LEFT JOIN g, h`,
	},
	{
		"nested joins",
		`SELECT * FROM a JOIN b JOIN c ON x ON y, (d CROSS JOIN e) AS j (p, q), ((f))`,
		`SELECT * FROM a INNER JOIN b INNER JOIN c ON x ON y, (d CROSS JOIN e) AS j (p, q), f`,
	},
	{
		"subqueries in from",
		`SELECT * FROM (SELECT 1) AS t (x), ((SELECT 1) UNION SELECT 2) u, (((VALUES 1) LIMIT 1)), (TABLE t), (WITH a AS (SELECT 1) TABLE a) w`,
		`SELECT * FROM (SELECT 1) AS t (x), ((SELECT 1) UNION SELECT 2) AS u, ((VALUES 1) LIMIT 1), (TABLE t), (WITH a AS (SELECT 1) TABLE a) AS w`,
	},
	{
		"unnest",
		`SELECT * FROM t CROSS JOIN UNNEST(a, b) WITH ORDINALITY AS u (x, y, n), UNNEST(ARRAY[1])`,
		"",
	},
	{
		"lateral",
		`SELECT * FROM t, LATERAL (SELECT t.a) AS l, lateral AS x`,
		"",
	},
	{
		"samples",
		`SELECT * FROM t AS x TABLESAMPLE BERNOULLI (10), (a JOIN b ON true) TABLESAMPLE SYSTEM (p * 2), tablesample`,
		`SELECT * FROM t AS x TABLESAMPLE BERNOULLI (10), (a INNER JOIN b ON TRUE) TABLESAMPLE SYSTEM (p * 2), tablesample`,
	},
	{
		"versions",
		`SELECT * FROM t FOR TIMESTAMP AS OF TIMESTAMP '2024-01-01' AS x, u FOR VERSION AS OF 5`,
		`SELECT * FROM t FOR TIMESTAMP AS OF timestamp '2024-01-01' AS x, u FOR VERSION AS OF 5`,
	},
	{
		"table functions",
		`SELECT * FROM TABLE(f()), TABLE(s.g(1, x => 'a', TABLE(t) AS u (c) PARTITION BY a PRUNE WHEN EMPTY ORDER BY b, y => TABLE(SELECT 1) PARTITION BY (a, b) KEEP WHEN EMPTY ORDER BY (c DESC, d), DESCRIPTOR(a, b bigint), z => CAST(NULL AS DESCRIPTOR) COPARTITION (t, u), (v, w))) AS f`,
		`SELECT * FROM TABLE(f()), TABLE(s.g(1, x => 'a', TABLE(t) AS u (c) PARTITION BY (a) PRUNE WHEN EMPTY ORDER BY (b), y => TABLE(SELECT 1) PARTITION BY (a, b) KEEP WHEN EMPTY ORDER BY (c DESC, d), DESCRIPTOR(a, b bigint), z => CAST(NULL AS DESCRIPTOR) COPARTITION (t, u), (v, w))) AS f`,
	},
	{
		"json functions",
		`SELECT JSON_EXISTS(a, 'lax $.x' FALSE ON ERROR), JSON_VALUE(a FORMAT JSON ENCODING UTF8, 'lax $.x' AS p PASSING b AS c, d FORMAT JSON AS "e" RETURNING bigint DEFAULT 1 + 2 ON EMPTY ERROR ON ERROR), JSON_VALUE(a, '$' NULL ON ERROR)`,
		"",
	},
	{
		"json query",
		`SELECT JSON_QUERY(a, 'lax $'), JSON_QUERY(a, 'lax $' RETURNING varchar FORMAT JSON WITH ARRAY WRAPPER OMIT QUOTES ON SCALAR STRING EMPTY ARRAY ON EMPTY EMPTY OBJECT ON ERROR), JSON_QUERY(a, '$' WITH CONDITIONAL WRAPPER), JSON_QUERY(a, '$' WITHOUT ARRAY WRAPPER KEEP QUOTES ERROR ON ERROR)`,
		`SELECT JSON_QUERY(a, 'lax $'), JSON_QUERY(a, 'lax $' RETURNING varchar FORMAT JSON WITH UNCONDITIONAL WRAPPER OMIT QUOTES EMPTY ARRAY ON EMPTY EMPTY OBJECT ON ERROR), JSON_QUERY(a, '$' WITH CONDITIONAL WRAPPER), JSON_QUERY(a, '$' WITHOUT WRAPPER KEEP QUOTES ERROR ON ERROR)`,
	},
	{
		"json constructors",
		`SELECT JSON_OBJECT(), JSON_OBJECT('a' : 1, KEY 'b' VALUE c FORMAT JSON, d VALUE 2 ABSENT ON NULL WITH UNIQUE KEYS RETURNING varchar(9) FORMAT JSON), JSON_OBJECT(key : 1, (key(2)) : 3), JSON_OBJECT(KEY value VALUE 1), JSON_OBJECT(RETURNING varchar), JSON_ARRAY(), JSON_ARRAY(1, a FORMAT JSON NULL ON NULL RETURNING varbinary), JSON_OBJECT('a' : 1 NULL ON NULL WITHOUT UNIQUE), JSON_ARRAY(1 ABSENT ON NULL)`,
		`SELECT JSON_OBJECT(), JSON_OBJECT('a' : 1, 'b' : c FORMAT JSON, d : 2 ABSENT ON NULL WITH UNIQUE KEYS RETURNING varchar(9) FORMAT JSON), JSON_OBJECT((key) : 1, (key(2)) : 3), JSON_OBJECT(value : 1), JSON_OBJECT( RETURNING varchar), JSON_ARRAY(), JSON_ARRAY(1, a FORMAT JSON NULL ON NULL RETURNING varbinary), JSON_OBJECT('a' : 1), JSON_ARRAY(1)`,
	},
	{
		"json table",
		`SELECT * FROM JSON_TABLE(a, 'lax $' AS root COLUMNS (id FOR ORDINALITY, x bigint PATH 'lax $.x' DEFAULT 0 ON EMPTY NULL ON ERROR, y varchar FORMAT JSON PATH '$' WITH WRAPPER KEEP QUOTES NULL ON EMPTY, nested varchar, NESTED PATH 'lax $.z' AS z COLUMNS (w date), NESTED 'lax $.v' COLUMNS (v int)) PLAN (root OUTER (z UNION (v CROSS u))) ERROR ON ERROR) AS j`,
		`SELECT * FROM JSON_TABLE(a, 'lax $' AS root COLUMNS (id FOR ORDINALITY, x bigint PATH 'lax $.x' DEFAULT 0 ON EMPTY NULL ON ERROR, y varchar FORMAT JSON PATH '$' WITH UNCONDITIONAL WRAPPER KEEP QUOTES NULL ON EMPTY, nested varchar, NESTED PATH 'lax $.z' AS z COLUMNS (w date), NESTED PATH 'lax $.v' COLUMNS (v int)) PLAN (root OUTER (z UNION (v CROSS u))) ERROR ON ERROR) AS j`,
	},
	{
		"json table default plans",
		`SELECT * FROM JSON_TABLE(a, '$' COLUMNS (x int) PLAN DEFAULT (CROSS, INNER)), JSON_TABLE(a, '$' COLUMNS (x int) PLAN DEFAULT (OUTER) EMPTY ON ERROR), JSON_TABLE(a, '$' COLUMNS (x int) PLAN (p))`,
		`SELECT * FROM JSON_TABLE(a, '$' COLUMNS (x int) PLAN DEFAULT (INNER, CROSS)), JSON_TABLE(a, '$' COLUMNS (x int) PLAN DEFAULT (OUTER) EMPTY ON ERROR), JSON_TABLE(a, '$' COLUMNS (x int) PLAN (p))`,
	},
	{
		"match recognize",
		`SELECT * FROM t AS x MATCH_RECOGNIZE (PARTITION BY a ORDER BY b MEASURES FINAL LAST(A.v) AS v, RUNNING count(A.*) AS n, CLASSIFIER() AS c ONE ROW PER MATCH AFTER MATCH SKIP TO NEXT ROW PATTERN (A B+ C*?) SUBSET U = (A, B) DEFINE B AS B.v > PREV(B.v, 1), C AS true) AS m (p, q)`,
		`SELECT * FROM t AS x MATCH_RECOGNIZE (PARTITION BY a ORDER BY b MEASURES FINAL LAST(A.v) AS v, RUNNING count(A.*) AS n, CLASSIFIER() AS c AFTER MATCH SKIP TO NEXT ROW PATTERN (A B{1,} C{0,}?) SUBSET U = (A, B) DEFINE B AS B.v > PREV(B.v, 1), C AS TRUE) AS m (p, q)`,
	},
	{
		"match recognize options",
		`SELECT * FROM t MATCH_RECOGNIZE (ALL ROWS PER MATCH WITH UNMATCHED ROWS AFTER MATCH SKIP TO LAST x SEEK PATTERN (^ (A | B C)? () {- D{2} -} E{,3} F{1,}? PERMUTE(G, H I) ($ | J){0,2} (K?)?) DEFINE A AS a)`,
		`SELECT * FROM t MATCH_RECOGNIZE (ALL ROWS PER MATCH WITH UNMATCHED ROWS AFTER MATCH SKIP TO LAST x SEEK PATTERN (^ (A | B C){0,1} () {- D{2,2} -} E{0,3} F{1,}? PERMUTE(G, H I) ($ | J){0,2} (K{0,1}){0,1}) DEFINE A AS a)`,
	},
	{
		"match recognize skips",
		`SELECT * FROM t MATCH_RECOGNIZE (ALL ROWS PER MATCH OMIT EMPTY MATCHES AFTER MATCH SKIP TO last INITIAL PATTERN ((permute) (a b)) DEFINE a AS b), t MATCH_RECOGNIZE (ALL ROWS PER MATCH SHOW EMPTY MATCHES AFTER MATCH SKIP PAST LAST ROW PATTERN (a) DEFINE a AS b), t MATCH_RECOGNIZE (AFTER MATCH SKIP TO FIRST a PATTERN (a) DEFINE a AS b)`,
		"",
	},
	{
		"pattern windows",
		`SELECT m OVER w FROM t WINDOW w AS (ORDER BY a MEASURES A.x AS m ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING AFTER MATCH SKIP PAST LAST ROW PATTERN (A) DEFINE A AS true)`,
		`SELECT m OVER w FROM t WINDOW w AS (ORDER BY a MEASURES A.x AS m ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING AFTER MATCH SKIP PAST LAST ROW PATTERN (A) DEFINE A AS TRUE)`,
	},
	{
		"a procedure",
		`call system.runtime.kill_query(query_id => 'a' || 'b', "message" => 'enough')`,
		`CALL system.runtime.kill_query(query_id => 'a' || 'b', "message" => 'enough')`,
	},
	{
		"a procedure without names",
		`CALL system.runtime.kill_query('a')`,
		"",
	},
	{
		"explain",
		`EXPLAIN SELECT 1`,
		"",
	},
	{
		"explain analyze",
		`explain analyze verbose select 1`,
		`EXPLAIN ANALYZE VERBOSE SELECT 1`,
	},
	{
		"explain verbose",
		`EXPLAIN VERBOSE SELECT 1`,
		"",
	},
	{
		"explain options",
		`EXPLAIN (TYPE IO, FORMAT JSON) (SELECT 1)`,
		"",
	},
	{
		"explain of parentheses",
		`EXPLAIN (SELECT 1)`,
		"",
	},
	{
		"show tables",
		`SHOW TABLES FROM a.b LIKE 'x!_%' ESCAPE '!'`,
		"",
	},
	{
		"show columns",
		`SHOW COLUMNS IN main`,
		`SHOW COLUMNS FROM main`,
	},
	{
		"show others",
		`SHOW CATALOGS LIKE 'a'`,
		"",
	},
	{
		"show schemas",
		`show schemas in lake`,
		`SHOW SCHEMAS FROM lake`,
	},
	{
		"show functions",
		`SHOW FUNCTIONS`,
		"",
	},
	{
		"desc",
		`desc a.b`,
		`SHOW COLUMNS FROM a.b`,
	},
	{
		"show create table",
		`SHOW CREATE TABLE a."b c"`,
		"",
	},
	{
		"show create schema",
		`SHOW CREATE SCHEMA a.b`,
		"",
	},
	{
		"show session",
		`SHOW SESSION LIKE 'q!_%' ESCAPE '!'`,
		"",
	},
	{
		"show stats",
		`SHOW STATS FOR a.b`,
		"",
	},
	{
		"show stats of a query",
		`SHOW STATS FOR (SELECT a FROM t WHERE b = 1)`,
		"",
	},
	{
		"show roles",
		`SHOW ROLES IN a`,
		`SHOW ROLES FROM a`,
	},
	{
		"show current roles",
		`SHOW CURRENT ROLES`,
		"",
	},
	{
		"show role grants",
		`SHOW ROLE GRANTS FROM a`,
		"",
	},
	{
		"show grants",
		`SHOW GRANTS ON TABLE a.b`,
		`SHOW GRANTS ON a.b`,
	},
	{
		"prepare",
		`prepare Q from /* c */ select ? , 1 -- end`,
		`PREPARE Q FROM SELECT ?, 1`,
	},
	{
		"prepare explain",
		`PREPARE "a b" FROM EXPLAIN SELECT 1`,
		"",
	},
	{
		"execute",
		`EXECUTE q`,
		"",
	},
	{
		"execute using",
		`execute q using 1, 'a' || ?, x -> x`,
		`EXECUTE q USING 1, 'a' || ?, (x) -> x`,
	},
	{
		"execute what is named immediate",
		`EXECUTE immediate USING 1`,
		"",
	},
	{
		"execute immediate",
		`EXECUTE IMMEDIATE 'SELECT ''a'', ?' USING (SELECT 1), CURRENT_DATE`,
		"",
	},
	{
		"execute immediate unicode",
		`execute immediate U&'SELECT \0031'`,
		`EXECUTE IMMEDIATE 'SELECT 1'`,
	},
	{
		"explain execute",
		`EXPLAIN EXECUTE q USING 1`,
		"",
	},
	{
		"deallocate",
		`deallocate prepare q;`,
		`DEALLOCATE PREPARE q`,
	},
	{
		"describe input",
		`DESCRIBE INPUT q`,
		"",
	},
	{
		"describe output",
		`describe output "Q"`,
		`DESCRIBE OUTPUT "Q"`,
	},
	{
		"describe what is named input",
		`DESCRIBE input`,
		`SHOW COLUMNS FROM input`,
	},
	{
		"describe in what is named output",
		`DESCRIBE output.t`,
		`SHOW COLUMNS FROM output.t`,
	},
	{
		"use",
		`USE a`,
		"",
	},
	{
		"use catalog",
		`use a."B c"`,
		`USE a."B c"`,
	},
	{
		"set session",
		`SET SESSION a.b = 1 + 2`,
		"",
	},
	{
		"set session authorization as a name",
		`SET SESSION authorization = TRUE`,
		"",
	},
	{
		"set session authorization as a catalog",
		`SET SESSION authorization.a = TRUE`,
		"",
	},
	{
		"reset session",
		`reset session a`,
		`RESET SESSION a`,
	},
	{
		"reset session authorization as a catalog",
		`RESET SESSION authorization.a`,
		"",
	},
	{
		"set time zone",
		`SET TIME ZONE 'Asia/Tokyo'`,
		"",
	},
	{
		"set time zone local",
		`set time zone local`,
		`SET TIME ZONE LOCAL`,
	},
	{
		"set time zone interval",
		`SET TIME ZONE INTERVAL -'2:30' HOUR TO MINUTE`,
		"",
	},
	{
		"start transaction",
		`START TRANSACTION`,
		"",
	},
	{
		"start transaction modes",
		`start transaction read only, isolation level repeatable read`,
		`START TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY`,
	},
	{
		"start transaction level",
		`START TRANSACTION ISOLATION LEVEL READ UNCOMMITTED`,
		"",
	},
	{
		"start transaction access",
		`START TRANSACTION READ WRITE`,
		"",
	},
	{
		"start transaction serializable",
		`START TRANSACTION ISOLATION LEVEL SERIALIZABLE, READ WRITE`,
		"",
	},
	{
		"commit",
		`commit work`,
		`COMMIT`,
	},
	{
		"rollback",
		`ROLLBACK WORK`,
		`ROLLBACK`,
	},
}
