package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// place is what a domain is of: a column, or the value of a map column at a key.
type place struct {
	column int
	isMap  bool
	mapKey string
}

// domains are conjunctive: a row passes only if each place's value is in its
// domain. Places that are not in it are free.
type domains map[place]domain

func (d domains) keysOf(column int) []place {
	var keys []place
	for key := range d {
		if key.column == column {
			keys = append(keys, key)
		}
	}
	sortPlaces(keys)
	return keys
}

func (d domains) intersect(o domains) domains {
	out := domains{}
	for key, own := range d {
		out[key] = own
	}
	for key, other := range o {
		own, ok := out[key]
		if !ok {
			own = everything()
		}
		out[key] = own.intersect(other)
	}
	return out
}

// union keeps only the places that both sides bound.
func (d domains) union(o domains) domains {
	out := domains{}
	for key, own := range d {
		if other, ok := o[key]; ok {
			out[key] = own.union(other)
		}
	}
	return out
}

// acrossEqual lets columns that the conjuncts say are equal share their domains.
func (d domains) acrossEqual(conjuncts []plan.Expr) domains {
	for _, c := range conjuncts {
		a, b, ok := equality(c)
		if !ok {
			continue
		}
		x, okX := placeOf(a)
		y, okY := placeOf(b)
		if !okX || !okY || isFloat(a.Type()) {
			continue
		}
		both := domains{x: notNull(), y: notNull()}
		for from, to := range map[place]place{x: y, y: x} {
			if own, ok := d[from]; ok {
				both[to] = own
			}
		}
		d = d.intersect(both)
	}
	return d
}

func complementOf(d domains) domains {
	out := domains{}
	for key, own := range d {
		out[key] = own.complement()
	}
	return out
}

// at is the domain of one place, nothing known where e is none.
func at(e plan.Expr, d domain) domains {
	if p, ok := placeOf(e); ok {
		return domains{p: d}
	}
	return nil
}

// placeOf recognises a column and element_at of a map column with a constant key.
func placeOf(e plan.Expr) (place, bool) {
	switch e := e.(type) {
	case *plan.Ref:
		return place{column: e.Column.ID}, supported(e.Type())
	case *plan.Call:
		if e.Fn.Name != "element_at" || len(e.Args) != 2 || e.Args[0].Type().Kind != types.Map || !supported(e.Type()) {
			return place{}, false
		}
		ref, isRef := e.Args[0].(*plan.Ref)
		key, isConst := e.Args[1].(*plan.Const)
		if !isRef || !isConst {
			return place{}, false
		}
		text, isText := key.Value.V.(string)
		return place{column: ref.Column.ID, isMap: true, mapKey: text}, isText
	}
	return place{}, false
}

func sortPlaces(keys []place) {
	slices.SortFunc(keys, func(a, b place) int {
		if a.mapKey < b.mapKey {
			return -1
		}
		if a.mapKey > b.mapKey {
			return 1
		}
		return boolOrder(a.isMap) - boolOrder(b.isMap)
	})
}
