package function

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// lambdaFunctions is the family of functions over arrays and maps that call a
// lambda. A lambda is called once for the elements of all rows together.
func lambdaFunctions() []Function {
	return []Function{
		withDictionaries(scalar(types.OpBind+"(T, function(T, U)) -> U", "", bindValue, types.NullCalled)),
		withDictionaries(scalar("transform(array(T), function(T, U)) -> array(U)", "Returns the array of the lambda's results.", transformArray)),
		withDictionaries(scalar("filter(array(T), function(T, boolean)) -> array(T)", "Returns the elements for which the lambda is true.", filterArray)),
		withDictionaries(scalar("any_match(array(T), function(T, boolean)) -> boolean", "Reports whether the lambda is true for an element.", matchKernel(batch.True, batch.True, batch.False))),
		withDictionaries(scalar("all_match(array(T), function(T, boolean)) -> boolean", "Reports whether the lambda is true for every element.", matchKernel(batch.False, batch.False, batch.True))),
		withDictionaries(scalar("none_match(array(T), function(T, boolean)) -> boolean", "Reports whether the lambda is true for no element.", matchKernel(batch.True, batch.False, batch.True))),
		scalar("zip_with(array(T), array(U), function(T, U, R)) -> array(R)", "Returns the lambda's results for the elements at equal positions; the shorter array is filled with NULL.", zipWith),
		withDictionaries(scalar("reduce(array(T), S, function(S, T, S), function(S, R)) -> R", "Returns the state that the first lambda makes of all elements in turn, turned into the result by the second.", reduceArray, types.NullCalled)),
		scalar("array_sort(array(T), function(T, T, integer)) -> array(T)", "Returns the elements in the order of a lambda that returns -1, 0 or 1.", sortArrayBy),
	}
}

// bindValue calls the lambda for each row's value.
func bindValue(*types.Resolved) Kernel {
	return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
		outer := make([]int32, rows)
		for i := range outer {
			outer[i] = int32(i)
		}
		return lambdas[1].Call(env, args[:1], outer, rows)
	}
}

// calls are the calls of a lambda for the elements of a column of arrays or maps. Row i has the calls [offsets[i],
// offsets[i+1]); call c is for element idx[c] of row outer[c].
type calls struct {
	picked
	outer []int32
}

func callsOf(env *Env, v batch.Vector, l lists, rows int) calls {
	c := calls{picked: picked{offsets: make([]int32, rows+1), valid: validOf([]batch.Vector{v}, rows)}}
	count := 0
	for i := range rows {
		if lo, hi := l.at(i); arrowdata.IsValid(c.valid, i) {
			count += hi - lo
		}
	}
	c.idx, c.outer = env.positions(count), env.positions(count)
	for i := range rows {
		if arrowdata.IsValid(c.valid, i) {
			lo, hi := l.at(i)
			c.idx = appendRange(c.idx, lo, hi)
			c.outer = appendTimes(c.outer, hi-lo, int32(i))
		}
		c.offsets[i+1] = int32(len(c.idx))
	}
	return c
}

// some returns the calls that keep accepts, at most most.
func (c calls) some(env *Env, most int, keep func(call int) bool) calls {
	out := calls{picked: picked{offsets: make([]int32, len(c.offsets)), valid: c.valid}}
	out.idx, out.outer = env.positions(most), env.positions(most)
	for i := range len(c.offsets) - 1 {
		for k := c.offsets[i]; k < c.offsets[i+1]; k++ {
			if keep(int(k)) {
				out.idx, out.outer = append(out.idx, c.idx[k]), append(out.outer, c.outer[k])
			}
		}
		out.offsets[i+1] = int32(len(out.idx))
	}
	return out
}

// where returns the elements for which a lambda returned true.
func (c calls) where(env *Env, answers batch.Vector) picked {
	isTrue := batch.TrueBits(answers)
	if answers.Const {
		if arrowdata.IsSet(isTrue, 0) {
			return c.picked
		}
		return picked{offsets: make([]int32, len(c.offsets)), valid: c.valid}
	}
	out := picked{offsets: make([]int32, len(c.offsets)), valid: c.valid}
	idx, n := env.positions(len(c.idx))[:len(c.idx)], 0
	for i, to := range c.offsets[1:] {
		for k := c.offsets[i]; k < to; k++ {
			idx[n] = c.idx[k] // the next element overwrites it unless the lambda was true
			n += int(isTrue[k>>3] >> (k & 7) & 1)
		}
		out.offsets[i+1] = int32(n)
	}
	out.idx = idx[:n]
	return out
}

// elementKernel runs body for an array or map argument. Row i of the result belongs to row i of calls.
func elementKernel(open func(batch.Vector) lists, body func(env *Env, l lists, c calls, f Lambda) (arrow.Array, error)) Kernel {
	return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
		rows, constant := rowsToCompute(args, rows)
		l := open(args[0])
		a, err := body(env, l, callsOf(env, args[0], l, rows), lambdas[1])
		return batch.Vector{Array: a, Const: constant}, err
	}
}

// call runs a lambda for all calls.
func (c calls) call(env *Env, f Lambda, children ...arrow.Array) (batch.Vector, error) {
	params := make([]batch.Vector, len(children))
	for i, child := range children {
		params[i].Array = elementsAt(env, child, c.idx)
	}
	return f.Call(env, params, c.outer, len(c.idx))
}

func transformArray(*types.Resolved) Kernel {
	return elementKernel(listOf, func(env *Env, l lists, c calls, f Lambda) (arrow.Array, error) {
		v, err := c.call(env, f, l.elems)
		if err != nil {
			return nil, err
		}
		return batch.FromLists(c.offsets, c.valid, env.Expand(v, len(c.idx))), nil
	})
}

func filterArray(*types.Resolved) Kernel {
	return elementKernel(listOf, func(env *Env, l lists, c calls, f Lambda) (arrow.Array, error) {
		v, err := c.call(env, f, l.elems)
		if err != nil {
			return nil, err
		}
		return c.where(env, v).lists(env, l.elems), nil
	})
}

// truthOf reads a boolean vector, which may be of type unknown.
func truthOf(v batch.Vector) func(i int) batch.Truth {
	b, ok := v.Array.(*array.Boolean)
	return func(i int) batch.Truth {
		switch {
		case !ok || b.IsNull(v.At(i)):
			return batch.Unknown
		case b.Value(v.At(i)):
			return batch.True
		}
		return batch.False
	}
}

// matchKernel calls a lambda for elements until it returns decisive; the result is then decided. If it returned
// NULL, the result is NULL, else otherwise.
func matchKernel(decisive, decided, otherwise batch.Truth) Bind {
	return func(*types.Resolved) Kernel {
		return elementKernel(listOf, func(env *Env, l lists, c calls, f Lambda) (arrow.Array, error) {
			rows := len(c.offsets) - 1
			answers, err := matchAnswers(env, l, c, f, decisive)
			if err != nil {
				return nil, err
			}
			bits, valid := make([]byte, (rows+7)/8), ownValidity(c.valid, rows)
			for i := range rows {
				answer := otherwise
				for k := c.offsets[i]; k < c.offsets[i+1]; k++ {
					if answers[k] == decisive {
						answer = decided
						break
					}
					if answers[k] == batch.Unknown {
						answer = batch.Unknown
					}
				}
				if answer == batch.Unknown {
					arrowdata.ClearBit(valid, i)
				}
				bits[i>>3] |= bit(answer == batch.True) << (i & 7)
			}
			return batch.FromBits(bits, rows, valid), nil
		})
	}
}

// matchAnswers calls the lambda for all elements at once. If that fails, it calls it for the first elements of all
// rows, the second ones, and so on, each row up to its decisive element: a later error does not count.
func matchAnswers(env *Env, l lists, c calls, f Lambda, decisive batch.Truth) ([]batch.Truth, error) {
	answers := make([]batch.Truth, len(c.idx))
	v, err := c.call(env, f, l.elems)
	if err == nil {
		truth := truthOf(v)
		for k := range answers {
			answers[k] = truth(k)
		}
		return answers, nil
	}
	if EndsStatement(err) {
		return nil, err
	}
	held := env.Held()
	decided := make([]bool, len(c.offsets)-1)
	for place := int32(0); ; place++ {
		at := make([]int32, 0, len(decided)) // the calls of this round
		now := c.some(env, len(decided), func(k int) bool {
			row := c.outer[k]
			turn := !decided[row] && int32(k) == c.offsets[row]+place
			if turn {
				at = append(at, int32(k))
			}
			return turn
		})
		if len(at) == 0 {
			return answers, nil
		}
		v, err := now.call(env, f, l.elems)
		if err != nil {
			return nil, err
		}
		truth := truthOf(v)
		for n, k := range at {
			answers[k] = truth(n)
			decided[c.outer[k]] = answers[k] == decisive
		}
		if err := env.Settle(held); err != nil {
			return nil, err
		}
	}
}

func zipWith(*types.Resolved) Kernel {
	return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
		arrays := args[:2]
		rows, constant := rowsToCompute(arrays, rows)
		offsets, valid, idx, columns := zipped(env, arrays, rows)
		outer := env.positions(int(offsets[rows]))
		for i := range rows {
			outer = appendTimes(outer, int(offsets[i+1]-offsets[i]), int32(i))
		}
		params := make([]batch.Vector, len(columns))
		for c, l := range columns {
			params[c].Array = elementsAt(env, l.elems, idx[c])
		}
		v, err := lambdas[2].Call(env, params, outer, len(outer))
		if err != nil {
			return batch.Vector{}, err
		}
		elems := env.Expand(v, len(outer))
		return batch.Vector{Array: batch.FromLists(offsets, valid, elems), Const: constant}, nil
	}
}
