package expr

import (
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/apache/arrow/go/v15/arrow/bitutil"

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
	if valid := batch.Validity(a); valid != nil {
		for i := range out {
			out[i] &= valid[i]
		}
	}
	return out
}

func bitSet(b []byte, i int) bool { return b[i>>3]&(1<<(i&7)) != 0 }

func setBit(b []byte, i int) { b[i>>3] |= 1 << (i & 7) }

func countBits(b []byte, n int) int { return bitutil.CountSetBits(b, 0, n) }

// appendSetBits appends the numbers of the set bits among the first n.
func appendSetBits(out []int32, b []byte, n int) []int32 {
	for i := 0; i < n; i += 8 {
		w := b[i>>3]
		if n-i < 8 {
			w &= 1<<(n-i) - 1
		}
		for ; w != 0; w &= w - 1 {
			out = append(out, int32(i+bits.TrailingZeros8(w)))
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
