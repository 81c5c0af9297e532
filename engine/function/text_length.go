package function

import (
	bytesof "encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// lowestBits has the lowest bit of each of eight bytes.
const lowestBits = 0x0101010101010101

// codePoints counts those bytes of a text that do not continue a code point, as Trino does, eight at a time.
func codePoints(s string) int64 {
	text := []byte(s) // is not copied, as nothing writes to it
	count := int64(len(text))
	for len(text) >= 8 {
		word := bytesof.LittleEndian.Uint64(text)
		count -= int64(bits.OnesCount64(word >> 7 &^ (word >> 6) & lowestBits))
		text = text[8:]
	}
	for _, b := range text {
		if !utf8.RuneStart(b) {
			count--
		}
	}
	return count
}
