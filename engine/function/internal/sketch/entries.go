package sketch

import (
	"iter"
	"math/bits"
	"math/rand/v2"
	"slices"
)

// An entry of a sparse HyperLogLog is a prefix of a hash, and how many zeros follow it.
const (
	entryPrefixBits = 26
	entryZeroBits   = 32 - entryPrefixBits
	entryZeroMask   = 1<<entryZeroBits - 1
)

// entrySet has one entry for each prefix, in a table of open addressing.
type entrySet struct {
	slots []uint32 // entries plus 1, 0: free; the length is a power of two and a quarter or more is free
	count int
}

const leastSlots = 4

// spread is odd and unknown to the authors of made-up sketches, so they cannot make all entries collide in the
// table.
var spread = rand.Uint32() | 1

// raise adds an entry, and reports whether its prefix is new; else the one with more zeros stays.
func (s *entrySet) raise(entry uint32) (isNew bool) {
	if 4*(s.count+1) > 3*len(s.slots) {
		s.grow()
	}
	at := s.find(entry)
	isNew = s.slots[at] == 0
	if isNew {
		s.count++
	}
	s.slots[at] = max(s.slots[at], entry+1)
	return isNew
}

// find is the slot of the entry's prefix, or the free one where it would be.
func (s *entrySet) find(entry uint32) int {
	mask, prefix := len(s.slots)-1, entry>>entryZeroBits
	at := int(prefix * spread >> (bits.LeadingZeros32(uint32(mask)) & 31))
	for s.slots[at] != 0 && (s.slots[at]-1)>>entryZeroBits != prefix {
		at = (at + 1) & mask
	}
	return at
}

func (s *entrySet) grow() {
	before := *s
	s.slots = make([]uint32, max(leastSlots, 2*len(before.slots)))
	for entry := range before.each() {
		s.slots[s.find(entry)] = entry + 1
	}
}

// each gives all entries, in no order.
func (s *entrySet) each() iter.Seq[uint32] {
	return func(yield func(uint32) bool) {
		for _, slot := range s.slots {
			if slot != 0 && !yield(slot-1) {
				return
			}
		}
	}
}

// sorted lists all entries in the order of their prefixes.
func (s *entrySet) sorted() []uint32 { return slices.Sorted(s.each()) }

func (s *entrySet) clone() entrySet { return entrySet{slices.Clone(s.slots), s.count} }
