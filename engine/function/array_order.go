package function

import (
	"cmp"
	"math/rand/v2"
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func arrayOrderFunctions() []Function {
	return []Function{
		withDictionaries(scalar("array_sort(array(E)) -> array(E) where E orderable", "Returns the elements in ascending order, NULLs last.", sortArray)),
		withDictionaries(scalar("array_max(array(T)) -> T where T orderable", "Returns the greatest element; NULL if any is NULL or there is none.", extremeElement(+1))),
		withDictionaries(scalar("array_min(array(T)) -> T where T orderable", "Returns the least element; NULL if any is NULL or there is none.", extremeElement(-1))),
	}
}

func sortArray(fn *types.Resolved) Kernel {
	return pickKernel(func(args []batch.Vector) (arrow.Array, func(int, []int32) ([]int32, error)) {
		l := listOf(args[0])
		order, valid := orderOfElements(fn.Args[0].Elem, l.elems), arrowdata.Validity(l.elems)
		return l.elems, func(i int, idx []int32) ([]int32, error) {
			lo, hi := l.at(i)
			from := len(idx)
			nulls := 0
			for p := lo; p < hi; p++ {
				if !arrowdata.IsValid(valid, p) {
					nulls++
					continue
				}
				idx = append(idx, int32(p))
			}
			slices.SortStableFunc(idx[from:], func(a, b int32) int { return order(int(a), int(b)) })
			for range nulls {
				idx = append(idx, -1)
			}
			return idx, nil
		}
	})
}

// orderOfElements is batch.Ordering for elements. It compares the values of a dictionary with each other once.
func orderOfElements(t *types.Type, elems arrow.Array) func(i, j int) int {
	coded, ok := elems.(*array.Dictionary)
	if !ok || coded.Dictionary().Len() > coded.Len() {
		return batch.Ordering(t, elems, elems)
	}
	order := batch.Ordering(t, coded.Dictionary(), coded.Dictionary())
	sorted, ranks := appendRange(nil, 0, coded.Dictionary().Len()), make([]int32, coded.Dictionary().Len())
	slices.SortFunc(sorted, func(a, b int32) int { return order(int(a), int(b)) })
	for i, entry := range sorted {
		ranks[entry] = int32(i)
		if i > 0 && order(int(sorted[i-1]), int(entry)) == 0 {
			ranks[entry] = ranks[sorted[i-1]]
		}
	}
	codes := batch.Codes(coded)
	return func(i, j int) int { return cmp.Compare(ranks[codes[i]], ranks[codes[j]]) }
}

// extremeElement is array_max (sign 1) or array_min (sign -1). A NaN loses against every number, also inside rows
// and arrays.
func extremeElement(sign int) Bind {
	return func(fn *types.Resolved) Kernel {
		return gatherKernel(func(args []batch.Vector) (arrow.Array, func(int) (int, error)) {
			l := listOf(args[0])
			valid := arrowdata.Validity(l.elems)
			if fn.Return.Kind == types.BigInt && valid == nil {
				return l.elems, extremeNumber(l, sign)
			}
			order := batch.Ordering(fn.Return, l.elems, l.elems)
			if sign > 0 {
				order = batch.OrderingNaNFirst(fn.Return, l.elems, l.elems)
			}
			return l.elems, func(i int) (int, error) {
				lo, hi := l.at(i)
				best := -1
				for p := lo; p < hi; p++ {
					switch {
					case !arrowdata.IsValid(valid, p):
						return -1, nil
					case best < 0:
						best = p
					case order(p, best)*sign > 0:
						best = p
					}
				}
				return best, nil
			}
		})
	}
}

// extremeNumber is extremeElement for numbers without NULL. For the least number it reverses their order by
// complement.
func extremeNumber(l lists, sign int) func(i int) (int, error) {
	values, turned := batch.Values[int64](l.elems), int64(0)
	if sign < 0 {
		turned = -1
	}
	return func(i int) (int, error) {
		lo, hi := l.at(i)
		if lo == hi {
			return -1, nil
		}
		best, most := lo, values[lo]^turned
		for p, v := range values[lo:hi] {
			if v ^= turned; v > most {
				best, most = lo+p, v
			}
		}
		return best, nil
	}
}

func shuffleArray(*types.Resolved) Kernel {
	return pickKernel(func(args []batch.Vector) (arrow.Array, func(int, []int32) ([]int32, error)) {
		l := listOf(args[0])
		return l.elems, func(i int, idx []int32) ([]int32, error) {
			lo, hi := l.at(i)
			from := len(idx)
			idx = appendRange(idx, lo, hi)
			row := idx[from:]
			rand.Shuffle(len(row), func(a, b int) { row[a], row[b] = row[b], row[a] })
			return idx, nil
		}
	})
}
