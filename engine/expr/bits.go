package expr

import "github.com/auditlake/auditlake/arrowdata"

// Three-valued booleans are two bitmaps: which rows are true, which are NULL.

// openRows are the rows of a frame that nothing has decided yet.
type openRows struct {
	whole *frame
	frame *frame  // of the open rows
	rows  []int32 // of whole, by row of frame; nil for the same
}

func openAll(f *frame) openRows { return openRows{whole: f, frame: f} }

// list returns the open rows as rows of the whole frame. They must not be changed.
func (o *openRows) list() []int32 {
	if o.rows == nil {
		return allRows(o.frame.rows)
	}
	return o.rows
}

// pick returns the count open rows that bits has, as rows of the whole frame.
func (o *openRows) pick(bits []byte, count int) []int32 {
	if count == o.frame.rows {
		return o.list()
	}
	picked := arrowdata.AppendSetBits(make([]int32, 0, count), bits, o.frame.rows)
	if o.rows != nil {
		for i, row := range picked {
			picked[i] = o.rows[row]
		}
	}
	return picked
}

// keep leaves those rows open that bits has. It reports whether there are any.
func (o *openRows) keep(bits []byte) bool {
	count := arrowdata.CountBits(bits, o.frame.rows)
	if count > 0 && count < o.frame.rows {
		o.rows = o.pick(bits, count)
		o.frame = o.whole.narrow(o.rows)
	}
	return count > 0
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
