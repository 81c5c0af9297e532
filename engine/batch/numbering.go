package batch

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
)

// Numbering numbers the values of a column within one batch, from 0 in order of
// first appearance. Rows of one number are not distinct, but unlike the codes of
// an Interner two numbers may stand for one value, and they are forgotten with
// the batch: a dictionary is numbered by its codes, without a look at its
// values, and so are those in rows. The zero value is ready for use.
type Numbering struct {
	seen     sightings
	interner *Interner // of columns without dictionary
	rows     numberedRows
	pairs    WordTable
}

// Number writes the number of each row of v to numbers (of length rows) and
// appends the first row of each number to firsts.
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
		return n.numberEntries(d, numbers, firsts), nil
	}
	if row, ok := v.Array.(*array.Struct); ok && isNumberedByParts(row.DataType()) {
		return n.rows.number(row, numbers, firsts)
	}
	if n.interner == nil {
		n.interner = NewInterner(v.Array.DataType())
	}
	n.interner.forget()
	if err := n.interner.Insert(v, rows, numbers); err != nil {
		return nil, err
	}
	n.seen.forget(n.interner.Len(), rows)
	for row, code := range numbers {
		var fresh bool
		if numbers[row], fresh = n.seen.number(code); fresh {
			firsts = append(firsts, int32(row))
		}
	}
	return firsts, nil
}

// numberEntries numbers by code; NULL has a place of its own after the codes.
func (n *Numbering) numberEntries(d *array.Dictionary, numbers, firsts []int32) []int32 {
	null := int32(d.Dictionary().Len())
	n.seen.forget(int(null)+1, len(numbers))
	codes, valid := Codes(d), arrowdata.Validity(d)
	var fresh bool
	for row := range numbers {
		code := null
		if arrowdata.IsValid(valid, row) {
			code = codes[row]
		}
		if numbers[row], fresh = n.seen.number(code); fresh {
			firsts = append(firsts, int32(row))
		}
	}
	return firsts
}

// maxPairPlaces is up to how many pairs of numbers each have a place of their
// own, instead of one in a hash table: 256 KiB.
const maxPairPlaces = 1 << 16

// Pair numbers the pairs of numbers of each row, of which the first are below
// count and the second below otherCount. It writes to numbers, the first of the
// pairs, and appends the first row of each pair to firsts.
func (n *Numbering) Pair(numbers []int32, count int, other []int32, otherCount int, firsts []int32) []int32 {
	var fresh bool
	if count*otherCount <= maxPairPlaces {
		n.seen.forget(count*otherCount, len(numbers))
		for row, number := range numbers {
			if numbers[row], fresh = n.seen.number(number*int32(otherCount) + other[row]); fresh {
				firsts = append(firsts, int32(row))
			}
		}
		return firsts
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

// GrowthBytes is what Number of rows rows of v may allocate before it gives back
// what it held so far.
func (n *Numbering) GrowthBytes(v Vector, rows int) int64 {
	if v.Const {
		return 0
	}
	if row, ok := v.Array.(*array.Struct); ok && isNumberedByParts(row.DataType()) {
		return n.rows.growthBytes(row, rows)
	}
	places := rows + 1
	bytes := int64(0)
	if d, ok := v.Array.(*array.Dictionary); ok {
		places = d.Dictionary().Len() + 1
	} else if n.interner != nil {
		bytes = n.interner.GrowthBytes(v, rows)
	}
	return bytes + sliceGrowth(cap(n.seen.places), places, 4)
}

// SizeBytes is the memory held.
func (n *Numbering) SizeBytes() int64 {
	size := int64(cap(n.seen.places))*4 + n.pairs.SizeBytes() + n.rows.sizeBytes()
	if n.interner != nil {
		size += n.interner.SizeBytes()
	}
	return size
}

// sightings numbers small integers in order of appearance. What it has seen is
// forgotten without a look at the places: numbers are kept above a base, which
// rises.
type sightings struct {
	places []uint32
	base   uint32 // places up to it are of integers not seen yet
	last   uint32
}

// forget makes room for integers below size, of which rows will come.
func (s *sightings) forget(size, rows int) {
	s.base = s.last
	if size > len(s.places) || uint64(s.base)+uint64(rows) >= math.MaxUint32 {
		s.places, s.base, s.last = make([]uint32, max(size, len(s.places))), 0, 0
	}
}

// number returns the number of integer i, and whether it is seen first.
func (s *sightings) number(i int32) (number int32, fresh bool) {
	place := s.places[i]
	if place <= s.base {
		s.last++
		place = s.last
		s.places[i] = place
		fresh = true
	}
	return int32(place - s.base - 1), fresh
}
