package function

import (
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// substringsOf is the kernel of substr with a length. Where nothing but the texts differs from row to row, and these are short and of ASCII alone, the
// parts are copied from where they stand: code points need not be counted.
func substringsOf(fn *types.Resolved) Kernel {
	ofAny, dt := ternary(substring)(fn), arrowOf(fn)
	return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
		texts, isPlain := args[0].Array.(*array.String)
		if !isPlain || args[0].Const || !args[1].Const || !args[2].Const || args[1].Array.IsNull(0) || args[2].Array.IsNull(0) {
			return ofAny(env, args, lambdas, rows)
		}
		start, length := columnOf[int64](args[1]).at(0), columnOf[int64](args[2]).at(0)
		offsets, data := batch.Text(texts)
		const shortBytes = 64 // on average: of long texts only what stands before the end of the part is looked at
		if all := data[offsets[0]:offsets[rows]]; start <= 0 || length <= 0 || len(all) > rows*shortBytes || !isASCII(all) {
			return ofAny(env, args, lambdas, rows)
		}
		meter := meterOf(env)
		if err := meter.Stopped(); err != nil {
			return batch.Vector{}, err
		}
		ends, bytes := make([]int32, rows+1), int32(0)
		for i := range rows {
			has := int64(offsets[i+1]-offsets[i]) - (start - 1)
			bytes += int32(max(0, min(has, length)))
			ends[i+1] = bytes
		}
		if err := meter.Grow(int64(rows)*4 + int64(bytes)); err != nil {
			return batch.Vector{}, err
		}
		parts := make([]byte, 0, bytes)
		for i := range rows {
			if part := int(ends[i+1] - ends[i]); part > 0 {
				from := int(offsets[i]) + int(start-1)
				parts = append(parts, data[from:from+part]...)
			}
		}
		return batch.Vector{Array: batch.FromText(dt, ends, parts, arrowdata.Validity(texts))}, nil
	}
}
