package function

import (
	"slices"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// mapElement gathers the value of one key per row. If strict is set a missing key is an error, else NULL.
func mapElement(strict bool) Bind {
	return func(fn *types.Resolved) Kernel {
		key := fn.Args[1]
		var texts textKeys
		return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
			rows, constant := rowsToCompute(args, rows)
			entries := mapOf(args[0])
			valid := validOf(args, rows)
			var idx []int32
			if key.IsText() && args[1].Const && !isNull(args[1], 0) {
				idx = texts.find(entries, columnOf[string](args[1]).at(0), valid, rows)
			} else {
				idx = findKeys(key, entries, args[1], valid, rows)
			}
			if strict {
				for i, p := range idx {
					if p < 0 && arrowdata.IsValid(valid, i) {
						return batch.Vector{}, missingKey(key, entries.keys, args[1], i)
					}
				}
			}
			return batch.Vector{Array: env.Take(entries.elems, idx), Const: constant}, nil
		}
	}
}

// findKeys returns the position of the entry with the row's key, -1 for none. Keys must be equal, so NaN is not
// found.
func findKeys(t *types.Type, entries lists, key batch.Vector, valid []byte, rows int) []int32 {
	equal := batch.Equality(t, entries.keys, key.Array)
	return findEntries(entries, valid, rows, func(row, lo, hi int) int {
		for p := lo; p < hi; p++ {
			if equal(p, key.At(row)) == batch.True {
				return p
			}
		}
		return -1
	})
}

// textKeys finds a constant key in maps with text keys. It allocates only the result, and does not decode
// dictionaries.
type textKeys struct {
	// last caches the key's code in the latest dictionary.
	last atomic.Pointer[keyInDictionary]
}

// keyInDictionary is the code of a key in a dictionary, -1 if it has none. If there are several, code is the first
// and more marks all.
type keyInDictionary struct {
	dictionary arrow.ArrayData
	key        string
	code       int32
	more       []bool
}

func (k *textKeys) find(entries lists, key string, valid []byte, rows int) []int32 {
	if d, ok := entries.keys.(*array.Dictionary); ok {
		at, codes := k.inDictionary(d, key), batch.Codes(d)
		if at.more != nil {
			return findEntries(entries, valid, rows, func(_, lo, hi int) int {
				return positionFrom(lo, slices.IndexFunc(codes[lo:hi], func(c int32) bool { return at.more[c] }))
			})
		}
		if at.code < 0 {
			return slices.Repeat([]int32{-1}, rows)
		}
		code := at.code
		return findEntries(entries, valid, rows, func(_, lo, hi int) int { return positionFrom(lo, slices.Index(codes[lo:hi], code)) })
	}
	offsets, data := batch.Text(entries.keys)
	size := int32(len(key))
	return findEntries(entries, valid, rows, func(_, lo, hi int) int {
		for p := lo; p < hi; p++ {
			if from, to := offsets[p], offsets[p+1]; to-from == size && string(data[from:to]) == key {
				return p
			}
		}
		return -1
	})
}

// positionFrom converts a position counted from lo to one counted from 0; -1 stays.
func positionFrom(lo, position int) int {
	if position < 0 {
		return -1
	}
	return lo + position
}

func (k *textKeys) inDictionary(d *array.Dictionary, key string) *keyInDictionary {
	if last := k.last.Load(); last != nil && last.dictionary == d.Data().Dictionary() && last.key == key {
		return last
	}
	at := &keyInDictionary{dictionary: d.Data().Dictionary(), key: string([]byte(key)), code: -1}
	values := batch.Strings(d.Dictionary())
	for c, v := range values {
		if v != key {
			continue
		}
		if at.code < 0 {
			at.code = int32(c)
			continue
		}
		if at.more == nil {
			at.more = make([]bool, len(values))
			at.more[at.code] = true
		}
		at.more[c] = true
	}
	k.last.Store(at)
	return at
}

// findEntries returns the result of find for each valid row, -1 for the others. find gets the range of the row's
// entries.
func findEntries(entries lists, valid []byte, rows int, find func(row, lo, hi int) int) []int32 {
	idx := make([]int32, rows)
	for i := range idx {
		idx[i] = -1
		if arrowdata.IsValid(valid, i) {
			lo, hi := entries.at(i)
			idx[i] = int32(find(i, lo, hi))
		}
	}
	return idx
}
