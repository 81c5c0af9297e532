package shell

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// scriptPlace follows a script line by line, so that errors name positions in the whole file. A nil *scriptPlace
// stands for typed statements; its methods do nothing.
type scriptPlace struct {
	file  string // "" for standard input
	line  int    // the line that was read last, from 1
	first place  // where the pending text begins
	at    place  // where the statement begins that is run
}

// place is a line and a column of a file, both from 1.
type place struct{ line, column int }

// after returns where the text ends that begins at p.
func (p place) after(text string) place {
	lines := strings.Count(text, "\n")
	column := utf8.RuneCountInString(text[strings.LastIndexByte(text, '\n')+1:])
	if lines == 0 {
		return place{p.line, p.column + column}
	}
	return place{p.line + lines, 1 + column}
}

func (s *scriptPlace) nextLine() {
	if s != nil {
		s.line++
		s.at = place{s.line, 1}
	}
}

// beginPending lets the pending text begin with the line that was read last.
func (s *scriptPlace) beginPending() {
	if s != nil {
		s.first = place{s.line, 1}
	}
}

// begin notes that the statement at a byte of the pending text is run.
func (s *scriptPlace) begin(text string, offset int) {
	if s != nil {
		s.at = s.first.after(text[:offset])
	}
}

// advance passes the beginning of the pending text.
func (s *scriptPlace) advance(text string) {
	if s != nil {
		s.first = s.first.after(text)
	}
}

// flags are the flags of query that say where the statement stands.
func (s *scriptPlace) flags() []string {
	if s == nil || s.file == "" && s.at == (place{1, 1}) {
		return nil
	}
	return []string{"--place", fmt.Sprintf("%s:%d:%d", s.file, s.at.line, s.at.column)}
}

// prefix begins the messages of wrong commands.
func (s *scriptPlace) prefix() string {
	switch {
	case s == nil:
		return ""
	case s.file != "":
		return fmt.Sprintf("%s: line %d: ", s.file, s.at.line)
	}
	return fmt.Sprintf("line %d: ", s.at.line)
}
