package function

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// substringsOf is the kernel of substr of a text with a position, and perhaps a length. Where nothing but the texts
// differs from row to row, and these are short and of ASCII alone, the parts are copied from where they stand: code
// points need not be counted.
func substringsOf(fn *types.Resolved) Kernel {
	ofAny, dt := substringsOfAny(fn), arrowOf(fn)
	return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
		texts, isPlain := args[0].Array.(*array.String)
		place, isFixed := placeOfAll(args[1:])
		if !isPlain || args[0].Const || !isFixed {
			return ofAny(env, args, lambdas, rows)
		}
		offsets, data := batch.Text(texts)
		const shortBytes = 64 // on average: of long texts only what stands before the end of the part is looked at
		if all := data[offsets[0]:offsets[rows]]; len(all) > rows*shortBytes || !batch.IsASCII(viewText(all)) {
			return ofAny(env, args, lambdas, rows)
		}
		meter := meterOf(env)
		if err := meter.Stopped(); err != nil {
			return batch.Vector{}, err
		}
		ends, bytes := make([]int32, rows+1), int32(0)
		for i := range rows {
			from, to := place.in(int64(offsets[i+1] - offsets[i]))
			bytes += int32(to - from)
			ends[i+1] = bytes
		}
		if err := meter.Grow(int64(rows)*4 + int64(bytes)); err != nil {
			return batch.Vector{}, err
		}
		parts := make([]byte, 0, bytes)
		for i := range rows {
			from, to := place.in(int64(offsets[i+1] - offsets[i]))
			parts = append(parts, data[int64(offsets[i])+from:int64(offsets[i])+to]...)
		}
		return batch.Vector{Array: batch.FromText(dt, ends, parts, arrowdata.Validity(texts))}, nil
	}
}

// substringsOfAny is substringsOf row by row.
func substringsOfAny(fn *types.Resolved) Kernel {
	if len(fn.Args) == 2 {
		return binaryPure(substringFrom)(fn)
	}
	return ternary(substring)(fn)
}

// textPart is a part of a text, by the position of its first code point, which counts from the end if it is negative,
// and its length.
type textPart struct{ start, length int64 }

// placeOfAll is the part that all rows take; false: they may take several, or none.
func placeOfAll(startAndLength []batch.Vector) (p textPart, ok bool) {
	p.length = math.MaxInt64
	for i, into := range []*int64{&p.start, &p.length}[:len(startAndLength)] {
		v := startAndLength[i]
		if !v.Const || v.Array.IsNull(0) {
			return p, false
		}
		*into = columnOf[int64](v).at(0)
	}
	return p, true
}

// in returns where the part stands in a text of so many code points.
func (p textPart) in(points int64) (from, to int64) {
	if from = p.start - 1; p.start < 0 {
		from = points + p.start
	}
	if from < 0 || from >= points || p.length <= 0 {
		return 0, 0
	}
	return from, from + min(p.length, points-from)
}
