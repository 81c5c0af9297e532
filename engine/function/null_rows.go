package function

import (
	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/memory"
)

// nullRows are the positions of NULLs, ascending.
type nullRows []int32

// cut removes the positions from n on.
func (r *nullRows) cut(n int) {
	for len(*r) > 0 && int((*r)[len(*r)-1]) >= n {
		*r = (*r)[:len(*r)-1]
	}
}

// append adds a position, and accounts it.
func (r *nullRows) append(m *memory.Meter, row int) (err error) {
	*r, err = withRoom(m, *r, 1)
	*r = append(*r, int32(row))
	return err
}

// validity returns the bitmap of the given number of rows, nil if there is no NULL.
func (r nullRows) validity(rows int) []byte {
	if len(r) == 0 {
		return nil
	}
	valid := arrowdata.FullValidity(rows)
	for _, i := range r {
		arrowdata.ClearBit(valid, int(i))
	}
	return valid
}
