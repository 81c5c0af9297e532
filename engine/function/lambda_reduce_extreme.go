package function

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
)

// ExtremeStep is a lambda of reduce of which IsExtreme may report that it gives the greater or the smaller one of the state and the element, so that
// elements may first be compared with each other. engine/expr implements it.
type ExtremeStep interface {
	Lambda
	IsExtreme() bool
}

// foldExtremes is foldRows for such a step, and elements that are no constant. It halves the elements of all rows until each row has one, where foldRows goes as many rounds as the longest
// row has elements.
func foldExtremes(env *Env, l foldedElements, order []int32, state arrow.Array) (arrow.Array, error) {
	held := env.Held()
	total, withElements := 0, 0 // rows that have elements come first
	for _, row := range order {
		if n := l.length(row); n > 0 {
			total += n
			withElements++
		}
	}
	if total == 0 {
		return state, nil
	}
	left, outer, ends := env.positions(total), env.positions(total), env.positions(withElements)
	for _, row := range order[:withElements] {
		lo, hi := l.at(int(row))
		for at := lo; at < hi; at++ {
			left = append(left, int32(at))
		}
		outer = appendTimes(outer, hi-lo, row)
		ends = append(ends, int32(len(left)))
	}
	values := batch.Vector{Array: env.Take(l.columns[0].Array, left)}
	right := env.positions((total + withElements) / 2)
	for total > withElements {
		left, right, total = left[:0], right[:0], 0
		begin := int32(0)
		for i, end := range ends {
			for at := begin; at < end; at += 2 {
				left, right = append(left, at), append(right, min(at+1, end-1)) // the last of an odd number is compared with itself
				outer[total] = order[i]
				total++
			}
			begin, ends[i] = end, int32(total)
		}
		v, err := l.step.Call(env, []batch.Vector{{Array: env.Take(values.Array, left)}, {Array: env.Take(values.Array, right)}}, outer[:total], total)
		if err != nil {
			return nil, err
		}
		values.Array = env.Expand(v, total)
	}
	first := batch.Vector{Array: array.NewSlice(state, 0, int64(withElements))}
	v, err := l.step.Call(env, []batch.Vector{first, values}, order[:withElements], withElements)
	if err != nil {
		return nil, err
	}
	out := env.Concat([]arrow.Array{env.Expand(v, withElements), array.NewSlice(state, int64(withElements), int64(len(order)))})
	return out, env.Settle(held + batch.HeldBytes(out))
}
