// Package hashes holds the hash functions that Trino computes with and for people: xxHash64, MurmurHash3
// and SpookyHash.
package hashes

import (
	bytesof "encoding/binary"
	"math/bits"
	"unsafe"
)

// The primes of XX64. What Trino folds hashes with needs the first two.
const (
	XXPrime1 = 0x9E3779B185EBCA87
	XXPrime2 = 0xC2B2AE3D27D4EB4F
	xxPrime3 = 0x165667B19E3779F9
	xxPrime4 = 0x85EBCA77C2B2AE63
	xxPrime5 = 0x27D4EB2F165667C5
)

func xxRound(lane, word uint64) uint64 {
	return bits.RotateLeft64(lane+word*XXPrime2, 31) * XXPrime1
}

// XX64 is the 64-bit xxHash with seed 0.
func XX64(b []byte) uint64 {
	h, size := uint64(xxPrime5), uint64(len(b))
	if len(b) >= 32 {
		p1 := uint64(XXPrime1)
		lanes := [4]uint64{p1 + XXPrime2, XXPrime2, 0, -p1}
		for ; len(b) >= 32; b = b[32:] {
			for i := range lanes {
				lanes[i] = xxRound(lanes[i], bytesof.LittleEndian.Uint64(b[8*i:]))
			}
		}
		h = 0
		for i, turn := range []int{1, 7, 12, 18} {
			h += bits.RotateLeft64(lanes[i], turn)
		}
		for _, lane := range lanes {
			h = (h^xxRound(0, lane))*XXPrime1 + xxPrime4
		}
	}
	h += size
	for ; len(b) >= 8; b = b[8:] {
		h = bits.RotateLeft64(h^xxRound(0, bytesof.LittleEndian.Uint64(b)), 27)*XXPrime1 + xxPrime4
	}
	if len(b) >= 4 {
		h = bits.RotateLeft64(h^uint64(bytesof.LittleEndian.Uint32(b))*XXPrime1, 23)*XXPrime2 + xxPrime3
		b = b[4:]
	}
	for _, c := range b {
		h = bits.RotateLeft64(h^uint64(c)*xxPrime5, 11) * XXPrime1
	}
	h = (h ^ h>>33) * XXPrime2
	h = (h ^ h>>29) * xxPrime3
	return h ^ h>>32
}

// XX64Text is XX64 of a text.
func XX64Text(text string) uint64 {
	return XX64(unsafe.Slice(unsafe.StringData(text), len(text)))
}

// The factors of MurmurHash3 for 64-bit machines.
const (
	murmurC1 = 0x87c37b91114253d5
	murmurC2 = 0x4cf5ad432745937f
)

func murmurMix(h uint64) uint64 {
	h = (h ^ h>>33) * 0xff51afd7ed558ccd
	h = (h ^ h>>33) * 0xc4ceb9fe1a85ec53
	return h ^ h>>33
}

// Murmur3 is the 128-bit MurmurHash3 with seed 0, both words lowest byte first.
func Murmur3(b []byte) []byte {
	h1, h2, size := uint64(0), uint64(0), uint64(len(b))
	k1 := func(w uint64) uint64 { return bits.RotateLeft64(w*murmurC1, 31) * murmurC2 }
	k2 := func(w uint64) uint64 { return bits.RotateLeft64(w*murmurC2, 33) * murmurC1 }
	for ; len(b) >= 16; b = b[16:] {
		h1 ^= k1(bytesof.LittleEndian.Uint64(b))
		h1 = (bits.RotateLeft64(h1, 27)+h2)*5 + 0x52dce729
		h2 ^= k2(bytesof.LittleEndian.Uint64(b[8:]))
		h2 = (bits.RotateLeft64(h2, 31)+h1)*5 + 0x38495ab5
	}
	var tail [16]byte
	copy(tail[:], b)
	h2 ^= k2(bytesof.LittleEndian.Uint64(tail[8:]))
	h1 ^= k1(bytesof.LittleEndian.Uint64(tail[:]))
	h1, h2 = h1^size, h2^size
	h1 += h2
	h2 += h1
	h1, h2 = murmurMix(h1), murmurMix(h2)
	h1 += h2
	h2 += h1
	return bytesof.LittleEndian.AppendUint64(bytesof.LittleEndian.AppendUint64(nil, h1), h2)
}
