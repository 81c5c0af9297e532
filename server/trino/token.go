package trino

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is a piece of a statement: a word in capitals, a "quoted name", a
// 'text', or one other character.
type token struct {
	kind       tokenKind
	text       string // without quotes; words in capitals
	start, end int    // bytes of the statement
}

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenWord
	tokenQuoted
	tokenString
	tokenOther
)

// name is a token as an identifier, "" when it is none.
func (t token) name() string {
	switch t.kind {
	case tokenWord:
		return strings.ToLower(t.text)
	case tokenQuoted:
		return t.text
	}
	return ""
}

// word is a token as a word in capitals, "" when it is none.
func (t token) word() string {
	if t.kind != tokenWord {
		return ""
	}
	return t.text
}

// nextToken is the first token of sql at or after a byte; comments and white
// space are passed over. A quote that does not end reaches to the end.
func nextToken(sql string, at int) token {
	at = skipSpace(sql, at)
	if at >= len(sql) {
		return token{start: len(sql), end: len(sql)}
	}
	switch c := sql[at]; {
	case c == '\'':
		return quotedToken(sql, at, tokenString)
	case c == '"':
		return quotedToken(sql, at, tokenQuoted)
	case isWordByte(c):
		end := at
		for end < len(sql) && isWordByte(sql[end]) {
			end++
		}
		return token{tokenWord, strings.ToUpper(sql[at:end]), at, end}
	}
	_, size := utf8.DecodeRuneInString(sql[at:])
	return token{tokenOther, sql[at : at+size], at, at + size}
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= utf8.RuneSelf
}

func quotedToken(sql string, at int, kind tokenKind) token {
	quote := sql[at]
	var text strings.Builder
	for i := at + 1; i < len(sql); i++ {
		if sql[i] != quote {
			text.WriteByte(sql[i])
			continue
		}
		if i+1 < len(sql) && sql[i+1] == quote {
			text.WriteByte(quote)
			i++
			continue
		}
		return token{kind, text.String(), at, i + 1}
	}
	return token{kind, text.String(), at, len(sql)}
}

// skipSpace passes white space, -- comments and /* comments */.
func skipSpace(sql string, at int) int {
	for at < len(sql) {
		r, size := utf8.DecodeRuneInString(sql[at:])
		rest := sql[at:]
		switch {
		case unicode.IsSpace(r):
			at += size
		case strings.HasPrefix(rest, "--"):
			end := strings.IndexByte(rest, '\n')
			if end < 0 {
				return len(sql)
			}
			at += end
		case strings.HasPrefix(rest, "/*"):
			end := strings.Index(rest[2:], "*/")
			if end < 0 {
				return len(sql)
			}
			at += end + 4
		default:
			return at
		}
	}
	return at
}

// splitArguments cuts a list of expressions at the commas outside brackets.
func splitArguments(sql string) []string {
	var out []string
	depth, from := 0, 0
	for at := 0; ; {
		t := nextToken(sql, at)
		switch {
		case t.kind == tokenEnd:
			return append(out, strings.TrimSpace(sql[from:]))
		case t.kind != tokenOther:
		case strings.Contains("([", t.text):
			depth++
		case strings.Contains(")]", t.text):
			depth--
		case t.text == "," && depth == 0:
			out = append(out, strings.TrimSpace(sql[from:t.start]))
			from = t.end
		}
		at = t.end
	}
}
