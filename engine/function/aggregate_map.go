package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func mapAggFunctions() []Function {
	return []Function{
		aggregate("map_agg(K, V) -> map(K, V) where K comparable", "Returns a map of the pairs; of a repeated key the first.",
			&AggregateImpl{New: newMapAgg}),
		aggregate("multimap_agg(K, V) -> map(K, array(V)) where K comparable", "Returns a map from each key to the array of its values.",
			collecting(true, keyNotNull, multimapAgg)),
		aggregate("map_union(map(K, V)) -> map(K, V) where K comparable", "Returns one map of all entries, NULL for none; of a repeated key the first.",
			collecting(false, keyNotNull, mapUnion)),
	}
}

// keyNotNull marks the rows whose first argument is not NULL.
func keyNotNull(args []batch.Vector, rows int) []byte { return validOf(args[:1], rows) }

func collecting(
	readsCodes bool, keep func([]batch.Vector, int) []byte, finish func(offsets []int32, columns []arrow.Array) (arrow.Array, error),
) *AggregateImpl {
	return &AggregateImpl{New: func(fn *types.Resolved, env *Env, _ []Lambda) Accumulator {
		c := newCollector(env, fn.Args)
		c.keep, c.finish, c.readsCodes = keep, finish, readsCodes
		return c
	}}
}

func newMapAgg(fn *types.Resolved, env *Env, _ []Lambda) Accumulator {
	c := newCollector(env, fn.Args)
	c.keep, c.finish, c.readsCodes, c.ofFirstKeys = keyNotNull, mapAgg, true, true
	return c
}

func mapAgg(offsets []int32, columns []arrow.Array) (arrow.Array, error) {
	ends, firsts, _, err := groupKeys(offsets, columns[0])
	if err != nil {
		return nil, err
	}
	return batch.FromMaps(ends, nonEmpty(offsets), taken(columns[0], firsts), taken(columns[1], firsts)), nil
}

func multimapAgg(offsets []int32, columns []arrow.Array) (arrow.Array, error) {
	ends, firsts, entries, err := groupKeys(offsets, columns[0])
	if err != nil {
		return nil, err
	}
	lists, rows := sortByGroup(entries, len(firsts))
	values := batch.FromLists(lists, nil, taken(columns[1], rows))
	return batch.FromMaps(ends, nonEmpty(offsets), taken(columns[0], firsts), values), nil
}

// taken returns the values of rows of a column, without a dictionary.
func taken(column arrow.Array, rows []int32) arrow.Array {
	return batch.Decode(batch.Take(column, rows))
}

func mapUnion(offsets []int32, columns []arrow.Array) (arrow.Array, error) {
	mapOffsets, keys, values := batch.Maps(columns[0])
	flat := make([]int32, len(offsets))
	var entries []int32
	for g := range len(offsets) - 1 {
		for row := offsets[g]; row < offsets[g+1]; row++ {
			for e := mapOffsets[row]; e < mapOffsets[row+1]; e++ {
				entries = append(entries, e)
			}
		}
		flat[g+1] = int32(len(entries))
	}
	keys, values = batch.Take(keys, entries), batch.Take(values, entries)
	ends, firsts, _, err := groupKeys(flat, keys)
	if err != nil {
		return nil, err
	}
	return batch.FromMaps(ends, nonEmpty(flat), batch.Take(keys, firsts), batch.Take(values, firsts)), nil
}

// groupKeys numbers the distinct keys of each group. Group g has the entries [ends[g], ends[g+1]); firsts is the
// first row of each entry, entries the entry of each row.
func groupKeys(offsets []int32, keys arrow.Array) (ends, firsts, entries []int32, err error) {
	codes, values := make([]int32, keys.Len()), batch.NewInterner(keys.DataType())
	if err := values.Insert(batch.Vector{Array: keys}, len(codes), codes); err != nil {
		return nil, nil, nil, err
	}
	// By code: the last group that had the key, counted from 1, and its entry there.
	seen := make([]struct{ group, entry int32 }, values.Len())
	ends, entries = make([]int32, len(offsets)), make([]int32, len(codes))
	for g := range len(offsets) - 1 {
		for row := offsets[g]; row < offsets[g+1]; row++ {
			last := &seen[codes[row]]
			if last.group != int32(g)+1 {
				last.group, last.entry = int32(g)+1, int32(len(firsts))
				firsts = append(firsts, row)
			}
			entries[row] = last.entry
		}
		ends[g+1] = int32(len(firsts))
	}
	return ends, firsts, entries, nil
}
