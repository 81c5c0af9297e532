package function

import (
	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// mapFunctions is the family of functions over maps that take no lambda.
func mapFunctions() []Function {
	return []Function{
		scalar("map() -> map(unknown, unknown)", "Returns the map without entries.", emptyMap),
		scalar("map(array(K), array(V)) -> map(K, V) where K comparable", "Returns the map of keys and, at the same places, values.", mapOfArrays),
		withDictionaries(scalar("map_keys(map(K, V)) -> array(K)", "Returns the keys as an array.", mapPart(func(keys, _ arrow.Array) arrow.Array { return keys }))),
		withDictionaries(scalar("map_values(map(K, V)) -> array(V)", "Returns the values as an array.", mapPart(func(_, values arrow.Array) arrow.Array { return values }))),
		scalar("map_entries(map(K, V)) -> array(row(K, V))", "Returns the entries as an array of rows.", mapEntries),
		scalar("map_from_entries(array(row(K, V))) -> map(K, V) where K comparable", "Returns the map of an array of rows of key and value.", mapFromEntries),
		scalar("multimap_from_entries(array(row(K, V))) -> map(K, array(V)) where K comparable", "Returns the map from each key to all its values.", multimapFromEntries),
		scalar("map_concat(map(K, V)...) -> map(K, V) where K comparable", "Returns the entries of all maps; a later map's value wins.", concatMaps),
	}
}

// withDictionaries marks a kernel that takes dictionary arrays, see Impl.
func withDictionaries(f Function) Function {
	f.Dictionary = true
	return f
}

func emptyMap(fn *types.Resolved) Kernel {
	return func(*Env, []batch.Vector, []Lambda, int) (batch.Vector, error) {
		none := array.NewNull(0)
		return batch.Vector{Array: batch.FromMaps([]int32{0, 0}, nil, none, none), Const: true}, nil
	}
}

// checkDeterminate fails for keys that contain a NULL.
func checkDeterminate(t *types.Type, keys arrow.Array) error {
	if !isNested(t) {
		return nil
	}
	equal := batch.Equality(t, keys, keys)
	for p := range keys.Len() {
		if !keys.IsNull(p) && equal(p, p) == batch.Unknown {
			return argumentError("map key cannot be indeterminate: %s", displayKey(t, batch.Vector{Array: keys}, p))
		}
	}
	return nil
}

// checkKeys fails for NULL keys and for keys that occur twice in one map.
func checkKeys(t *types.Type, offsets []int32, keys arrow.Array) error {
	codes, n, err := codesOf(keys)
	if err != nil {
		return err
	}
	last := make([]int32, n) // by code: the row that has it, counted from 1
	for row := range len(offsets) - 1 {
		for p := offsets[row]; p < offsets[row+1]; p++ {
			switch c := codes[0][p]; {
			case c == 0:
				return argumentError("map key cannot be null")
			case last[c] == int32(row)+1:
				return argumentError("Duplicate map keys (%s) are not allowed", displayKey(t, batch.Vector{Array: keys}, int(p)))
			default:
				last[c] = int32(row) + 1
			}
		}
	}
	return nil
}

func mapOfArrays(fn *types.Resolved) Kernel {
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		rows, constant := rowsToCompute(args, rows)
		keys, values := listOf(args[0]), listOf(args[1])
		var valueIdx []int32
		p, err := pickRows(env, args, rows, func(i int, idx []int32) ([]int32, error) {
			lo, hi := keys.at(i)
			from, to := values.at(i)
			if hi-lo != to-from {
				return idx, argumentError("Key and value arrays must be the same length")
			}
			valueIdx = appendRange(valueIdx, from, to)
			return appendRange(idx, lo, hi), nil
		})
		if err != nil {
			return batch.Vector{}, err
		}
		keyArray := env.Take(keys.elems, p.idx)
		if err := checkDeterminate(fn.Return.Key, keyArray); err != nil {
			return batch.Vector{}, err
		}
		if err := checkKeys(fn.Return.Key, p.offsets, keyArray); err != nil {
			return batch.Vector{}, err
		}
		m := batch.FromMaps(p.offsets, p.valid, keyArray, env.Take(values.elems, valueIdx))
		return batch.Vector{Array: m, Const: constant}, nil
	}
}

// mapPart returns the keys or values without copying them.
func mapPart(part func(keys, values arrow.Array) arrow.Array) Bind {
	return func(*types.Resolved) Kernel {
		return func(env *Env, args []batch.Vector, _ []Lambda, _ int) (batch.Vector, error) {
			m := args[0].Array
			offsets, keys, values := batch.Maps(m)
			return batch.Vector{Array: batch.FromLists(offsets, arrowdata.Validity(m), part(keys, values)), Const: args[0].Const}, nil
		}
	}
}

func mapEntries(fn *types.Resolved) Kernel {
	dt := arrowtype.Of(fn.Return.Elem).(*arrow.StructType)
	return func(env *Env, args []batch.Vector, _ []Lambda, _ int) (batch.Vector, error) {
		m := args[0].Array
		offsets, keys, values := batch.Maps(m)
		entries := batch.FromFields(dt, keys.Len(), nil, []arrow.Array{keys, values})
		return batch.Vector{Array: batch.FromLists(offsets, arrowdata.Validity(m), entries), Const: args[0].Const}, nil
	}
}

// entriesOf opens an array of rows of key and value; a NULL row is an error.
func entriesOf(v batch.Vector) (l lists, keys, values arrow.Array) {
	l = listOf(v)
	if l.elems.DataType().ID() == arrow.NULL { // array(unknown) is empty, or has NULL rows
		return l, l.elems, l.elems
	}
	fields := batch.Fields(l.elems)
	return l, fields[0], fields[1]
}

var errNullEntry = argumentError("map entry cannot be null")

func mapFromEntries(fn *types.Resolved) Kernel {
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		rows, constant := rowsToCompute(args, rows)
		l, keys, values := entriesOf(args[0])
		p, err := pickRows(env, args, rows, func(i int, idx []int32) ([]int32, error) {
			lo, hi := l.at(i)
			for e := lo; e < hi; e++ {
				if arrowdata.IsNull(l.elems, e) {
					return idx, errNullEntry
				}
			}
			return appendRange(idx, lo, hi), nil
		})
		if err != nil {
			return batch.Vector{}, err
		}
		keys = env.Take(keys, p.idx)
		if err := checkKeys(fn.Return.Key, p.offsets, keys); err != nil {
			return batch.Vector{}, err
		}
		m := batch.FromMaps(p.offsets, p.valid, keys, env.Take(values, p.idx))
		return batch.Vector{Array: m, Const: constant}, nil
	}
}

func multimapFromEntries(*types.Resolved) Kernel {
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		rows, constant := rowsToCompute(args, rows)
		l, keys, values := entriesOf(args[0])
		codes, n, err := codesOf(keys)
		if err != nil {
			return batch.Vector{}, err
		}
		g := newGrouping(n)
		p, err := pickRows(env, args, rows, func(i int, idx []int32) ([]int32, error) {
			lo, hi := l.at(i)
			g.start()
			for e := lo; e < hi; e++ {
				if arrowdata.IsNull(l.elems, e) {
					return idx, errNullEntry
				}
				if codes[0][e] == 0 {
					return idx, argumentError("map key cannot be null")
				}
				if g.add(codes[0][e], int32(e)) {
					idx = append(idx, int32(e))
				}
			}
			g.finish()
			return idx, nil
		})
		if err != nil {
			return batch.Vector{}, err
		}
		m := batch.FromMaps(p.offsets, p.valid, env.Take(keys, p.idx), g.lists(env, values))
		return batch.Vector{Array: m, Const: constant}, nil
	}
}

// grouping collects, row by row, the positions that belong to each code, in order of the codes' first occurrence.
type grouping struct {
	slot   []int32 // by code: its group in this row, counted from 1
	codes  []int32
	groups [][]int32
	out    picked
}

func newGrouping(codes int) *grouping {
	return &grouping{slot: make([]int32, codes), out: picked{offsets: []int32{0}}}
}

func (g *grouping) start() {
	for _, c := range g.codes {
		g.slot[c] = 0
	}
	g.codes, g.groups = g.codes[:0], g.groups[:0]
}

// add adds a position, and reports whether the code is new in the row.
func (g *grouping) add(code, position int32) bool {
	if s := g.slot[code]; s > 0 {
		g.groups[s-1] = append(g.groups[s-1], position)
		return false
	}
	g.codes = append(g.codes, code)
	g.groups = append(g.groups, []int32{position})
	g.slot[code] = int32(len(g.groups))
	return true
}

// finish ends the row.
func (g *grouping) finish() {
	for _, group := range g.groups {
		g.out.idx = append(g.out.idx, group...)
		g.out.offsets = append(g.out.offsets, int32(len(g.out.idx)))
	}
}

// lists returns one array per group of all rows.
func (g *grouping) lists(env *Env, child arrow.Array) arrow.Array { return g.out.lists(env, child) }

// concatMaps reads the entries of the last map first: a key has the value of the last map that has it.
func concatMaps(*types.Resolved) Kernel {
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		if len(args) < 2 {
			return batch.Vector{}, argumentError("There must be two or more concatenation arguments to map_concat")
		}
		rows, constant := rowsToCompute(args, rows)
		maps, keys, values := make([]lists, len(args)), make([]arrow.Array, len(args)), make([]arrow.Array, len(args))
		base := make([]int32, len(args))
		for m, a := range args {
			maps[m] = mapOf(a)
			keys[m], values[m] = maps[m].keys, maps[m].elems
			if m > 0 {
				base[m] = base[m-1] + int32(keys[m-1].Len())
			}
		}
		codes, n, err := codesOf(keys...)
		if err != nil {
			return batch.Vector{}, err
		}
		seen, round := make([]int32, n), int32(0) // by code: the latest round in which it occurred
		p, err := pickRows(env, args, rows, func(i int, idx []int32) ([]int32, error) {
			round++
			for m := len(maps) - 1; m >= 0; m-- {
				lo, hi := maps[m].at(i)
				for e := lo; e < hi; e++ {
					if c := codes[m][e]; seen[c] != round {
						seen[c] = round
						idx = append(idx, base[m]+int32(e))
					}
				}
			}
			return idx, nil
		})
		if err != nil {
			return batch.Vector{}, err
		}
		return batch.Vector{Array: p.maps(env, env.Concat(keys), env.Concat(values)), Const: constant}, nil
	}
}
