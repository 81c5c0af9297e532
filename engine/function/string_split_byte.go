package function

import (
	order "encoding/binary"
	"math"
	"math/bits"

	"github.com/auditlake/auditlake/engine/batch"
)

const wordBytes = 8

// splitAtByte splits texts between bytes that are by into out, where there is room for all pieces and a word more: it
// copies a word at a time.
func splitAtByte(texts batch.Vector, by byte, out *textList) func(i int) error {
	offsets, data := batch.Text(texts.Array)
	wanted := eachByte * uint64(by)
	return func(i int) error {
		out.addPieces(data, int(offsets[i]), int(offsets[i+1]), wanted)
		return nil
	}
}

// addPieces adds the pieces of data[lo:hi] between bytes that are those of wanted, of which all are the same.
func (l *textList) addPieces(data []byte, lo, hi int, wanted uint64) {
	to, at := l.data[:cap(l.data)], len(l.data)
	for ; lo < hi; lo += wordBytes {
		word, length := wordAt(data, lo), min(wordBytes, hi-lo)
		found := bytesIn(word, wanted) & (math.MaxUint64 >> (8 * (wordBytes - length)))
		order.LittleEndian.PutUint64(to[at:], word)
		for found != 0 {
			passed := bits.TrailingZeros64(found) + 1 // with the byte that was found
			found, word, length = found>>passed, word>>passed, length-passed/8
			at += passed/8 - 1
			l.offsets = append(l.offsets, int32(at))
			order.LittleEndian.PutUint64(to[at:], word)
		}
		at += length
	}
	l.data, l.offsets = to[:at], append(l.offsets, int32(at))
}

// wordAt returns the bytes of data from at on as a number, the first as the lowest, and zeros behind the end.
func wordAt(data []byte, at int) uint64 {
	if at+wordBytes <= len(data) {
		return order.LittleEndian.Uint64(data[at:])
	}
	var padded [wordBytes]byte
	copy(padded[:], data[at:])
	return order.LittleEndian.Uint64(padded[:])
}

// bytesIn sets the high bit of each byte that two words have in the same place.
func bytesIn(a, b uint64) uint64 {
	unlike := a ^ b
	return ^((unlike&^highBits + ^uint64(highBits)) | unlike | ^uint64(highBits))
}
