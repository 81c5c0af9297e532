package exec

import (
	"cmp"
	"math/bits"
	"slices"
	"sync/atomic"
)

// sortWords sorts entries by their words, then equal entries from next on. differing has the bits in which words
// differ.
func (s *rowSorter) sortWords(entries, spare []sortEntry, differing uint64, next keyPlace) {
	switch {
	case !s.isWanted(entries):
		return
	case differing == 0:
		s.sort(entries, spare, next)
		return
	case len(entries) >= s.pieceRows:
		s.sortMany(entries, spare, differing, next)
		return
	case len(entries) <= fewRows:
		s.sortFew(entries)
	default:
		radixSort(entries, spare, differing)
	}
	s.sortTies(entries, spare, next, func(a, b sortEntry) bool { return a.word == b.word })
}

// sortFew sorts few entries by word and keeps equal ones in order.
func (s *rowSorter) sortFew(entries []sortEntry) {
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

// radixSort sorts by bytes, the last one first, and skips bytes in which no bit differs.
func radixSort(entries, spare []sortEntry, differing uint64) {
	from, to := entries, spare
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

// copyEntries copies entries and returns the bits in which their words differ.
func copyEntries(to, from []sortEntry) (differing uint64) {
	for i, e := range from {
		to[i] = e
		differing |= e.word ^ from[0].word
	}
	return differing
}

// sortMany partitions entries by the first eight bits in which their words differ.
func (s *rowSorter) sortMany(entries, spare []sortEntry, differing uint64, next keyPlace) {
	s.check()
	shift := max(0, bits.Len64(differing)-8)
	ends := s.part(entries, spare, shift)
	// Large parts come first: idle workers help to divide them again.
	var large, small [][2]int
	start := 0
	for _, end := range ends {
		if end-start >= s.pieceRows {
			large = append(large, [2]int{start, end})
		} else if end > start {
			small = append(small, [2]int{start, end})
		}
		start = end
	}
	parts := append(large, small...)
	inParallel(s.ctx, s.workers, len(parts), func(i int) {
		s.check()
		entries, spare := entries[parts[i][0]:parts[i][1]], spare[parts[i][0]:parts[i][1]]
		var differing atomic.Uint64
		s.each(len(entries), func(from, to int) {
			differing.Or(copyEntries(entries[from:to], spare[from:to]) | (spare[from].word ^ spare[0].word))
		})
		s.sortWords(entries, spare, differing.Load(), next)
	})
}

// part moves entries into parts of spare by eight bits of their words, keeps their order within each part, and
// returns where each part ends.
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
