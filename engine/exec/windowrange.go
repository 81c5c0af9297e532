package exec

import (
	"math"
	"sort"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/decimal128"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
)

// rangeBound finds the rows whose key is not beyond the current row's key moved by the offset. The frame of a row
// with a NULL key is its peers.
func (w *windowWork) rangeBound(
	t *table, p *function.WindowPartition, side frameBound, isEnd bool,
) (func(i int) (int32, error), error) {
	keys, values := batch.Decode(t.columns[side.key]), batch.Decode(t.columns[side.value])
	offsets := t.columns[side.offset]
	negative, err := negativeOffset(offsets)
	if err != nil {
		return nil, err
	}
	descending := w.orderBy[0].descending
	compare := numberOrdering(w.orderBy[0].nullsFirst)(side.valueType, keys, values)
	first, last := valueRows(keys, p)
	at := first // the bound of the previous row
	return func(i int) (int32, error) {
		row := int(p.Start) + i
		switch {
		case offsets.IsNull(row):
			return 0, frameError("Window frame offset value must not be null")
		case negative(row):
			return 0, frameError("Window frame offset value must not be negative")
		case keys.IsNull(row) && isEnd:
			return p.PeerEnd[i], nil
		case keys.IsNull(row):
			return p.PeerStart[i], nil
		}
		inside := func(candidate int32) bool { // at or after the bound
			c := compare(int(candidate), row)
			if descending {
				c = -c
			}
			return c > 0 || c == 0 && !isEnd
		}
		at = searchFrom(at, first, last, inside)
		return at, nil
	}, nil
}

// searchFrom returns the first row in [first, end) that is inside, or end. All rows after one that is inside are
// inside, too. It searches near row at first, which may be end.
func searchFrom(at, first, end int32, inside func(row int32) bool) int32 {
	if at < end && !inside(at) {
		first = at + 1
		for step := int32(1); step < end-first; step *= 2 {
			if inside(first + step) {
				end = first + step
				break
			}
			first += step + 1
		}
	} else {
		end = at
		for step := int32(1); step < end-first; step *= 2 {
			if !inside(end - step) {
				first = end - step + 1
				break
			}
			end -= step
		}
	}
	return first + int32(sort.Search(int(end-first), func(k int) bool { return inside(first + int32(k)) }))
}

// negativeOffset returns a function that reports whether a row's offset, a number or an interval, is negative.
func negativeOffset(a arrow.Array) (func(row int) bool, error) {
	switch a.DataType().ID() {
	case arrow.FLOAT64:
		values := batch.Values[float64](a)
		return func(row int) bool { return values[row] < 0 || math.IsNaN(values[row]) }, nil
	case arrow.FLOAT32:
		values := batch.Values[float32](a)
		return func(row int) bool { return values[row] < 0 || values[row] != values[row] }, nil
	case arrow.DECIMAL128:
		values := batch.Values[decimal128.Num](a)
		return func(row int) bool { return values[row].Sign() < 0 }, nil
	}
	integer, err := frameInteger(a)
	return func(row int) bool { return integer(row) < 0 }, err
}
