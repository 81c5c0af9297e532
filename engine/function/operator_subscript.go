package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func subscriptFunctions() []Function {
	return []Function{
		withDictionaries(scalar(types.OpSubscript+"(array(E), bigint) -> E", "", arrayElement(func(index int64, length int) (int, error) {
			switch {
			case index == 0:
				return 0, argumentError("SQL array indices start at 1")
			case index < 0:
				return 0, argumentError("Array subscript is negative: %d", index)
			case index > int64(length):
				return 0, errPastEnd(index, length)
			}
			return int(index - 1), nil
		}))),
		withDictionaries(scalar("element_at(array(E), bigint) -> E", "Returns the element at an index, from the end when it is negative; NULL past the ends.", arrayElement(func(index int64, length int) (int, error) {
			switch {
			case index == 0:
				return 0, argumentError("SQL array indices start at 1")
			case index < 0:
				index += int64(length) + 1
			}
			if index < 1 || index > int64(length) {
				return -1, nil
			}
			return int(index - 1), nil
		}))),
		withDictionaries(scalar(types.OpSubscript+"(map(K, V), K) -> V where K comparable", "", mapElement(true))),
		withDictionaries(scalar("element_at(map(K, V), K) -> V where K comparable", "Returns the value of a key; NULL when there is none.", mapElement(false))),
	}
}

func errPastEnd(index int64, length int) error {
	return argumentError("Array subscript must be less than or equal to array length: %d > %d", index, length)
}

// arrayElement gathers one element per row; position returns -1 for NULL.
func arrayElement(position func(index int64, length int) (int, error)) Bind {
	return func(fn *types.Resolved) Kernel {
		return gatherKernel(func(args []batch.Vector) (arrow.Array, func(i int) (int, error)) {
			list, index := listOf(args[0]), columnOf[int64](args[1])
			return list.elems, func(i int) (int, error) {
				lo, hi := list.at(i)
				p, err := position(index.at(i), hi-lo)
				if err != nil || p < 0 {
					return -1, err
				}
				return lo + p, nil
			}
		})
	}
}

// displayKey returns a key as errors show it.
func displayKey(t *types.Type, key batch.Vector, i int) string {
	if toText, ok := castKernel(t, types.VarcharType, false); ok {
		one := batch.Vector{Array: batch.Take(key.Array, []int32{int32(key.At(i))})}
		if out, err := toText(&Env{}, []batch.Vector{one}, []Lambda{nil}, 1); err == nil {
			return batch.Strings(out.Array)[0]
		}
	}
	return "(" + t.String() + ")"
}

// gatherKernel returns values of one child array. row returns the index of a row's value, or -1 for NULL; it is not
// called for rows with a NULL argument.
func gatherKernel(open func(args []batch.Vector) (child arrow.Array, row func(i int) (int, error))) Kernel {
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		rows, constant := rowsToCompute(args, rows)
		child, row := open(args)
		valid := validOf(args, rows)
		idx := make([]int32, rows)
		for i := range idx {
			idx[i] = -1
			if !arrowdata.IsValid(valid, i) {
				continue
			}
			p, err := row(i)
			if err != nil {
				return batch.Vector{}, err
			}
			idx[i] = int32(p)
		}
		return batch.Vector{Array: env.Take(child, idx), Const: constant}, nil
	}
}

// arrowOf returns the Arrow type of a bound function's result.
func arrowOf(fn *types.Resolved) arrow.DataType { return arrowtype.Of(fn.Return) }
