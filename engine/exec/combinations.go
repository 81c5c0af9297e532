package exec

import (
	"math/bits"

	"github.com/auditlake/auditlake/engine/batch"
)

// combinations numbers the distinct combinations of the codes of two columns or more, in order of first appearance. As long as the codes
// of a combination fit into one word it is looked up once, whatever the number of columns: each has so many bits of the word, and other
// ones when its codes need more. After that pairs are looked up, column by column.
type combinations struct {
	// widths are the bits of each column's code in a word, the first column's highest; nil: words are looked up in pairs.
	widths []int
	packed *batch.WordTable
	// parts numbers the words in place of packed: not in order of first appearance, and several parts beside each other. The widths stay then.
	parts *batch.WordParts
	// pairs[i] numbers the pairs of (combination of columns 0…i, code of column i+1); those of the last one are the combinations.
	pairs []*batch.WordTable
}

// A word has wordBits bits, a code at most codeBits.
const (
	wordBits = 64
	codeBits = 32
)

func newCombinations(columns int) *combinations {
	c := &combinations{}
	needed := make([]int, columns)
	if c.widths = sharedWidths(needed); c.widths == nil {
		c.pairs = newPairs(columns)
	} else {
		c.packed = &batch.WordTable{}
	}
	return c
}

// newDividedCombinations numbers combinations in so many parts, of codes that have up to so many bits; nil: they do not fit into one word.
func newDividedCombinations(codeBits []int, parts int) *combinations {
	widths := sharedWidths(codeBits)
	if widths == nil {
		return nil
	}
	return &combinations{widths: widths, parts: batch.NewWordParts(parts)}
}

func newPairs(columns int) []*batch.WordTable {
	pairs := make([]*batch.WordTable, columns-1)
	for i := range pairs {
		pairs[i] = &batch.WordTable{}
	}
	return pairs
}

// sharedWidths gives each column the bits that it needs, and a share of those that are left; nil: there are too few.
func sharedWidths(needed []int) []int {
	left := wordBits
	for _, n := range needed {
		left -= n
	}
	share := left / len(needed)
	if share < 1 {
		return nil // the next code would need other widths
	}
	widths := make([]int, len(needed))
	for i, n := range needed {
		widths[i] = min(codeBits, n+share)
	}
	return widths
}

// combinedAtOnce is of how many rows words are made before they are looked up.
const combinedAtOnce = 1 << 10

// insert writes the number of each row's combination to out; all are the codes by column, none of them batch.Absent.
func (c *combinations) insert(all [][]int32, out []int32) {
	c.makeRoom(all, len(out))
	c.insertFitting(all, out)
}

// insertFitting is insert of codes that there is room for.
func (c *combinations) insertFitting(all [][]int32, out []int32) {
	var words [combinedAtOnce]uint64
	for from := 0; from < len(out); from += combinedAtOnce {
		ids := out[from:min(len(out), from+combinedAtOnce)]
		if c.widths != nil {
			c.pack(all, from, words[:len(ids)])
			c.packed.InsertAll(words[:len(ids)], ids)
			continue
		}
		copy(ids, all[0][from:])
		for i, table := range c.pairs {
			pairWords(ids, all[i+1][from:], words[:len(ids)])
			table.InsertAll(words[:len(ids)], ids)
		}
	}
}

// insertPart writes the numbers of the combinations that belong to a part to out, and leaves the others. Each part is one goroutine's.
func (c *combinations) insertPart(part int, all [][]int32, out []int32) {
	var words [combinedAtOnce]uint64
	for from := 0; from < len(out); from += combinedAtOnce {
		ids := out[from:min(len(out), from+combinedAtOnce)]
		c.pack(all, from, words[:len(ids)])
		c.parts.InsertPart(part, words[:len(ids)], ids)
	}
}

// find writes the number of each row's combination to out, batch.Absent where there is none.
func (c *combinations) find(all [][]int32, out []int32) {
	var words [combinedAtOnce]uint64
	for from := 0; from < len(out); from += combinedAtOnce {
		ids := out[from:min(len(out), from+combinedAtOnce)]
		if c.widths != nil {
			c.pack(all, from, words[:len(ids)])
			if c.parts != nil {
				c.parts.FindAll(words[:len(ids)], ids)
			} else {
				c.packed.FindAll(words[:len(ids)], ids)
			}
			c.forgetTooWide(all, from, ids)
			continue
		}
		copy(ids, all[0][from:])
		for i, table := range c.pairs {
			pairWords(ids, all[i+1][from:], words[:len(ids)]) // no pair has a code that is batch.Absent
			table.FindAll(words[:len(ids)], ids)
		}
	}
}

// pack makes the words of rows from one on.
func (c *combinations) pack(all [][]int32, from int, words []uint64) {
	for row, code := range all[0][from : from+len(words)] {
		words[row] = uint64(uint32(code))
	}
	for i, width := range c.widths[1:] {
		for row, code := range all[i+1][from : from+len(words)] {
			words[row] = words[row]<<width | uint64(uint32(code))
		}
	}
}

// forgetTooWide makes rows absent of which a code has more bits than any that was inserted, as batch.Absent has: their words may be those
// of others. Where a code may have all its bits, no word has that of batch.Absent, and nothing else is as wide.
func (c *combinations) forgetTooWide(all [][]int32, from int, ids []int32) {
	for i, width := range c.widths {
		for row, code := range all[i][from : from+len(ids)] {
			if uint64(uint32(code))>>width != 0 {
				ids[row] = batch.Absent
			}
		}
	}
}

// makeRoom changes the widths where codes of the rows need others.
func (c *combinations) makeRoom(all [][]int32, rows int) {
	if c.widths == nil {
		return
	}
	needed, isWider := make([]int, len(all)), false
	for i, codes := range all {
		seen := uint32(0)
		for _, code := range codes[:rows] {
			seen |= uint32(code)
		}
		needed[i] = bits.Len32(seen)
		isWider = isWider || needed[i] > c.widths[i]
	}
	if isWider {
		c.widen(needed)
	}
}

// widen makes all words anew, with as many bits for each column as it needs.
func (c *combinations) widen(needed []int) {
	old, all := *c, uint64(0)
	for _, word := range old.packed.Words() {
		all |= word
	}
	for i := range needed {
		shift, mask := old.place(i)
		needed[i] = max(needed[i], bits.Len64(all>>shift&mask))
	}
	if c.widths = sharedWidths(needed); c.widths == nil {
		c.packed, c.pairs = nil, newPairs(len(needed))
	} else {
		c.packed = &batch.WordTable{}
	}
	codes, numbers := make([][]int32, len(needed)), make([]int32, combinedAtOnce)
	for from := 0; from < old.count(); from += combinedAtOnce {
		to := min(old.count(), from+combinedAtOnce)
		for i := range codes {
			codes[i] = old.codes(i, from, to)
		}
		c.insertFitting(codes, numbers[:to-from]) // they get the numbers that they had
	}
}

// place is where a column's code is in a word.
func (c *combinations) place(column int) (shift int, mask uint64) {
	for _, width := range c.widths[column+1:] {
		shift += width
	}
	return shift, 1<<c.widths[column] - 1
}

// count is how many combinations there are, with parts more than any number.
func (c *combinations) count() int {
	if c.parts != nil {
		return c.parts.Len()
	}
	if c.widths != nil {
		return c.packed.Len()
	}
	return c.pairs[len(c.pairs)-1].Len()
}

// codes returns the codes in a column of the combinations from one up to another, which are the caller's. There are no parts.
func (c *combinations) codes(column, from, to int) []int32 {
	codes := make([]int32, to-from)
	if c.widths != nil {
		shift, mask := c.place(column)
		for n, word := range c.packed.Words()[from:to] {
			codes[n] = int32(word >> shift & mask)
		}
		return codes
	}
	for n := range codes {
		codes[n] = int32(from + n)
	}
	for at := len(c.pairs) - 1; at >= max(0, column-1); at-- {
		words := c.pairs[at].Words()
		for n, pair := range codes {
			combination, code := unpaired(words[pair])
			if codes[n] = combination; at == column-1 {
				codes[n] = code
			}
		}
	}
	return codes
}

// forgetLookups gives back what combinations are found by. Their codes stay.
func (c *combinations) forgetLookups() {
	for _, t := range c.tables() {
		t.ForgetLookups()
	}
}

func (c *combinations) sizeBytes() (size int64) {
	if c.parts != nil {
		return c.parts.SizeBytes()
	}
	for _, t := range c.tables() {
		size += t.SizeBytes()
	}
	return size
}

func (c *combinations) tables() []*batch.WordTable {
	if c.widths != nil {
		return []*batch.WordTable{c.packed}
	}
	return c.pairs
}

func pairWords(a, b []int32, words []uint64) {
	for row, first := range a {
		words[row] = batch.PairWord(first, b[row])
	}
}

func unpaired(word uint64) (a, b int32) { return int32(word >> 32), int32(uint32(word)) }
