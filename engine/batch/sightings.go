package batch

import (
	"math"
	"slices"
)

// sightings numbers small integers in order of appearance. What it has seen is
// forgotten without a look at the places: numbers are kept above a base, which
// rises.
type sightings struct {
	places []uint32
	size   int    // of them are of the integers that come now
	base   uint32 // places up to it are of integers not seen yet
	last   uint32
}

// forget makes room for integers below size, of which rows will come.
func (s *sightings) forget(size, rows int) {
	s.base, s.size = s.last, size
	if size > len(s.places) || uint64(s.base)+uint64(rows) >= math.MaxUint32 {
		s.places, s.base, s.last = make([]uint32, max(size, len(s.places))), 0, 0
	}
}

const (
	// fewIntegers is of how many integers it is foreseen well by the processor whether one is seen first.
	fewIntegers = 256
	// numberedAtOnce is how many rows of pairs are made integers before these are numbered, a multiple of the eight
	// of a byte of bits.
	numberedAtOnce = 256
)

// numberAll writes the numbers of integers to numbers, which may be the same memory, and appends the rows of those
// that are seen first to firsts. The first integer is that of row from.
func (s *sightings) numberAll(integers, numbers []int32, from int, firsts []int32) []int32 {
	if s.size > fewIntegers {
		return s.numberMany(integers, numbers, from, firsts)
	}
	places, base := s.places, s.base
	for i, integer := range integers {
		place := places[integer]
		if place <= base {
			s.last++
			place = s.last
			places[integer] = place
			firsts = append(firsts, int32(from+i))
		}
		numbers[i] = int32(place - base - 1)
	}
	return firsts
}

// numberMany is numberAll without a branch: half of the time would go to those that are not foreseen.
func (s *sightings) numberMany(integers, numbers []int32, from int, firsts []int32) []int32 {
	known := len(firsts)
	firsts = slices.Grow(firsts, len(integers))[:known+len(integers)]
	places, base, last := s.places, s.base, s.last
	numbers = numbers[:len(integers)]
	for i, integer := range integers {
		place, fresh := places[integer], 0
		if place <= base {
			fresh = 1
		}
		last += uint32(fresh)
		if fresh != 0 {
			place = last
		}
		places[integer] = place
		firsts[known] = int32(from + i)
		known += fresh
		numbers[i] = int32(place - base - 1)
	}
	s.last = last
	return firsts[:known]
}

// numberPairs numbers the pairs of numbers, which are below count, and codes, which are below each. Where valid says
// that there is NULL, it counts as the code each - 1, which no other row has then. It writes to numbers, and appends
// to firsts as numberAll does.
func (s *sightings) numberPairs(numbers []int32, count int, codes []int32, valid []byte, each int, firsts []int32) []int32 {
	s.forget(count*each, len(numbers))
	var room [numberedAtOnce]int32
	for from := 0; from < len(numbers); from += numberedAtOnce {
		some := numbers[from:min(from+numberedAtOnce, len(numbers))]
		pairs, codes := room[:len(some)], codes[from:][:len(some)]
		if valid != nil {
			copyWithNull(pairs, codes, valid[from/8:], int32(each-1))
			codes = pairs
		}
		if count > 1 {
			for i, code := range codes {
				pairs[i] = some[i]*int32(each) + code
			}
			codes = pairs
		}
		firsts = s.numberAll(codes, some, from, firsts)
	}
	return firsts
}

// copyWithNull copies codes with another one for NULL. It has no branch, as neighbours differ.
func copyWithNull(to, codes []int32, valid []byte, null int32) {
	for ; len(codes) >= 8; to, codes, valid = to[8:], codes[8:], valid[1:] {
		eight, bits := to[:8], int32(valid[0])
		for i, code := range codes[:8] {
			eight[i] = null ^ (null^code)&-(bits&1)
			bits >>= 1
		}
	}
	for i, code := range codes {
		to[i] = null ^ (null^code)&-int32(valid[0]>>i&1)
	}
}
