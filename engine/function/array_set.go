package function

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func arraySetFunctions() []Function {
	return []Function{
		withDictionaries(scalar("array_distinct(array(E)) -> array(E) where E comparable", "Returns the elements without repeats.", setKernel(codesOf, func(s *elementSets, i int, idx []int32) []int32 {
			return s.appendNew(0, i, idx)
		}))),
		withDictionaries(scalar("array_union(array(E), array(E)) -> array(E) where E comparable", "Returns the elements of both arrays without repeats.", setKernel(codesOf, func(s *elementSets, i int, idx []int32) []int32 {
			return s.appendNew(1, i, s.appendNew(0, i, idx))
		}))),
		withDictionaries(scalar("array_except(array(E), array(E)) -> array(E) where E comparable", "Returns the elements of the first array that the second has not, without repeats unless the second is empty.", setKernel(codesOf, func(s *elementSets, i int, idx []int32) []int32 {
			if s.size(1, i) == 0 {
				return s.appendAll(0, i, idx)
			}
			s.mark(1, i)
			return s.appendNew(0, i, idx)
		}))),
		withDictionaries(scalar("array_intersect(array(E), array(E)) -> array(E) where E comparable", "Returns the elements that both arrays have, without repeats, in the order of the longer one.", setKernel(codesOfShared, func(s *elementSets, i int, idx []int32) []int32 {
			longer, other := 0, 1
			if s.size(1, i) > s.size(0, i) {
				longer, other = 1, 0
			}
			s.mark(other, i)
			return s.appendMarked(longer, i, idx)
		}))),
		withDictionaries(scalar("arrays_overlap(array(E), array(E)) -> boolean where E comparable", "Reports whether two arrays share a value; NULL if they do not but have NULLs.", arraysOverlap)),
		scalar("array_histogram(array(T)) -> map(T, bigint) where T comparable", "Returns how often each value occurs; NULLs are left out.", arrayHistogram),
	}
}

// elementSets numbers the elements of several array columns, equal numbers for values that are not distinct. It
// marks the numbers of one row.
type elementSets struct {
	columns []lists
	base    []int32   // where each column's elements start in the joined child array
	codes   [][]int32 // by column and element; 0 is NULL
	marks   []int32   // by code: marked in this round
	round   int32
}

// numbering is the type of codesOf and codesOfShared.
type numbering = func(arrays ...arrow.Array) (codes [][]int32, n int, err error)

// newElementSets numbers the elements of arrays. Texts may have a dictionary; other elements that hold one are
// decoded.
func newElementSets(env *Env, args []batch.Vector, number numbering) (*elementSets, []arrow.Array, error) {
	s := &elementSets{}
	var children []arrow.Array
	start := int32(0)
	for _, a := range args {
		l := listOf(a)
		if _, isCoded := l.elems.(*array.Dictionary); !isCoded {
			l.elems = env.Decode(l.elems)
		}
		s.columns = append(s.columns, l)
		s.base = append(s.base, start)
		start += int32(l.elems.Len())
		children = append(children, l.elems)
	}
	codes, n, err := number(children...)
	s.codes, s.marks = codes, make([]int32, n)
	return s, children, err
}

// codesOf numbers the values of arrays of one type: equal numbers for values that are not distinct, 0 for NULL, all
// below n.
func codesOf(arrays ...arrow.Array) (codes [][]int32, n int, err error) {
	in := batch.NewInterner(arrays[0].DataType())
	codes = make([][]int32, len(arrays))
	for i, a := range arrays {
		codes[i] = make([]int32, a.Len())
		if err := in.Insert(batch.Vector{Array: a}, a.Len(), codes[i]); err != nil {
			return nil, 0, err
		}
	}
	return codes, in.Len(), nil
}

// codesOfShared numbers the values of two arrays as codesOf does. Values of the longer array that the other one
// lacks all share one number, so that they take no space in a table.
func codesOfShared(arrays ...arrow.Array) (codes [][]int32, n int, err error) {
	short, long := 0, 1
	if arrays[0].Len() > arrays[1].Len() {
		short, long = 1, 0
	}
	codes = [][]int32{make([]int32, arrays[0].Len()), make([]int32, arrays[1].Len())}
	in := batch.NewInterner(arrays[0].DataType())
	if err := in.Insert(batch.Vector{Array: arrays[short]}, arrays[short].Len(), codes[short]); err != nil {
		return nil, 0, err
	}
	if err := in.Find(batch.Vector{Array: arrays[long]}, arrays[long].Len(), codes[long]); err != nil {
		return nil, 0, err
	}
	for i, c := range codes[long] {
		if c == batch.Absent {
			codes[long][i] = int32(in.Len())
		}
	}
	return codes, in.Len() + 1, nil
}

func (s *elementSets) size(column, i int) int {
	lo, hi := s.columns[column].at(i)
	return hi - lo
}

// mark starts a new round, and marks the elements of a column's row.
func (s *elementSets) mark(column, i int) {
	s.round++
	lo, hi := s.columns[column].at(i)
	for _, c := range s.codes[column][lo:hi] {
		s.marks[c] = s.round
	}
}

// appendNew appends a row's elements that are not marked, and marks them.
func (s *elementSets) appendNew(column, i int, idx []int32) []int32 {
	lo, hi := s.columns[column].at(i)
	for p := lo; p < hi; p++ {
		if c := s.codes[column][p]; s.marks[c] != s.round {
			s.marks[c] = s.round
			idx = append(idx, s.base[column]+int32(p))
		}
	}
	return idx
}

// appendAll appends a row's elements.
func (s *elementSets) appendAll(column, i int, idx []int32) []int32 {
	lo, hi := s.columns[column].at(i)
	for p := lo; p < hi; p++ {
		idx = append(idx, s.base[column]+int32(p))
	}
	return idx
}

// appendMarked appends a row's marked elements, and removes their marks.
func (s *elementSets) appendMarked(column, i int, idx []int32) []int32 {
	lo, hi := s.columns[column].at(i)
	for p := lo; p < hi; p++ {
		if c := s.codes[column][p]; s.marks[c] == s.round {
			s.marks[c] = 0
			idx = append(idx, s.base[column]+int32(p))
		}
	}
	return idx
}

func setKernel(number numbering, pick func(s *elementSets, i int, idx []int32) []int32) Bind {
	return func(*types.Resolved) Kernel {
		return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
			rows, constant := rowsToCompute(args, rows)
			s, children, err := newElementSets(env, args, number)
			if err != nil {
				return batch.Vector{}, err
			}
			p, err := pickRows(env, args, rows, func(i int, idx []int32) ([]int32, error) {
				s.round++
				return pick(s, i, idx), nil
			})
			if err != nil {
				return batch.Vector{}, err
			}
			return batch.Vector{Array: p.lists(env, env.Concat(children)), Const: constant}, nil
		}
	}
}

func arraysOverlap(fn *types.Resolved) Kernel {
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		s, _, err := newElementSets(env, args, codesOfShared)
		if err != nil {
			return batch.Vector{}, err
		}
		return mapRows(env, arrowOf(fn), args, rows, func(i int) (bool, error) {
			s.mark(0, i)
			lo, hi := s.columns[1].at(i)
			first, last := s.columns[0].at(i)
			null := first < last && lo < hi && s.marks[0] == s.round
			for _, c := range s.codes[1][lo:hi] {
				if c != 0 && s.marks[c] == s.round {
					return true, nil
				}
				null = null || c == 0 && first < last
			}
			if null {
				return false, errNull
			}
			return false, nil
		})
	}
}

func arrayHistogram(*types.Resolved) Kernel {
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		rows, constant := rowsToCompute(args, rows)
		s, children, err := newElementSets(env, args, codesOf)
		if err != nil {
			return batch.Vector{}, err
		}
		var counts []int64
		slot := make([]int32, len(s.marks)) // by code: its index in counts
		p, err := pickRows(env, args, rows, func(i int, idx []int32) ([]int32, error) {
			s.round++
			lo, hi := s.columns[0].at(i)
			for p := lo; p < hi; p++ {
				c := s.codes[0][p]
				switch {
				case c == 0:
				case s.marks[c] == s.round:
					counts[slot[c]]++
				default:
					s.marks[c], slot[c] = s.round, int32(len(counts))
					counts, idx = append(counts, 1), append(idx, int32(p))
				}
			}
			return idx, nil
		})
		if err != nil {
			return batch.Vector{}, err
		}
		values := batch.FromValues(arrow.PrimitiveTypes.Int64, counts, nil)
		return batch.Vector{Array: batch.FromMaps(p.offsets, p.valid, env.Take(children[0], p.idx), values), Const: constant}, nil
	}
}
