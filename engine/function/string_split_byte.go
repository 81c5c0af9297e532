package function

import (
	order "encoding/binary"
	"math"
	"math/bits"

	"github.com/auditlake/auditlake/engine/batch"
)

const wordBytes = 8

// splitAtByte splits texts at the byte by into out. out must have room for all pieces and one more word, because it
// copies a word at a time.
func splitAtByte(texts batch.Vector, by byte, out *textList) func(i int) error {
	offsets, data := batch.Text(texts.Array)
	wanted := eachByte * uint64(by)
	return func(i int) error {
		out.addPieces(data, int(offsets[i]), int(offsets[i+1]), wanted)
		return nil
	}
}

// addPieces adds the pieces of data[lo:hi], split at a byte. wanted has that byte at each of its eight positions.
func (l *textList) addPieces(data []byte, lo, hi int, wanted uint64) {
	to, at := l.data[:cap(l.data)], len(l.data)
	for ; lo < hi; lo += wordBytes {
		word, length := wordAt(data, lo), min(wordBytes, hi-lo)
		found := bytesIn(word, wanted) & (math.MaxUint64 >> (8 * (wordBytes - length)))
		order.LittleEndian.PutUint64(to[at:], word)
		for found != 0 {
			passed := bits.TrailingZeros64(found) + 1 // including the delimiter
			found, word, length = found>>passed, word>>passed, length-passed/8
			at += passed/8 - 1
			l.offsets = append(l.offsets, int32(at))
			order.LittleEndian.PutUint64(to[at:], word)
		}
		at += length
	}
	l.data, l.offsets = to[:at], append(l.offsets, int32(at))
}

// wordAt returns the bytes of data from index at as a little-endian number, with zeros after the end.
func wordAt(data []byte, at int) uint64 {
	if at+wordBytes <= len(data) {
		return order.LittleEndian.Uint64(data[at:])
	}
	var padded [wordBytes]byte
	copy(padded[:], data[at:])
	return order.LittleEndian.Uint64(padded[:])
}

// bytesIn sets the high bit of each byte that two words have in common.
func bytesIn(a, b uint64) uint64 {
	unlike := a ^ b
	return ^((unlike&^highBits + ^uint64(highBits)) | unlike | ^uint64(highBits))
}
