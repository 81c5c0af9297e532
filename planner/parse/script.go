package parse

import "strings"

// whiteSpace is what the lexer skips. Other space characters are part of no statement, so the parser refuses them.
const whiteSpace = " \t\r\n"

// Unfinished is the construct inside which a text ends.
type Unfinished uint8

// The constructs inside which a text can end. An unfinished text, name or comment is a mistake if nothing follows:
// its opening quote or /* is unexpected everywhere.
const (
	Complete            Unfinished = iota // there is nothing after the last semicolon
	UnfinishedStatement                   // no semicolon ends it
	UnfinishedText                        // 'text
	UnfinishedName                        // "name
	UnfinishedComment                     // /* comment
)

// Script is a text cut at the semicolons that end statements.
type Script struct {
	Statements []string // without their semicolons and the white space around them; none is empty
	Offsets    []int    // the byte of the text at which each statement begins
	Rest       string   // what follows the last semicolon, "" if that is only white space and comments
	Unfinished Unfinished
}

// SplitScript cuts a text into statements. A semicolon in a text, a name or a comment ends nothing. That includes
// unfinished ones, whose last line may still be typed.
func SplitScript(text string) Script {
	var s Script
	l := lexer{sql: text}
	start, isEmpty := 0, true
	for {
		t := l.next()
		switch {
		case t.kind == tokenEOF:
			if !isEmpty {
				s.Rest, s.Unfinished = text[start:], UnfinishedStatement
			}
			return s
		case t.word == ";":
			if !isEmpty {
				whole := text[start:t.start]
				s.Statements = append(s.Statements, strings.Trim(whole, whiteSpace))
				s.Offsets = append(s.Offsets, start+len(whole)-len(strings.TrimLeft(whole, whiteSpace)))
			}
			start, isEmpty = t.end, true
			continue
		}
		isEmpty = false
		if open := unfinishedAt(text, &t); open != Complete {
			s.Rest, s.Unfinished = text[start:], open
			return s
		}
	}
}

// unfinishedAt returns what begins at a token and has no end, or Complete.
func unfinishedAt(text string, t *token) Unfinished {
	switch {
	case t.word == "/" && strings.HasPrefix(text[t.end:], "*"):
		return UnfinishedComment
	case t.kind != tokenUnknown:
		return Complete
	}
	switch text[t.start] {
	case '\'':
		return UnfinishedText
	case '"', '`':
		return UnfinishedName
	}
	return Complete
}

// Placeholder is a position in a statement for a value that is given separately.
type Placeholder struct {
	Name       string // of :name; "" for a question mark
	Start, End int    // bytes of the statement, the colon included
	IsRowCount bool   // the value is a number of rows, as after LIMIT
}

// Placeholders returns the question marks and the names after a colon, in order. The latter are not part of the
// language: a caller that supports them replaces them. The colon of JSON_OBJECT('key' :value) is not a
// placeholder's.
func Placeholders(sql string) []Placeholder {
	var found []Placeholder
	l := lexer{sql: sql}
	before := token{}
	for t := l.next(); t.kind != tokenEOF; {
		next := l.next()
		place := Placeholder{Start: t.start, End: t.end, IsRowCount: startsRowCount(before.word)}
		switch {
		case t.word == "?":
			found = append(found, place)
		case t.word == ":" && next.start == t.end && isPlaceholderName(&next) && !endsValue(&before):
			place.Name, place.End = sql[next.start:next.end], next.end
			found = append(found, place)
		}
		before, t = t, next
	}
	return found
}

func startsRowCount(word string) bool {
	return word == "LIMIT" || word == "OFFSET" || word == "FIRST" || word == "NEXT"
}

func isPlaceholderName(t *token) bool {
	switch t.kind {
	case tokenWord, tokenReserved, tokenDigitWord, tokenInteger:
		return true
	}
	return false
}

// endsValue reports whether t is certainly the last token of a value.
func endsValue(t *token) bool {
	return t.word == ")" || t.word == "]" || t.word == "?" || t.kind == tokenQuoted || isString(t) || isNumber(t)
}

// OneLine returns an equivalent statement that can be edited on one line. Line breaks between tokens become blanks,
// and comments to the end of a line become bracketed comments. Line breaks inside texts, names and comments remain.
func OneLine(sql string) string {
	var out strings.Builder
	l := lexer{sql: sql}
	for l.pos < len(sql) {
		start := l.pos
		switch l.skipBlank() {
		case blankNone:
			t := l.next()
			out.WriteString(sql[t.start:t.end])
		case blankLineComment:
			out.WriteString("/*" + strings.ReplaceAll(sql[start+2:l.pos], "*/", "* /") + "*/")
		case blankBlockComment:
			out.WriteString(sql[start:l.pos])
		case blankSpace:
			if c := sql[start]; c == '\t' {
				out.WriteByte(c)
			} else {
				out.WriteByte(' ')
			}
		}
	}
	return out.String()
}
