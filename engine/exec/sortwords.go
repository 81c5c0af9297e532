package exec

import (
	"cmp"
	"math/bits"
	"slices"
	"sync/atomic"
)

// sortWords sorts entries by their words, then equal ones from next on.
func (s *rowSorter) sortWords(entries, spare []sortEntry, next keyPlace) {
	if !s.isWanted(entries) {
		return
	}
	if len(entries) >= s.pieceRows {
		s.sortMany(entries, spare, next)
		return
	}
	if len(entries) <= fewRows {
		sortFew(entries)
	} else {
		radixSort(entries, spare)
	}
	s.sortTies(entries, spare, next, func(a, b sortEntry) bool { return a.word == b.word })
}

// sortFew leaves equal entries in the order of their rows.
func sortFew(entries []sortEntry) {
	if len(entries) > 16 {
		slices.SortFunc(entries, func(a, b sortEntry) int {
			if c := cmp.Compare(a.word, b.word); c != 0 {
				return c
			}
			return cmp.Compare(a.row, b.row)
		})
		return
	}
	for i := 1; i < len(entries); i++ {
		e, at := entries[i], i
		for ; at > 0 && entries[at-1].word > e.word; at-- {
			entries[at] = entries[at-1]
		}
		entries[at] = e
	}
}

// radixSort sorts by bytes, the last one first, and skips those that all words share.
func radixSort(entries, spare []sortEntry) {
	from, to := entries, spare
	differing := differingBits(entries)
	for shift := 0; shift < 64; shift += 8 {
		if differing>>shift&0xff == 0 {
			continue
		}
		var next [256]int32
		for i := range from {
			next[byte(from[i].word>>shift)]++
		}
		at := int32(0)
		for digit, number := range next {
			next[digit] = at
			at += number
		}
		for i := range from {
			digit := byte(from[i].word >> shift)
			to[next[digit]] = from[i]
			next[digit]++
		}
		from, to = to, from
	}
	if &from[0] != &entries[0] {
		copy(entries, from)
	}
}

// differingBits has a bit for each in which not all words are equal.
func differingBits(entries []sortEntry) (differing uint64) {
	for i := range entries {
		differing |= entries[i].word ^ entries[0].word
	}
	return differing
}

// sortMany parts entries by the first eight bits in which their words differ.
func (s *rowSorter) sortMany(entries, spare []sortEntry, next keyPlace) {
	s.check()
	var differing atomic.Uint64
	s.each(len(entries), func(from, to int) {
		differing.Or(differingBits(entries[from:to]) | (entries[from].word ^ entries[0].word))
	})
	if differing.Load() == 0 {
		s.sort(entries, spare, next)
		return
	}
	shift := max(0, bits.Len64(differing.Load())-8)
	ends := s.part(entries, spare, shift)
	var small [][2]int
	start := 0
	for _, end := range ends {
		if end-start >= s.pieceRows {
			s.each(end-start, func(from, to int) { copy(entries[start+from:start+to], spare[start+from:start+to]) })
			s.sortWords(entries[start:end], spare[start:end], next)
		} else if end > start {
			small = append(small, [2]int{start, end})
		}
		start = end
	}
	inParallel(s.ctx, s.workers, len(small), func(i int) {
		s.check()
		from, to := small[i][0], small[i][1]
		copy(entries[from:to], spare[from:to])
		s.sortWords(entries[from:to], spare[from:to], next)
	})
}

// part moves entries into parts of spare by eight bits of their words, without
// changing their order within one, and returns where each part ends.
func (s *rowSorter) part(entries, parted []sortEntry, shift int) (ends [256]int) {
	next := make([][256]int, s.pieces(len(entries)))
	s.each(len(entries), func(from, to int) {
		count := &next[from/s.pieceRows]
		for _, e := range entries[from:to] {
			count[byte(e.word>>shift)]++
		}
	})
	at := 0
	for digit := range ends {
		for piece := range next {
			count := next[piece][digit]
			next[piece][digit] = at
			at += count
		}
		ends[digit] = at
	}
	s.each(len(entries), func(from, to int) {
		next := &next[from/s.pieceRows]
		for _, e := range entries[from:to] {
			digit := byte(e.word >> shift)
			parted[next[digit]] = e
			next[digit]++
		}
	})
	return ends
}
