package function

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// sortArrayBy sorts chunks of elements and merges them. All chunks, and then all merges, of all rows advance
// together, so that one call of the lambda makes one comparison for each.
func sortArrayBy(*types.Resolved) Kernel {
	return elementKernel(listOf, func(env *Env, l lists, c calls, f Lambda) (arrow.Array, error) {
		longest := int32(0)
		for i := range len(c.offsets) - 1 {
			longest = max(longest, c.offsets[i+1]-c.offsets[i])
		}
		if err := sortChunks(env, f, l.elems, c); err != nil {
			return nil, err
		}
		from, to := c.idx, make([]int32, len(c.idx))
		for width := int32(chunkElements); width < longest; width *= 2 {
			if err := mergeRuns(env, f, l.elems, c, from, to, width); err != nil {
				return nil, err
			}
			from, to = to, from
		}
		c.idx = from
		return c.lists(env, l.elems), nil
	})
}

// merge is the pending merge of from[a:aEnd] and from[b:bEnd] into to[out:].
type merge struct{ row, a, aEnd, b, bEnd, out int32 }

func mergeRuns(env *Env, f Lambda, elems arrow.Array, c calls, from, to []int32, width int32) error {
	var open []merge
	for row := range len(c.offsets) - 1 {
		end := c.offsets[row+1]
		for lo := c.offsets[row]; lo < end; lo += 2 * width {
			middle := min(lo+width, end)
			m := merge{int32(row), lo, middle, middle, min(middle+width, end), lo}
			open = appendOpen(open, m, from, to)
		}
	}
	for len(open) > 0 {
		order, err := compareHeads(env, f, elems, open, from)
		if err != nil {
			return err
		}
		next := open[:0]
		for k, m := range open {
			if order[k] <= 0 {
				to[m.out] = from[m.a]
				m.a++
			} else {
				to[m.out] = from[m.b]
				m.b++
			}
			m.out++
			next = appendOpen(next, m, from, to)
		}
		open = next
	}
	return nil
}

// appendOpen keeps a merge that has more to compare, and completes any other.
func appendOpen(open []merge, m merge, from, to []int32) []merge {
	if m.a < m.aEnd && m.b < m.bEnd {
		return append(open, m)
	}
	n := copy(to[m.out:], from[m.a:m.aEnd])
	copy(to[int(m.out)+n:], from[m.b:m.bEnd])
	return open
}

// compareHeads calls the lambda for the first elements of both runs.
func compareHeads(env *Env, f Lambda, elems arrow.Array, open []merge, from []int32) ([]int32, error) {
	p := newPairs(len(open))
	for k, m := range open {
		p.left[k], p.right[k], p.outer[k] = from[m.a], from[m.b], m.row
	}
	return p.compare(env, f, elems)
}

// pairs are elements to compare; pair k belongs to row outer[k].
type pairs struct{ left, right, outer []int32 }

func newPairs(n int) pairs { return pairs{make([]int32, n), make([]int32, n), make([]int32, n)} }

// compare calls the lambda for each pair.
func (p pairs) compare(env *Env, f Lambda, elems arrow.Array) ([]int32, error) {
	held := env.Held()
	params := []batch.Vector{{Array: env.Take(elems, p.left)}, {Array: env.Take(elems, p.right)}}
	v, err := f.Call(env, params, p.outer, len(p.outer))
	if err != nil {
		return nil, err
	}
	answers, ok := env.Expand(v, len(p.outer)).(*array.Int32)
	if !ok {
		return nil, errBadComparator
	}
	for k := range p.outer {
		if answers.IsNull(k) || answers.Value(k) < -1 || answers.Value(k) > 1 {
			return nil, errBadComparator
		}
	}
	return answers.Int32Values(), env.Settle(held + 4*int64(len(p.outer)))
}

var errBadComparator = argumentError("Lambda comparator must return either -1, 0, or 1")
