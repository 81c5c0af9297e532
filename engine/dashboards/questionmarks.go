package dashboards

import "strings"

// ReplaceQuestionMarks puts texts in place of a statement's question marks, also of those that stand in quotes alone,
// '?'. replace is called for each in turn, with its number from 0 on, and whether it has quotes, which are replaced
// with it. marks is how many there are. Question marks in comments, in names and in longer texts are none.
func ReplaceQuestionMarks(sql string, replace func(n int, isQuoted bool) string) (out string, marks int) {
	var text strings.Builder
	for at := 0; at < len(sql); {
		token := tokenAt(sql[at:])
		at += len(token)
		if token != "?" && token != "'?'" {
			text.WriteString(token)
			continue
		}
		text.WriteString(replace(marks, token == "'?'"))
		marks++
	}
	return text.String(), marks
}

// tokenAt returns the token at the beginning of a text: a comment, a text or name in quotes, or one byte. A token
// without an end extends to the end of the text.
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
