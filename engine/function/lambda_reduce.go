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

// reduceArray processes the first elements of all rows, then the second ones, and so on. Rows are ordered by
// length, longest first, so the active rows are always the first of the state column.
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
		state, err := foldRows(env, l, lambdas[2], order, env.Decode(state))
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

// longestFirst lists the rows that are not NULL, longest first.
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
	starts := make([]int32, longest+2) // where the rows of each length begin, by the difference to the longest
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

// foldRows runs step over the elements of the rows in order. state holds the states of these rows, in the same
// order.
func foldRows(env *Env, l lists, step Lambda, order []int32, state arrow.Array) (arrow.Array, error) {
	var done []arrow.Array // states of completed rows, shortest rows first
	held, ended := env.Held(), int64(0)
	active := len(order)
	for place := 0; ; place++ {
		before := active
		elements := make([]int32, 0, before)
		for _, row := range order[:active] {
			lo, hi := l.at(int(row))
			if lo+place >= hi {
				break
			}
			elements = append(elements, int32(lo+place))
		}
		if active = len(elements); active < before {
			done = append(done, array.NewSlice(state, int64(active), int64(before)))
			ended += batch.ArrayBytes(done[len(done)-1])
		}
		if active == 0 {
			slices.Reverse(done)
			return env.Concat(done), nil
		}
		params := []batch.Vector{{Array: array.NewSlice(state, 0, int64(active))}, {Array: env.Take(l.elems, elements)}}
		v, err := step.Call(env, params, order[:active], active)
		if err != nil {
			return nil, err
		}
		state = env.Expand(v, active)
		if err := env.Settle(held + ended + batch.HeldBytes(state)); err != nil {
			return nil, err
		}
	}
}
