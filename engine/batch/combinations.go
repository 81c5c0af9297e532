package batch

import (
	"math/bits"
	"slices"
)

// Combinations numbers the distinct combinations of several columns' codes.
//
// Ids follow the order of first appearance. A combination is looked up as a 64-bit word with a fixed number of bits
// per column; the widths change when codes need more. Codes that do not fit into one word use several: each further
// word begins with the id found for the word before it.
type Combinations struct {
	levels []combinedColumns
}

// combinedColumns are the columns packed into one word.
type combinedColumns struct {
	from   int   // the first column
	widths []int // bits per column's code, the first column's highest, below the id of the word before
	table  *WordTable
}

// A word has wordBits bits; a code or an id has at most codeBits.
const (
	wordBits = 64
	codeBits = 32
)

// NewCombinations returns an empty Combinations of the given number of columns.
func NewCombinations(columns int) *Combinations {
	return &Combinations{levels: combinedIn(make([]int, columns))}
}

// combinedIn packs columns in their order into as few words as possible. Each column gets the bits it needs, a
// spare bit for the codes to come, and a share of the bits left over in its word.
func combinedIn(needed []int) []combinedColumns {
	var levels []combinedColumns
	left := wordBits
	end := func() {
		last := &levels[len(levels)-1]
		share := left / len(last.widths)
		for i := range last.widths {
			last.widths[i] = min(codeBits, last.widths[i]+share)
		}
	}
	for column, bits := range needed {
		if column == 0 || left < bits+1 {
			if column > 0 {
				end()
				left = wordBits - codeBits
			}
			levels = append(levels, combinedColumns{from: column, table: &WordTable{}})
		}
		last := &levels[len(levels)-1]
		last.widths, left = append(last.widths, bits+1), left-bits-1
	}
	end()
	return levels
}

// combinedAtOnce is the number of rows whose words are packed before they are looked up.
const combinedAtOnce = 1 << 10

// Insert writes the id of each row's combination to out. all holds the codes by column, none of them Absent.
func (c *Combinations) Insert(all [][]int32, out []int32) {
	c.makeRoom(all, len(out))
	c.insertFitting(all, out)
}

// insertFitting is Insert for codes that fit the widths.
func (c *Combinations) insertFitting(all [][]int32, out []int32) {
	var words [combinedAtOnce]uint64
	for from := 0; from < len(out); from += combinedAtOnce {
		ids := out[from:min(len(out), from+combinedAtOnce)]
		for i := range c.levels {
			level := &c.levels[i]
			level.pack(all, ids, from, words[:len(ids)])
			level.table.InsertAll(words[:len(ids)], ids)
		}
	}
}

// Find writes the id of each row's combination to out, or Absent. It is safe for concurrent use.
func (c *Combinations) Find(all [][]int32, out []int32) {
	var words [combinedAtOnce]uint64
	for from := 0; from < len(out); from += combinedAtOnce {
		ids := out[from:min(len(out), from+combinedAtOnce)]
		for i := range c.levels {
			level := &c.levels[i]
			level.pack(all, ids, from, words[:len(ids)])
			level.table.FindAll(words[:len(ids)], ids)
			level.forgetTooWide(all, from, ids)
		}
	}
}

// pack writes the words of the rows that begin at from. numbers has their ids in the word before.
func (l *combinedColumns) pack(all [][]int32, numbers []int32, from int, words []uint64) {
	columns, widths := all[l.from:], l.widths
	if l.from > 0 {
		for row, number := range numbers {
			words[row] = uint64(uint32(number))
		}
	} else {
		for row, code := range columns[0][from : from+len(words)] {
			words[row] = uint64(uint32(code))
		}
		columns, widths = columns[1:], widths[1:]
	}
	for i, width := range widths {
		for row, code := range columns[i][from : from+len(words)] {
			words[row] = words[row]<<width | uint64(uint32(code))
		}
	}
}

// forgetTooWide sets ids to Absent in rows with a code that is too wide for its column, as Absent is: their words
// may equal those of other codes. A column of all 32 bits needs no check, as only Absent is that wide and no
// inserted word has it.
func (l *combinedColumns) forgetTooWide(all [][]int32, from int, ids []int32) {
	for i, width := range l.widths {
		for row, code := range all[l.from+i][from : from+len(ids)] {
			if uint64(uint32(code))>>width != 0 {
				ids[row] = Absent
			}
		}
	}
}

// makeRoom widens columns whose codes in these rows do not fit.
func (c *Combinations) makeRoom(all [][]int32, rows int) {
	if len(all) <= wordBits/codeBits { // each column has all bits that a code can have
		return
	}
	needed, isWider := make([]int, len(all)), false
	for i := range c.levels {
		for at, width := range c.levels[i].widths {
			column := c.levels[i].from + at
			seen := uint32(0)
			for _, code := range all[column][:rows] {
				seen |= uint32(code)
			}
			if needed[column] = bits.Len32(seen); needed[column] > width {
				isWider = true
				if len(c.levels) > 1 { // few bits are left to share, and rebuilding the words takes time
					needed[column] = min(codeBits-1, needed[column]+1)
				}
			}
		}
	}
	if isWider {
		c.widen(needed)
	}
}

// widen rebuilds all words with the bits that each column needs.
func (c *Combinations) widen(needed []int) {
	old := *c
	for i := range old.levels {
		level, all := &old.levels[i], uint64(0)
		for _, word := range level.table.Words() {
			all |= word
		}
		for at := range level.widths {
			shift, mask := level.place(at)
			needed[level.from+at] = max(needed[level.from+at], bits.Len64(all>>shift&mask))
		}
	}
	c.levels = combinedIn(needed)
	codes, numbers := make([][]int32, len(needed)), make([]int32, combinedAtOnce)
	for from := 0; from < old.Count(); from += combinedAtOnce {
		to := min(old.Count(), from+combinedAtOnce)
		for i := range codes {
			codes[i] = old.Codes(i, from, to)
		}
		c.insertFitting(codes, numbers[:to-from]) // they get the same ids again
	}
}

// place returns where the code of a column is in a word.
func (l *combinedColumns) place(at int) (shift int, mask uint64) {
	for _, width := range l.widths[at+1:] {
		shift += width
	}
	return shift, 1<<l.widths[at] - 1
}

// Count returns the number of combinations.
func (c *Combinations) Count() int { return c.levels[len(c.levels)-1].table.Len() }

// Codes returns a column's codes in the combinations [from, to). The caller owns the slice.
func (c *Combinations) Codes(column, from, to int) []int32 {
	codes := make([]int32, to-from)
	for n := range codes {
		codes[n] = int32(from + n)
	}
	c.toCodes(column, codes)
	return codes
}

// toCodes replaces ids of combinations by their codes in a column.
func (c *Combinations) toCodes(column int, numbers []int32) {
	for i := len(c.levels) - 1; i >= 0; i-- {
		level := &c.levels[i]
		words := level.table.Words()
		if column >= level.from {
			shift, mask := level.place(column - level.from)
			for n, number := range numbers {
				numbers[n] = int32(words[number] >> shift & mask)
			}
			return
		}
		shift := 0 // of the id of the word before
		for _, width := range level.widths {
			shift += width
		}
		for n, number := range numbers {
			numbers[n] = int32(words[number] >> shift)
		}
	}
}

// ForgetLookups frees the hash tables. Codes stay available, but nothing can be inserted or found any more.
func (c *Combinations) ForgetLookups() {
	for _, level := range c.levels {
		level.table.ForgetLookups()
	}
}

// forget removes all combinations and keeps the memory for reuse.
func (c *Combinations) forget() {
	for _, level := range c.levels {
		level.table.forget()
	}
}

// SizeBytes returns the memory held.
func (c *Combinations) SizeBytes() (size int64) {
	for _, level := range c.levels {
		size += level.table.SizeBytes()
	}
	return size
}

// GrowthBytes returns what inserting more rows may allocate before the old memory is freed.
func (c *Combinations) GrowthBytes(rows int) (size int64) {
	most := bits.Len(uint(c.Count() + rows)) // bits of a code: a column has no more codes than there are combinations
	mayWiden := false
	for _, level := range c.levels {
		size += level.table.GrowthBytes(rows)
		mayWiden = mayWiden || slices.Min(level.widths) < most
	}
	if mayWiden {
		size += c.SizeBytes()
	}
	return size
}

// forgetCodes frees the codes, after ForgetLookups. Only Count may be called then.
func (c *Combinations) forgetCodes() { c.levels = c.levels[len(c.levels)-1:] }
