package orc

import (
	"encoding/binary"
	"math/bits"
)

// A bitmap has one bit a row, the first in the lowest bit of the first byte, as in Arrow. Nil stands for all rows.
type bitmap []byte

func newBitmap(n int) bitmap { return make(bitmap, (n+7)/8) }

func (b bitmap) has(i int) bool { return b == nil || b[i>>3]>>(i&7)&1 != 0 }

// byteAt returns the eight rows from row i on, the first in the lowest bit. There must be eight.
func (b bitmap) byteAt(i int) byte {
	shift := i & 7
	if shift == 0 {
		return b[i>>3]
	}
	return b[i>>3]>>shift | b[i>>3+1]<<(8-shift)
}

func (b bitmap) set(i int) { b[i>>3] |= 1 << (i & 7) }

// count is the number of rows below n that are set.
func (b bitmap) count(n int) int {
	if b == nil {
		return n
	}
	ones, i := 0, 0
	for ; i+64 <= n; i += 64 {
		ones += bits.OnesCount64(binary.LittleEndian.Uint64(b[i>>3:]))
	}
	for ; i+8 <= n; i += 8 {
		ones += bits.OnesCount8(b[i>>3])
	}
	if i < n {
		ones += bits.OnesCount8(b[i>>3] & (1<<(n-i) - 1))
	}
	return ones
}

// deposit returns the rows of outer whose bit in inner is set. inner has one bit for each row of outer.
func (b bitmap) deposit(inner bitmap, n int) bitmap {
	out := newBitmap(n)
	next := 0
	for i := range n {
		if b.has(i) {
			if inner.has(next) {
				out.set(i)
			}
			next++
		}
	}
	return out
}

// spread moves the values at the start of dst to the rows that are set, in order, and zeroes the others. dst has a
// place for every row.
func spread[T any](dst []T, valid bitmap, values int) {
	if valid == nil {
		return
	}
	var zero T
	for i := len(dst) - 1; i >= 0; i-- {
		if values > 0 && valid[i>>3]>>(i&7)&1 != 0 {
			values--
			dst[i] = dst[values]
			continue
		}
		dst[i] = zero
	}
}

// choice says which values a selection of rows needs, and where they go.
type choice struct {
	rows  int     // of the result
	at    []int32 // indexes of the wanted values, ascending; nil means the first count
	count int     // of values wanted
	valid bitmap  // of the result's rows
	nulls int
}

// choose finds the values of the selected rows among n rows. Only rows in valid have a value. A selected row of -1
// is a NULL.
func choose(n int, valid bitmap, sel []int32) choice {
	if sel == nil {
		count := valid.count(n)
		return choice{rows: n, count: count, valid: valid, nulls: n - count}
	}
	c := choice{rows: len(sel), at: make([]int32, 0, len(sel)), valid: newBitmap(len(sel))}
	rank, ranked := 0, 0 // values before row ranked
	for i, row := range sel {
		if row < 0 || !valid.has(int(row)) {
			continue
		}
		rank += valid.countBetween(ranked, int(row))
		ranked = int(row)
		c.at = append(c.at, int32(rank))
		c.valid.set(i)
	}
	c.count = len(c.at)
	if c.span() == c.count && gatherDense*c.span() >= n { // with fewer, text readers read only the wanted blocks
		c.at = nil
	}
	if c.nulls = c.rows - c.count; c.nulls == 0 {
		c.valid = nil
	}
	return c
}

// countBetween is the number of rows set in [from, to).
func (b bitmap) countBetween(from, to int) int {
	if b == nil {
		return to - from
	}
	ones := 0
	for ; from < to && from&7 != 0; from++ {
		ones += int(b[from>>3] >> (from & 7) & 1)
	}
	if from < to {
		ones += b[from>>3:].count(to - from)
	}
	return ones
}

// span is the number of values up to the last wanted one.
func (c choice) span() int {
	if c.at == nil {
		return c.count
	}
	if len(c.at) == 0 {
		return 0
	}
	return int(c.at[len(c.at)-1]) + 1
}
