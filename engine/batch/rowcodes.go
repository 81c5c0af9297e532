package batch

import (
	"math"
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
)

// rowCodes tells rows apart whose fields all are dictionary arrays, by the codes of their fields: equal ones are equal rows. Rows
// with other codes may be equal, too, as a dictionary may have a text twice.
type rowCodes struct {
	codes  [][]int32
	valid  [][]byte
	counts []uint64 // of values by field, and NULL
	known  WordTable
	looked int
}

// newRowCodes returns nil for arrays of anything else, and where the codes of a row do not fit a number.
func newRowCodes(a arrow.Array) *rowCodes {
	row, ok := a.(*array.Struct)
	if !ok || row.NumField() < 2 {
		return nil
	}
	r, product := &rowCodes{}, uint64(1)
	for i := range row.NumField() {
		field, ok := row.Field(i).(*array.Dictionary)
		if !ok {
			return nil
		}
		count := uint64(field.Dictionary().Len()) + 1
		high, low := bits.Mul64(product, count)
		if high != 0 || low > math.MaxInt64 {
			return nil
		}
		product = low
		r.codes, r.valid, r.counts = append(r.codes, Codes(field)), append(r.valid, arrowdata.Validity(field)), append(r.counts, count)
	}
	return r
}

// number returns which of the rows that differ row i is, counted from 0 in the order in which they come.
func (r *rowCodes) number(i int) int32 {
	word := uint64(0)
	for f, codes := range r.codes {
		word *= r.counts[f]
		if arrowdata.IsValid(r.valid[f], i) {
			word += uint64(codes[i]) + 1
		}
	}
	r.looked++
	return r.known.Insert(word)
}

// isOfUse reports whether one in four of the rows looked at was known.
func (r *rowCodes) isOfUse() bool {
	const enough = 512
	return r.looked < enough || r.known.Len()*4 < r.looked*3
}
