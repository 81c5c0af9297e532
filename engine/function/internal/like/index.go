package like

import (
	"strings"
)

const (
	// freeStops and bytesPerStop are how often Index may stop in vain at the rarest byte: each stop takes about as
	// long as looking at bytesPerStop bytes for two bytes at once.
	freeStops    = 1
	bytesPerStop = 128
	pairBytes    = 2 * wordBytes // how many places indexPair looks at together
)

// indexPair is Index for texts in which the rarest byte is common. It looks at many places together for the two
// rarest bytes of the piece, at their distance, and at each place only where one of these may have both.
func (p *Piece) indexPair(text string) int {
	begin := 0
	if places := len(text) - len(p.Plain) + 1; places >= pairBytes {
		rare, second := text[p.rare:][:places], text[p.second:][:places]
		rareByte, secondByte := uint64(p.Plain[p.rare])*eachByte, uint64(p.Plain[p.second])*eachByte
		for len(rare) >= pairBytes && len(second) >= pairBytes {
			low := differing(load(rare), rareByte, load(second), secondByte)
			high := differing(load(rare[wordBytes:]), rareByte, load(second[wordBytes:]), secondByte)
			if ((low-eachByte)&^low|(high-eachByte)&^high)&highBits != 0 { // one of their bytes is zero
				begin = places - len(rare)
				if at := strings.Index(text[begin:begin+pairBytes-1+len(p.Plain)], p.Plain); at >= 0 {
					return begin + at
				}
			}
			rare, second = rare[pairBytes:], second[pairBytes:]
		}
		begin = places - len(rare)
	}
	at := strings.Index(text[begin:], p.Plain)
	if at < 0 {
		return -1
	}
	return begin + at
}

// differing has zero in each byte where both words have the wanted byte.
func differing(first, wantedFirst, second, wantedSecond uint64) uint64 {
	return (first ^ wantedFirst) | (second ^ wantedSecond)
}
