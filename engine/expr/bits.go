package expr

import (
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/bitutil"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
)

// Three-valued booleans are two bitmaps: which rows are true, which are NULL.

// trueBits returns which values of a boolean vector are true (neither false nor
// NULL); a Const has one bit.
func trueBits(v batch.Vector) []byte {
	a, ok := v.Array.(*array.Boolean)
	if !ok { // the unknown type: NULLs
		return make([]byte, (v.Array.Len()+7)/8)
	}
	n := a.Len()
	out := make([]byte, (n+7)/8)
	if n == 0 {
		return out
	}
	bitutil.CopyBitmap(a.Data().Buffers()[1].Bytes(), a.Data().Offset(), n, out, 0)
	if valid := arrowdata.Validity(a); valid != nil {
		for i := range out {
			out[i] &= valid[i]
		}
	}
	return out
}

// allRows lists the rows 0…n-1.
func allRows(n int) []int32 {
	out := make([]int32, n)
	for i := range out {
		out[i] = int32(i)
	}
	return out
}
