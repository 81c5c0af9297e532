package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func mapLambdaFunctions() []Function {
	return []Function{
		withDictionaries(scalar("map_filter(map(K, V), function(K, V, boolean)) -> map(K, V)", "Returns the entries for which the lambda is true.", filterMap)),
		withDictionaries(scalar("transform_values(map(K, V1), function(K, V1, V2)) -> map(K, V2)", "Returns the map with the lambda's results as values.", transformValues)),
		scalar("transform_keys(map(K1, V), function(K1, V, K2)) -> map(K2, V) where K2 comparable", "Returns the map with the lambda's results as keys.", transformKeys),
		withDictionaries(scalar("map_zip_with(map(K, V1), map(K, V2), function(K, V1, V2, V3)) -> map(K, V3) where K comparable", "Returns the lambda's results for the keys of both maps; NULL stands for a value that is not there.", zipMaps)),
	}
}

func filterMap(*types.Resolved) Kernel {
	return elementKernel(mapOf, func(env *Env, l lists, c calls, f Lambda) (arrow.Array, error) {
		v, err := c.call(env, f, l.keys, l.elems)
		if err != nil {
			return nil, err
		}
		return c.where(env, v).maps(env, l.keys, l.elems), nil
	})
}

func transformValues(*types.Resolved) Kernel {
	return elementKernel(mapOf, func(env *Env, l lists, c calls, f Lambda) (arrow.Array, error) {
		v, err := c.call(env, f, l.keys, l.elems)
		if err != nil {
			return nil, err
		}
		return batch.FromMaps(c.offsets, c.valid, elementsAt(env, l.keys, c.idx), env.Expand(v, len(c.idx))), nil
	})
}

func transformKeys(fn *types.Resolved) Kernel {
	return elementKernel(mapOf, func(env *Env, l lists, c calls, f Lambda) (arrow.Array, error) {
		v, err := c.call(env, f, l.keys, l.elems)
		if err != nil {
			return nil, err
		}
		keys := env.Expand(v, len(c.idx))
		if err := checkKeys(fn.Return.Key, c.offsets, keys); err != nil {
			return nil, err
		}
		return batch.FromMaps(c.offsets, c.valid, keys, elementsAt(env, l.elems, c.idx)), nil
	})
}

func zipMaps(fn *types.Resolved) Kernel {
	return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
		maps := args[:2]
		rows, constant := rowsToCompute(maps, rows)
		a, b := mapOf(maps[0]), mapOf(maps[1])
		codes, n, err := codesOf(a.keys, b.keys)
		if err != nil {
			return batch.Vector{}, err
		}
		equal := batch.Equality(fn.Args[0].Key, a.keys, b.keys) // codes tell NaNs not apart
		base := int32(a.keys.Len())
		var left, right, outer []int32
		place := make([]int32, n) // by code: its call, if that belongs to the row at hand
		p, err := pickRows(env, maps, rows, func(i int, idx []int32) ([]int32, error) {
			start := int32(len(idx))
			lo, hi := a.at(i)
			for e := lo; e < hi; e++ {
				place[codes[0][e]] = int32(len(idx))
				idx, left, right, outer = append(idx, int32(e)), append(left, int32(e)), append(right, -1), append(outer, int32(i))
			}
			lo, hi = b.at(i)
			for e := lo; e < hi; e++ {
				c := codes[1][e]
				if at := place[c]; at >= start && int(at) < len(idx) && idx[at] < base && codes[0][idx[at]] == c && equal(int(idx[at]), e) == batch.True {
					right[at] = int32(e)
					continue
				}
				idx, left, right, outer = append(idx, base+int32(e)), append(left, -1), append(right, int32(e)), append(outer, int32(i))
			}
			return idx, nil
		})
		if err != nil {
			return batch.Vector{}, err
		}
		keys := env.Take(env.Concat([]arrow.Array{a.keys, b.keys}), p.idx)
		params := []batch.Vector{{Array: keys}, {Array: env.Take(a.elems, left)}, {Array: env.Take(b.elems, right)}}
		v, err := lambdas[2].Call(env, params, outer, len(outer))
		if err != nil {
			return batch.Vector{}, err
		}
		m := batch.FromMaps(p.offsets, p.valid, keys, env.Expand(v, len(outer)))
		return batch.Vector{Array: m, Const: constant}, nil
	}
}
