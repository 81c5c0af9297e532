package exec

import "github.com/auditlake/auditlake/largepages"

// maxCountedBits is the most bits of a word whose values are counted: as many counts fit into a processor's own cache.
const maxCountedBits = 17

// isCounted reports whether so many rows are sorted by counting: where one level of few bits tells them apart. Rows
// of windows are, whose partitions are numbered and whose order is that of the rows.
func isCounted(levels []keyLevel, rows int) bool {
	const fewerThanRows = 8
	if len(levels) != 1 || levels[0].parts == nil || rows <= fewRows {
		return false
	}
	width := levels[0].width()
	return width <= maxCountedBits && fewerThanRows<<width <= rows
}

// width is how many bits a level's words have.
func (l *keyLevel) width() (bits int) {
	for _, p := range l.parts {
		bits += p.width
	}
	return bits
}

// counted is sorted where isCounted: it counts how many rows have each word, and so knows where each row belongs.
func (s *rowSorter) counted() []int32 {
	level := &s.levels[0]
	words, out := largepages.Make[uint32](s.rows), largepages.Make[int32](s.rows)
	width := level.width()
	pieces := min(s.workers, s.pieces(s.rows), s.rows>>(width+1)) // so that there are no more counts than half of the rows
	next := make([][]int32, pieces)                               // by word: how many rows of the piece have it, and then where the next one of them belongs
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

// eachOf divides all rows among so many pieces, and calls do with the rows of a piece in their order, some at a time.
func (s *rowSorter) eachOf(pieces int, do func(piece, from, to int)) {
	inParallel(s.ctx, pieces, pieces, func(piece int) {
		end := (piece + 1) * s.rows / pieces
		for from := piece * s.rows / pieces; from < end; from += manyRows {
			s.check()
			do(piece, from, min(from+manyRows, end))
		}
	})
}
