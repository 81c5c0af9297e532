package javaregexp

import (
	"unicode"
	"unicode/utf8"
)

// A pattern may name bytes, as \xE3. Bytes beyond ASCII that together make up a code point stand for that code
// point. Another byte that begins code points in UTF-8 stands for all of these, because texts are matched by code
// points here. All other bytes match nothing.

// firstRawByte is the code point for byte 0, above all real code points.
const firstRawByte = unicode.MaxRune + 1

// rawByte is the code point that a byte is read as.
func rawByte(b rune) rune {
	if b < utf8.RuneSelf {
		return b
	}
	return firstRawByte + b
}

// wholeRunes replaces raw bytes by the code points that begin with them.
func wholeRunes(ranges []runeRange) runeSet {
	var out []runeRange
	for _, r := range ranges {
		if r.hi <= unicode.MaxRune {
			out = append(out, r)
			continue
		}
		if r.lo <= unicode.MaxRune {
			out = append(out, runeRange{r.lo, max(r.lo, utf8.RuneSelf-1)})
		}
		for b := max(r.lo-firstRawByte, utf8.RuneSelf); b <= r.hi-firstRawByte; b++ {
			if begun, ok := begunBy(b); ok {
				out = append(out, begun)
			}
		}
	}
	return newRuneSet(out...)
}

// begunBy is the code points whose UTF-8 starts with a byte.
func begunBy(b rune) (runeRange, bool) {
	switch {
	case b >= 0xC2 && b <= 0xDF:
		return runeRange{b & 0x1F << 6, b&0x1F<<6 | 0x3F}, true
	case b >= 0xE0 && b <= 0xEF:
		return runeRange{max(b&0x0F<<12, 0x800), b&0x0F<<12 | 0xFFF}, true
	case b >= 0xF0 && b <= 0xF4:
		return runeRange{max(b&0x07<<18, 0x10000), min(b&0x07<<18|0x3FFFF, unicode.MaxRune)}, true
	}
	return runeRange{}, false
}

// rawBytes reads the \xHH after a first one as long as they make up one code point. It returns that code point, or
// the first byte as a raw one.
func (p *patternReader) rawBytes(first rune) rune {
	if first < utf8.RuneSelf {
		return first
	}
	at, bytes := p.at, []byte{byte(first)}
	for len(bytes) < utf8.UTFMax && p.ahead(`\x`) && !p.ahead(`\x{`) {
		p.at += 2
		bytes = append(bytes, byte(p.hex(2)))
		if r, n := utf8.DecodeRune(bytes); n == len(bytes) && r != utf8.RuneError {
			return r
		}
	}
	p.at = at
	return rawByte(first)
}
