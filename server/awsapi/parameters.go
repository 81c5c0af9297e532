package awsapi

import (
	"regexp"
	"strings"
)

var numberText = regexp.MustCompile(`^-?[0-9]{1,18}(?:\.[0-9]{1,18})?$`)

// withParameters puts the values of a request in place of a statement's question marks, also of those that stand in
// quotes alone, '?'. It returns the statement with plain question marks, and an SQL constant for each: a number where
// the value is one and its question mark has no quotes, otherwise a text. So a value is never more than a value.
func withParameters(sql string, values []string) (statement string, arguments []string, err error) {
	if len(values) == 0 {
		return sql, nil, nil
	}
	var out strings.Builder
	marks := 0
	for at := 0; at < len(sql); {
		token := tokenAt(sql[at:])
		at += len(token)
		if token != "?" && token != "'?'" {
			out.WriteString(token)
			continue
		}
		if marks < len(values) {
			arguments = append(arguments, constant(values[marks], token == "'?'"))
		}
		out.WriteByte('?')
		marks++
	}
	if marks != len(values) {
		return "", nil, fail("InvalidParameterException", "The statement has %d question marks, and there are %d QueryParameters.", marks, len(values))
	}
	return out.String(), arguments, nil
}

func constant(value string, isQuoted bool) string {
	if !isQuoted && numberText.MatchString(value) {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", "''") + "'"
}

// tokenAt is what a text begins with as far as question marks are concerned: a comment, a text or name in quotes, or one
// byte. What has no end reaches to the end.
func tokenAt(text string) string {
	for _, c := range []struct{ begin, end string }{{"--", "\n"}, {"/*", "*/"}} {
		if strings.HasPrefix(text, c.begin) {
			return upTo(text, len(c.begin), c.end)
		}
	}
	quote := text[:1]
	if quote != "'" && quote != `"` {
		return quote
	}
	token := upTo(text, 1, quote)
	for len(token) < len(text) && text[len(token):len(token)+1] == quote { // two quotes are one in the text
		token = upTo(text, len(token)+1, quote)
	}
	return token
}

// upTo is a text up to the first end from a place on, with it.
func upTo(text string, from int, end string) string {
	found := strings.Index(text[from:], end)
	if found < 0 {
		return text
	}
	return text[:from+found+len(end)]
}
