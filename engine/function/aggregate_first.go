package function

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// maxExtremes is the greatest n of min(x, n) and its like.
const maxExtremes = 10_000

// newExtremes makes min(x, n), max(x, n), min_by(x, y, n) and max_by(x, y, n).
func newExtremes(greatest bool) func(*types.Resolved, *Env, []Lambda) Accumulator {
	return func(fn *types.Resolved, env *Env, _ []Lambda) Accumulator {
		c := newCollector(env, fn.Args)
		key := len(fn.Args) - 2
		c.keep = func(args []batch.Vector, rows int) []byte { return validOf(args[key:key+2], rows) }
		c.pick = func(offsets, rows []int32, columns []arrow.Array) (arrow.Array, error) {
			return firstN(fn, greatest, offsets, rows, columns)
		}
		return c
	}
}

// firstN gives the values of the n first rows of each group by its key. It may
// write into rows.
func firstN(fn *types.Resolved, greatest bool, offsets, rows []int32, columns []arrow.Array) (arrow.Array, error) {
	key := batch.Decode(columns[len(columns)-2])
	counts := batch.Vector{Array: batch.Decode(columns[len(columns)-1])}
	order := rowOrder(fn.Args[len(columns)-2], key, greatest)
	out := []int32{0}
	var picked []int32
	for g := range len(offsets) - 1 {
		if group := rows[offsets[g]:offsets[g+1]]; len(group) > 0 {
			n, err := extremesCount(counts, int(group[0]))
			if err != nil {
				return nil, err
			}
			if greatest {
				// Most keys are times, which rise: the last rows leave out the others.
				slices.Reverse(group)
			}
			picked = append(picked, firstRows(group, n, order)...)
		}
		out = append(out, int32(len(picked)))
	}
	return batch.FromLists(out, nonEmpty(offsets), batch.Decode(batch.Take(columns[0], picked))), nil
}

func extremesCount(counts batch.Vector, row int) (int, error) {
	n := columnOf[int64](counts).at(row)
	if isNull(counts, row) || n <= 0 {
		return 0, argumentError("the number of values must be positive")
	}
	if n > maxExtremes {
		return 0, argumentError("the number of values must be at most %d", maxExtremes)
	}
	return int(n), nil
}

// rowOrder compares rows by their keys, and equal ones by their places, so that
// the first that arrived comes first.
func rowOrder(t *types.Type, key arrow.Array, descending bool) func(a, b int32) int {
	if !descending {
		compare := batch.Ordering(t, key, key)
		return func(a, b int32) int {
			if c := compare(int(a), int(b)); c != 0 {
				return c
			}
			return int(a) - int(b)
		}
	}
	compare := batch.OrderingNaNFirst(t, key, key)
	return func(a, b int32) int {
		if c := compare(int(b), int(a)); c != 0 {
			return c
		}
		return int(a) - int(b)
	}
}

// fewestSorted is how many rows are sorted at once, at least: for a small n,
// sorting after each few rows would cost more than it leaves out.
const fewestSorted = 32

// firstRows gives the n first of rows in their order, sorted, in the memory of
// rows. Only rows that come before the n-th found so far are kept, and those are
// sorted and cut whenever they have become twice as many.
func firstRows(rows []int32, n int, order func(a, b int32) int) []int32 {
	most := max(2*n, fewestSorted)
	first, cut := rows[:0], false
	for _, row := range rows {
		if cut && order(row, first[n-1]) > 0 {
			continue
		}
		if first = append(first, row); len(first) == most {
			slices.SortFunc(first, order)
			first, cut = first[:n], true
		}
	}
	slices.SortFunc(first, order)
	return first[:min(n, len(first))]
}
