package main

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/lazyregexp"
)

// script is the text of a command line or file, cut into its statements.
type script struct {
	text       string // as it was given, for the places of errors
	file       string // its name, "" for an argument and for standard input
	statements []scriptStatement
}

// scriptStatement is one statement of a script.
type scriptStatement struct {
	sql          string
	line, column int // of the text where it begins, from 1
	arguments    []argument
}

// scriptOf cuts a text whose parameters are bound. A text with a single statement stays as it is.
func scriptOf(given, bound string, arguments []argument) *script {
	s := &script{text: given}
	cut := engine.SplitScript(bound)
	texts, offsets := cut.Statements, cut.Offsets
	if rest := strings.TrimRight(cut.Rest, " \t\r\n"); rest != "" {
		start := len(bound) - len(strings.TrimLeft(cut.Rest, " \t\r\n"))
		texts, offsets = append(texts, bound[start:]), append(offsets, start)
	}
	if len(texts) < 2 {
		s.statements = []scriptStatement{{sql: bound, line: 1, column: 1, arguments: arguments}}
		return s
	}
	for i, text := range texts {
		before := bound[:offsets[i]]
		marks := min(questionMarks(text), len(arguments))
		s.statements = append(s.statements, scriptStatement{
			sql: text, line: 1 + strings.Count(before, "\n"), column: 1 + utf8.RuneCountInString(before[strings.LastIndexByte(before, '\n')+1:]),
			arguments: arguments[:marks],
		})
		arguments = arguments[marks:]
	}
	return s
}

// beginAt says where the text of a single statement stands in a longer one, written FILE:LINE:COLUMN; FILE may be
// empty. A shell that reads a script gives that place.
func (s *script) beginAt(place string) error {
	rest, column, _ := cutLast(place)
	file, line, ok := cutLast(rest)
	if !ok || line < 1 || column < 1 {
		return usageError{fmt.Errorf("--place %q is not FILE:LINE:COLUMN", place)}
	}
	only := &s.statements[0]
	s.file, only.line, only.column = file, line, column
	s.text = strings.Repeat("\n", line-1) + strings.Repeat(" ", column-1) + s.text
	return nil
}

// cutLast cuts the number after the last colon off.
func cutLast(text string) (before string, number int, ok bool) {
	at := strings.LastIndexByte(text, ':')
	if at < 0 {
		return "", 0, false
	}
	number, err := strconv.Atoi(text[at+1:])
	return text[:at], number, err == nil
}

// isOne reports whether the script has a single statement.
func (s *script) isOne() bool { return len(s.statements) == 1 }

// failed returns the error of a statement with its place in the whole text.
func (s *script) failed(statement *scriptStatement, err error) error {
	var e *engine.Error
	isPlaced := errors.As(err, &e) && !e.Pos.IsZero()
	isPart := !s.isOne() || statement.line > 1 || statement.column > 1
	switch {
	case isPlaced && isPart:
		moved := *e
		moved.Pos.Line, moved.Pos.Column = statement.moved(e.Pos.Line, e.Pos.Column)
		moved.Message = laterPlace().ReplaceAllStringFunc(moved.Message, func(place string) string {
			parts := laterPlace().FindStringSubmatch(place)
			line, _ := strconv.Atoi(parts[1])
			column, _ := strconv.Atoi(parts[2])
			line, column = statement.moved(line, column)
			return fmt.Sprintf("at %d:%d on", line, column)
		})
		err = &moved
	case !isPlaced && isPart:
		err = fmt.Errorf("the statement at line %d: %w", statement.line, err)
	}
	if s.file != "" {
		err = fmt.Errorf("%s: %w", s.file, err)
	}
	return sqlError{err, s.text}
}

// laterPlace is the second place in a message of the parser.
var laterPlace = lazyregexp.New(`at (\d+):(\d+) on$`)

// moved is a place of the statement as a place of the whole text.
func (s *scriptStatement) moved(line, column int) (int, int) {
	if line == 1 {
		column += s.column - 1
	}
	return line + s.line - 1, column
}

// errOneStatement refuses several statements where the command works on one.
func errOneStatement(what string) error {
	return usageError{fmt.Errorf("%s works with one statement, not with several", what)}
}
