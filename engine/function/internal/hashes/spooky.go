package hashes

import (
	bytesof "encoding/binary"
	"math/bits"
)

// Sizes of SpookyHash, version 2: texts below two blocks take a shorter way.
const (
	spookyConst      = 0xdeadbeefdeadbeef
	spookyWords      = 12
	spookyBlockBytes = 8 * spookyWords
)

// The turns of each step of its mixers.
var (
	spookyMixTurns      = [spookyWords]int{11, 32, 43, 31, 17, 28, 39, 57, 55, 54, 22, 46}
	spookyEndTurns      = [spookyWords]int{44, 15, 34, 21, 38, 33, 10, 13, 38, 53, 42, 54}
	spookyShortMixTurns = [12]int{50, 52, 30, 41, 54, 48, 38, 37, 62, 34, 5, 36}
	spookyShortEndTurns = [11]int{15, 52, 26, 51, 28, 9, 47, 54, 32, 25, 63}
)

// Spooky is the first word of the hash with seeds 0.
func Spooky(b []byte) uint64 {
	if len(b) < 2*spookyBlockBytes {
		return spookyShort(b)
	}
	var h [spookyWords]uint64
	for i := 2; i < spookyWords; i += 3 {
		h[i] = spookyConst
	}
	for ; len(b) >= spookyBlockBytes; b = b[spookyBlockBytes:] {
		for i := range h {
			h[i] += bytesof.LittleEndian.Uint64(b[8*i:])
			h[(i+2)%spookyWords] ^= h[(i+10)%spookyWords]
			h[(i+11)%spookyWords] ^= h[i]
			h[i] = bits.RotateLeft64(h[i], spookyMixTurns[i])
			h[(i+11)%spookyWords] += h[(i+1)%spookyWords]
		}
	}
	var last [spookyBlockBytes]byte
	copy(last[:], b)
	last[spookyBlockBytes-1] = byte(len(b))
	for i := range h {
		h[i] += bytesof.LittleEndian.Uint64(last[8*i:])
	}
	for range 3 {
		for i := range h {
			next := (i + 1) % spookyWords
			h[(i+11)%spookyWords] += h[next]
			h[(i+2)%spookyWords] ^= h[(i+11)%spookyWords]
			h[next] = bits.RotateLeft64(h[next], spookyEndTurns[i])
		}
	}
	return h[0]
}

// spookyShort mixes four words, named a, b, c, d in order.
func spookyShort(text []byte) uint64 {
	s := [4]uint64{0, 0, spookyConst, spookyConst}
	mix := func() {
		for i, turn := range spookyShortMixTurns {
			at := (i + 2) % 4
			s[at] = bits.RotateLeft64(s[at], turn) + s[(at+1)%4]
			s[(at+2)%4] ^= s[at]
		}
	}
	word := bytesof.LittleEndian.Uint64
	rest := text
	for ; len(rest) >= 32; rest = rest[32:] {
		s[2] += word(rest)
		s[3] += word(rest[8:])
		mix()
		s[0] += word(rest[16:])
		s[1] += word(rest[24:])
	}
	if len(rest) >= 16 {
		s[2] += word(rest)
		s[3] += word(rest[8:])
		mix()
		rest = rest[16:]
	}
	s[3] += uint64(len(text)) << 56
	if len(rest) == 0 {
		s[2] += spookyConst
		s[3] += spookyConst
	} else {
		var tail [16]byte
		copy(tail[:], rest)
		s[2] += word(tail[:])
		s[3] += word(tail[8:])
	}
	for i, turn := range spookyShortEndTurns {
		at := (i + 3) % 4
		before := (at + 3) % 4
		s[at] ^= s[before]
		s[before] = bits.RotateLeft64(s[before], turn)
		s[at] += s[before]
	}
	return s[0]
}
