// Package sketch holds the summaries of many values that Trino's approximating functions keep: HyperLogLog,
// q-digests, t-digests and set digests.
package sketch

import (
	bytesof "encoding/binary"
	"errors"

	"github.com/auditlake/auditlake/planner/types"
)

// ErrMalformed is the error of bytes that are no sketch.
var ErrMalformed = types.ArgumentError("malformed sketch")

// summaryReader reads the parts of a summary's binary form. After a part that is
// missing all others are zero, and err is set.
type summaryReader struct {
	data []byte
	err  error
}

var errShort = errors.New("too short")

func (r *summaryReader) uint64() uint64 {
	if len(r.data) < 8 {
		r.data, r.err = nil, errShort
		return 0
	}
	v := bytesof.LittleEndian.Uint64(r.data)
	r.data = r.data[8:]
	return v
}

func (r *summaryReader) byte() byte {
	if len(r.data) == 0 {
		r.err = errShort
		return 0
	}
	b := r.data[0]
	r.data = r.data[1:]
	return b
}

// count reads how many entries of size bytes follow.
func (r *summaryReader) count(size int) int {
	n := r.uint64()
	if n > uint64(len(r.data)/size) {
		r.data, r.err = nil, errShort
		return 0
	}
	return int(n)
}
