package optimize

import (
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// deriveDomains tells scans which values of their columns the filter can
// accept, for storage to prune by. A domain may be too wide, never too narrow.
func deriveDomains(o *optimizer, n plan.Node) plan.Node {
	return rewriteUp(n, func(n plan.Node) plan.Node {
		s, ok := n.(*plan.Scan)
		if !ok || s.Filter == nil {
			return n
		}
		c := *s
		c.Domains = o.scanDomains(s)
		return &c
	})
}

func (o *optimizer) scanDomains(s *plan.Scan) []plan.Domain {
	found := o.domains(s.Filter)
	var list []plan.Domain
	for _, c := range s.Cols {
		for _, key := range found.keysOf(c.Column.ID) {
			d := found[key]
			if d.isEverything() || key.isMap && d.null {
				continue // a map without the key has NULL there, which no statistics tell
			}
			out := plan.Domain{Path: c.Path, Ranges: d.ranges, NullAllowed: d.null}
			if key.isMap {
				mapKey := key.mapKey
				out.MapKey = &mapKey
			}
			list = append(list, out)
		}
	}
	return list
}

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

// domains returns what must hold for e to be true.
func (o *optimizer) domains(e plan.Expr) domains {
	switch e := e.(type) {
	case *plan.Ref:
		return at(e, point(types.Value{Type: types.BooleanType, V: true}))
	case *plan.Call:
		return o.callDomains(e)
	case *plan.Special:
		return o.specialDomains(e)
	}
	return nil
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

func (o *optimizer) specialDomains(e *plan.Special) domains {
	switch e.Form {
	case plan.And:
		all := domains{}
		for _, arg := range e.Args {
			all = all.intersect(o.domains(arg))
		}
		return all
	case plan.Or:
		any := o.domains(e.Args[0])
		for _, arg := range e.Args[1:] {
			any = any.union(o.domains(arg))
		}
		return any
	case plan.In:
		return o.inDomains(e)
	case plan.IsNull:
		return at(e.Args[0], domain{null: true})
	case plan.Not:
		return o.notDomains(e.Args[0])
	}
	return nil
}

func (o *optimizer) inDomains(e *plan.Special) domains {
	d := nothing()
	for _, item := range e.Args[1:] {
		c, ok := item.(*plan.Const)
		if !ok {
			return nil
		}
		if !c.Value.IsNull() {
			d = d.union(point(c.Value))
		}
	}
	return at(e.Args[0], d)
}

// notDomains handles the negations that bound a single place: NOT x = 1 is
// true for other values but not for NULL.
func (o *optimizer) notDomains(e plan.Expr) domains {
	switch e := e.(type) {
	case *plan.Ref:
		return at(e, point(types.Value{Type: types.BooleanType, V: false}))
	case *plan.Special:
		switch e.Form {
		case plan.IsNull:
			return at(e.Args[0], notNull())
		case plan.In:
			if !allConstants(e.Args[1:]) || isFloat(e.Args[0].Type()) {
				return nil
			}
			return complementOf(o.inDomains(e))
		}
	case *plan.Call:
		if operator, ok := negations[e.Fn.Name]; ok && !isFloat(e.Args[0].Type()) {
			return o.comparisonDomains(operator, e.Args[0], e.Args[1])
		}
	}
	return nil
}

func complementOf(d domains) domains {
	out := domains{}
	for key, own := range d {
		out[key] = own.complement()
	}
	return out
}

var negations = map[string]string{
	types.OpEqual: types.OpNotEqual, types.OpNotEqual: types.OpEqual, types.OpLess: types.OpGreaterEq,
	types.OpLessEqual: types.OpGreater, types.OpGreater: types.OpLessEqual, types.OpGreaterEq: types.OpLess,
}

// mirrored are the operators with their operands exchanged.
var mirrored = map[string]string{
	types.OpEqual: types.OpEqual, types.OpNotEqual: types.OpNotEqual, types.OpLess: types.OpGreater,
	types.OpLessEqual: types.OpGreaterEq, types.OpGreater: types.OpLess, types.OpGreaterEq: types.OpLessEqual,
}

func (o *optimizer) callDomains(e *plan.Call) domains {
	if _, ok := mirrored[e.Fn.Name]; ok {
		return o.comparisonDomains(e.Fn.Name, e.Args[0], e.Args[1])
	}
	if (e.Fn.Name == types.OpLike || e.Fn.Name == "starts_with") && len(e.Args) == 2 {
		if pattern, ok := e.Args[1].(*plan.Const); ok && e.Args[0].Type().Kind == types.Varchar {
			return prefixDomains(e, pattern)
		}
	}
	return nil
}

// comparisonDomains handles x op constant, for a column or a monotonic
// function of one.
func (o *optimizer) comparisonDomains(operator string, x, y plan.Expr) domains {
	c, ok := y.(*plan.Const)
	if !ok {
		if c, ok = x.(*plan.Const); !ok {
			return nil
		}
		x, operator = y, mirrored[operator]
	}
	if !supported(c.Value.Type) {
		return o.monotonicDomains(operator, x, c.Value)
	}
	d, ok := compared(operator, c.Value)
	if !ok {
		return nil
	}
	if found := at(x, d); found != nil {
		return found
	}
	return o.monotonicDomains(operator, x, c.Value)
}

// compared is the domain of the values v' with v' op v.
func compared(operator string, v types.Value) (domain, bool) {
	if v.IsNull() {
		return nothing(), true
	}
	switch operator {
	case types.OpEqual:
		return point(v), !isNaN(v)
	case types.OpNotEqual:
		return point(v).complement(), !isFloat(v.Type) // NaN is another value, but in no range
	case types.OpLess, types.OpLessEqual:
		return domain{ranges: []plan.Range{{High: &v, HighIncl: operator == types.OpLessEqual}}}, !isNaN(v)
	case types.OpGreater, types.OpGreaterEq:
		return domain{ranges: []plan.Range{{Low: &v, LowIncl: operator == types.OpGreaterEq}}}, !isNaN(v)
	}
	return domain{}, false
}

func isFloat(t *types.Type) bool { return t.Kind == types.Real || t.Kind == types.Double }

func isNaN(v types.Value) bool {
	switch x := v.V.(type) {
	case float64:
		return x != x
	case float32:
		return x != x
	}
	return false
}
