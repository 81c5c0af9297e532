package engine_test

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestPlacesOfFailures: the error of a value names the call that failed, its place, and what is NULL instead.
func TestPlacesOfFailures(t *testing.T) {
	lake := logsLake(t)
	for _, c := range []struct{ name, sql, want string }{
		{"a date", "SELECT date_parse(eventname, '%Y') FROM main", "; the call is date_parse(eventname, '%Y') at 1:8: try(date_parse(eventname, '%Y')) is NULL where it fails"},
		{"a time, in a condition", "SELECT 1 FROM main\nWHERE from_iso8601_timestamp(eventsource) > now()", "; the call is from_iso8601_timestamp(eventsource) at 2:7: try(from_iso8601_timestamp(eventsource)) is NULL where it fails"},
		{"a function that casts", "SELECT date(eventname) FROM main", "Value cannot be cast to date: DescribeSecurityGroups; the call is date(eventname) at 1:8: try(date(eventname)) is NULL where it fails"},
		{"an inner call", "SELECT upper(to_hex(from_hex(eventname))) FROM main", "; the call is from_hex(eventname) at 1:21: "},
		{"one of two calls", "SELECT try(from_hex(eventname)), from_hex(eventsource) FROM main", "; the call is from_hex(eventsource) at 1:34: "},
		{"a call in a lambda", "SELECT transform(ARRAY[eventname], x -> from_hex(x)) FROM main", "; the call is from_hex(x) at 1:41: "},
		{"a call below an aggregate", "SELECT max(from_hex(eventname)) FROM main", "; the call is from_hex(eventname) at 1:12: "},
		{"a division", "SELECT 1 / (length(eventname) - length(eventname)) FROM main",
			"Division by zero; the expression is 1 / (length(eventname) - length(eventname)) at 1:10: 1 / NULLIF(length(eventname) - length(eventname), 0) is NULL where the divisor is 0"},
		{"a remainder", "SELECT mod(1, x) FROM (VALUES 0) AS t (x)", "; the call is mod(1, x) at 1:8: mod(1, NULLIF(x, 0)) is NULL where the divisor is 0"},
		{"an overflow", "SELECT x + 1 FROM (VALUES bigint '9223372036854775807') AS t (x)", "; the expression is x + 1 at 1:10: try(x + 1) is NULL where it fails"},
		{"a subscript", "SELECT ARRAY[1][length(eventname)] FROM main", "; the expression is ARRAY[1][length(eventname)] at 1:8: try(ARRAY[1][length(eventname)]) is NULL where it fails"},
		{"constants", "SELECT chr(-1)", "Not a valid Unicode code point: -1; the call is chr(-1) at 1:8$"},
		{"a constant divisor", "SELECT 1 / 0", "Division by zero; the expression is 1 / 0 at 1:10$"},
		{"a pattern", "SELECT regexp_like(eventname, '(') FROM main", "; the call is regexp_like(eventname, '(') at 1:8$"},
		{"a cast", "SELECT CAST(eventname AS integer) FROM main", "; the cast is CAST(eventname AS integer) at 1:8: try_cast(eventname AS integer) is NULL where a value cannot be cast"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := ask(context.Background(), lake, c.sql)
			var wrong *engine.Error
			require.ErrorAs(t, err, &wrong)
			want, isAll := strings.CutSuffix(c.want, "$")
			require.Contains(t, wrong.Message, want)
			require.True(t, !isAll || strings.HasSuffix(wrong.Message, want), wrong.Message)
			require.True(t, wrong.Pos.IsZero(), "in Trino, errors at run time have no place of their own")
		})
	}
}

// TestHintsForPeopleFromElsewhere: an error names what is written here instead of what other databases have.
func TestHintsForPeopleFromElsewhere(t *testing.T) {
	lake := logsLake(t)
	for _, c := range []struct{ name, sql, want string }{
		{"double quotes", `SELECT 1 FROM main WHERE eventname = "It's"`, `; double quotes name columns, texts stand in single ones: 'It''s'`},
		{"double quotes around a column that is nearly one", `SELECT "eventnam" FROM main`, `; did you mean 'eventname'?`},
		{"no quotes", `SELECT 1 FROM main WHERE eventname = ConsoleLogin`, `Column 'ConsoleLogin' cannot be resolved; did you mean 'ConsoleLogin' in single quotes?`},
		{"no quotes, with points", `SELECT 1 FROM main WHERE eventsource = s3.amazonaws.com`, `; did you mean 's3.amazonaws.com' in single quotes?`},
		{"no quotes in a list", `SELECT 1 FROM main WHERE eventname IN ('x', ConsoleLogin)`, `; did you mean 'ConsoleLogin' in single quotes?`},
		{"a column that is nearly one, beside a text", `SELECT 1 FROM main WHERE eventname = eventnam`, `Column 'eventnam' cannot be resolved; did you mean 'eventname'?`},
		{"a word beside no text", `SELECT 1 FROM main WHERE readonly = yes`, `Column 'yes' cannot be resolved` + "$"},
		{"a date without quotes", `SELECT 1 FROM main WHERE eventtime > 2025-12-01`, `Cannot apply operator: timestamp(3) < integer; did you mean TIMESTAMP '2025-12-01 00:00:00'?`},
		{"a date without quotes on the left", `SELECT 1 FROM main WHERE 2025-12-01 < now()`, `integer < timestamp(3) with time zone; did you mean TIMESTAMP '2025-12-01 00:00:00'?`},
		{"a date without quotes beside a date", `SELECT 1 FROM main WHERE date(eventtime) = 2025-2-01`, `Cannot apply operator: date = integer; did you mean DATE '2025-02-01'?`},
		{"dates without quotes in BETWEEN", `SELECT 1 FROM main WHERE eventtime BETWEEN 2025-12-01 AND 2025-12-05`, `BETWEEN integer and integer; did you mean TIMESTAMP '2025-12-01 00:00:00'?`},
		{"what is no date", `SELECT 1 FROM main WHERE eventtime > 2025-13-01`, `Cannot apply operator: timestamp(3) < integer` + "$"},
		{"a date beside a boolean", `SELECT 1 FROM main WHERE readonly = 2025-12-01`, `Cannot apply operator: boolean = integer` + "$"},
		{"a hidden column", `SELECT "$path" FROM main`, `Column '$path' cannot be resolved; there are no hidden columns: auditlake store files lists the files of a store`},
		{"a row read like a map", `SELECT element_at(useridentity, 'ARN') FROM main`, `; useridentity is a row: useridentity.arn` + "$"},
		{"a row read like JSON", `SELECT json_extract_scalar(useridentity, '$.arn') FROM main`, `; useridentity is a row: useridentity.arn` + "$"},
		{"days as a number", `SELECT 1 FROM main WHERE eventtime > now() - 7`, `timestamp(3) with time zone - integer; days are written - INTERVAL '7' DAY` + "$"},
		{"days as a number times two", `SELECT now() * 7`, `Cannot apply operator: timestamp(3) with time zone * integer` + "$"},
		{"IN without parentheses", `SELECT 1 FROM main WHERE eventname IN 'ConsoleLogin'`, `; the values of IN stand in parentheses: IN ('text')`},
		{"a row read like a map, in brackets", `SELECT useridentity['arn'] FROM main`, `Subscript expression on ROW requires a constant index; useridentity is a row: useridentity.arn`},
		{"GROUP BY ALL", `SELECT eventname, count(*) FROM main GROUP BY ALL`, `; GROUP BY ALL is written GROUP BY AUTO, or by the places of the columns: GROUP BY 1, 2`},
		{"a key that is missing", `SELECT MAP(ARRAY['bucketName'], ARRAY[1])['bucketname']`,
			`Key not present in map: bucketname; element_at(map, key) is NULL where a key is missing, and keys have upper and lower case; did you mean 'bucketName'?`},
		{"a key like none", `SELECT MAP(ARRAY['bucketName', 'b', ''], ARRAY[1, 2, 3])['it''s far']`, `Key not present in map: it's far; element_at(map, key) is NULL where a key is missing, and keys have upper and lower case`},
		{"a key with a quote", `SELECT MAP(ARRAY['it''s'], ARRAY[1])['its']`, `; did you mean 'it''s'?`},
		{"a key that is no text", `SELECT MAP(ARRAY[10], ARRAY[1])[11]`, `Key not present in map: 11; element_at(map, key)`},
		{"a key of a store's map", `SELECT requestparameters['rolearn'] FROM main`, `Key not present in map: rolearn; element_at(map, key) is NULL where a key is missing, and keys have upper and lower case; did you mean 'roleArn'?`},
		{"a key of a store's map, misspelled", `SELECT count(*) FROM main WHERE eventname = 'AssumeRole' AND requestparameters['rolArn'] = 'x'`, `; did you mean 'roleArn'?`},
		{"a key of a store's map, behind a subquery", `SELECT max(m['rolearn']) FROM (SELECT requestparameters AS m FROM main WHERE eventtime > '2020-01-01 00:00:00')`, `; did you mean 'roleArn'?`},
		{"a key of a store's map, in a join", `SELECT 1 FROM main a JOIN main b ON a.requestparameters['rolearn'] = b.eventid`, `; did you mean 'roleArn'?`},
		{"a key of a store's map, while it is explained", `EXPLAIN ANALYZE SELECT requestparameters['rolearn'] FROM main`, `; did you mean 'roleArn'?`},
		{"a map of a store that is read whole", `SELECT requestparameters, requestparameters['rolearn'] FROM main`, `; did you mean 'roleArn'?`},
		{"JSON of a map", `SELECT json_extract_scalar(requestparameters, '$.bucketName') FROM main`, `; requestparameters is a map: element_at(requestparameters, 'key')`},
		{"a map searched like a text", `SELECT 1 FROM main WHERE requestparameters LIKE '%x%'`, `; one value: element_at(requestparameters, 'key') LIKE …`},
		{"a row searched like a text", `SELECT 1 FROM main WHERE useridentity LIKE '%x%'`, `; one field: useridentity.type LIKE …`},
		{"a field like none", `SELECT useridentity.issuer FROM main`, `Column reference 'useridentity.issuer' is invalid; the fields are type, principalid, arn,`},
		{"rows unnested with a list", `SELECT r.arn FROM main CROSS JOIN UNNEST(resources) AS t (r)`, `; without the list, t.NAME is a field of the elements`},
		{"a boolean in quotes", `SELECT 1 FROM main WHERE readonly = 'False'`, `; did you mean false, without quotes?`},
		{"an interval as others write it", `SELECT now() - INTERVAL '7 days'`, `Unknown type: interval; the unit stands after the text: INTERVAL '7' DAY`},
		{"a name of the select list in HAVING", `SELECT eventname, count(*) AS calls FROM main GROUP BY 1 HAVING calls > 5`, `Column 'calls' cannot be resolved; the names of the select list are known in ORDER BY alone`},
		{"a name of the select list in WHERE", `SELECT lower(eventname) AS short FROM main WHERE short = 'x'`, `; the names of the select list are known in ORDER BY alone`},
		{"the fields of a row without parentheses", `SELECT useridentity.* FROM main`, `Table 'useridentity' not found; the fields of a row are written (useridentity).*`},
		{"the length of a text", `SELECT char_length(eventname) FROM main`, `Function 'char_length' not registered; it is written length(x)`},
		{"two statements", `SELECT 1; SELECT 2`, `; a request has one statement; auditlake query and auditlake shell take several`},
		{"too few arguments", `SELECT date_trunc('day')`, `; date_trunc takes 2 arguments, not 1`},
		{"too many arguments", `SELECT lower('a', 'b')`, `; lower takes 1 argument, not 2`},
		{"one of two counts", `SELECT substr('a')`, `; substr takes 2 or 3 arguments, not 1`},
		{"right count, wrong types", `SELECT lower(1)`, `Expected: lower(char(x)), lower(varchar(x))`},
		{"a pattern's partitions by a field", `SELECT * FROM main MATCH_RECOGNIZE (PARTITION BY useridentity.arn ORDER BY eventtime MEASURES count(*) AS n PATTERN (a) DEFINE a AS true)`,
			`Column useridentity.arn is not present in the input relation; name it in a subquery: FROM (SELECT *, useridentity.arn AS arn FROM …) MATCH_RECOGNIZE (… PARTITION BY arn …)`},
		{"a pattern's order by an expression", `SELECT * FROM main MATCH_RECOGNIZE (ORDER BY date(eventtime) MEASURES count(*) AS n PATTERN (a) DEFINE a AS true)`,
			`; name it in a subquery: FROM (SELECT *, date(eventtime) AS key FROM …) MATCH_RECOGNIZE (… ORDER BY key …)`},
		{"a pattern's partitions by a misspelled column", `SELECT * FROM main MATCH_RECOGNIZE (PARTITION BY eventnam ORDER BY eventtime MEASURES count(*) AS n PATTERN (a) DEFINE a AS true)`,
			`Column eventnam is not present in the input relation; did you mean 'eventname'?`},
		{"a member of an entry's JSON", `SELECT element_at(responseelements, 'credentials').accessKeyId FROM main`,
			`is not of type ROW; a member of JSON is read with json_extract_scalar(element_at(responseelements, 'credentials'), '$.accessKeyId')`},
		{"a member of an entry's JSON, in brackets", `SELECT requestparameters['x'].y FROM main`, `; a member of JSON is read with json_extract_scalar(requestparameters['x'], '$.y')`},
		{"a text read like a row", `SELECT eventname.x FROM main`, `Expression eventname is not of type ROW` + "$"},
		{"JSON beside a text", `SELECT 1 FROM main WHERE JSON_EXTRACT(eventjson, '$.x') = 'y'`, `Cannot apply operator: json = varchar(1); the text of a JSON value is json_extract_scalar(eventjson, '$.x')` + "$"},
		{"a text beside JSON", `SELECT 1 FROM main WHERE 'y' = json_parse(eventjson)`, `; the text of a JSON value is json_extract_scalar(json_parse(eventjson), '$')` + "$"},
		{"JSON searched like a text", `SELECT 1 FROM main WHERE json_extract(eventjson, '$.x') LIKE 'y%'`, `; the text of a JSON value is json_extract_scalar(eventjson, '$.x')` + "$"},
		{"a function of others", `SELECT nvl(1, 2)`, `Function 'nvl' not registered; it is written coalesce(x, y)`},
		{"a function that is spelled wrongly", `SELECT cuont(*) FROM main`, `; did you mean 'count'?`},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := ask(context.Background(), lake, c.sql)
			var wrong *engine.Error
			require.ErrorAs(t, err, &wrong)
			want, isAll := strings.CutSuffix(c.want, "$")
			require.Contains(t, wrong.Message, want)
			require.True(t, !isAll || strings.HasSuffix(wrong.Message, want), wrong.Message)
		})
	}
	_, _, err := ask(context.Background(), lake, `SELECT requestparameters['roleArn'], requestparameters['nothing like it'] FROM main`)
	require.ErrorContains(t, err, "Key not present in map")
	require.NotContains(t, err.Error(), "did you mean", "keys that others of the statement have are no hint")
	_, _, err = ask(context.Background(), lake, `SELECT concat_ws()`)
	require.NotContains(t, err.Error(), "takes", "more of the last argument may follow")
}

// TestFunctionsOfOthers: what is written instead of them exists, and they do not.
func TestFunctionsOfOthers(t *testing.T) {
	lake := logsLake(t)
	var known []string
	for _, f := range engine.Functions("") {
		known = append(known, f.Name)
	}
	syntax := []string{"if", "coalesce", "extract", "CAST", "x IS NULL", "CROSS JOIN UNNEST"}
	for _, name := range strings.Fields(`approx_count_distinct arg_max arg_min argmax argmin array_contains array_length array_size charindex convert_timezone date_part date_sub dateadd datediff datepart
		datetrunc epoch explode get_json_object getdate group_concat ifnull iff iif ilike instr isnull json_extract_string left len list list_contains
		median nvl parse_json quantile regexp_matches regexp_substr right size str_to_date strftime string_agg string_split strptime substring_index
		sysdate to_json tostring uniq uniqexact unix_timestamp unixepoch`) {
		require.NotContains(t, known, name)
		_, _, err := ask(context.Background(), lake, `SELECT "`+name+`"(1)`)
		found := regexp.MustCompile(`; it is written ([A-Za-z_ ]+)`).FindStringSubmatch(err.Error())
		require.NotNil(t, found, "%v", err)
		instead := found[1]
		require.True(t, slices.Contains(known, instead) || slices.Contains(syntax, instead) || strings.HasPrefix(instead, "lower"), instead)
	}
}
