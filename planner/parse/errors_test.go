package parse_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/parse"
	"github.com/auditlake/auditlake/planner/types"
)

func TestSyntaxErrors(t *testing.T) {
	for _, tt := range []struct {
		name, sql    string
		line, column int
		message      string // a part of it
	}{
		{"nothing", "", 1, 1, "mismatched input '<EOF>'. Expecting: 'ALTER', 'ANALYZE'"},
		{"nothing but blanks", " \n", 2, 1, "; the statement is empty"},
		{"only a semicolon", ";", 1, 1, "; the statement is empty"},
		{"two statements", "SELECT 1; SELECT 2", 1, 9, "mismatched input ';'"},
		{"no select list", "SELECT FROM t", 1, 8, "mismatched input 'FROM'"},
		{"expectations", "SELECT 1 FROM t GROUP a", 1, 23, "mismatched input 'a'. Expecting: 'BY'"},
		{"end behind blanks", "SELECT 1 +  \n ", 2, 2, "mismatched input '<EOF>'. Expecting: <expression>"},
		{"code points", "SELECT '日本', \"ü\" x y", 1, 20, "mismatched input 'y'"},
		{"other characters", "SELECT 日", 1, 8, "mismatched input '日'"},
		{"blank in not equal", "SELECT 1 ! = 2", 1, 10, "did you mean '!='?"},
		{"blank in less or equal", "SELECT a < = 2", 1, 12, "did you mean '<='?"},
		{"blank in greater or equal", "SELECT a > = 2", 1, 12, "did you mean '>='?"},
		{"double equal", "SELECT a == 2", 1, 11, "equality is written with one '='"},
		{"open string", "SELECT 'a", 1, 8, "the quote is never closed"},
		{"open string behind a doubled quote", "SELECT 'a''b", 1, 11, "the quote is never closed"},
		{"backslash before a quote", `SELECT 1 FROM t WHERE a = 'It\'s'`, 1, 32, `; a quote within a text is doubled, without a backslash: 'It''s'`},
		{"backslash before a quote and an alias", `SELECT 'It\'s'`, 1, 14, `; a quote within a text is doubled, without a backslash: 'It''s'`},
		{"backslash at the end of a text", `SELECT 1 FROM t WHERE a = 'C:\' b`, 1, 33, "'WINDOW', '[', '||', <EOF>"},
		{"KQL", `eventName : "X" and errorCode : *`, 1, 1, "; that is KQL, the language of Kibana; here SELECT"},
		{"KQL with points", `not event.action: X`, 1, 1, "; that is KQL"},
		{"EQL", `process where event.action == "x"`, 1, 1, "; that is EQL, the language of Elastic; here SELECT"},
		{"EQL sequence", `sequence by user.name [any where true]`, 1, 1, "; that is EQL"},
		{"open name", "SELECT \"a", 1, 8, "the quote is never closed"},
		{"open comment", "SELECT 1 /* a", 1, 11, "the comment is never closed"},
		{"curly quotes", "SELECT ‘a’", 1, 8, "strings stand in straight quotes"},
		{"no-break space", "SELECT\u00a0a", 1, 7, "this blank is a no-break space"},
		{"ILIKE", "SELECT 1 FROM t WHERE a ILIKE 'x'", 1, 25, "; ILIKE is written lower(x) LIKE 'pattern in lower case'"},
		{"RLIKE", "SELECT 1 FROM t WHERE a RLIKE 'x'", 1, 25, "; regular expressions are searched with regexp_like(x, 'pattern')"},
		{"tilde", "SELECT 1 FROM t WHERE a ~ 'x'", 1, 25, "regexp_like(x, 'pattern')"},
		{"QUALIFY taken for an alias", "SELECT 1 FROM t QUALIFY row_number() OVER () = 1", 1, 25, "; QUALIFY is written SELECT … FROM (SELECT …, row_number() OVER (…) AS n"},
		{"QUALIFY behind WHERE", "SELECT 1 FROM t WHERE a = 1 QUALIFY b = 1", 1, 29, "; QUALIFY is written"},
		{"star with exceptions", "SELECT * EXCLUDE (a) FROM t", 1, 10, "; * has no exceptions"},
		{"star with exceptions as EXCEPT", "SELECT * EXCEPT (a) FROM t", 1, 18, "; * has no exceptions"},
		{"number of an interval", "SELECT now() - INTERVAL 7 DAY", 1, 25, "; the number of an interval stands in quotes: INTERVAL '7' DAY"},
		{"cast with colons", "SELECT a::date FROM t", 1, 9, "; a cast is written CAST(x AS type)"},
		{"parameter without a value", "SELECT 1 FROM t WHERE a = :name", 1, 27, "; a parameter is written ?, or on the command line :name with --param name=VALUE"},
		{"JSON arrow", "SELECT a->>'b' FROM t", 1, 11, "; a value in JSON text is read with json_extract_scalar(x, '$.name')"},
		{"LIMIT before OFFSET", "SELECT 1 FROM t LIMIT 5 OFFSET 10", 1, 25, "; OFFSET stands before LIMIT: OFFSET m LIMIT n"},
		{"LIMIT with two numbers", "SELECT 1 FROM t LIMIT 5, 10", 1, 24, "; LIMIT m, n is written OFFSET m LIMIT n"},
		{"LIMIT far from the start", "SELECT " + strings.Repeat("1, ", 300) + "1 FROM t LIMIT 5 OFFSET 10", 1, 925, "; OFFSET stands before LIMIT"},
		{"TOP", "SELECT TOP 5 a FROM t", 1, 12, "; TOP n is written LIMIT n, at the end"},
		{"SUMMARIZE", "SUMMARIZE t", 1, 1, "; what columns hold is shown by the command describe --profile"},
		{"chained comparison", "SELECT 1 < 2 < 3", 1, 14, "mismatched input '<'"},
		{"is true", "SELECT a IS TRUE", 1, 13, "Expecting: 'DISTINCT', 'NOT', 'NULL'"},
		{"in without list", "SELECT 1 IN 2", 1, 10, "mismatched input 'IN'"},
		{"inside of a list", "SELECT 1 FROM t WHERE a IN (1, f(2 3))", 1, 25, "what follows makes no sense from '3' at 1:36 on"},
		{"inside of a list in parentheses", "SELECT 1 FROM t WHERE (a IN (1 2))", 1, 32, "mismatched input '2'"},
		{"inside of a negated list", "SELECT 1 FROM t WHERE a NOT IN (1 2)", 1, 35, "mismatched input '2'"},
		{"field in a condition", "SELECT 1 FROM t WHERE a. = 1", 1, 24, "mismatched input '.'"},
		{"field in an item", "SELECT a. FROM t", 1, 11, "mismatched input 'FROM'"},
		{"quantified query", "SELECT 1 FROM t WHERE a = ANY (SELECT)", 1, 31, "mismatched input '('"},
		{"arguments in a condition", "SELECT 1 FROM t WHERE f(, 1)", 1, 24, "mismatched input '('"},
		{"arguments in an item", "SELECT f(, 1)", 1, 10, "mismatched input ','"},
		{"query as an argument", "SELECT 1 + f((SELECT), 1)", 1, 13, "mismatched input '('"},
		{"label behind other arguments", "SELECT f(1, t.*)", 1, 15, "mismatched input '*'"},
		{"arguments behind a label", "SELECT f(t.*, 1)", 1, 13, "Expecting: ')'"},
		{"empty parentheses", "SELECT f(1, ())", 1, 15, "Expecting: '->'"},
		{"over in a condition", "SELECT 1 FROM t ORDER BY f() OVER (PARTITION a)", 1, 30, "mismatched input 'OVER'"},
		{"open over", "SELECT 1 FROM t ORDER BY f() OVER (", 1, 30, "mismatched input 'OVER'"},
		{"over in an item", "SELECT f() OVER (PARTITION a)", 1, 28, "mismatched input 'a'"},
		{"filter in parentheses", "SELECT (f() FILTER)", 1, 19, "mismatched input ')'"},
		{"bad name while undecided", "SELECT 1 FROM t WHERE a IN (1a, 2 3)", 1, 25, "mismatched input 'IN'"},
		{"bad name once decided", "SELECT 1 FROM t WHERE a IN (1a, 2)", 1, 29, "identifiers must not start with a digit"},
		{"not without predicate", "SELECT a NOT b", 1, 14, "Expecting: 'BETWEEN', 'IN', 'LIKE'"},
		{"backquotes", "SELECT a AS `b`", 1, 13, "backquoted identifiers are not supported"},
		{"empty name", `SELECT ""`, 1, 8, "Zero-length delimited identifier not allowed"},
		{"digit first", "SELECT 1a", 1, 8, "identifiers must not start with a digit"},
		{"digit first in an alias", "SELECT 1 AS 1a", 1, 13, "identifiers must not start with a digit"},
		{"hyphen in a column", "SELECT a-b-- c\n d e f FROM t", 2, 4, "mismatched input 'e'"},
		{"two hyphens in a store id", "SELECT * FROM ab-c--d\n e f", 2, 4, "mismatched input 'f'"},
		{"hyphen at the end of a store id", "SELECT * FROM ab-", 1, 17, "mismatched input '-'"},
		{"too many dots", "SELECT * FROM A.b.c.d", 1, 15, "Too many dots in table name: a.b.c.d"},
		{"reserved word", "SELECT a FROM order", 1, 15, "mismatched input 'order'"},
		{"star behind an operator", "SELECT a + b.* FROM t", 1, 13, "mismatched input '.'"},
		{"star inside an expression", "SELECT f(a + t.*) FROM t", 1, 16, "mismatched input '*'"},
		{"with inside an operand", "(WITH a AS (SELECT 1) TABLE a) UNION SELECT 1", 1, 2, "mismatched input 'WITH'"},
		{"with inside a nested operand", "SELECT * FROM ((WITH a AS (SELECT 1) TABLE a) UNION SELECT 1)", 1, 47, "mismatched input 'UNION'"},
		{"nulls without over", "SELECT f(a) IGNORE NULLS FROM t", 1, 26, "Expecting: 'OVER'"},
		{"limit twice", "SELECT 1 LIMIT 1 LIMIT 2", 1, 18, "mismatched input 'LIMIT'"},
		{"limit of an expression", "SELECT 1 LIMIT 1 + 1", 1, 18, "mismatched input '+'"},
		{"missing join condition", "SELECT * FROM a JOIN b", 1, 23, "'ON', "},
		{"match recognize without define", "SELECT * FROM t MATCH_RECOGNIZE (PATTERN (a))", 1, 45, "'DEFINE'"},
		{"empty pattern range", "SELECT * FROM t MATCH_RECOGNIZE (PATTERN (a{}) DEFINE a AS b)", 1, 45, "mismatched input '}'"},
		{"huge integer", "SELECT 9223372036854775808", 1, 8, "Invalid numeric literal: 9223372036854775808"},
		{"later syntax error wins", "SELECT 9223372036854775808 FROM", 1, 32, "mismatched input '<EOF>'"},
		{"bad hex digit", "SELECT X'0g'", 1, 8, "Binary literal can only contain hexadecimal digits"},
		{"odd hex digits", "SELECT X'0'", 1, 8, "Binary literal must contain an even number of digits"},
		{"bad escape", `SELECT U&'\zz'`, 1, 8, "Invalid hexadecimal digit: z"},
		{"short escape", `SELECT U&'\00'`, 1, 8, "Incomplete escape sequence: 00"},
		{"surrogate escape", `SELECT U&'\D800'`, 1, 8, "Invalid escaped character: D800"},
		{"bad escape character", `SELECT U&'a' UESCAPE 'b'`, 1, 8, "Invalid Unicode escape character: b"},
		{"empty escape character", `SELECT U&'a' UESCAPE ''`, 1, 8, "Empty Unicode escape character"},
		{"if of one", "SELECT IF(a)", 1, 8, "Invalid number of arguments for 'if' function"},
		{"nullif of three", "SELECT NULLIF(a, b, c)", 1, 8, "Invalid number of arguments for 'nullif' function"},
		{"coalesce of one", "SELECT COALESCE(a)", 1, 8, "The 'coalesce' function must have at least two arguments"},
		{"format of one", "SELECT FORMAT('a')", 1, 8, "The 'format' function must have at least two arguments"},
		{"try of none", "SELECT TRY()", 1, 8, "The 'try' function must have exactly one argument"},
		{"coalesce over", "SELECT COALESCE(a, b) OVER ()", 1, 8, "OVER clause not valid for 'coalesce' function"},
		{"distinct if", "SELECT IF(DISTINCT a, b)", 1, 8, "DISTINCT clause not valid for 'if' function"},
		{"drop without kind", "DROP t", 1, 6, "'SCHEMA', 'TABLE', 'VIEW'"},
		{"comment that a carriage return ends", "SELECT 1 -- c\r x y", 1, 18, "mismatched input 'y'"},
		{"two isolation levels", "START TRANSACTION ISOLATION LEVEL SERIALIZABLE, ISOLATION LEVEL READ COMMITTED", 1, 1, "Multiple transaction isolation levels specified"},
		{"two access modes", "PREPARE q FROM START TRANSACTION READ ONLY, READ WRITE", 1, 16, "Multiple transaction read modes specified"},
		{"show nonsense", "SHOW x", 1, 6, "'CATALOGS', 'COLUMNS', 'FUNCTIONS', 'SCHEMAS', 'TABLES'"},
		{"invalid UTF-8", "SELECT 'ü',\n '\xff'", 2, 3, "statement is not valid UTF-8"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parse.Statement(tt.sql)
			var e *types.Error
			require.ErrorAs(t, err, &e)
			require.Equal(t, types.SyntaxError, e.Name)
			require.Equal(t, types.Pos{Line: tt.line, Column: tt.column}, e.Pos, e.Message)
			require.Contains(t, e.Message, tt.message)
		})
	}
}

func TestOtherStatementsAreRefused(t *testing.T) {
	for _, tt := range []struct{ sql, message string }{
		{"INSERT INTO t VALUES 1", "Only SELECT statements are allowed, not INSERT"},
		{"INSERT INTO 3f2c-1.t (a, b) WITH q AS (SELECT 1) SELECT * FROM q;", "Only SELECT statements are allowed, not INSERT"},
		{"INSERT INTO t (SELECT 1) UNION (TABLE u)", "Only SELECT statements are allowed, not INSERT"},
		{"create table t (a int)", "Only SELECT statements are allowed, not CREATE TABLE"},
		{"DROP TABLE t", "Only SELECT statements are allowed, not DROP TABLE"},
		{"DELETE FROM t", "Only SELECT statements are allowed, not DELETE"},
		{"DELETE FROM t WHERE a IN (SELECT b FROM u)", "Only SELECT statements are allowed, not DELETE"},
		{"UPDATE t SET a = 1, b = DEFAULT WHERE c", "Only SELECT statements are allowed, not UPDATE"},
		{"MERGE INTO t USING u ON a WHEN MATCHED THEN DELETE", "Only SELECT statements are allowed, not MERGE"},
		{"merge into t as x using (select 1) as y on x.a = y.b when matched and c then update set a = 1, b = 2 " +
			"when not matched then insert values (1, 2) when not matched and d then insert (a, b) values (3, 4)", "Only SELECT statements are allowed, not MERGE"},
		{"ALTER TABLE t RENAME TO u", "Only SELECT statements are allowed, not ALTER TABLE"},
		{"TRUNCATE TABLE t", "Only SELECT statements are allowed, not TRUNCATE TABLE"},
		{"GRANT SELECT ON t TO u", "Only SELECT statements are allowed, not GRANT"},
		{"CALL p()", "Only SELECT statements are allowed, not CALL"},
		{"ANALYZE t", "Only SELECT statements are allowed, not ANALYZE"},
		{"SHOW CREATE VIEW t", "Only SELECT statements are allowed, not SHOW CREATE VIEW"},
		{"SHOW CREATE MATERIALIZED VIEW t", "Only SELECT statements are allowed, not SHOW CREATE MATERIALIZED VIEW"},
		{"SET PATH a, b.c", "SET PATH is not supported"},
		{"SET ROLE ALL IN a", "SET ROLE is not supported"},
		{"SET ROLE b", "SET ROLE is not supported"},
		{"SET SESSION AUTHORIZATION 'bob'", "SET SESSION AUTHORIZATION is not supported"},
		{"SET SESSION AUTHORIZATION bob", "SET SESSION AUTHORIZATION is not supported"},
		{"RESET SESSION AUTHORIZATION", "RESET SESSION AUTHORIZATION is not supported"},
	} {
		t.Run(tt.sql, func(t *testing.T) {
			for _, before := range []string{"\n ", "\n EXPLAIN (TYPE IO) ", "PREPARE q FROM\n "} {
				_, err := parse.Statement(before + tt.sql)
				var e *types.Error
				require.ErrorAs(t, err, &e)
				column := 2 + max(0, len(before)-len("\n "))
				if strings.HasPrefix(before, "PREPARE") {
					column = 2
				}
				require.Equal(t, types.Errorf(types.NotSupported, types.Pos{Line: 2, Column: column}, "%s", tt.message), e)
			}
		})
	}
	t.Run("inline function", func(t *testing.T) {
		_, err := parse.Statement("WITH FUNCTION f() RETURNS int RETURN 1 SELECT f()")
		require.EqualError(t, err, "NOT_SUPPORTED at 1:6: WITH FUNCTION is not supported")
	})
	t.Run("a literal that is wrong wins", func(t *testing.T) {
		_, err := parse.Statement("DELETE FROM t WHERE a = X'0'")
		require.EqualError(t, err, "SYNTAX_ERROR at 1:25: Binary literal must contain an even number of digits")
	})
}

func TestLimits(t *testing.T) {
	nested := func(open, inner, closing string) func(int) string {
		return func(n int) string {
			return strings.Repeat(open, n) + inner + strings.Repeat(closing, n)
		}
	}
	for _, tt := range []struct {
		name    string
		sql     func(n int) string
		allowed int // repetitions; ten times as many are refused
		message string
	}{
		{"parentheses", func(n int) string { return "SELECT " + nested("(", "1", ")")(n) }, 400, "nested"},
		{"queries", nested("SELECT (", "SELECT 1", ")"), 200, "nested"},
		{"relations", func(n int) string { return "SELECT * FROM " + nested("(", "t", ")")(n) }, 400, "nested"},
		{"query operands", nested("(", "SELECT 1", ")"), 400, "nested"},
		{"calls", func(n int) string { return "SELECT " + nested("f(", "1", ")")(n) }, 400, "nested"},
		{"not", func(n int) string { return "SELECT " + strings.Repeat("NOT ", n) + "a" }, 400, "nested"},
		{"signs", func(n int) string { return "SELECT " + strings.Repeat("- ", n) + "a" }, 400, "nested"},
		{"subscripts inside", func(n int) string { return "SELECT a" + nested("[a", "", "]")(n) }, 400, "nested"},
		{"lambdas", func(n int) string { return "SELECT " + strings.Repeat("x -> ", n) + "x" }, 400, "nested"},
		{"cases", func(n int) string { return "SELECT " + nested("CASE WHEN a THEN ", "1", " END")(n) }, 400, "nested"},
		{"arrays", func(n int) string { return "SELECT " + nested("ARRAY[", "1", "]")(n) }, 400, "nested"},
		{"types", func(n int) string { return "SELECT CAST(a AS " + nested("array(", "int", ")")(n) + ")" }, 400, "nested"},
		{"explain", func(n int) string { return strings.Repeat("EXPLAIN ", n) + "SELECT 1" }, 400, "nested"},
		{"patterns", func(n int) string {
			return "SELECT * FROM t MATCH_RECOGNIZE (PATTERN (" + nested("(", "a", ")")(n) + ") DEFINE a AS b)"
		}, 400, "nested"},
		{"joins to the right", func(n int) string {
			return "SELECT * FROM t" + strings.Repeat(" JOIN t", n) + strings.Repeat(" ON a", n)
		}, 400, "nested"},
		{"sums", func(n int) string { return "SELECT 1" + strings.Repeat(" + 1", n) }, 5000, "long chains"},
		{"concatenations", func(n int) string { return "SELECT a" + strings.Repeat(" || a", n) }, 5000, "long chains"},
		{"fields", func(n int) string { return "SELECT a" + strings.Repeat(".a", n) }, 5000, "long chains"},
		{"subscripts", func(n int) string { return "SELECT a" + strings.Repeat("[1]", n) }, 5000, "long chains"},
		{"joins", func(n int) string { return "SELECT * FROM t" + strings.Repeat(" CROSS JOIN t", n) }, 5000, "long chains"},
		{"tables", func(n int) string { return "SELECT * FROM t" + strings.Repeat(", t", n) }, 5000, "long chains"},
		{"sums inside sums", func(n int) string {
			return "SELECT " + strings.Repeat("(", n/125) + "1" + strings.Repeat(strings.Repeat(" + 1", 125)+")", n/125)
		}, 5000, "long chains"},
		{"unions", func(n int) string { return "SELECT 1" + strings.Repeat(" UNION SELECT 1", n) }, 5000, "long chains"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			requireParses(t, tt.sql(tt.allowed))
			_, err := parse.Statement(tt.sql(tt.allowed * 10))
			require.Equal(t, types.SyntaxError, types.ErrorName(err))
			require.ErrorContains(t, err, tt.message)
		})
	}
	t.Run("many conditions", func(t *testing.T) {
		requireParses(t, "SELECT a"+strings.Repeat(" OR a", 50_000))
	})
	t.Run("too long", func(t *testing.T) {
		_, err := parse.Statement("SELECT '" + strings.Repeat("x", 1<<20) + "'")
		require.EqualError(t, err, "QUERY_TEXT_TOO_LARGE: Query text length (1048585) exceeds the maximum length (1048576)")
	})
}

func requireParses(t *testing.T, sql string) {
	t.Helper()
	_, err := parse.Statement(sql)
	require.NoError(t, err)
	requireRoundTrip(t, sql)
}

// TestDefinitions: statements that define tables, views, schemas, roles and rights are read to their ends. Where Trino 476
// has a syntax error, so have we, at the same place; those it understands are refused with their names.
func TestDefinitions(t *testing.T) {
	text, err := os.ReadFile("../../testdata/trino/definitions.tsv")
	require.NoError(t, err)
	seen := 0
	for line := range strings.Lines(string(text)) {
		sql, place, found := strings.Cut(strings.TrimSuffix(line, "\n"), "\t")
		require.True(t, found, line)
		seen++
		t.Run(sql, func(t *testing.T) {
			_, err := parse.Statement(sql)
			var e *types.Error
			require.ErrorAs(t, err, &e)
			if place != "" {
				require.Equal(t, types.SyntaxError, e.Name, e.Message)
				require.Equal(t, place, fmt.Sprintf("%d:%d", e.Pos.Line, e.Pos.Column), e.Message)
				return
			}
			require.Equal(t, types.NotSupported, e.Name, e.Error())
			require.Equal(t, types.Pos{Line: 1, Column: 1}, e.Pos)
			require.Contains(t, e.Message, "Only SELECT statements are allowed, not "+strings.Fields(sql)[0])
		})
	}
	require.Greater(t, seen, 140)
	for sql, construct := range map[string]string{
		"CREATE FUNCTION f() RETURNS int RETURN 1":            "CREATE FUNCTION",
		"CREATE OR REPLACE FUNCTION f() RETURNS int RETURN 1": "CREATE OR REPLACE",
		"DROP FUNCTION f()":                                   "DROP FUNCTION",
		"ALTER FUNCTION f SET AUTHORIZATION bob":              "ALTER",
		"CREATE VIEW v WITH (p = 1) AS SELECT 1":              "CREATE VIEW: WITH name AS (SELECT …) names rows within one statement",
		"DROP MATERIALIZED VIEW v":                            "DROP MATERIALIZED VIEW",
		"CREATE OR REPLACE VIEW v AS SELECT 1":                "CREATE OR REPLACE: WITH name AS (SELECT …) names rows within one statement",
	} {
		_, err := parse.Statement(sql)
		require.EqualError(t, err, "NOT_SUPPORTED at 1:1: Only SELECT statements are allowed, not "+construct)
	}
}
