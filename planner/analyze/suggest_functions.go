package analyze

import (
	"fmt"
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
)

// elsewhere maps functions of other databases to Trino's syntax.
var elsewhere = map[string]string{
	"approx_count_distinct": "approx_distinct(x)", "approx_top_count": mostFrequent, "approx_top_k": mostFrequent, "approx_top_sum": "sum(x), with GROUP BY and LIMIT", "topk": mostFrequent, "top_k": mostFrequent, "trunc": "date_trunc('day', x) for times, truncate(x) for numbers",
	"add_months": "date_add('month', n, x)", "array_to_string": "array_join(array, ',')", "safe_cast": "try_cast(x AS type)", "arg_max": "max_by(x, y)", "arg_min": "min_by(x, y)", "argmax": "max_by(x, y)",
	"argmin": "min_by(x, y)", "array_contains": "contains(array, x)", "array_length": "cardinality(array)", "array_size": "cardinality(array)",
	"char_length": "length(x)", "character_length": "length(x)",
	"charindex": "strpos(text, part)", "convert_timezone": "at_timezone(x, 'zone')", "date_sub": "date_add('day', -n, x)", "dateadd": "date_add('day', n, x)",
	"datediff": "date_diff('day', x, y)", "date_part": "extract(field FROM x)", "datepart": "extract(field FROM x)", "datetrunc": "date_trunc('unit', x)",
	"epoch": "to_unixtime(x)", "explode": "CROSS JOIN UNNEST(array)",
	"get_json_object": "json_extract_scalar(x, '$.name')", "getdate": "now()", "group_concat": "listagg(x, ',') WITHIN GROUP (ORDER BY x)", "ifnull": "coalesce(x, y)",
	"iff": "if(condition, x, y)", "iif": "if(condition, x, y)", "ilike": "lower(x) LIKE 'pattern in lower case'", "instr": "strpos(text, part)", "isnull": "x IS NULL",
	"json_extract_path_text": "json_extract_scalar(x, '$.name')",
	"json_extract_string":    "json_extract_scalar(x, '$.name')", "left": "substr(x, 1, n)", "len": "length(x)",
	"list": "array_agg(x)", "list_contains": "contains(array, x)", "median": "approx_percentile(x, 0.5)", "nvl": "coalesce(x, y)", "parse_json": "json_parse(x)",
	"quantile": "approx_percentile(x, fraction)", "regexp_contains": "regexp_like(x, pattern)", "regexp_matches": "regexp_like(x, pattern)", "regexp_substr": "regexp_extract(x, pattern)",
	"right": "substr(x, -n)", "size": "cardinality(x)", "str_to_date": "date_parse(text, format)", "strftime": "date_format(x, format)",
	"string_agg": "listagg(x, ',') WITHIN GROUP (ORDER BY x)", "string_split": "split(x, ',')", "strptime": "date_parse(text, format)", "substring_index": "array_join(slice(split(x, '.'), 1, n), '.')",
	"sysdate": "now()", "to_json": "CAST(x AS json)",
	"tostring": "CAST(x AS varchar)", "uniq": "approx_distinct(x)", "uniqexact": "count(DISTINCT x)",
	"unix_timestamp": "to_unixtime(x)", "unixepoch": "to_unixtime(x)",
	"ago": "now() - INTERVAL '1' DAY", "any": likeAny, "all": "x LIKE 'a%' AND x LIKE 'b%'", "some": likeAny,
	"bin": "date_trunc('hour', x)", "cidr_match": inNetwork, "cidrmatch": inNetwork, "collect_list": "array_agg(x)", "collect_set": "array_agg(DISTINCT x)",
	"count_distinct": "count(DISTINCT x)", "countdistinct": "count(DISTINCT x)", "countif": "count_if(condition)",
	"date_bin":       "date_trunc('hour', x)",
	"datetime_trunc": "date_trunc('day', x)",
	"decode":         "CASE WHEN x IS NULL THEN y ELSE z END, or CASE x WHEN 'text' THEN y ELSE z END",
	"first":          "min_by(x, eventtime)",
	"format_date":    "date_format(x, format)", "format_timestamp": "date_format(x, format)", "last": "max_by(x, eventtime)",
	"time_bucket": "date_trunc('hour', x)", "dc": "approx_distinct(x), or count(DISTINCT x)", "datetime_diff": "date_diff('day', x, y)",
	"dcount": "approx_distinct(x)", "earliest": "min(x), or min_by(x, eventtime)", "grouparray": "array_agg(x)", "groupuniqarray": "array_agg(DISTINCT x)",
	"has": "x LIKE '%part%'", "is_ipv4": "try_cast(x AS ipaddress) IS NOT NULL", "is_valid_cidr": "try_cast(x AS ipaddress) IS NOT NULL",
	"ipv4_is_in_range": inNetwork, "isipv4": "try_cast(x AS ipaddress) IS NOT NULL", "isnotempty": "x <> ''", "isnotnull": "x IS NOT NULL",
	"latest": "max(x), or max_by(x, eventtime)", "make_list": "array_agg(x)", "make_set": "array_agg(DISTINCT x)", "match": "regexp_like(x, pattern)", "mvcount": "cardinality(x)",
	"mvindex": "element_at(array, n)", "mvjoin": "array_join(array, ',')", "percentile": "approx_percentile(x, 0.95)",
	"spath": "json_extract_scalar(x, '$.name')", "strcat": "concat(x, y)", "strcontains": "strpos(x, part) > 0",
	"timestamp_add": "date_add('day', n, x)", "timestamp_diff": "date_diff('day', x, y)", "timestamp_sub": "date_add('day', -n, x)",
	"timestamp_trunc": "date_trunc('day', x)", "todate": "date(x)", "tostartofday": "date_trunc('day', x)", "tostartofhour": "date_trunc('hour', x)", "tostartofmonth": "date_trunc('month', x)", "todatetime": "CAST(x AS timestamp)", "toint": "CAST(x AS bigint)",
	"tolong": "CAST(x AS bigint)", "tolower": "lower(x)", "tonumber": "CAST(x AS double)", "toupper": "upper(x)",
}

const (
	mostFrequent = "approx_most_frequent(n, x, 1000)"

	likeAny   = "x LIKE 'a%' OR x LIKE 'b%', or regexp_like(x, '^(a|b)')"
	inNetwork = "contains('10.0.0.0/8', try_cast(x AS ipaddress))"
)

// functionHint suggests a replacement for a function that does not exist, as the end of a message; "" if nothing is
// likely.
func functionHint(name string, args []ast.Expr, known []string) string {
	name = strings.ToLower(name)
	switch {
	case name == "isnull" && len(args) == 2:
		return "; it is written coalesce(x, y)"
	case cutsTime(name) && len(args) == 2:
		for i, arg := range args {
			if isUnit(arg) {
				return "; it is written " + dateTrunc(arg, args[1-i])
			}
		}
	}
	if instead := elsewhere[name]; instead != "" {
		return "; it is written " + instead
	}
	return didYouMean(name, known)
}

// cutsTime reports whether a function is date_trunc under another database's name.
func cutsTime(name string) bool {
	switch name {
	case "date_trunc", "datetrunc", "datetime_trunc", "timestamp_trunc":
		return true
	}
	return false
}

// dateTrunc returns the call that truncates x to a unit, which is a bare name.
func dateTrunc(unit, x ast.Expr) string {
	return fmt.Sprintf("date_trunc('%s', %s)", strings.ToLower(ast.Format(unit)), ast.Format(x))
}

// distinctHint suggests a replacement for an aggregate of distinct values that does not exist, as the end of a
// message; "" if nothing is likely.
func distinctHint(name string) string {
	switch name {
	case "group_concat", "string_agg":
		return "; it is written array_join(array_agg(DISTINCT x), ',')"
	}
	if instead := elsewhere[name]; instead != "" {
		return "; " + name + " is written " + instead
	}
	return ""
}
