package batch

import "encoding/binary"

// TextWord returns the first eight bytes of a text, and zeros behind a shorter one, as a number: of two texts whose words differ the one of the
// lesser word comes first.
func TextWord(text []byte) uint64 {
	if len(text) >= 8 {
		return binary.BigEndian.Uint64(text)
	}
	var padded [8]byte
	copy(padded[:], text)
	return binary.BigEndian.Uint64(padded[:])
}
