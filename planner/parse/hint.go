package parse

import "strings"

// hintTokens is how many tokens before the current one hint looks at.
const hintTokens = 3

// hint returns the likely mistake that made a token unexpected, as the end of a
// message, "" if none is known.
func (p *parser) hint(t *token) string {
	if h := p.spellingHint(t); h != "" {
		return "; " + h
	}
	if h := p.templateHint(t); h != "" {
		return "; " + h
	}
	if h := p.elsewhereHint(t); h != "" {
		return "; " + h
	}
	if h := p.dialectHint(t); h != "" {
		return "; " + h
	}
	return ""
}

// before returns the n-th token before the current one in upper case, "" if there is none.
func (p *parser) before(n int) string {
	if p.i < n {
		return ""
	}
	return strings.ToUpper(p.text(&p.buf[p.i-n]))
}

// spellingHint explains characters that look like others.
func (p *parser) spellingHint(t *token) string {
	before := p.before(1)
	if text := p.backslashed(t); text != "" {
		return "a quote within a text is doubled, without a backslash: " + text
	}
	switch {
	case t.word == "=" && (before == "<" || before == ">"):
		return "did you mean '" + before + "='? It is written without a blank"
	case t.word == "=" && before == "=":
		return "equality is written with one '='"
	case t.kind == tokenUnknown && p.text(t) == "!" && p.peek(1).word == "=":
		return "did you mean '!='? It is written without a blank"
	case t.kind == tokenUnknown && (p.text(t) == "'" || p.text(t) == `"`):
		return "the quote is never closed"
	case t.word == "/" && p.peek(1).word == "*", t.word == "*" && before == "/":
		return "the comment is never closed"
	case t.kind == tokenUnknown && strings.Contains("‘’“”", p.text(t)):
		return "strings stand in straight quotes: 'text'"
	case t.kind == tokenUnknown && p.text(t) == "\u00a0":
		return "this blank is a no-break space"
	}
	return ""
}

// backslashed returns the text before a token that ends with a backslash and a quote, with the quote doubled; "" if
// there is none.
func (p *parser) backslashed(t *token) string {
	next := t
	for n := 1; n <= 2 && n <= p.i; n++ {
		before := &p.buf[p.i-n]
		if beginning, ok := strings.CutSuffix(p.text(before), `\'`); ok && before.kind == tokenString && before.end == next.start {
			return beginning + "''" + p.text(next) + "'"
		}
		next = before
	}
	return ""
}

// dialectHint names Trino's replacement for syntax of other databases.
func (p *parser) dialectHint(t *token) string {
	text, before := strings.ToUpper(p.text(t)), p.before(1)
	switch {
	case text == "ILIKE":
		return "ILIKE is written lower(x) LIKE 'pattern in lower case'"
	case text == "SIMILAR", before == "SIMILAR" && text == "TO", text == "MATCHES", text == "REGEXP_LIKE",
		text == "RLIKE", text == "REGEXP", text == "~", text == "!" && p.text(p.peek(1)) == "~":
		return "regular expressions are searched with regexp_like(x, 'pattern')"
	case text == "QUALIFY", before == "QUALIFY":
		return "QUALIFY is written SELECT … FROM (SELECT …, row_number() OVER (…) AS n FROM …) WHERE n = 1"
	case before == "*" && text == "EXCLUDE", before == "(" && p.before(2) == "EXCEPT" && p.before(3) == "*":
		return "* has no exceptions: name the columns that you want"
	case text == ":" && (before == ":" || p.text(p.peek(1)) == ":"):
		return "a cast is written CAST(x AS type)"
	case text == ":" && p.isNamed(p.peek(1)):
		name := p.text(p.peek(1))
		return "a parameter is written ?, or on the command line :" + name + " with --param " + name + "=VALUE"
	case text == ">" && (before == ">" || before == "->"), text == "->", text == "-" && p.text(p.peek(1)) == ">", text == ">" && before == "-":
		return "a value in JSON text is read with json_extract_scalar(x, '$.name')"
	case text == "AS" && p.callBefore(t) == "SAFE_CAST":
		return "SAFE_CAST is written TRY_CAST(x AS type)"
	case text == "OFFSET" && p.before(2) == "LIMIT":
		return "OFFSET stands before LIMIT: OFFSET m LIMIT n"
	case text == "," && p.before(2) == "LIMIT":
		return "LIMIT m, n is written OFFSET m LIMIT n"
	case before == "INTERVAL" && t.kind == tokenInteger:
		return "the number of an interval stands in quotes: INTERVAL '" + text + "' DAY"
	case text == "&" && (before == "&" || p.text(p.peek(1)) == "&"):
		return "&& is written AND"
	case text == ">" && before == "<=":
		return "<=> is written IS NOT DISTINCT FROM"
	case text == "CONTAINS":
		return "a part of a text: x LIKE '%part%'"
	case text == "#", text == "/" && p.text(p.peek(1)) == "/":
		return "a comment begins with --"
	case text == "GLOB":
		return "GLOB is written LIKE, with % for *: x LIKE 'Get%'"
	case text == ")" && before == "(" && isClock(p.before(2)), text == "(" && isClock(before):
		return "the time of the statement stands without parentheses: current_timestamp, current_date"
	case text == "[" && (isFrom(before) || before == "."):
		return "names stand without brackets: " + p.text(p.peek(1))
	case t.kind == tokenString && isFrom(before):
		return "the name of a store stands without quotes, or in double ones: FROM " + strings.Trim(p.text(t), "'")
	case t.kind == tokenString && before == "AS":
		return "a name stands without quotes, or in double ones: AS \"" + strings.Trim(p.text(t), "'") + "\""
	case before == "TOP":
		return "TOP n is written LIMIT n, at the end"
	case text == ";" && p.peek(1).kind != tokenEOF:
		return "a request has one statement; auditlake query and auditlake shell take several"
	case before == "IN" && t.kind == tokenString:
		return "the values of IN stand in parentheses: IN ('text')"
	case text == "LEFT" && p.peek(1).word == "(", text == "RIGHT" && p.peek(1).word == "(":
		return "the beginning of a text is substr(x, 1, n), its end substr(x, -n)"
	case before == "PIVOT", p.before(3) == "PIVOT" && p.before(2) == "(":
		return "PIVOT is written GROUP BY with count_if(x = 'text') for each column"
	case before == "IN" && text == "?":
		return "the values of IN stand in parentheses: IN (:a, :b), each with a --param of its own"
	case text == "SUMMARIZE":
		return "what columns hold is shown by the command describe --profile"
	}
	return ""
}

// isClock reports whether a word is a time of the statement, which other databases call as a function.
func isClock(word string) bool {
	switch word {
	case "CURRENT_TIMESTAMP", "CURRENT_DATE", "CURRENT_TIME", "LOCALTIMESTAMP", "LOCALTIME":
		return true
	}
	return false
}

// durationHint explains a word such as 7d, a duration in other products, as the end of a message; "" for other
// words.
func durationHint(word string) string {
	unit := strings.ToUpper(strings.TrimLeft(word, "0123456789"))
	name := map[string]string{"S": "SECOND", "M": "MINUTE", "MIN": "MINUTE", "H": "HOUR", "D": "DAY"}[unit]
	if name == "" {
		return ""
	}
	return "; a duration is written INTERVAL '" + word[:len(word)-len(unit)] + "' " + name + ", as in eventtime > now() - INTERVAL '1' DAY"
}

// callBefore returns the word, in upper case, before the parenthesis around a token; "" if there is none.
func (p *parser) callBefore(t *token) string {
	before := p.lex.sql[:t.start]
	for depth, at := 0, len(before)-1; at >= 0; at-- {
		switch before[at] {
		case ')':
			depth++
		case '(':
			if depth--; depth < 0 {
				word := strings.TrimRight(before[:at], " \t\r\n")
				return strings.ToUpper(word[strings.LastIndexAny(word, " \t\r\n(,.")+1:])
			}
		}
	}
	return ""
}

// isNamed reports whether a token can be a parameter's name.
func (p *parser) isNamed(t *token) bool {
	text := p.text(t)
	return text != "" && (text[0] == '_' || text[0] >= 'a' && text[0] <= 'z' || text[0] >= 'A' && text[0] <= 'Z')
}
