// Package like finds the texts of LIKE patterns, and other texts by their plain pieces.
package like

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// Matcher is a compiled LIKE pattern: literal pieces between %, with _ as
// wildcards inside pieces.
type Matcher struct {
	Pieces     []Piece
	start, end bool // the first (last) piece is anchored at the text's start (end)
}

// Piece is text to find: plain, or with anyRune for each _.
type Piece struct {
	Plain   string
	AnyCase bool   // letters of ASCII are found in both cases
	rare    int    // the place in plain of the byte that texts hold least often
	second  int    // the place of the next rarest, in a piece of one byte the same
	runes   []rune // set when the piece has wildcards
}

const anyRune = -1

// PlainPiece is a piece without wildcards.
func PlainPiece(text string) Piece {
	p := Piece{Plain: text}
	p.rare, p.second = twoRarest(text)
	return p
}

// PlainTexts returns the plain texts that stand in each text matched, in their
// order; contains: there is one, and each text that has it matches.
func (m *Matcher) PlainTexts() (texts []string, contains bool) {
	for _, p := range m.Pieces {
		if p.runes == nil {
			texts = append(texts, p.Plain)
			continue
		}
		wild := func(r rune) bool { return r == anyRune || r == utf8.RuneError } // which bytes that are no UTF-8 match
		for runes := p.runes; len(runes) > 0; {
			end := slices.IndexFunc(runes, wild)
			if end < 0 {
				end = len(runes)
			}
			if end > 0 {
				texts = append(texts, string(runes[:end]))
			}
			runes = runes[min(end+1, len(runes)):]
		}
	}
	return texts, !m.start && !m.end && len(m.Pieces) == 1 && m.Pieces[0].runes == nil
}

// Prefix returns the plain text that each text matched begins with; ok: and only those match.
func (m *Matcher) Prefix() (text string, ok bool) {
	if !m.start || m.end || len(m.Pieces) != 1 || m.Pieces[0].runes != nil {
		return "", false
	}
	return m.Pieces[0].Plain, true
}

// Compile reads a pattern; escape is "" or one code point.
func Compile(pattern, escape string) (*Matcher, error) {
	m := &Matcher{start: true, end: true}
	var piece []rune
	wild, open := false, false // open: piece has content
	flush := func() {
		if open {
			p := PlainPiece(string(piece))
			if wild {
				p.runes = append([]rune(nil), piece...)
			}
			m.Pieces = append(m.Pieces, p)
		}
		piece, wild, open = piece[:0], false, false
	}
	rest := pattern
	for rest != "" {
		r, size := utf8.DecodeRuneInString(rest)
		rest = rest[size:]
		m.end = true
		switch {
		case escape != "" && string(r) == escape:
			next, size := utf8.DecodeRuneInString(rest)
			if rest == "" || next != '%' && next != '_' && string(next) != escape {
				return nil, types.ArgumentError("Escape character must be followed by '%%', '_' or the escape character itself")
			}
			rest = rest[size:]
			piece, open = append(piece, next), true
		case r == '%':
			if len(m.Pieces) == 0 && !open {
				m.start = false
			}
			flush()
			m.end = false
		case r == '_':
			piece, wild, open = append(piece, anyRune), true, true
		default:
			piece, open = append(piece, r), true
		}
	}
	flush()
	return m, nil
}

// match: the anchored pieces must fit at the ends, the others are found from
// left to right, each as early as possible. It ends the evaluation by batch.Fail
// once the statement of meter, which may be nil, has ended.
func (m *Matcher) Match(meter *memory.Meter, text string) bool {
	pieces := m.Pieces
	if len(pieces) == 0 {
		return !m.start || text == ""
	}
	if m.start && m.end && len(pieces) == 1 {
		n, ok := pieces[0].prefix(text)
		return ok && n == len(text)
	}
	if m.start {
		n, ok := pieces[0].prefix(text)
		if !ok {
			return false
		}
		text, pieces = text[n:], pieces[1:]
	}
	var last *Piece
	if m.end {
		last, pieces = &pieces[len(pieces)-1], pieces[:len(pieces)-1]
	}
	for i := range pieces {
		_, after, ok := pieces[i].find(meter, text)
		if !ok {
			return false
		}
		text = text[after:]
	}
	return last == nil || last.suffix(text)
}

// prefix reports whether text starts with the piece, and how many bytes it takes.
func (p *Piece) prefix(text string) (int, bool) {
	if p.runes == nil {
		return len(p.Plain), strings.HasPrefix(text, p.Plain)
	}
	at := 0
	for _, want := range p.runes {
		if at >= len(text) {
			return 0, false
		}
		r, size := utf8.DecodeRuneInString(text[at:])
		if want != anyRune && r != want {
			return 0, false
		}
		at += size
	}
	return at, true
}

func (p *Piece) suffix(text string) bool {
	if p.runes == nil {
		return strings.HasSuffix(text, p.Plain)
	}
	at := len(text)
	for i := len(p.runes) - 1; i >= 0; i-- {
		if at == 0 {
			return false
		}
		r, size := utf8.DecodeLastRuneInString(text[:at])
		if p.runes[i] != anyRune && r != p.runes[i] {
			return false
		}
		at -= size
	}
	return true
}

// commonBytes are those of events' text, the most common first.
const commonBytes = "\"ea:stnroc,2i1d-ulm0345Ap6.9Iv8Sb7y/fwgTR{}DCEhx_NOkHP MVLZzWKGBFqJYUXjQ"

func rarest(text string) int {
	at, rank := 0, -1
	for i := range len(text) {
		r := strings.IndexByte(commonBytes, text[i])
		if r < 0 {
			return i
		}
		if r > rank {
			at, rank = i, r
		}
	}
	return at
}

// twoRarest returns the places of the two rarest bytes.
func twoRarest(text string) (rare, second int) {
	rare = rarest(text)
	if len(text) < 2 {
		return rare, rare
	}
	if second = rarest(text[:rare] + text[rare+1:]); second >= rare {
		second++
	}
	return rare, second
}

// Index is strings.Index of the plain piece. It stops at its rarest byte only,
// until that turns out to be common here; then where its two rarest bytes stand.
func (p *Piece) Index(text string) int {
	if p.AnyCase {
		return p.indexAnyCase(text)
	}
	n := len(p.Plain)
	if n < 2 {
		return strings.Index(text, p.Plain)
	}
	from := 0
	for stops := 0; stops <= freeStops+from/bytesPerStop; stops++ {
		if len(text)-from < n {
			return -1
		}
		at := strings.IndexByte(text[from+p.rare:len(text)-n+1+p.rare], p.Plain[p.rare])
		if at < 0 {
			return -1
		}
		from += at
		if text[from:from+n] == p.Plain {
			return from
		}
		from++
	}
	at := p.indexPair(text[from:])
	if at < 0 {
		return -1
	}
	return from + at
}

// find returns where the piece first occurs.
func (p *Piece) find(meter *memory.Meter, text string) (start, end int, ok bool) {
	if p.runes == nil {
		start = p.Index(text)
		return start, start + len(p.Plain), start >= 0
	}
	for start = 0; start <= len(text); {
		if err := meter.Stopped(); err != nil {
			batch.Fail(err)
		}
		if n, ok := p.prefix(text[start:]); ok {
			return start, start + n, true
		}
		_, size := utf8.DecodeRuneInString(text[start:])
		start += max(size, 1)
	}
	return 0, 0, false
}
