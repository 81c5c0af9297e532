package function

import (
	"slices"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// Step is a lambda of reduce that is divided: its parts look at an element and not at the state, and what is left at the state and the results
// of the parts. engine/expr implements it.
type Step interface {
	Lambda
	// Parts evaluates the parts for elements, which belong to the rows outer of the enclosing batch. Texts may be dictionary-encoded.
	Parts(env *Env, elements batch.Vector, outer []int32, rows int) ([]batch.Vector, error)
	// Rest returns the lambda whose parameters are the state and the results of the parts.
	Rest() Lambda
}

// reduceArray takes the first elements of all rows, then the second ones, and
// so on. Rows are put in order of their length, longest first, so that the
// rows still at work are always the first of the state column.
func reduceArray(fn *types.Resolved) Kernel {
	dt := arrowtype.Of(fn.Return)
	return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
		rows, constant := rowsToCompute(args, rows)
		order, l := longestFirst(args[0], rows)
		if len(order) == 0 {
			return batch.Vector{Array: batch.Nulls(dt, rows), Const: constant}, nil
		}
		state := batch.TakeVector(args[1], order).Array
		if args[1].Const {
			state = env.Expand(args[1], len(order))
		}
		elements, err := elementsOf(env, args[0], l, rows, lambdas[2])
		if err != nil {
			return batch.Vector{}, err
		}
		state, err = foldRows(env, elements, order, env.Decode(state))
		if err != nil {
			return batch.Vector{}, err
		}
		result, err := lambdas[3].Call(env, []batch.Vector{{Array: state}}, order, len(order))
		if err != nil {
			return batch.Vector{}, err
		}
		back := make([]int32, rows)
		for i := range back {
			back[i] = -1
		}
		for n, row := range order {
			back[row] = int32(n)
		}
		return batch.Vector{Array: env.Take(env.Expand(result, len(order)), back), Const: constant}, nil
	}
}

// longestFirst lists the rows that are not NULL.
func longestFirst(v batch.Vector, rows int) ([]int32, lists) {
	valid := validOf([]batch.Vector{v}, rows)
	l := listOf(v)
	order := make([]int32, 0, rows)
	longest := 0
	for i := range rows {
		if arrowdata.IsValid(valid, i) {
			order = append(order, int32(i))
			longest = max(longest, l.length(int32(i)))
		}
	}
	if longest > rows { // too long to count the rows of each length
		slices.SortStableFunc(order, func(a, b int32) int { return l.length(b) - l.length(a) })
		return order, l
	}
	starts := make([]int32, longest+2) // where the rows of a length begin, by how much shorter than the longest it is
	for _, row := range order {
		starts[longest-l.length(row)+1]++
	}
	for i := range longest {
		starts[i+1] += starts[i]
	}
	sorted := make([]int32, len(order))
	for _, row := range order {
		at := &starts[longest-l.length(row)]
		sorted[*at] = row
		*at++
	}
	return sorted, l
}

func (l lists) length(row int32) int {
	lo, hi := l.at(int(row))
	return hi - lo
}

// foldedElements are what a step takes besides the state: the elements themselves, or what parts of the step gave for them.
type foldedElements struct {
	lists
	columns []batch.Vector // by position in lists
	step    Lambda
}

// maxElementsAtOnce is for how many elements parts of a step are computed at once, whose results are held until all rows are done, and how many are
// compared with each other.
var maxElementsAtOnce = 1 << 18

// elementsOf computes the parts of a step. If one fails, the step runs undivided, so that the error is that of the first element in turn
// that has one.
func elementsOf(env *Env, arrays batch.Vector, l lists, rows int, step Lambda) (foldedElements, error) {
	whole := foldedElements{l, []batch.Vector{{Array: l.elems}}, step}
	divided, ok := step.(Step)
	if !ok || l.elems.Len() > maxElementsAtOnce {
		return whole, nil
	}
	held := env.Held()
	c := callsOf(env, arrays, l, rows)
	columns, err := divided.Parts(env, batch.Vector{Array: elementsAt(env, l.elems, c.idx)}, c.outer, len(c.idx))
	if err == nil {
		return foldedElements{lists{offsets: c.offsets, mask: -1}, columns, divided.Rest()}, nil
	}
	if err := env.Stopped(); err != nil {
		return whole, err
	}
	return whole, env.Settle(held)
}

// foldRows runs the step over the elements of the rows in order, whose states
// state holds in the same order.
func foldRows(env *Env, l foldedElements, order []int32, state arrow.Array) (arrow.Array, error) {
	var done []arrow.Array // states of rows that have ended, shortest rows first
	held, ended := env.Held(), int64(0)
	isExtreme := l.isExtreme()
	active := len(order)
	for place, width := 0, 1; ; place += width {
		if isExtreme {
			width = max(1, maxElementsAtOnce/active)
		}
		before := active
		elems, ends := make([]int32, 0, before), make([]int32, 0, before) // of each row its elements from place on, and where they end
		for _, row := range order[:active] {
			lo, hi := l.at(int(row))
			if lo+place >= hi {
				break
			}
			for at := lo + place; at < min(lo+place+width, hi); at++ {
				elems = append(elems, int32(at))
			}
			ends = append(ends, int32(len(elems)))
		}
		if active = len(ends); active < before {
			done = append(done, array.NewSlice(state, int64(active), int64(before)))
			ended += batch.ArrayBytes(done[len(done)-1])
		}
		if active == 0 {
			slices.Reverse(done)
			return env.Concat(done), nil
		}
		params := []batch.Vector{{Array: array.NewSlice(state, 0, int64(active))}}
		for _, column := range l.columns {
			if !column.Const {
				column.Array = env.Take(column.Array, elems)
			}
			params = append(params, column)
		}
		var err error
		if len(elems) > active {
			if params[1].Array, err = extremesOfRows(env, l.step, params[1].Array, ends, order); err != nil {
				return nil, err
			}
		}
		v, err := l.step.Call(env, params, order[:active], active)
		if err != nil {
			return nil, err
		}
		state = env.Expand(v, active)
		if err := env.Settle(held + ended + batch.HeldBytes(state)); err != nil {
			return nil, err
		}
	}
}
