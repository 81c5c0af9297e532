package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func arrayZipFunctions() []Function {
	const doc = "Returns an array of rows of the elements at equal positions; shorter arrays are filled with NULL."
	return []Function{
		scalar("zip(array(T1), array(T2)) -> array(row(T1, T2))", doc, zipArrays),
		scalar("zip(array(T1), array(T2), array(T3)) -> array(row(T1, T2, T3))", doc, zipArrays),
		scalar("zip(array(T1), array(T2), array(T3), array(T4)) -> array(row(T1, T2, T3, T4))", doc, zipArrays),
		scalar("zip(array(T1), array(T2), array(T3), array(T4), array(T5)) -> array(row(T1, T2, T3, T4, T5))", doc, zipArrays),
	}
}

// zipped aligns the elements of array columns. Row i of the result has as many elements as its longest array;
// idx[c] lists the elements of column c.
func zipped(env *Env, args []batch.Vector, rows int) (offsets []int32, valid []byte, idx [][]int32, columns []lists) {
	offsets, valid, idx = make([]int32, rows+1), validOf(args, rows), make([][]int32, len(args))
	columns = make([]lists, len(args))
	for c, a := range args {
		columns[c] = listOf(a)
	}
	total := 0
	for i := range rows {
		longest := 0
		if arrowdata.IsValid(valid, i) {
			for _, l := range columns {
				lo, hi := l.at(i)
				longest = max(longest, hi-lo)
			}
		}
		if total += longest; total > maxListElements {
			batch.Fail(errTooManyElements())
		}
		offsets[i+1] = int32(total)
	}
	for c := range idx {
		idx[c] = env.positions(total)
	}
	for i := range rows {
		env.look()
		longest := int(offsets[i+1] - offsets[i])
		for c, l := range columns {
			if longest > 0 {
				lo, hi := l.at(i)
				idx[c] = appendTimes(appendRange(idx[c], lo, hi), longest-(hi-lo), -1)
			}
		}
	}
	return offsets, valid, idx, columns
}

func zipArrays(fn *types.Resolved) Kernel {
	dt := arrowtype.Of(fn.Return.Elem).(*arrow.StructType)
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		rows, constant := rowsToCompute(args, rows)
		offsets, valid, idx, columns := zipped(env, args, rows)
		fields := make([]arrow.Array, len(args))
		for c, l := range columns {
			fields[c] = env.Take(l.elems, idx[c])
		}
		elems := batch.FromFields(dt, int(offsets[rows]), nil, fields)
		return batch.Vector{Array: batch.FromLists(offsets, valid, elems), Const: constant}, nil
	}
}

func ngramsOfArray(*types.Resolved) Kernel {
	return groupKernel(func(lo, hi int, n int32, emit func(group []int32)) error {
		if n <= 0 {
			return argumentError("N must be positive")
		}
		if int(n) >= hi-lo {
			emit(appendRange(nil, lo, hi))
			return nil
		}
		group := make([]int32, 0, n)
		for p := lo; p+int(n) <= hi; p++ {
			emit(appendRange(group, p, p+int(n)))
		}
		return nil
	})
}

// Limits of combinations.
const (
	maxCombinationSize = 5
	maxCombinations    = 100_000
)

func combinationsOfArray(*types.Resolved) Kernel {
	return groupKernel(func(lo, hi int, n int32, emit func(group []int32)) error {
		switch {
		case n < 0:
			return argumentError("combination size must not be negative: %d", n)
		case n > maxCombinationSize:
			return argumentError("combination size must not exceed %d: %d", maxCombinationSize, n)
		case int(n) > hi-lo:
			return nil
		}
		count := 1
		for k := range int(n) {
			if count = count * (hi - lo - k) / (k + 1); count > maxCombinations {
				return argumentError("combinations exceed max size of %d", maxCombinations)
			}
		}
		choice := append(appendRange(nil, lo, lo+int(n)), int32(hi)) // a sentinel at the end
		for {
			emit(choice[:n])
			at := 0 // the first position that can advance
			for at < int(n) && choice[at]+1 == choice[at+1] {
				at++
			}
			if at == int(n) {
				return nil
			}
			choice[at]++
			appendRange(choice[:0], lo, lo+at)
		}
	})
}

// groupKernel returns arrays of groups of the elements [lo, hi) of an array; n is the second argument. groups may
// reuse a group after emit.
func groupKernel(groups func(lo, hi int, n int32, emit func(group []int32)) error) Kernel {
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		rows, constant := rowsToCompute(args, rows)
		l, size := listOf(args[0]), columnOf[int32](args[1])
		inner := picked{offsets: []int32{0}}
		outer, err := pickRows(env, args, rows, func(i int, idx []int32) ([]int32, error) {
			lo, hi := l.at(i)
			err := groups(lo, hi, size.at(i), func(group []int32) {
				var err error
				if inner.idx, err = withRoom(meterOf(env), inner.idx, len(group)); err != nil {
					batch.Fail(err)
				}
				env.grow(8)
				inner.idx = append(inner.idx, group...)
				idx = append(idx, int32(len(inner.offsets)-1))
				inner.offsets = append(inner.offsets, int32(len(inner.idx)))
			})
			if len(inner.idx) > maxListElements {
				return idx, errTooManyElements()
			}
			return idx, err
		})
		if err != nil {
			return batch.Vector{}, err
		}
		return batch.Vector{Array: batch.FromLists(outer.offsets, outer.valid, inner.lists(env, l.elems)), Const: constant}, nil
	}
}
