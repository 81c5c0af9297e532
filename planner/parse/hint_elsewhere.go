package parse

import "strings"

const (
	noPartitions = "there are no partitions: import adds events, and bounds of eventtime choose what is read"
	inSQL        = "here SELECT eventtime, eventname FROM main WHERE eventname = 'ConsoleLogin' AND errorcode IS NOT NULL"
	notSQL       = "that is the language of another product; here SELECT eventname, count(*) FROM main WHERE errorcode = 'AccessDenied' GROUP BY 1"
)

// firstWords are words that statements of other products begin with.
var firstWords = map[string]string{
	"MSCK": noPartitions, "UNLOAD": "query -o answers.parquet \"SELECT …\" writes the rows of a statement to a file",
	"SEARCH": notSQL, "FIELDS": notSQL, "FILTER": notSQL, "STATS": notSQL, "SOURCE": notSQL, "INDEX": notSQL, "SOURCETYPE": notSQL,
	"EVENTSTATS": notSQL, "TSTATS": notSQL, "LET": notSQL,
	"\\": "that is a command of psql: SHOW TABLES lists the stores, DESCRIBE main their columns", "DECLARE": isVariable,
}

// isVariable explains how to pass the value of a variable.
const isVariable = "a value from outside is written :name, and given with --param name=VALUE"

// elsewhereHint explains statements that only other products have.
func (p *parser) elsewhereHint(t *token) string {
	text, before := strings.ToUpper(p.text(t)), p.before(1)
	switch {
	case before == "" && (t.kind == tokenEOF || text == ";"):
		return "the statement is empty"
	case before == "" && text == "{" && (p.text(p.peek(1)) == "$" || p.text(p.peek(1)) == "("):
		return "that is a filter of CloudWatch Logs; " + inSQL
	case before == "" && text == "FROM" && p.isPiped():
		return notSQL
	case before == "" && text == "FROM":
		return "a statement begins with SELECT: SELECT eventname FROM main"
	case text == ":" && before == "ARN" && isFrom(p.before(2)):
		return "a store is named by its ID, what comes after eventdatastore/, or by its name: FROM main"
	case text == ":" && before == "ARN" && p.before(2) != ".":
		return "an ARN is a text, in single quotes: 'arn:aws:…'"
	case text == ":" && before == ")" && p.isNamed(p.peek(1)):
		return "a member of JSON text is read with json_extract_scalar(x, '$." + p.text(p.peek(1)) + "')"
	case before == "" && firstWords[text] != "":
		return firstWords[text]
	case text == "@":
		return isVariable
	case text == "WITH" && p.peek(1).word == "(":
		return "hints for locks, such as WITH (NOLOCK), are left out: statements wait for no lock"
	case before == "<" && (text == "<" || text == "<="):
		return "addresses of a network are found with contains('10.0.0.0/8', try_cast(x AS ipaddress))"
	case text == "(" && isFrom(p.before(2)):
		return p.tableFunctionHint(strings.ToLower(before))
	case text == "VALUES" && p.peek(1).word == "(" && (before == "SELECT" || before == ","):
		return "values(x) is written array_agg(DISTINCT x)"
	case before == "" && p.isKQL(t):
		return "that is KQL, the language of Kibana; " + inSQL
	case before == "" && (p.peek(1).word == "WHERE" || text == "SEQUENCE"):
		return "that is EQL, the language of Elastic; " + inSQL
	case before == "" && (p.text(p.peek(1)) == "|" || p.text(p.peek(1)) == "="), text == "|":
		return notSQL
	case before == "" && nearWord(text) != "":
		return "did you mean " + nearWord(text) + "?"
	case before == "SHOW" && text == "PARTITIONS", before == "ADD" && text == "PARTITION":
		return noPartitions
	case before == "SHOW" && text == "DATABASES":
		return "SHOW DATABASES is written SHOW SCHEMAS"
	case before == "CREATE" && text == "EXTERNAL":
		return "no table over files is needed: auditlake import copies log files into a store"
	case text == "LATERAL" && strings.ToUpper(p.text(p.peek(1))) == "VIEW":
		return "LATERAL VIEW explode(x) is written CROSS JOIN UNNEST(x) AS t"
	case before == "DISTINCT" && text == "ON":
		return "DISTINCT ON is written SELECT … FROM (SELECT …, row_number() OVER (PARTITION BY … ORDER BY …) AS n FROM …) WHERE n = 1"
	case before == "SAMPLE" && t.kind == tokenInteger:
		return "SAMPLE n is written TABLESAMPLE BERNOULLI (n)"
	case before == "NOT" && p.before(2) == "IS":
		return "inequality is written x <> 'text'"
	case text == ":" && p.isNamed(p.peek(1)) && p.follows(t):
		column, name := strings.ToLower(before), p.text(p.peek(1))
		return "an entry of a map is read with element_at(" + column + ", '" + name + "'), a field of a row with " + column + "." + name
	case text == "WITH" && (p.peek(1).word == "ROLLUP" || p.peek(1).word == "CUBE"):
		return "GROUP BY x WITH " + p.peek(1).word + " is written GROUP BY " + p.peek(1).word + " (x)"
	case text == "UNNEST" && !isFrom(before):
		return "UNNEST stands in FROM: FROM main CROSS JOIN UNNEST(resources) AS t"
	case text == "(" && before == "GROUP" && p.before(2) == "WITHIN":
		return "percentile_cont(p) WITHIN GROUP (ORDER BY x) is written approx_percentile(x, p)"
	case text == "BY" && p.before(2) == "LIMIT":
		return "LIMIT n BY x is written SELECT … FROM (SELECT …, row_number() OVER (PARTITION BY x ORDER BY …) AS r FROM …) WHERE r <= n"
	}
	return ""
}

// tableFunctionHint returns what to write in FROM instead of a function that other products call there.
func (p *parser) tableFunctionHint(name string) string {
	switch {
	case strings.HasPrefix(name, "read_"), strings.HasSuffix(name, "_scan"), name == "file", name == "s3", name == "openrowset":
		return "FROM reads no files: auditlake import PATH copies log files into a store, auditlake table create NAME --from FILE makes a table"
	case name == "generate_series", name == "range", name == "numbers":
		return name + "(a, b) is written UNNEST(sequence(a, b)) AS t (n)"
	case name == "flatten", name == "explode", name == "json_array_elements", name == "jsonb_array_elements":
		return name + "(x) is written UNNEST(x) AS t"
	}
	return "a function of tables is called as TABLE(" + name + "(…))"
}

// isFrom reports whether a relation follows a word.
func isFrom(word string) bool { return word == "FROM" || word == "JOIN" }

// nearWord returns the first word of a statement that is within one edit of word, "" if there is none.
func nearWord(word string) string {
	for _, first := range []string{"SELECT", "EXPLAIN", "DESCRIBE"} {
		if isOneEdit(word, first) || isOneEdit(first, word) {
			return first
		}
	}
	return ""
}

// isOneEdit reports whether b is a with one byte inserted, replaced, or swapped with its neighbour.
func isOneEdit(a, b string) bool {
	at := 0
	for at < len(a) && at < len(b) && a[at] == b[at] {
		at++
	}
	switch a, b := a[at:], b[at:]; {
	case len(b) == len(a)+1:
		return a == b[1:]
	case len(b) != len(a) || len(a) == 0:
		return false
	default:
		return a[1:] == b[1:] || len(a) > 1 && a[0] == b[1] && a[1] == b[0] && a[2:] == b[2:]
	}
}

// maxPipeAt is the number of tokens that isPiped checks.
const maxPipeAt = 6

// isPiped reports whether a statement has a pipe near its beginning, as in from main | stats count().
func (p *parser) isPiped() bool {
	for at := 1; at <= maxPipeAt; at++ {
		if p.text(p.peek(at)) == "|" {
			return true
		}
	}
	return false
}

// maxFieldParts is the number of parts of a field's name that isKQL checks.
const maxFieldParts = 6

// isKQL reports whether a statement begins with a field and a colon, as in event.action : "x".
func (p *parser) isKQL(t *token) bool {
	at := 0
	for word := strings.ToUpper(p.text(t)); word == "NOT" || word == "("; word = strings.ToUpper(p.text(p.peek(at))) {
		at++
		if at > maxFieldParts {
			return false
		}
	}
	for range maxFieldParts {
		if !p.isNamed(p.peek(at)) {
			return false
		}
		switch p.text(p.peek(at + 1)) {
		case ":":
			return true
		case ".":
			at += 2
		default:
			return false
		}
	}
	return false
}

// follows reports whether a token comes right after a word.
func (p *parser) follows(t *token) bool {
	if p.i < 1 {
		return false
	}
	before := &p.buf[p.i-1]
	return before.end == t.start && (before.kind == tokenWord || before.kind == tokenReserved)
}

// templateHint explains remains of a template or of editing.
func (p *parser) templateHint(t *token) string {
	text, before := strings.ToUpper(p.text(t)), p.before(1)
	switch {
	case (text == "$" || text == "<") && isFrom(before):
		return "the name of a store belongs there: FROM main"
	case text == "$", text == "<" && p.isNamed(p.peek(1)) && p.text(p.peek(2)) == ">", text == "<" && before == "=":
		return "a template's placeholder is still there: write its value, or :name with --param name=VALUE"
	case before == "''" && p.isNamed(t):
		return "a text stands in one pair of single quotes: 'text'"
	case before == "," && (text == "FROM" || text == ")"):
		return "there is a comma too many before '" + p.text(t) + "'"
	case text != "" && text == before && p.isNamed(t):
		return "'" + p.text(t) + "' stands there twice"
	}
	return ""
}
