package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
)

// ExtremeStep is a lambda of reduce of which IsExtreme may report that it gives the greater or the smaller one of the state and the element, so that
// elements may first be compared with each other: a round for each element of the longest row takes longer, when few rows have so many.
// engine/expr implements it.
type ExtremeStep interface {
	Lambda
	IsExtreme() bool
}

// isExtreme reports whether a step takes the extreme of several elements instead of each.
func (l foldedElements) isExtreme() bool {
	step, ok := l.step.(ExtremeStep)
	return ok && step.IsExtreme() && !l.columns[0].Const
}

// extremesOfRows gives the greatest, or the smallest, of the values of each row, as a step tells. Those of the rows outer come one after the other, and end at
// ends, which are changed. It halves them until each row has one.
func extremesOfRows(env *Env, step Lambda, values arrow.Array, ends, outer []int32) (arrow.Array, error) {
	pairs := (values.Len() + len(ends)) / 2 // at most
	left, right, rows := env.positions(pairs), env.positions(pairs), env.positions(pairs)
	for values.Len() > len(ends) {
		left, right, rows = left[:0], right[:0], rows[:0]
		begin := int32(0)
		for i, end := range ends {
			for at := begin; at < end; at += 2 {
				left, right = append(left, at), append(right, min(at+1, end-1)) // the last of an odd number is compared with itself
				rows = append(rows, outer[i])
			}
			begin, ends[i] = end, int32(len(left))
		}
		v, err := step.Call(env, []batch.Vector{{Array: env.Take(values, left)}, {Array: env.Take(values, right)}}, rows, len(rows))
		if err != nil {
			return nil, err
		}
		values = env.Expand(v, len(rows))
	}
	return values, nil
}
