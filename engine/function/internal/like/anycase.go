package like

import "encoding/binary"

// AnyCasePiece is a piece without wildcards that ignores the case of ASCII letters in a text. Its own text is not
// empty, is ASCII, and has letters of one case alone.
func AnyCasePiece(text string) Piece {
	p := PlainPiece(text)
	p.AnyCase = true
	return p
}

const (
	eachByte  = 0x0101010101010101
	highBits  = 0x8080808080808080
	caseBit   = 0x20
	wordBytes = 8
)

// indexAnyCase searches eight places at a time for the two rarest bytes of the piece, with the bit of letter case
// set in text and piece. Where it finds them it compares the whole piece.
func (p *Piece) indexAnyCase(text string) int {
	places := len(text) - len(p.Plain) + 1
	rare, second := uint64(p.Plain[p.rare]|caseBit)*eachByte, uint64(p.Plain[p.second]|caseBit)*eachByte
	at := 0
	for ; at+wordBytes <= places; at += wordBytes {
		differ := differing(load(text[at+p.rare:])|caseBit*eachByte, rare, load(text[at+p.second:])|caseBit*eachByte, second)
		if (differ-eachByte)&^differ&highBits == 0 {
			continue
		}
		for i := at; i < at+wordBytes; i++ {
			if p.standsAt(text, i) {
				return i
			}
		}
	}
	for ; at < places; at++ {
		if p.standsAt(text, at) {
			return at
		}
	}
	return -1
}

func load(text string) uint64 {
	_ = text[wordBytes-1]
	return binary.LittleEndian.Uint64([]byte(text[:wordBytes]))
}

func (p *Piece) standsAt(text string, at int) bool {
	for i := range len(p.Plain) {
		want, b := p.Plain[i], text[at+i]
		if b != want && (b^caseBit != want || !isLetter(b)) {
			return false
		}
	}
	return true
}

func isLetter(b byte) bool { return b|caseBit-'a' < 26 }
