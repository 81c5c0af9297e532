package sqljson

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// SyntaxError is a text that is not a path. Offset counts the code points before the offending token, or those
// before it in its line if that is not the first. Line is the token's line, from 1, or 0 for a number, whose
// position Trino does not know.
type SyntaxError struct {
	Line, Offset int
	Message      string
	BadDecimal   bool // a decimal with too many digits
}

func (e *SyntaxError) Error() string { return e.Message }

type tokenKind uint8

const (
	tokenEnd tokenKind = iota
	tokenSymbol
	tokenWord // an identifier or keyword
	tokenVariable
	tokenString
	tokenInteger
	tokenDecimal
	tokenDouble
)

type token struct {
	kind tokenKind
	text string // of a string: without quotes; of a variable: its name
	at   int    // byte offset
}

// symbols from long to short.
var symbols = []string{"==", "<>", "!=", "<=", ">=", "&&", "||", "..", "$", "@", ".", "*", "[", "]", ",", "?", "(", ")", "+", "-", "/", "%", "<", ">", "!"}

// tokens cuts text; the last token is the end.
func tokens(text string) ([]token, error) {
	var list []token
	for at := 0; ; {
		for at < len(text) && strings.IndexByte(" \t\r\n", text[at]) >= 0 {
			at++
		}
		if at == len(text) {
			return append(list, token{tokenEnd, "<EOF>", at}), nil
		}
		t, end := scan(text, at)
		if end == at {
			return nil, errorAt(text, at, "unexpected character in JSON path")
		}
		list = append(list, t)
		at = end
	}
}

func scan(text string, at int) (token, int) {
	switch c := text[at]; {
	case c == '"':
		return scanString(text, at)
	case isLetter(c):
		end := wordEnd(text, at)
		return token{tokenWord, text[at:end], at}, end
	case c == '$' && at+1 < len(text) && isLetter(text[at+1]):
		end := wordEnd(text, at+1)
		return token{tokenVariable, text[at+1 : end], at}, end
	case isDigit(c), c == '.' && at+1 < len(text) && isDigit(text[at+1]):
		return scanNumber(text, at)
	}
	for _, s := range symbols {
		if strings.HasPrefix(text[at:], s) {
			return token{tokenSymbol, s, at}, at + len(s)
		}
	}
	return token{}, at
}

// scanString reads a text in double quotes; a doubled quote means one quote.
func scanString(text string, at int) (token, int) {
	for end := at + 1; end < len(text); end++ {
		if text[end] != '"' {
			continue
		}
		if end+1 < len(text) && text[end+1] == '"' {
			end++
			continue
		}
		return token{tokenString, strings.ReplaceAll(text[at+1:end], `""`, `"`), at}, end + 1
	}
	return token{}, at
}

func scanNumber(text string, at int) (token, int) {
	kind, end := tokenInteger, digitsEnd(text, at)
	// A point before another point belongs to an accessor.
	if end < len(text) && text[end] == '.' && !strings.HasPrefix(text[end:], "..") {
		kind, end = tokenDecimal, digitsEnd(text, end+1)
	}
	if end < len(text) && text[end]|0x20 == 'e' {
		exponent := end + 1
		if exponent < len(text) && (text[exponent] == '+' || text[exponent] == '-') {
			exponent++
		}
		if stop := digitsEnd(text, exponent); stop > exponent {
			kind, end = tokenDouble, stop
		}
	}
	return token{kind, text[at:end], at}, end
}

func digitsEnd(text string, at int) int {
	for at < len(text) && isDigit(text[at]) {
		at++
	}
	return at
}

func wordEnd(text string, at int) int {
	for at < len(text) && (isLetter(text[at]) || isDigit(text[at])) {
		at++
	}
	return at
}

func isLetter(c byte) bool { return c == '_' || c|0x20 >= 'a' && c|0x20 <= 'z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func errorAt(text string, at int, format string, args ...any) *SyntaxError {
	before := text[:at]
	line := 1 + strings.Count(before, "\n")
	start := strings.LastIndexByte(before, '\n') + 1
	return &SyntaxError{Line: line, Offset: utf8.RuneCountInString(before[start:]), Message: fmt.Sprintf(format, args...)}
}
