package function

import (
	"slices"
	"strings"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// textEntries reads the entries of split_to_map and split_to_multimap.
type textEntries struct {
	text, entry, pair column[string]
}

func textEntriesOf(args []batch.Vector) textEntries {
	return textEntries{columnOf[string](args[0]), columnOf[string](args[1]), columnOf[string](args[2])}
}

func (e textEntries) each(i int, visit func(key, value string) error) error {
	rest, entryBy, pairBy := e.text.at(i), e.entry.at(i), e.pair.at(i)
	switch {
	case entryBy == "":
		return argumentError("entryDelimiter is empty")
	case pairBy == "":
		return argumentError("keyValueDelimiter is empty")
	case entryBy == pairBy:
		return argumentError("entryDelimiter and keyValueDelimiter must not be the same")
	}
	for rest != "" {
		entry, after, _ := strings.Cut(rest, entryBy)
		key, value, found := strings.Cut(entry, pairBy)
		if !found || strings.Contains(value, pairBy) {
			return argumentError("Key-value delimiter must appear exactly once in each entry. Bad input: '%s'", types.Shortened(entry))
		}
		if err := visit(key, value); err != nil {
			return err
		}
		rest = after
	}
	return nil
}

func splitToMap(*types.Resolved) Kernel {
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		rows, constant := rowsToCompute(args, rows)
		entries, keys, values := textEntriesOf(args), newTextList(env), newTextList(env)
		var seen keyPlaces
		p, err := pickRows(env, args, rows, func(i int, idx []int32) ([]int32, error) {
			seen.clear()
			err := entries.each(i, func(key, value string) error {
				if _, isNew := seen.place(key); !isNew {
					return argumentError("Duplicate keys (%s) are not allowed", key)
				}
				keys.add(key)
				values.add(value)
				return nil
			})
			if err == nil {
				err = checkLists(keys, values)
			}
			return appendRange(idx, len(idx), keys.len()), err
		})
		if err != nil {
			return batch.Vector{}, err
		}
		return batch.Vector{Array: batch.FromMaps(p.offsets, p.valid, keys.array(), values.array()), Const: constant}, nil
	}
}

func splitToMultimap(*types.Resolved) Kernel {
	return func(env *Env, args []batch.Vector, _ []Lambda, rows int) (batch.Vector, error) {
		rows, constant := rowsToCompute(args, rows)
		entries, keys, values := textEntriesOf(args), newTextList(env), newTextList(env)
		var seen keyPlaces
		var places []int32 // by value of the row: the position of its key
		lists := picked{offsets: []int32{0}}
		p, err := pickRows(env, args, rows, func(i int, idx []int32) ([]int32, error) {
			seen.clear()
			places = places[:0]
			first := values.len()
			err := entries.each(i, func(key, value string) error {
				place, isNew := seen.place(key)
				if isNew {
					keys.add(key)
				}
				places = append(places, place)
				values.add(value)
				return nil
			})
			if err == nil {
				err = checkLists(keys, values)
			}
			if err == nil {
				err = lists.addByPlace(env, places, len(seen.keys), first)
			}
			return appendRange(idx, len(idx), keys.len()), err
		})
		if err != nil {
			return batch.Vector{}, err
		}
		m := batch.FromMaps(p.offsets, p.valid, keys.array(), lists.lists(env, values.array()))
		return batch.Vector{Array: m, Const: constant}, nil
	}
}

// addByPlace adds the given number of lists. List i has the positions, from first on, whose place is i.
func (p *picked) addByPlace(env *Env, places []int32, lists, first int) error {
	next := make([]int32, lists) // by place: its number of positions, then the index of the next one
	for _, place := range places {
		next[place]++
	}
	end := int32(len(p.idx))
	for place, n := range next {
		next[place] = end
		end += n
		p.offsets = append(p.offsets, end)
	}
	var err error
	if p.idx, err = withRoom(meterOf(env), p.idx, len(places)); err != nil {
		return err
	}
	p.idx = p.idx[:end]
	for i, place := range places {
		p.idx[next[place]] = int32(first + i)
		next[place]++
	}
	return nil
}

func checkLists(keys, values *textList) error {
	if err := keys.check(); err != nil {
		return err
	}
	return values.check()
}

// keyPlaces numbers the keys of a row in order of first occurrence.
type keyPlaces struct {
	keys   []string
	places map[string]int32 // nil while there are few keys
}

func (p *keyPlaces) clear() { p.keys, p.places = p.keys[:0], nil }

func (p *keyPlaces) place(key string) (place int32, isNew bool) {
	const few = 16
	if place, ok := p.known(key); ok {
		return place, false
	}
	p.keys = append(p.keys, key)
	place = int32(len(p.keys) - 1)
	switch {
	case p.places != nil:
		p.places[key] = place
	case len(p.keys) > few:
		p.places = map[string]int32{}
		for i, k := range p.keys {
			p.places[k] = int32(i)
		}
	}
	return place, true
}

func (p *keyPlaces) known(key string) (place int32, ok bool) {
	if p.places != nil {
		place, ok = p.places[key]
		return place, ok
	}
	at := slices.Index(p.keys, key)
	return int32(at), at >= 0
}
