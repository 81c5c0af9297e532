// Package batch is the leaf that holds what operators exchange: some Arrow
// columns of equal length and a selection of their rows.
package batch

import "github.com/apache/arrow/go/v15/arrow"

// Rows is how many rows a batch holds at most, and a segment's row group
// exactly (but the last): one row group decodes into one batch.
const Rows = 8192

// Batch is a set of columns of Len rows. Operators must not change its arrays;
// a batch and its arrays stay valid after the next call (memory is collected).
type Batch struct {
	Columns []Vector
	Len     int // rows in each column, before selection
	// Sel lists the live rows, ascending, without repeats; nil means all.
	Sel []int32
}

// Vector is a column of a batch: an array of the batch's length, or one value
// that stands for every row. Text may be dictionary-encoded with int32 codes;
// a dictionary's values are never NULL, may repeat, and may be used by no row.
type Vector struct {
	Array arrow.Array
	Const bool // Array has length 1
}

// Live is the number of selected rows.
func (b *Batch) Live() int {
	if b.Sel != nil {
		return len(b.Sel)
	}
	return b.Len
}

// At returns the array position that row reads.
func (v Vector) At(row int) int {
	if v.Const {
		return 0
	}
	return row
}
