package parse

import "strings"

// whiteSpace is what the lexer passes over. Other characters that count as space
// elsewhere belong to no statement of the language, and stay to be refused.
const whiteSpace = " \t\r\n"

// Unfinished says what a text ends inside of.
type Unfinished uint8

// What a text can end inside of. An unfinished text, name or comment is a mistake
// if nothing follows: such a quote, and the /* of such a comment, fit nowhere.
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

// SplitScript cuts a text into statements. A semicolon in a text, a name or a
// comment ends nothing, also while the end of that text, name or comment is
// missing: the line with it may still be typed.
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

// Placeholder is a place in a statement for a value that is given beside it.
type Placeholder struct {
	Name       string // of :name; "" for a question mark
	Start, End int    // bytes of the statement, the colon included
	IsRowCount bool   // the value is a number of rows, as after LIMIT
}

// Placeholders returns the question marks and the names with a colon before them
// in their order. The latter are no part of the language: a caller that supports
// them replaces them. The colon of JSON_OBJECT('key' :value) is no placeholder's.
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

// endsValue reports whether t is the last token of a value for sure.
func endsValue(t *token) bool {
	return t.word == ")" || t.word == "]" || t.word == "?" || t.kind == tokenQuoted || isString(t) || isNumber(t)
}

// OneLine returns a statement that means the same and can be edited on one line:
// line breaks between tokens are blanks, and comments to the end of a line become
// comments in brackets. Line breaks inside of texts, names and comments remain.
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
