package batch

import (
	"math"
	"slices"
)

// sightings assigns ids to small integers in order of appearance. It forgets them without clearing places: ids are
// stored above a base, which rises with each forget.
type sightings struct {
	places []uint32
	size   int    // places in use for the current integers
	base   uint32 // an integer whose place is at most base is not seen yet
	last   uint32
}

// forget forgets all integers and prepares for rows new ones, all below size.
func (s *sightings) forget(size, rows int) {
	s.base, s.size = s.last, size
	if size > len(s.places) || uint64(s.base)+uint64(rows) >= math.MaxUint32 {
		s.places, s.base, s.last = make([]uint32, max(size, len(s.places))), 0, 0
	}
}

const (
	// Up to fewIntegers distinct values the processor predicts the branch "seen before?" well; above it, numberMany
	// avoids the branch.
	fewIntegers = 256
	// numberedAtOnce is the number of rows whose pairs are computed before they are numbered. It is a multiple of
	// 8, so that rows begin at a byte of a bitmap.
	numberedAtOnce = 256
)

// numberAll writes the ids of integers to numbers, which may be the same memory, and appends the rows of integers
// seen for the first time to firsts. The first integer belongs to row from.
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

// numberMany is numberAll without a branch, whose mispredictions would take half of the time.
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

// numberPairs assigns ids to the pairs of numbers, which are below count, and codes, which are below each. A NULL
// in valid counts as the code each-1, which no other row may have then. It overwrites numbers with the ids, and
// appends to firsts as numberAll does.
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

// copyWithNull copies codes and writes null for NULLs. It has no branch, as neighbouring rows differ.
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
