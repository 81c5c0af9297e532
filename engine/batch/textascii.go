package batch

import (
	"encoding/binary"
	"unicode/utf8"
)

// IsASCII reports whether a text has only ASCII bytes.
func IsASCII(text string) bool {
	const wordBytes, highBits = 8, 0x8080808080808080
	for ; len(text) >= wordBytes; text = text[wordBytes:] {
		if binary.LittleEndian.Uint64([]byte(text[:wordBytes]))&highBits != 0 {
			return false
		}
	}
	for i := range len(text) {
		if text[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}
