package exec

import "github.com/auditlake/auditlake/largepages"

// maxCountedBits is the most bits of a word for which counting sort is used: that many counts fit into a core's own
// cache.
const maxCountedBits = 17

// isCounted reports whether rows are sorted by counting: if one level of few bits is all their key. That holds for
// windows whose partitions are numbered and whose order is that of the rows.
func isCounted(levels []keyLevel, rows int) bool {
	const fewerThanRows = 8
	if len(levels) != 1 || levels[0].parts == nil || rows <= fewRows {
		return false
	}
	width := levels[0].width()
	return width <= maxCountedBits && fewerThanRows<<width <= rows
}

// width returns the number of bits of a level's words.
func (l *keyLevel) width() (bits int) {
	for _, p := range l.parts {
		bits += p.width
	}
	return bits
}

// counted is sorted for isCounted levels: it counts the rows with each word, which gives the place of each row.
func (s *rowSorter) counted() []int32 {
	level := &s.levels[0]
	words, out := largepages.Make[uint32](s.rows), largepages.Make[int32](s.rows)
	width := level.width()
	pieces := min(s.workers, s.pieces(s.rows), s.rows>>(width+1)) // at most half as many counts as rows
	next := make([][]int32, pieces)                               // by piece and word: rows, then place of the next
	s.eachOf(pieces, func(piece, from, to int) {
		if next[piece] == nil {
			next[piece] = make([]int32, 1<<width)
		}
		count := next[piece]
		for place := from; place < to; place++ {
			word := uint32(level.word(int32(place)))
			words[place] = word
			count[word]++
		}
	})
	at := int32(0)
	for word := range next[0] {
		for _, count := range next {
			rows := count[word]
			count[word] = at
			at += rows
		}
	}
	s.eachOf(pieces, func(piece, from, to int) {
		next := next[piece]
		for i, word := range words[from:to] {
			out[next[word]] = int32(from + i)
			next[word]++
		}
	})
	return out
}

// eachOf divides all rows into pieces and calls do with rows [from, to) of a piece, in order, manyRows at a time.
func (s *rowSorter) eachOf(pieces int, do func(piece, from, to int)) {
	inParallel(s.ctx, pieces, pieces, func(piece int) {
		end := (piece + 1) * s.rows / pieces
		for from := piece * s.rows / pieces; from < end; from += manyRows {
			s.check()
			do(piece, from, min(from+manyRows, end))
		}
	})
}
