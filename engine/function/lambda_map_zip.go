package function

import (
	"github.com/apache/arrow/go/v15/arrow"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

func zipMaps(fn *types.Resolved) Kernel {
	key := fn.Args[0].Key
	return func(env *Env, args []batch.Vector, lambdas []Lambda, rows int) (batch.Vector, error) {
		maps := args[:2]
		rows, constant := rowsToCompute(maps, rows)
		z, err := newZippedMaps(key, mapOf(maps[0]), mapOf(maps[1]))
		if err != nil {
			return batch.Vector{}, err
		}
		p, err := pickRows(env, maps, rows, z.pick)
		if err != nil {
			return batch.Vector{}, err
		}
		keys := z.keys(env, p.idx)
		params := []batch.Vector{{Array: keys}, {Array: elementsAt(env, z.a.elems, z.left)}, {Array: elementsAt(env, z.b.elems, z.right)}}
		v, err := lambdas[2].Call(env, params, z.outer, len(z.outer))
		if err != nil {
			return batch.Vector{}, err
		}
		m := batch.FromMaps(p.offsets, p.valid, keys, env.Expand(v, len(z.outer)))
		return batch.Vector{Array: m, Const: constant}, nil
	}
}

// zippedMaps are the entries of two columns of maps by their keys, row by row.
type zippedMaps struct {
	a, b               lists
	codes              [2][]int32
	equal              func(i, j int) batch.Truth // compares keys with equal codes; nil if such keys are always equal
	place              []int32                    // by code: its entry, if that belongs to the current row
	left, right, outer []int32                    // by entry: the positions of its values, -1 for none, and its row
	hasRightAlone      bool                       // some key is only in b
}

func newZippedMaps(key *types.Type, a, b lists) (*zippedMaps, error) {
	codes, n, err := codesOf(a.keys, b.keys)
	if err != nil {
		return nil, err
	}
	z := &zippedMaps{a: a, b: b, codes: [2][]int32{codes[0], codes[1]}, place: make([]int32, n)}
	if !key.IsText() && !key.IsInteger() {
		z.equal = batch.Equality(key, a.keys, b.keys) // NaNs have equal codes
	}
	return z, nil
}

// pick appends the keys of a row. Keys that are only in b are counted from the end of a's keys.
func (z *zippedMaps) pick(row int, idx []int32) ([]int32, error) {
	left, right, outer := z.left, z.right, z.outer
	start, base := len(idx), int32(len(z.codes[0]))
	lo, hi := z.a.at(row)
	for e := lo; e < hi; e++ {
		z.place[z.codes[0][e]] = int32(len(idx))
		idx, left, right, outer = append(idx, int32(e)), append(left, int32(e)), append(right, -1), append(outer, int32(row))
	}
	lo, hi = z.b.at(row)
	for e := lo; e < hi; e++ {
		at := int(z.place[z.codes[1][e]])
		if at >= start && at < len(idx) && idx[at] < base && z.isSame(int(idx[at]), e) {
			right[at] = int32(e)
			continue
		}
		z.hasRightAlone = true
		idx, left, right, outer = append(idx, base+int32(e)), append(left, -1), append(right, int32(e)), append(outer, int32(row))
	}
	z.left, z.right, z.outer = left, right, outer
	return idx, nil
}

// isSame reports whether key i of a is key j of b.
func (z *zippedMaps) isSame(i, j int) bool {
	return z.codes[0][i] == z.codes[1][j] && (z.equal == nil || z.equal(i, j) == batch.True)
}

// keys returns the keys that pick appended.
func (z *zippedMaps) keys(env *Env, idx []int32) arrow.Array {
	if !z.hasRightAlone && len(idx) > 0 {
		return elementsAt(env, z.a.keys, idx)
	}
	return env.Take(env.Concat([]arrow.Array{z.a.keys, z.b.keys}), idx)
}
