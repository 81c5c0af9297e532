package like

import (
	"math/bits"
	"unicode/utf8"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
)

// wildSearch is how a piece with wildcards is searched for.
type wildSearch struct {
	// before and after are the runes around Plain.
	before, after []rune
	// isASCII: the runes besides wildcards are ASCII. In texts of ASCII a wildcard is then a byte.
	isASCII bool
	// rare and second are the places in runes of the two rarest bytes, the same if there is one only.
	rare, second int
}

// isWild reports whether a rune of a piece matches several texts. RuneError matches all bytes that are not UTF-8.
func isWild(r rune) bool { return r == anyRune || r == utf8.RuneError }

// wildPiece is a piece with wildcards. It is searched for by the longest text between them, of several the one with
// the rarest byte; there is none in a piece of wildcards alone.
func wildPiece(runes []rune) Piece {
	p := Piece{}
	for begin := 0; begin < len(runes); {
		end := begin
		for end < len(runes) && !isWild(runes[end]) {
			end++
		}
		if text := string(runes[begin:end]); len(text) > len(p.Plain) || len(text) == len(p.Plain) && text != "" && isRarer(text, p.Plain) {
			p = PlainPiece(text)
			p.wild.before, p.wild.after = runes[:begin], runes[end:]
		}
		begin = end + 1
	}
	p.runes = runes
	p.wild.prepareASCII(runes)
	return p
}

// prepareASCII makes ready for searches of texts of ASCII.
func (w *wildSearch) prepareASCII(runes []rune) {
	var places []int
	var letters []byte
	for i, r := range runes {
		switch {
		case r == anyRune:
		case r >= utf8.RuneSelf:
			return
		default:
			places, letters = append(places, i), append(letters, byte(r))
		}
	}
	if len(places) > 0 {
		rare, second := twoRarest(string(letters))
		w.isASCII, w.rare, w.second = true, places[rare], places[second]
	}
}

// find returns where the first occurrence of the piece ends.
func (p *Piece) find(meter *memory.Meter, text string) (end int, ok bool) {
	switch {
	case p.runes == nil:
		at := p.Index(text)
		return at + len(p.Plain), at >= 0
	case p.Plain == "":
		return p.findByRune(meter, text)
	case p.wild.isASCII && batch.IsASCII(text):
		at := p.indexASCII(meter, text)
		return at + len(p.runes), at >= 0
	}
	return p.findAroundPlain(meter, text)
}

// indexASCII returns where the piece begins in a text, both of ASCII. It looks at eight places at a time for the two
// rarest bytes, and at all bytes where these are.
func (p *Piece) indexASCII(meter *memory.Meter, text string) int {
	places := len(text) - len(p.runes) + 1
	if places < wordBytes {
		for at := range max(places, 0) {
			if p.standsAtASCII(text, at) {
				return at
			}
		}
		return -1
	}
	rare, second := text[p.wild.rare:][:places], text[p.wild.second:][:places]
	rareByte, secondByte := uint64(p.runes[p.wild.rare])*eachByte, uint64(p.runes[p.wild.second])*eachByte
	for from := 0; from < places; from += wordBytes {
		at := min(from, places-wordBytes) // some of the last places may be searched twice
		differ := differing(load(rare[at:]), rareByte, load(second[at:]), secondByte)
		// No byte has its high bit, so that adding sets it in all but those that are zero.
		for equal := ^(differ + ^uint64(highBits)) & highBits; equal != 0; equal &= equal - 1 {
			stopWithStatement(meter)
			if i := at + bits.TrailingZeros64(equal)/8; p.standsAtASCII(text, i) {
				return i
			}
		}
	}
	return -1
}

func (p *Piece) standsAtASCII(text string, at int) bool {
	text = text[at:][:len(p.runes)]
	for i, want := range p.runes {
		if want != rune(text[i]) && want != anyRune {
			return false
		}
	}
	return true
}

// findAroundPlain is find of a piece that has text between its wildcards. That text begins and ends where runes do,
// so it is found between whole ones only.
func (p *Piece) findAroundPlain(meter *memory.Meter, text string) (end int, ok bool) {
	for from := len(p.wild.before); from <= len(text); from++ { // no rune takes less than a byte
		stopWithStatement(meter)
		at := p.Index(text[from:])
		if at < 0 {
			return 0, false
		}
		from += at
		if !endsWith(text[:from], p.wild.before) {
			continue
		}
		end = from + len(p.Plain)
		if n, ok := beginsWith(text[end:], p.wild.after); ok {
			return end + n, true
		}
	}
	return 0, false
}

// findByRune is find of a piece that has no text between its wildcards.
func (p *Piece) findByRune(meter *memory.Meter, text string) (end int, ok bool) {
	for start := 0; start <= len(text); {
		stopWithStatement(meter)
		if n, ok := p.prefix(text[start:]); ok {
			return start + n, true
		}
		_, size := utf8.DecodeRuneInString(text[start:])
		start += max(size, 1)
	}
	return 0, false
}

func stopWithStatement(meter *memory.Meter) {
	if err := meter.Stopped(); err != nil {
		batch.Fail(err)
	}
}

// beginsWith reports whether text starts with runes of a piece, and how many bytes they take.
func beginsWith(text string, runes []rune) (int, bool) {
	at := 0
	for _, want := range runes {
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

// endsWith reports whether text ends with runes of a piece.
func endsWith(text string, runes []rune) bool {
	at := len(text)
	for i := len(runes) - 1; i >= 0; i-- {
		if at == 0 {
			return false
		}
		r, size := utf8.DecodeLastRuneInString(text[:at])
		if runes[i] != anyRune && r != runes[i] {
			return false
		}
		at -= size
	}
	return true
}
