package batch

import (
	"math/bits"
	"slices"
)

// Combinations numbers the distinct combinations of the codes of several columns, in order of first appearance. A
// combination is looked up as a word in which each column's code has so many bits, and other ones when its codes need
// more; codes that do not fit into one word are looked up in several, of which each begins with the number of the one
// before.
type Combinations struct {
	levels []combinedColumns
}

// combinedColumns are the columns of one word.
type combinedColumns struct {
	from   int   // the first of them
	widths []int // the bits of each column's code, the first column's highest, below the number of the word before
	table  *WordTable
}

// A word has wordBits bits, a code or a number at most codeBits.
const (
	wordBits = 64
	codeBits = 32
)

// NewCombinations numbers combinations of so many columns.
func NewCombinations(columns int) *Combinations {
	return &Combinations{levels: combinedIn(make([]int, columns))}
}

// combinedIn puts columns, whose codes need so many bits, and one more as the next code would need others otherwise,
// into as few words as they fit into in their order, and gives each a share of the bits that are left.
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

// combinedAtOnce is of how many rows words are made before they are looked up.
const combinedAtOnce = 1 << 10

// Insert writes the number of each row's combination to out; all are the codes by column, none of them Absent.
func (c *Combinations) Insert(all [][]int32, out []int32) {
	c.makeRoom(all, len(out))
	c.insertFitting(all, out)
}

// insertFitting is Insert of codes that there is room for.
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

// Find writes the number of each row's combination to out, Absent where there is none. It is safe for concurrent use.
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

// pack makes the words of rows from one on; numbers are those of the words before.
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

// forgetTooWide makes rows absent of which a code has more bits than there are for its column, as Absent has: their
// words may be those of others. Where a code may have all its bits, no word has that of Absent, and nothing else is
// as wide.
func (l *combinedColumns) forgetTooWide(all [][]int32, from int, ids []int32) {
	for i, width := range l.widths {
		for row, code := range all[l.from+i][from : from+len(ids)] {
			if uint64(uint32(code))>>width != 0 {
				ids[row] = Absent
			}
		}
	}
}

// makeRoom changes the widths where codes of the rows need others.
func (c *Combinations) makeRoom(all [][]int32, rows int) {
	if len(all) <= wordBits/codeBits { // each column has as many bits as codes can have
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
				if len(c.levels) > 1 { // there is little to share, and making the words anew takes time
					needed[column] = min(codeBits-1, needed[column]+1)
				}
			}
		}
	}
	if isWider {
		c.widen(needed)
	}
}

// widen makes all words anew, with as many bits for each column as it needs.
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
		c.insertFitting(codes, numbers[:to-from]) // they get the numbers that they had
	}
}

// place is where the code of one of the columns is in a word.
func (l *combinedColumns) place(at int) (shift int, mask uint64) {
	for _, width := range l.widths[at+1:] {
		shift += width
	}
	return shift, 1<<l.widths[at] - 1
}

// Count is how many combinations there are.
func (c *Combinations) Count() int { return c.levels[len(c.levels)-1].table.Len() }

// Codes returns the codes in a column of the combinations from one up to another, which are the caller's.
func (c *Combinations) Codes(column, from, to int) []int32 {
	codes := make([]int32, to-from)
	for n := range codes {
		codes[n] = int32(from + n)
	}
	c.toCodes(column, codes)
	return codes
}

// toCodes puts the codes in a column in the place of the combinations' numbers.
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
		shift := 0 // of the number of the word before
		for _, width := range level.widths {
			shift += width
		}
		for n, number := range numbers {
			numbers[n] = int32(words[number] >> shift)
		}
	}
}

// ForgetLookups gives back what combinations are found by. Their codes stay.
func (c *Combinations) ForgetLookups() {
	for _, level := range c.levels {
		level.table.ForgetLookups()
	}
}

// forget makes the combinations none; memory is kept.
func (c *Combinations) forget() {
	for _, level := range c.levels {
		level.table.forget()
	}
}

// SizeBytes is the memory held.
func (c *Combinations) SizeBytes() (size int64) {
	for _, level := range c.levels {
		size += level.table.SizeBytes()
	}
	return size
}

// GrowthBytes is what inserting more rows may allocate before what was held so far is given back.
func (c *Combinations) GrowthBytes(rows int) (size int64) {
	most := bits.Len(uint(c.Count() + rows)) // of a code: there are no more of a column than combinations
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

// forgetCodes forgets what combinations are of, after ForgetLookups. Only Count tells something then.
func (c *Combinations) forgetCodes() { c.levels = c.levels[len(c.levels)-1:] }
