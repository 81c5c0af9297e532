package shell

import (
	"fmt"
	"strings"
	"unicode"
)

// searchKey begins a search of the history, and continues it with the next older match.
const searchKey = 'R' - '@'

// search finds earlier statements by a part of them. While it is active, the line is mark and what is found.
type search struct {
	history *history
	active  bool
	query   string
	found   string
	at      int // of found in the history
}

// mark is shown before the match, and says what is searched for.
func (s *search) mark() string { return fmt.Sprintf("(search '%s'): ", s.query) }

// key takes a key while a search is active, or the one that begins it. done: the line is to be edited on as it is
// returned.
func (s *search) key(line string, key rune) (newLine string, ok bool) {
	if s.active && !strings.HasPrefix(line, s.mark()) {
		s.active = false // a key that is the editor's changed the line
	}
	switch {
	case key == searchKey && !s.active:
		*s = search{history: s.history, active: true, query: strings.TrimSpace(line), at: -1}
		s.older()
	case !s.active:
		return "", false
	case key == searchKey:
		s.older()
	case unicode.IsPrint(key):
		s.query += string(key)
		s.at = -1
		s.older()
	default:
		s.active = false
		return s.found, true
	}
	return s.mark() + s.found, true
}

// older moves to the next older statement with the text that is looked for, if there is one.
func (s *search) older() {
	for i := s.at + 1; i < s.history.Len(); i++ {
		statement := s.history.At(i)
		if strings.Contains(strings.ToLower(statement), strings.ToLower(s.query)) && (s.at < 0 || statement != s.found) {
			s.found, s.at = statement, i
			return
		}
	}
	if s.at < 0 {
		s.found = ""
	}
}

// result is the statement of a line that ends a search, or the line if none is active.
func (s *search) result(line string) string {
	if !s.active {
		return line
	}
	s.active = false
	return strings.TrimPrefix(line, s.mark())
}
