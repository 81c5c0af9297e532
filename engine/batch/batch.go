// Package batch holds what operators exchange: Arrow columns of equal length and a selection of their rows. It
// imports no other package of the engine.
package batch

import "github.com/apache/arrow/go/v15/arrow"

// Rows is the most rows of a batch. A segment's row group has exactly Rows rows, except the last one: a row group
// decodes into one batch.
const Rows = 8192

// Batch is a set of columns of Len rows. Operators must not change its arrays. A batch and its arrays stay valid
// after the next call; the garbage collector frees them.
type Batch struct {
	Columns []Vector
	Len     int // rows in each column, before selection
	// Sel lists the live rows, ascending, without repeats; nil means all.
	Sel []int32
}

// Vector is a column of a batch: an array of the batch's length, or one value that stands for every row. Text may
// be dictionary-encoded with int32 codes. A dictionary's values are never NULL, may repeat, and may be unused.
type Vector struct {
	Array arrow.Array
	Const bool // Array has length 1
}

// Live returns the number of selected rows.
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
