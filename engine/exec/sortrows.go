package exec

import (
	"context"
	"slices"
	"sync/atomic"

	"github.com/auditlake/auditlake/largepages"
	"github.com/auditlake/auditlake/processors"
)

// sortEntry is a row and its word on the current level.
type sortEntry struct {
	word uint64
	row  int32
}

// sortBytesPerRow is the memory that sorting needs per row: two entries and the result.
const sortBytesPerRow = 2*16 + 4

// rowSorter sorts rows by levels of normalised keys and keeps equal rows in order.
//
// Many rows are partitioned by the first bits in which their words differ, and workers sort the partitions. Only
// rows that are still equal are read again, for the next level.
type rowSorter struct {
	ctx     context.Context // nil: never cancelled
	claim   *processors.Claim
	levels  []keyLevel
	workers int
	rows    int
	// pieceRows is the least number of rows that are partitioned for the workers, and the size of a piece of work.
	pieceRows int
	// The wanted places, [from, to). Other rows are only sorted as far as that is needed to find those.
	from, to int
}

// keyPlace is how far rows are compared: up to a level and, for a level of texts, a byte of each text.
type keyPlace struct{ level, textFrom int }

// sortedRows returns t's rows in the order of keys, never nil without an error. The error is ctx's or that memory
// is full. While it sorts it holds sortBytesPerRow.
func sortedRows(ctx context.Context, t *table, keys []sortKey, workers int, memory *account) (rows []int32, err error) {
	return sortedPlaces(ctx, t, keys, 0, t.rows, workers, memory)
}

// sortedPlaces is sortedRows in which only the places [from, to), and rows equal to a row there, are final.
//
// All rows before them come first, all after them last. Equal rows are in the order of their numbers.
func sortedPlaces(ctx context.Context, t *table, keys []sortKey, from, to, workers int, memory *account) (rows []int32, err error) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case sortStopped:
			rows, err = nil, ctx.Err()
		default:
			panic(p)
		}
	}()
	s := newRowSorter(ctx, t.rows, workers)
	divide := gathering{workers: workers}.divide(ctx, t.rows)
	if t.rows >= 2 {
		keys = keysOutOfOrder(t, keys, divide)
	}
	if len(keys) == 0 || t.rows < 2 {
		return iota32Divided(t.rows, divide), nil
	}
	done, err := memory.during(sortBytesPerRow * int64(t.rows))
	if err != nil {
		return nil, err
	}
	defer done()
	s.from, s.to = from, to
	s.check()
	s.levels = (&keyPacker{ctx: ctx, workers: workers}).levelsOf(t, keys)
	if isCounted(s.levels, t.rows) {
		return s.counted(), nil
	}
	return s.sorted(), nil
}

// newRowSorter returns a sorter of rows without levels; all places are wanted.
func newRowSorter(ctx context.Context, rows, workers int) *rowSorter {
	s := &rowSorter{ctx: ctx, claim: processors.ClaimOf(ctx), workers: max(1, workers), rows: rows, to: rows, pieceRows: manyRows}
	if workers > 1 {
		s.pieceRows = min(manyRows, max(someRows, rows/(4*workers)))
	}
	return s
}

// sortStopped is the panic that leaves the sort of a cancelled statement.
type sortStopped struct{}

func (s *rowSorter) check() {
	s.claim.Yield()
	if s.ctx != nil && s.ctx.Err() != nil {
		panic(sortStopped{})
	}
}

// sorted returns the rows in order.
func (s *rowSorter) sorted() []int32 {
	entries, spare := largepages.Make[sortEntry](s.rows), largepages.Make[sortEntry](s.rows)
	out := largepages.Make[int32](s.rows)
	s.each(s.rows, func(from, to int) {
		for i := from; i < to; i++ {
			entries[i].row = int32(i)
		}
	})
	s.sort(entries, spare, s.start(0))
	s.each(s.rows, func(from, to int) {
		for i, e := range entries[from:to] {
			out[from+i] = e.row
		}
	})
	return out
}

// isWanted reports whether one of entries, which are a slice of all sorted ones, has a wanted place.
func (s *rowSorter) isWanted(entries []sortEntry) bool {
	from := s.rows - cap(entries) // the capacity reaches to the end of all entries
	return from < s.to && from+len(entries) > s.from
}

// start returns where the comparison of a level begins.
func (s *rowSorter) start(level int) keyPlace {
	if level < len(s.levels) {
		return keyPlace{level, s.levels[level].textFrom}
	}
	return keyPlace{level: level}
}

const (
	// Up to fewRows rows are sorted by comparing.
	fewRows = 256
	// manyRows is the most rows of one piece of work; they fit into a core's own cache.
	manyRows = 1 << 15
	// someRows is the least size of a piece of work when several workers sort.
	someRows = 1 << 12
)

// sort orders entries whose rows are equal up to at. spare is as long as entries.
func (s *rowSorter) sort(entries, spare []sortEntry, at keyPlace) {
	if len(entries) > fewRows {
		s.check()
	}
	if at.level == len(s.levels) || len(entries) < 2 || !s.isWanted(entries) {
		return
	}
	level := &s.levels[at.level]
	switch {
	case level.compare != nil:
		s.sortComparing(entries, spare, level.compare, s.start(at.level+1))
	case level.text != nil:
		s.sortTexts(entries, spare, level.text, at)
	default:
		differing := s.setWords(entries, level.word)
		s.sortWords(entries, spare, differing, s.start(at.level+1))
	}
}

// sortTexts sorts by the next chunk in which the texts differ. Of rows that are equal up to here, either all texts
// have ended or none has, so it checks the first one.
func (s *rowSorter) sortTexts(entries, spare []sortEntry, text *textKey, at keyPlace) {
	first := entries[0].row
	if text.isNull(first) || len(text.value(first)) <= at.textFrom {
		s.sort(entries, spare, s.start(at.level+1))
		return
	}
	var shared atomic.Int64 // bytes that all texts share from at.textFrom on
	rest := text.value(first)[at.textFrom:]
	shared.Store(int64(len(rest)))
	s.each(len(entries), func(from, to int) {
		here := text.sharedPrefix(rest[:shared.Load()], entries[from:to], at.textFrom)
		for all := shared.Load(); here < all && !shared.CompareAndSwap(all, here); all = shared.Load() {
		}
	})
	at.textFrom += int(shared.Load())
	differing := s.setWords(entries, func(row int32) uint64 { return text.chunk(row, at.textFrom, chunkBytes) })
	at.textFrom += chunkBytes
	s.sortWords(entries, spare, differing, at)
}

// setWords sets the entries' words, and returns the bits in which these differ.
func (s *rowSorter) setWords(entries []sortEntry, word func(row int32) uint64) (differing uint64) {
	var all atomic.Uint64
	first := word(entries[0].row)
	s.each(len(entries), func(from, to int) {
		here := uint64(0)
		for i := range entries[from:to] {
			e := &entries[from+i]
			e.word = word(e.row)
			here |= e.word ^ first
		}
		all.Or(here)
	})
	return all.Load()
}

// sortComparing sorts by a comparison.
func (s *rowSorter) sortComparing(entries, spare []sortEntry, compare rowOrder, next keyPlace) {
	const often = 1 << 12
	left := often
	slices.SortStableFunc(entries, func(a, b sortEntry) int {
		if left--; left == 0 {
			s.check()
			left = often
		}
		return compare(a.row, b.row)
	})
	s.sortTies(entries, spare, next, func(a, b sortEntry) bool { return compare(a.row, b.row) == 0 })
}

// sortTies sorts the runs of equal entries from the place next on.
func (s *rowSorter) sortTies(entries, spare []sortEntry, next keyPlace, equal func(a, b sortEntry) bool) {
	if next.level == len(s.levels) {
		return
	}
	for from, to := 0, 1; to <= len(entries); to++ {
		if to < len(entries) && equal(entries[from], entries[to]) {
			continue
		}
		s.sort(entries[from:to], spare[from:to], next)
		from = to
	}
}

// pieces returns into how many pieces rows are divided.
func (s *rowSorter) pieces(rows int) int { return (rows + s.pieceRows - 1) / s.pieceRows }

// each calls do for pieces of rows, perhaps in parallel. They begin at multiples of pieceRows.
func (s *rowSorter) each(rows int, do func(from, to int)) {
	if rows <= s.pieceRows {
		do(0, rows)
		return
	}
	inParallel(s.ctx, s.workers, s.pieces(rows), func(i int) { do(i*s.pieceRows, min(rows, (i+1)*s.pieceRows)) })
}
