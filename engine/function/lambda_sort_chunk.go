package function

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
)

// chunkElements is the number of elements sorted before merging; Java sorts that many without merging. In arrays up
// to that length the same pairs are compared as in Java, so the order is the same even for contradictory
// comparisons.
const chunkElements = 31

// chunk is a part of an array that is being sorted. elems[:sorted] is sorted; the position of the next element in
// it is between low and high.
type chunk struct {
	row    int32
	elems  []int32
	sorted int
	// counting: elems[:sorted] is the run at the beginning, which may continue.
	counting, descending bool
	low, high            int
}

func sortChunks(env *Env, f Lambda, elems arrow.Array, c calls) error {
	var open []*chunk
	for row := range len(c.offsets) - 1 {
		for part := range slices.Chunk(c.idx[c.offsets[row]:c.offsets[row+1]], chunkElements) {
			if len(part) > 1 {
				open = append(open, &chunk{row: int32(row), elems: part, sorted: 1, counting: true})
			}
		}
	}
	for len(open) > 0 {
		p := newPairs(len(open))
		for k, c := range open {
			p.left[k], p.right[k], p.outer[k] = c.elems[c.sorted], c.elems[c.compared()], c.row
		}
		order, err := p.compare(env, f, elems)
		if err != nil {
			return err
		}
		next := open[:0]
		for k, c := range open {
			if c.advance(order[k] < 0); c.sorted < len(c.elems) {
				next = append(next, c)
			}
		}
		open = next
	}
	return nil
}

// compared returns the sorted element with which the first unsorted one is compared.
func (c *chunk) compared() int {
	if c.counting {
		return c.sorted - 1
	}
	return (c.low + c.high) / 2
}

// advance continues after a comparison; less reports whether the first unsorted element is less.
func (c *chunk) advance(less bool) {
	if c.counting {
		c.count(less)
		return
	}
	if middle := c.compared(); less {
		c.high = middle
	} else {
		c.low = middle + 1
	}
	if c.low < c.high {
		return
	}
	next := c.elems[c.sorted]
	copy(c.elems[c.low+1:], c.elems[c.low:c.sorted])
	c.elems[c.low] = next
	c.sorted++
	c.low, c.high = 0, c.sorted
}

// count extends or ends the run. It reverses a descending one.
func (c *chunk) count(less bool) {
	if c.sorted == 1 {
		c.descending = less
	}
	c.counting = less == c.descending
	if c.counting {
		c.sorted++
	}
	if c.counting && c.sorted < len(c.elems) {
		return
	}
	if c.descending {
		slices.Reverse(c.elems[:c.sorted])
	}
	c.low, c.high = 0, c.sorted
}
