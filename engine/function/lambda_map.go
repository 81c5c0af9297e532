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
