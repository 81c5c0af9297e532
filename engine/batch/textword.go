package batch

import (
	"encoding/binary"
	"math"
)

// TextWord returns the first eight bytes of a text, padded with zeros, as a number. Texts with different words
// order like their words.
func TextWord(text []byte) uint64 {
	if len(text) >= 8 {
		return binary.BigEndian.Uint64(text)
	}
	var padded [8]byte
	copy(padded[:], text)
	return binary.BigEndian.Uint64(padded[:])
}

// TextWordAt is TextWord of data[lo:hi]. A short text is copied only at the end of data.
func TextWordAt(data []byte, lo, hi int32) uint64 {
	if int(lo)+8 > len(data) {
		return TextWord(data[lo:hi])
	}
	return binary.BigEndian.Uint64(data[lo:]) &^ (math.MaxUint64 >> (8 * uint(hi-lo)))
}
