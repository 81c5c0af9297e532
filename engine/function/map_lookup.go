package function

import (
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// mapElement gathers the value of one key per row; a missing key is an error
// when strict, else NULL.
func mapElement(strict bool) Bind {
	return func(fn *types.Resolved) Kernel {
		key := fn.Args[1]
		var texts textKeys
		return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
			constant := allConst(args)
			if constant {
				rows = 1
			}
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
						return batch.Vector{}, argumentError("Key not present in map: %s", displayKey(key, args[1], i))
					}
				}
			}
			return batch.Vector{Array: env.Take(entries.elems, idx), Const: constant}, nil
		}
	}
}

// findKeys returns the position of each row's entry with the row's key, -1 for
// none. Keys must be equal: NaN is not found.
func findKeys(t *types.Type, entries lists, key batch.Vector, valid []byte, rows int) []int32 {
	equal := batch.Equality(t, entries.keys, key.Array)
	idx := make([]int32, rows)
	for i := range idx {
		idx[i] = -1
		if !arrowdata.IsValid(valid, i) {
			continue
		}
		lo, hi := entries.at(i)
		for p := lo; p < hi; p++ {
			if equal(p, key.At(i)) == batch.True {
				idx[i] = int32(p)
				break
			}
		}
	}
	return idx
}

// textKeys finds a constant key in maps with text keys: no allocation beside
// the result, no decoding of dictionaries.
type textKeys struct {
	// last is the answer for the dictionary seen last.
	last atomic.Pointer[keyInDictionary]
}

// keyInDictionary says which code of a dictionary stands for a key: -1 for
// none. With several, code is the first and more marks all.
type keyInDictionary struct {
	dictionary arrow.ArrayData
	key        string
	code       int32
	more       []bool
}

func (k *textKeys) find(entries lists, key string, valid []byte, rows int) []int32 {
	if d, ok := entries.keys.(*array.Dictionary); ok {
		at := k.inDictionary(d, key)
		codes := batch.Codes(d)
		switch {
		case at.more != nil:
			return findEntries(entries, valid, rows, func(p int) bool { return at.more[codes[p]] })
		case at.code < 0:
			return findEntries(lists{offsets: []int32{0, 0}}, valid, rows, nil)
		}
		return findCode(entries, codes, at.code, valid, rows)
	}
	offsets, data := batch.Text(entries.keys)
	size := int32(len(key))
	return findEntries(entries, valid, rows, func(p int) bool {
		from, to := offsets[p], offsets[p+1]
		return to-from == size && string(data[from:to]) == key
	})
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

// findEntries returns each row's first entry that is wanted, -1 for none.
func findEntries(entries lists, valid []byte, rows int, wanted func(p int) bool) []int32 {
	idx := make([]int32, rows)
	for i := range idx {
		idx[i] = -1
		if !arrowdata.IsValid(valid, i) {
			continue
		}
		lo, hi := entries.at(i)
		for p := lo; p < hi; p++ {
			if wanted(p) {
				idx[i] = int32(p)
				break
			}
		}
	}
	return idx
}

// findCode is findEntries for one code.
func findCode(entries lists, codes []int32, code int32, valid []byte, rows int) []int32 {
	idx := make([]int32, rows)
	for i := range idx {
		idx[i] = -1
		if !arrowdata.IsValid(valid, i) {
			continue
		}
		lo, hi := entries.at(i)
		for p, c := range codes[lo:hi] {
			if c == code {
				idx[i] = int32(lo + p)
				break
			}
		}
	}
	return idx
}
