package parse

import (
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
)

// tokenKind is the class of a token.
type tokenKind uint8

const (
	tokenEOF           tokenKind = iota
	tokenWord                    // an unquoted identifier or a keyword that is not reserved
	tokenReserved                // a reserved keyword
	tokenQuoted                  // "identifier"
	tokenBackquoted              // `identifier`, always an error with its own message
	tokenDigitWord               // 1abc: an error except in a table's name
	tokenString                  // 'text'
	tokenUnicodeString           // U&'text'
	tokenBinary                  // X'hex'
	tokenInteger
	tokenDecimal
	tokenDouble
	tokenSymbol
	tokenUnknown // a character no token starts with
)

// token is a piece of the statement.
type token struct {
	kind tokenKind
	// word is the keyword in upper case, or the symbol; "" for all else.
	word       string
	start, end int // byte offsets
	line, col  int // 1-based; col counts code points
}

func (t *token) at() ast.At { return ast.At{Line: t.line, Column: t.col} }

// lexer cuts a text into tokens. Columns are right where the text is valid UTF-8. It never fails: text that it
// cannot read becomes a tokenUnknown, which the parser reports.
type lexer struct {
	sql       string
	pos       int
	line, col int // of pos
}

// next returns the next token; at the end it returns a tokenEOF in every call.
func (l *lexer) next() token {
	l.skipBlanks()
	t := token{start: l.pos, line: l.line, col: l.col}
	if l.pos >= len(l.sql) {
		t.end = l.pos
		return t
	}
	l.scan(&t)
	l.advance(t.end)
	return t
}

// advance moves to offset end, counting lines and code points.
func (l *lexer) advance(end int) {
	for ; l.pos < end; l.pos++ {
		switch c := l.sql[l.pos]; {
		case c == '\n':
			l.line++
			l.col = 1
		case c&0xC0 != 0x80: // not inside a code point
			l.col++
		}
	}
}

// blank is the kind of text between two tokens.
type blank uint8

const (
	blankNone blank = iota
	blankSpace
	blankLineComment  // from -- to the end of the line, which is not part of it
	blankBlockComment // from /* to */
)

// skipBlanks skips white space and comments.
func (l *lexer) skipBlanks() {
	for l.skipBlank() != blankNone {
	}
}

// skipBlank skips one character of white space or one comment. A /* without an end is not a comment but two
// operators, which are unexpected everywhere.
func (l *lexer) skipBlank() blank {
	if l.pos == len(l.sql) {
		return blankNone
	}
	rest := l.sql[l.pos:]
	switch c := rest[0]; {
	case c == ' ' || c == '\t' || c == '\r' || c == '\n':
		l.advance(l.pos + 1)
		return blankSpace
	case strings.HasPrefix(rest, "--"):
		length := strings.IndexAny(rest, "\r\n")
		if length < 0 {
			length = len(rest)
		}
		l.advance(l.pos + length)
		return blankLineComment
	case strings.HasPrefix(rest, "/*"):
		length := strings.Index(rest[2:], "*/")
		if length < 0 {
			return blankNone
		}
		l.advance(l.pos + length + 4)
		return blankBlockComment
	}
	return blankNone
}

// scan sets kind, word and end of the token at l.pos.
func (l *lexer) scan(t *token) {
	c := l.sql[l.pos]
	switch {
	case isLetter(c) || c == '_':
		l.scanWord(t, c)
	case isDigit(c) || c == '.' && isDigit(l.byteAt(l.pos+1)):
		t.kind, t.end = scanNumber(l.sql, l.pos)
	case c == '\'':
		l.scanQuoted(t, tokenString, l.pos)
	case c == '"':
		l.scanQuoted(t, tokenQuoted, l.pos)
	case c == '`':
		l.scanQuoted(t, tokenBackquoted, l.pos)
	default:
		l.scanSymbol(t)
	}
}

func (l *lexer) scanWord(t *token, c byte) {
	switch {
	case (c == 'X' || c == 'x') && l.byteAt(l.pos+1) == '\'':
		if end := strings.IndexByte(l.sql[l.pos+2:], '\''); end >= 0 {
			t.kind, t.end = tokenBinary, l.pos+2+end+1
			return
		}
	case (c == 'U' || c == 'u') && strings.HasPrefix(l.sql[l.pos+1:], "&'"):
		if l.scanQuoted(t, tokenUnicodeString, l.pos+2); t.kind == tokenUnicodeString {
			return
		}
	}
	t.kind, t.end = tokenWord, wordEnd(l.sql, l.pos)
	if k, ok := lookupKeyword(l.sql[t.start:t.end]); ok {
		t.word = k.word
		if k.reserved {
			t.kind = tokenReserved
		}
	}
}

// scanQuoted reads from the quote at offset open to the next single quote of its kind; a doubled quote means one
// quote. If there is no single quote, the last doubled one ends the text, and its second half begins another.
func (l *lexer) scanQuoted(t *token, kind tokenKind, open int) {
	quote := l.sql[open]
	t.kind, t.end = tokenUnknown, open+1
	for i := open + 1; ; i++ {
		length := strings.IndexByte(l.sql[i:], quote)
		if length < 0 {
			return
		}
		i += length
		t.kind, t.end = kind, i+1
		if l.byteAt(i+1) != quote {
			return
		}
		i++
	}
}

// symbols are the operators and the punctuation, longest first.
var symbols = []string{
	"<>", "!=", "<=", ">=", "||", "->", "=>", "{-", "-}",
	"(", ")", ",", ".", "=", "<", ">", "+", "-", "*", "/", "%", "?", ";",
	"[", "]", ":", "|", "{", "}", "^", "$",
}

func (l *lexer) scanSymbol(t *token) {
	rest := l.sql[l.pos:]
	for _, symbol := range symbols {
		if strings.HasPrefix(rest, symbol) {
			t.kind, t.word, t.end = tokenSymbol, symbol, l.pos+len(symbol)
			if symbol == "!=" {
				t.word = "<>"
			}
			return
		}
	}
	t.kind, t.end = tokenUnknown, l.pos+1
	for t.end < len(l.sql) && l.sql[t.end]&0xC0 == 0x80 {
		t.end++
	}
}

// byteAt returns the byte at offset i, 0 after the end.
func (l *lexer) byteAt(i int) byte {
	if i < len(l.sql) {
		return l.sql[i]
	}
	return 0
}

func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isWord(c byte) bool   { return isLetter(c) || isDigit(c) || c == '_' }

// wordEnd returns the end of the letters, digits and underscores from i on.
func wordEnd(sql string, i int) int {
	for i < len(sql) && isWord(sql[i]) {
		i++
	}
	return i
}

// storeIDEnd returns the end of the store id at i: letters, digits, underscores
// and single hyphens between them. Two hyphens start a comment.
func storeIDEnd(sql string, i int) int {
	end := wordEnd(sql, i)
	for end > i && end+1 < len(sql) && sql[end] == '-' && isWord(sql[end+1]) {
		end = wordEnd(sql, end+1)
	}
	return end
}
