// Package like finds the texts of LIKE patterns, and other texts by their plain pieces.
package like

import (
	"slices"
	"strings"
	"unicode/utf8"

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
	Plain   string // the searched text of a piece with wildcards, see wildPiece
	AnyCase bool   // letters of ASCII are found in both cases
	rare    int    // the place in plain of the byte that texts hold least often
	second  int    // the place of the next rarest; rare if the piece has one byte
	runes   []rune // set when the piece has wildcards
	wild    wildSearch
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
		for runes := p.runes; len(runes) > 0; {
			end := slices.IndexFunc(runes, isWild)
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
			if wild {
				m.Pieces = append(m.Pieces, wildPiece(slices.Clone(piece)))
			} else {
				m.Pieces = append(m.Pieces, PlainPiece(string(piece)))
			}
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
		after, ok := pieces[i].find(meter, text)
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
	return beginsWith(text, p.runes)
}

func (p *Piece) suffix(text string) bool {
	if p.runes == nil {
		return strings.HasSuffix(text, p.Plain)
	}
	return endsWith(text, p.runes)
}

// commonBytes are the bytes of events' text, the most common first.
const commonBytes = "\"ea:stnroc,2i1d-ulm0345Ap6.9Iv8Sb7y/fwgTR{}DCEhx_NOkHP MVLZzWKGBFqJYUXjQ"

// rarity is greater for bytes that texts hold less often.
func rarity(b byte) int {
	if rank := strings.IndexByte(commonBytes, b); rank >= 0 {
		return rank
	}
	return len(commonBytes)
}

func rarest(text string) int {
	at := 0
	for i := range len(text) {
		if rarity(text[i]) > rarity(text[at]) {
			at = i
		}
	}
	return at
}

// isRarer reports whether a has a rarer byte than b. Both are not empty.
func isRarer(a, b string) bool { return rarity(a[rarest(a)]) > rarity(b[rarest(b)]) }

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
