package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func arrayFindFunctions() []Function {
	return []Function{
		readingCodes(scalar("contains(array(T), T) -> boolean where T comparable", "Reports whether an array has a value; NULL if it has not but has NULLs.", containsElement)),
		scalar("array_position(array(T), T) -> bigint where T comparable", "Returns the position of the first such element, 0 if there is none.", positionOfElement),
		scalar("array_remove(array(E), E) -> array(E) where E comparable", "Returns the array without the elements equal to a value.", removeElement),
		scalar("contains_sequence(array(T), array(T)) -> boolean where T comparable", "Reports whether the second array stands in the first without gaps.", containsSequence),
	}
}

// elementEquality compares the elements of args[0] with the value args[1].
func elementEquality(t *types.Type, args []batch.Vector) (lists, func(element, row int) batch.Truth) {
	l := listOf(args[0])
	equal := batch.Equality(t, l.elems, args[1].Array)
	return l, func(element, row int) batch.Truth { return equal(element, args[1].At(row)) }
}

// nullInside is the error of a comparison that a NULL inside a value leaves undecided.
func nullInside(function string) error {
	return types.Errorf(types.NotSupported, types.Pos{}, "%s does not support arrays with elements that are null or contain null", function)
}

func containsElement(fn *types.Resolved) Kernel {
	if fn.Args[0].Elem.IsText() {
		return containsTextElement(fn)
	}
	return rowBind(func(env *Env, args []batch.Vector) func(int) (bool, error) {
		l, equal := elementEquality(fn.Args[1], args)
		return func(i int) (bool, error) {
			lo, hi := l.at(i)
			null := false
			for p := lo; p < hi; p++ {
				if arrowdata.IsNull(l.elems, p) {
					null = true
					continue
				}
				switch equal(p, i) {
				case batch.True:
					return true, nil
				case batch.Unknown:
					return false, nullInside("contains")
				}
			}
			if null {
				return false, errNull
			}
			return false, nil
		}
	})(fn)
}

// containsTextElement compares bytes in place.
func containsTextElement(fn *types.Resolved) Kernel {
	return rowBind(func(env *Env, args []batch.Vector) func(int) (bool, error) {
		l := listOf(args[0])
		valid, find := arrowdata.Validity(l.elems), textFinder(l.elems, args[1])
		return func(i int) (bool, error) {
			lo, hi := l.at(i)
			if find(i, lo, hi) {
				return true, nil
			}
			for p := lo; valid != nil && p < hi; p++ {
				if !arrowdata.IsValid(valid, p) {
					return false, errNull
				}
			}
			return false, nil
		}
	})(fn)
}

// textFinder returns a function that reports whether one of the texts [lo, hi) equals the value of a row. If all
// rows have the same value, a dictionary's texts are compared with it once.
func textFinder(elems arrow.Array, value batch.Vector) func(row, lo, hi int) bool {
	texts, valid, values := codedTextsOf(elems), arrowdata.Validity(elems), columnOf[string](value)
	entries := len(texts.offsets) - 1
	if texts.codes == nil || !value.Const || entries > elems.Len() {
		return func(row, lo, hi int) bool {
			want := values.at(row)
			for p := lo; p < hi; p++ {
				if arrowdata.IsValid(valid, p) && texts.at(p) == want {
					return true
				}
			}
			return false
		}
	}
	isWanted := make([]bool, entries)
	for entry := range isWanted {
		isWanted[entry] = texts.entry(entry) == values.at(0)
	}
	return func(_, lo, hi int) bool {
		for p, code := range texts.codes[lo:hi] {
			if arrowdata.IsValid(valid, lo+p) && isWanted[code] {
				return true
			}
		}
		return false
	}
}

func positionOfElement(fn *types.Resolved) Kernel {
	return rowBind(func(env *Env, args []batch.Vector) func(int) (int64, error) {
		l, equal := elementEquality(fn.Args[1], args)
		valid := arrowdata.Validity(l.elems)
		return func(i int) (int64, error) {
			lo, hi := l.at(i)
			for p := lo; p < hi; p++ {
				if !arrowdata.IsValid(valid, p) {
					continue
				}
				switch equal(p, i) {
				case batch.True:
					return int64(p-lo) + 1, nil
				case batch.Unknown:
					return 0, nullInside("array_position")
				}
			}
			return 0, nil
		}
	})(fn)
}

func removeElement(fn *types.Resolved) Kernel {
	return pickKernel(func(args []batch.Vector) (arrow.Array, func(int, []int32) ([]int32, error)) {
		l, equal := elementEquality(fn.Args[1], args)
		return l.elems, func(i int, idx []int32) ([]int32, error) {
			lo, hi := l.at(i)
			for p := lo; p < hi; p++ {
				truth := equal(p, i)
				if truth == batch.Unknown && !arrowdata.IsNull(l.elems, p) {
					return idx, nullInside("array_remove")
				}
				if truth != batch.True {
					idx = append(idx, int32(p))
				}
			}
			return idx, nil
		}
	})
}

func containsSequence(fn *types.Resolved) Kernel {
	return rowBind(func(env *Env, args []batch.Vector) func(int) (bool, error) {
		a, b := listOf(args[0]), listOf(args[1])
		same := batch.Sameness(fn.Args[0].Elem, a.elems, b.elems)
		return func(i int) (bool, error) {
			lo, hi := a.at(i)
			from, to := b.at(i)
			n := to - from
			for start := lo; start+n <= hi; start++ {
				k := 0
				for k < n && same(start+k, from+k) == batch.True {
					k++
				}
				if k == n {
					return true, nil
				}
			}
			return false, nil
		}
	})(fn)
}
