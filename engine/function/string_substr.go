package function

import (
	"math"

	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// substringsOf is the kernel of substr of a text with a position, and optionally a length. If only the texts vary,
// and are short and ASCII, it copies the parts in place: code points need not be counted.
func substringsOf(fn *types.Resolved) Kernel {
	ofAny, dt := substringsOfAny(fn), arrowOf(fn)
	return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
		texts, isPlain := args[0].Array.(*array.String)
		place, isFixed := placeOfAll(args[1:])
		if !isPlain || args[0].Const || !isFixed {
			return ofAny(env, args, lambdas, rows)
		}
		offsets, data := batch.Text(texts)
		const shortBytes = 64 // on average; longer texts are read only up to the end of the part
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

// textPart is a part of a text: the position of its first code point, counted from the end if negative, and its
// length.
type textPart struct{ start, length int64 }

// placeOfAll returns the part of all rows, false if they may have several or none.
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

// in returns the range of the part in a text of the given number of code points.
func (p textPart) in(points int64) (from, to int64) {
	if from = p.start - 1; p.start < 0 {
		from = points + p.start
	}
	if from < 0 || from >= points || p.length <= 0 {
		return 0, 0
	}
	return from, from + min(p.length, points-from)
}
