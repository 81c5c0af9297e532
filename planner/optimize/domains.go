package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// place is what a domain bounds: a column, or the value of a map column at a key.
type place struct {
	column int
	isMap  bool
	mapKey string
}

// domains are conjunctive: a row passes only if each place's value is in its domain. Places without a domain are
// unbounded.
type domains map[place]domain

// byColumn returns the places by the ID of their column, in order.
func (d domains) byColumn() map[int][]place {
	out := map[int][]place{}
	for key := range d {
		out[key.column] = append(out[key.column], key)
	}
	for _, keys := range out {
		sortPlaces(keys)
	}
	return out
}

// intersectDomains returns the domains of a conjunction: a row passes if it passes all of the list.
func intersectDomains(list []domains) domains {
	bounds := map[place][]domain{}
	for _, d := range list {
		for key, own := range d {
			bounds[key] = append(bounds[key], own)
		}
	}
	out := make(domains, len(bounds))
	for key, all := range bounds {
		out[key] = intersectAll(all)
	}
	return out
}

// unionDomains returns the domains of a disjunction: a row passes if it passes any of the list. The result has only
// the places that all of them bound.
func unionDomains(list []domains) domains {
	out := domains{}
	if len(list) == 0 {
		return out
	}
	for key := range list[0] {
		bounds := make([]domain, 0, len(list))
		for _, d := range list {
			own, ok := d[key]
			if !ok {
				break
			}
			bounds = append(bounds, own)
		}
		if len(bounds) == len(list) {
			out[key] = unionAll(bounds)
		}
	}
	return out
}

// unionOf returns unionDomains of the domains that f returns for each term. It stops at the first term that bounds
// nothing.
func unionOf(terms []plan.Expr, f func(plan.Expr) domains) domains {
	list := make([]domains, 0, len(terms))
	for _, term := range terms {
		d := f(term)
		if len(d) == 0 {
			return nil
		}
		list = append(list, d)
	}
	return unionDomains(list)
}

// intersectOf returns intersectDomains of the domains that f returns for each term.
func intersectOf(terms []plan.Expr, f func(plan.Expr) domains) domains {
	list := make([]domains, len(terms))
	for i, term := range terms {
		list[i] = f(term)
	}
	return intersectDomains(list)
}

// acrossEqual gives columns that a conjunct requires to be equal the intersection of their domains. It changes d.
func (d domains) acrossEqual(conjuncts []plan.Expr) domains {
	if d == nil {
		d = domains{}
	}
	for _, c := range conjuncts {
		a, b, ok := plan.Equality(c)
		if !ok {
			continue
		}
		x, okX := placeOf(a)
		y, okY := placeOf(b)
		if !okX || !okY || isFloat(a.Type()) {
			continue
		}
		ownX, hasX := d[x]
		ownY, hasY := d[y]
		d.narrow(x, ownY, hasY)
		d.narrow(y, ownX, hasX)
	}
	return d
}

// narrow intersects a place's domain with the domain by. If by is not known, narrow only excludes NULL.
func (d domains) narrow(key place, by domain, known bool) {
	if !known {
		by = notNull()
	}
	if own, ok := d[key]; ok {
		by = own.intersect(by)
	}
	d[key] = by
}

func complementOf(d domains) domains {
	out := domains{}
	for key, own := range d {
		out[key] = own.complement()
	}
	return out
}

// at returns the domains of one place, nil if e is not a place.
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
