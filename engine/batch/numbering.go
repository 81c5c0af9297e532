package batch

import (
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
)

// Numbering assigns ids to the values of a column within one batch, from 0 in order of first appearance.
//
// Rows with one id are not distinct. Unlike an Interner's codes, two ids may stand for one value, and ids are
// forgotten with the batch: a dictionary is numbered by its codes, without reading its values. The zero value is
// ready for use.
type Numbering struct {
	seen     sightings
	interner *Interner // for columns without dictionary
	pairs    WordTable
}

// Number writes the id of each row of v to numbers (of length rows) and appends the first row of each id to firsts.
func (n *Numbering) Number(v Vector, rows int, numbers, firsts []int32) ([]int32, error) {
	numbers = numbers[:rows]
	if rows == 0 {
		return firsts, nil
	}
	if _, null := v.Array.(*array.Null); null || v.Const {
		clear(numbers)
		return append(firsts, 0), nil
	}
	if d, ok := v.Array.(*array.Dictionary); ok {
		return n.seen.numberPairs(numbers, 1, Codes(d), arrowdata.Validity(d), entryPlaces(d), firsts), nil
	}
	if n.interner == nil {
		n.interner = NewInterner(v.Array.DataType())
	}
	n.interner.forget()
	if err := n.interner.Insert(v, rows, numbers); err != nil {
		return nil, err
	}
	n.seen.forget(n.interner.Len(), rows)
	return n.seen.numberAll(numbers, numbers, 0, firsts), nil
}

// PairsEntries reports whether PairEntries can number the pairs of count ids and the values of v. It can if v has a
// dictionary and all pairs of an id and an entry fit into maxPairPlaces.
func PairsEntries(count int, v Vector) bool {
	d, ok := v.Array.(*array.Dictionary)
	return ok && !v.Const && count*entryPlaces(d) <= maxPairPlaces
}

// PairEntries is Pair of numbers, all below count, and the ids that Number would assign to the rows of v, in one
// pass. PairsEntries must have returned true.
func (n *Numbering) PairEntries(numbers []int32, count int, v Vector, firsts []int32) []int32 {
	d := v.Array.(*array.Dictionary)
	return n.seen.numberPairs(numbers, count, Codes(d), arrowdata.Validity(d), entryPlaces(d), firsts)
}

// entryPlaces returns the number of a dictionary's codes, plus one for NULL.
func entryPlaces(d *array.Dictionary) int { return d.Dictionary().Len() + 1 }

// maxPairPlaces is the most pairs of ids that get an array slot each, 1 MiB, instead of a hash table.
const maxPairPlaces = 1 << 18

// Pair assigns ids to the pairs of numbers[row] and other[row], which are below count and otherCount. It overwrites
// numbers with the ids and appends the first row of each pair to firsts.
func (n *Numbering) Pair(numbers []int32, count int, other []int32, otherCount int, firsts []int32) []int32 {
	if count*otherCount <= maxPairPlaces {
		return n.seen.numberPairs(numbers, count, other, nil, otherCount, firsts)
	}
	n.pairs.forget()
	next := int32(0)
	for row, number := range numbers {
		pair := n.pairs.Insert(PairWord(number, other[row]))
		numbers[row] = pair
		if pair == next {
			firsts = append(firsts, int32(row))
			next++
		}
	}
	return firsts
}

// GrowthBytes returns what Number of rows rows of v may allocate before it frees the old memory.
func (n *Numbering) GrowthBytes(v Vector, rows int) int64 {
	if v.Const {
		return 0
	}
	places := rows + 1
	bytes := int64(0)
	if d, ok := v.Array.(*array.Dictionary); ok {
		places = entryPlaces(d)
	} else if n.interner != nil {
		bytes = n.interner.GrowthBytes(v, rows)
	}
	return bytes + sliceGrowth(cap(n.seen.places), places, 4)
}

// PairGrowthBytes is GrowthBytes for Pair if each pair has an array slot, and 0 otherwise.
func (n *Numbering) PairGrowthBytes(count, otherCount int) int64 {
	if count*otherCount > maxPairPlaces {
		return 0
	}
	return sliceGrowth(cap(n.seen.places), count*otherCount, 4)
}

// PairEntriesGrowthBytes is GrowthBytes for PairEntries.
func (n *Numbering) PairEntriesGrowthBytes(count int, v Vector) int64 {
	return n.PairGrowthBytes(count, entryPlaces(v.Array.(*array.Dictionary)))
}

// SizeBytes returns the memory held.
func (n *Numbering) SizeBytes() int64 {
	size := int64(cap(n.seen.places))*4 + n.pairs.SizeBytes()
	if n.interner != nil {
		size += n.interner.SizeBytes()
	}
	return size
}
