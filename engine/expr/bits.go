package expr

import (
	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// Three-valued booleans are two bitmaps: which rows are true, which are NULL.

// openRows are the rows of a frame that nothing has decided yet.
type openRows struct {
	whole *frame
	bits  []byte // of whole's rows, those that are open
	count int
	// narrowed is the frame of the open rows when they were narrowedRows; nil before.
	narrowed     *frame
	narrowedRows []int32
}

func openAll(f *frame) *openRows {
	bits := arrowdata.NewBitmap(f.rows)
	invert(bits)
	return &openRows{whole: f, bits: bits, count: f.rows}
}

// minOpenShare is which share of the rows must be open for it to cost less to look an expression's known values up for
// all rows than to gather those that are open.
const minOpenShare = 8

// compute returns what n gives for rows of the whole frame, nil for all: for the open ones, or for all where that
// cannot fail and costs less.
func (o *openRows) compute(n node) (v batch.Vector, rows []int32, err error) {
	if err := o.whole.env.Worked(o.whole.rows); err != nil {
		return v, nil, err
	}
	if o.count*minOpenShare >= o.whole.rows {
		if v, ok := knownFor(n, o.whole); ok {
			return v, nil, nil
		}
	}
	f, rows := o.frame()
	v, err = n.eval(f)
	return v, rows, err
}

// frame is that of the open rows, which are rows of the whole frame, nil for all.
func (o *openRows) frame() (f *frame, rows []int32) {
	if o.count == o.whole.rows {
		return o.whole, nil
	}
	if o.narrowed == nil || len(o.narrowedRows) != o.count {
		o.narrowedRows = o.list()
		o.narrowed = o.whole.narrow(o.narrowedRows)
	}
	return o.narrowed, o.narrowedRows
}

// list returns the open rows.
func (o *openRows) list() []int32 {
	return arrowdata.AppendSetBits(make([]int32, 0, o.count), o.bits, o.whole.rows)
}

// among returns which of the open rows bits has, which are of rows, nil for all. It may change bits.
func (o *openRows) among(rows []int32, bits []byte) []int32 {
	if rows != nil {
		picked := arrowdata.AppendSetBits(nil, bits, len(rows))
		for i, at := range picked {
			picked[i] = rows[at]
		}
		return picked
	}
	for i, open := range o.bits {
		bits[i] &= open
	}
	return arrowdata.AppendSetBits(nil, bits, o.whole.rows)
}

// close takes out those of rows, nil for all, that bits has.
func (o *openRows) close(rows []int32, bits []byte) {
	if rows == nil {
		for i := range o.bits {
			o.bits[i] &^= bits[i]
		}
	} else {
		for i, row := range rows {
			o.bits[row>>3] &^= bits[i>>3] >> (i & 7) & 1 << (row & 7)
		}
	}
	o.count = arrowdata.CountBits(o.bits, o.whole.rows)
}

// invert makes of a bitmap the one of the other rows.
func invert(bits []byte) {
	for i := range bits {
		bits[i] = ^bits[i]
	}
}

// allRows lists the rows 0…n-1.
func allRows(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(i)
	}
	return out
}
