package expr

import (
	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// Three-valued booleans are two bitmaps: the rows that are true, and the rows that are NULL.

// openRows are the rows of a frame that are not decided yet.
type openRows struct {
	whole *frame
	bits  []byte // the open rows of whole
	count int
	// narrowed is the frame of the rows in narrowedRows, nil before it is needed.
	narrowed     *frame
	narrowedRows []int32
}

func openAll(f *frame) *openRows {
	bits := arrowdata.NewBitmap(f.rows)
	invert(bits)
	return &openRows{whole: f, bits: bits, count: f.rows}
}

// If at least one in minOpenShare rows is open, looking up known values for all rows costs less than gathering the
// open rows.
const minOpenShare = 8

// compute returns n's values for rows of the whole frame, nil for all. These are the open rows, or all rows if that
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

// frame returns the frame of the open rows, and their rows in the whole frame, nil for all.
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

// among returns the open rows that bits marks. Bit i stands for rows[i]; nil rows are all rows. It may change bits.
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

// close removes the rows that bits marks. Bit i stands for rows[i]; nil rows are all rows.
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

// invert inverts every bit.
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
