package function

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// arrayFunctions is the family of functions over arrays that take no lambda.
func arrayFunctions() []Function {
	return []Function{
		withDictionaries(scalar("cardinality(array(E)) -> bigint", "Returns the number of elements of an array.", cardinality)),
		withDictionaries(scalar("cardinality(map(K, V)) -> bigint", "Returns the number of entries of a map.", cardinality)),
		withDictionaries(scalar("slice(array(E), bigint, bigint) -> array(E)", "Returns so many elements from a position; negative counts from the end.", sliceArray)),
		withDictionaries(scalar("trim_array(array(E), bigint) -> array(E)", "Returns the array without its last n elements.", trimArray)),
		withDictionaries(scalar("reverse(array(E)) -> array(E)", "Returns the elements backwards.", reverseArray)),
		scalar("flatten(array(array(E))) -> array(E)", "Returns the arrays in an array, joined.", flattenArray),
		scalar("ngrams(array(T), integer) -> array(array(T))", "Returns all runs of n neighbouring elements.", ngramsOfArray),
		scalar("combinations(array(T), integer) -> array(array(T))", "Returns all choices of n elements, n at most 5.", combinationsOfArray),
		scalar("repeat(T, bigint) -> array(T)", "Returns an array of n times the same value.", repeatValue, types.NullCalled),
		scalar("shuffle(array(E)) -> array(E)", "Returns the elements in random order.", shuffleArray, types.NonDeterministic),
	}
}

// maxListElements limits the elements of one column of arrays or maps.
const maxListElements = 1 << 27

func errTooManyElements() error {
	return types.Errorf(types.ExceededMemoryLimit, types.Pos{}, "a function makes more than %d array elements in one batch", maxListElements)
}

// picked are the rows of an array or map column under construction. Row i consists of the positions
// idx[offsets[i]:offsets[i+1]] of child arrays.
type picked struct {
	offsets []int32
	valid   []byte
	idx     []int32
}

// pickRows appends each row's positions, -1 for a NULL element. Rows with a NULL argument are NULL, and pick is not
// called for them; errNull makes other rows NULL.
func pickRows(env *Env, args []batch.Vector, rows int, pick func(i int, idx []int32) ([]int32, error)) (picked, error) {
	p := picked{offsets: make([]int32, rows+1), valid: validOf(args, rows)}
	meter := meterOf(env)
	owned := false
	every := rowsBetweenLooks(args)
	for i := range rows {
		if i%every == 0 {
			if err := meter.Stopped(); err != nil {
				return p, err
			}
		}
		if arrowdata.IsValid(p.valid, i) {
			idx, err := pick(i, p.idx)
			switch {
			case err == errNull:
				if !owned {
					p.valid, owned = ownValidity(p.valid, rows), true
				}
				arrowdata.ClearBit(p.valid, i)
			case err != nil:
				return p, err
			case len(idx) > maxListElements:
				return p, errTooManyElements()
			default:
				if grown := cap(idx) - cap(p.idx); grown > 0 {
					if err := meter.Grow(int64(grown) * 4); err != nil {
						return p, err
					}
				}
				p.idx = idx
			}
		}
		p.offsets[i+1] = int32(len(p.idx))
	}
	return p, nil
}

// lists returns the lists. They share the elements of child if these are consecutive and at least half of it.
func (p picked) lists(env *Env, child arrow.Array) arrow.Array {
	if 2*len(p.idx) >= child.Len() {
		return batch.FromLists(p.offsets, p.valid, elementsAt(env, child, p.idx))
	}
	return batch.FromLists(p.offsets, p.valid, env.Take(child, p.idx))
}

// elementsAt returns the elements of child at idx: a view if they are consecutive.
func elementsAt(env *Env, child arrow.Array, idx []int32) arrow.Array {
	n := len(idx)
	if n > 0 && idx[0] >= 0 && int(idx[n-1]-idx[0]) == n-1 && followEachOther(idx) {
		view := array.NewSlice(child, int64(idx[0]), int64(idx[n-1])+1)
		batch.CountNulls(view) // before several goroutines read it
		return view
	}
	return env.Take(child, idx)
}

func followEachOther(idx []int32) bool {
	for k := 1; k < len(idx); k++ {
		if idx[k] != idx[k-1]+1 {
			return false
		}
	}
	return true
}

func (p picked) maps(env *Env, keys, values arrow.Array) arrow.Array {
	return batch.FromMaps(p.offsets, p.valid, env.Take(keys, p.idx), env.Take(values, p.idx))
}

// pickKernel returns arrays of elements of one child array.
func pickKernel(open func(args []batch.Vector) (child arrow.Array, pick func(i int, idx []int32) ([]int32, error))) Kernel {
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		rows, constant := rowsToCompute(args, rows)
		child, pick := open(args)
		p, err := pickRows(env, args, rows, pick)
		if err != nil {
			return batch.Vector{}, err
		}
		return batch.Vector{Array: p.lists(env, child), Const: constant}, nil
	}
}

// appendRange appends the positions lo…hi-1.
func appendRange(idx []int32, lo, hi int) []int32 {
	before := len(idx)
	idx = slices.Grow(idx, hi-lo)[:before+hi-lo]
	for p := range idx[before:] {
		idx[before+p] = int32(lo + p)
	}
	return idx
}

// listVectorOf opens an array or a map vector as its offsets.
func listVectorOf(v batch.Vector) lists {
	l := lists{mask: -1}
	if v.Const {
		l.mask = 0
	}
	l.offsets, _ = batch.Lists(v.Array)
	return l
}

func cardinality(*types.Resolved) Kernel {
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		rows, constant := rowsToCompute(args, rows)
		l, valid := listVectorOf(args[0]), validOf(args, rows)
		if err := meterOf(env).Grow(int64(rows) * sizeOf[int64]()); err != nil {
			return batch.Vector{}, err
		}
		counts := make([]int64, rows)
		for i := range counts {
			if arrowdata.IsValid(valid, i) {
				lo, hi := l.at(i)
				counts[i] = int64(hi - lo)
			}
		}
		return batch.Vector{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, counts, valid), Const: constant}, nil
	}
}

func sliceArray(*types.Resolved) Kernel {
	return pickKernel(func(args []batch.Vector) (arrow.Array, func(int, []int32) ([]int32, error)) {
		l, start, length := listOf(args[0]), columnOf[int64](args[1]), columnOf[int64](args[2])
		return l.elems, func(i int, idx []int32) ([]int32, error) {
			lo, hi := l.at(i)
			from, n := start.at(i), length.at(i)
			switch {
			case n < 0:
				return idx, argumentError("length must be greater than or equal to 0")
			case from == 0:
				return idx, argumentError("SQL array indices start at 1")
			case from < 0:
				from += int64(hi-lo) + 1
			}
			if from < 1 || from > int64(hi-lo) {
				return idx, nil
			}
			first := lo + int(from) - 1
			return appendRange(idx, first, first+int(min(n, int64(hi-first)))), nil
		}
	})
}

func trimArray(*types.Resolved) Kernel {
	return pickKernel(func(args []batch.Vector) (arrow.Array, func(int, []int32) ([]int32, error)) {
		l, size := listOf(args[0]), columnOf[int64](args[1])
		return l.elems, func(i int, idx []int32) ([]int32, error) {
			lo, hi := l.at(i)
			n := size.at(i)
			if n < 0 {
				return idx, argumentError("size must not be negative: %d", n)
			}
			if n > int64(hi-lo) {
				return idx, argumentError("size must not exceed array cardinality %d: %d", hi-lo, n)
			}
			return appendRange(idx, lo, hi-int(n)), nil
		}
	})
}

func reverseArray(*types.Resolved) Kernel {
	return pickKernel(func(args []batch.Vector) (arrow.Array, func(int, []int32) ([]int32, error)) {
		l := listOf(args[0])
		return l.elems, func(i int, idx []int32) ([]int32, error) {
			lo, hi := l.at(i)
			for p := hi - 1; p >= lo; p-- {
				idx = append(idx, int32(p))
			}
			return idx, nil
		}
	})
}

func flattenArray(fn *types.Resolved) Kernel {
	if fn.Args[0].Elem.Kind == types.Unknown {
		return sameArray
	}
	return pickKernel(func(args []batch.Vector) (arrow.Array, func(int, []int32) ([]int32, error)) {
		outer := listOf(args[0])
		if outer.elems.DataType().ID() == arrow.NULL {
			return outer.elems, func(_ int, idx []int32) ([]int32, error) { return idx, nil }
		}
		inner := listOf(batch.Vector{Array: outer.elems})
		if arrowdata.Validity(outer.elems) == nil {
			return inner.elems, func(i int, idx []int32) ([]int32, error) {
				lo, hi := outer.at(i)
				return appendRange(idx, int(inner.offsets[lo]), int(inner.offsets[hi])), nil
			}
		}
		return inner.elems, func(i int, idx []int32) ([]int32, error) {
			lo, hi := outer.at(i)
			for p := lo; p < hi; p++ {
				if from, to := inner.at(p); !arrowdata.IsNull(outer.elems, p) {
					idx = appendRange(idx, from, to)
				}
			}
			return idx, nil
		}
	})
}

// sameArray returns its argument.
func sameArray(_ *Env, args []batch.Vector, _ []Lambda, _ int) (batch.Vector, error) {
	return args[0], nil
}

// maxRepeat limits the elements that repeat and sequence return.
const maxRepeat = 10000

func repeatValue(fn *types.Resolved) Kernel {
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		rows, constant := rowsToCompute(args, rows)
		count := columnOf[int64](args[1])
		p, err := pickRows(env, args[1:], rows, func(i int, idx []int32) ([]int32, error) {
			n := count.at(i)
			switch {
			case n < 0:
				return idx, argumentError("count argument of repeat function must be greater than or equal to 0")
			case n > maxRepeat:
				return idx, argumentError("count argument of repeat function must be less than or equal to %d", maxRepeat)
			}
			for range n {
				idx = append(idx, int32(args[0].At(i)))
			}
			return idx, nil
		})
		if err != nil {
			return batch.Vector{}, err
		}
		return batch.Vector{Array: p.lists(env, args[0].Array), Const: constant}, nil
	}
}
