package optimize

import (
	"slices"

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
	found := o.domains(s.Filter).acrossEqual(plan.Conjuncts(s.Filter))
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

// domains returns what must hold for e to be true.
func (o *optimizer) domains(e plan.Expr) domains {
	if cases, ok := o.defaultCases(e); ok {
		e = cases
	}
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
	case plan.If, plan.Case:
		return o.caseDomains(e.Args)
	}
	return nil
}

// caseDomains is of condition, value, condition, value, …, else.
func (o *optimizer) caseDomains(args []plan.Expr) domains {
	var any domains
	reached := false
	branch := func(d domains) {
		if !reached {
			any, reached = d, true
			return
		}
		any = any.union(d)
	}
	last := len(args) - 1
	for i := 0; i < last; i += 2 {
		if !neverTrue(args[i]) && !neverTrue(args[i+1]) {
			branch(o.domains(args[i]).intersect(o.domains(args[i+1])))
		}
	}
	if !neverTrue(args[last]) {
		branch(o.domains(args[last]))
	}
	return any
}

// defaultCases takes COALESCE(x, c) op d apart: x op d, or x is NULL where
// c op d holds.
func (o *optimizer) defaultCases(e plan.Expr) (plan.Expr, bool) {
	children := plan.Children(e)
	if len(children) < 2 || !allConstants(children[1:]) {
		return nil, false
	}
	coalesce, ok := children[0].(*plan.Special)
	if !ok || coalesce.Form != plan.Coalesce || len(coalesce.Args) != 2 || !allConstants(coalesce.Args[1:]) {
		return nil, false
	}
	with := func(first plan.Expr) plan.Expr {
		n := 0
		return plan.MapChildren(e, func(c plan.Expr) plan.Expr {
			if n++; n == 1 {
				return first
			}
			return c
		})
	}
	found := with(coalesce.Args[0])
	if neverTrue(o.fold(with(coalesce.Args[1]))) {
		return found, true
	}
	isNull := &plan.Special{Form: plan.IsNull, Args: coalesce.Args[:1], T: types.BooleanType}
	return &plan.Special{Form: plan.Or, Args: []plan.Expr{found, isNull}, T: types.BooleanType}, true
}

func (o *optimizer) inDomains(e *plan.Special) domains {
	x := e.Args[0]
	if !allConstants(e.Args[1:]) {
		return nil
	}
	if _, ok := placeOf(x); !ok {
		return o.computedIn(x, e.Args[1:])
	}
	d := nothing()
	for _, item := range e.Args[1:] {
		if v := item.(*plan.Const).Value; !v.IsNull() {
			d = d.union(point(v))
		}
	}
	return at(x, d)
}

// maxComputedItems is the longest list of which every item is looked for.
const maxComputedItems = 100

// computedIn handles f(x) IN (…) for an expression that keeps order.
func (o *optimizer) computedIn(x plan.Expr, items []plan.Expr) domains {
	if len(items) > maxComputedItems {
		return nil
	}
	var any domains
	for _, item := range items {
		v := item.(*plan.Const).Value
		if v.IsNull() {
			continue
		}
		d := o.comparisonDomains(types.OpEqual, x, item)
		if any == nil {
			any = d
		} else {
			any = any.union(d)
		}
		if len(any) == 0 {
			return nil
		}
	}
	return any
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
			return o.notInDomains(e)
		case plan.Not:
			return o.domains(e.Args[0])
		case plan.And:
			any := o.notDomains(e.Args[0])
			for _, arg := range e.Args[1:] {
				any = any.union(o.notDomains(arg))
			}
			return any
		case plan.Or:
			all := domains{}
			for _, arg := range e.Args {
				all = all.intersect(o.notDomains(arg))
			}
			return all
		}
	case *plan.Call:
		if e.Fn.Name == types.OpDistinct {
			return o.distinctDomains(e, false)
		}
		if operator, ok := negations[e.Fn.Name]; ok && !isFloat(e.Args[0].Type()) {
			return o.comparisonDomains(operator, e.Args[0], e.Args[1])
		}
	}
	return nil
}

func (o *optimizer) notInDomains(e *plan.Special) domains {
	if !allConstants(e.Args[1:]) || isFloat(e.Args[0].Type()) {
		return nil
	}
	if _, ok := placeOf(e.Args[0]); ok {
		return complementOf(o.inDomains(e))
	}
	if len(e.Args) > maxComputedItems {
		return nil
	}
	all := domains{}
	for _, item := range e.Args[1:] {
		all = all.intersect(o.comparisonDomains(types.OpNotEqual, e.Args[0], item))
	}
	return all
}

// distinctDomains handles x IS DISTINCT FROM constant, or that it is not.
func (o *optimizer) distinctDomains(e *plan.Call, distinct bool) domains {
	x, c := e.Args[0], e.Args[1]
	if _, ok := x.(*plan.Const); ok {
		x, c = c, x
	}
	constant, ok := c.(*plan.Const)
	if !ok || !supported(x.Type()) || isFloat(x.Type()) {
		return nil
	}
	d := domain{null: true}
	if !constant.Value.IsNull() {
		d = point(constant.Value)
	}
	if distinct {
		d = domain{ranges: d.complement().ranges, null: !d.null}
	}
	return at(x, d)
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
	if e.Fn.Name == types.OpDistinct {
		return o.distinctDomains(e, true)
	}
	if len(e.Args) == 2 && e.Args[0].Type().Kind == types.Varchar {
		if pattern, ok := e.Args[1].(*plan.Const); ok {
			return o.prefixDomains(e, pattern)
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
	if b, ok := c.Value.V.(bool); ok && (operator == types.OpEqual || operator == types.OpNotEqual) {
		if b == (operator == types.OpEqual) {
			return o.domains(x)
		}
		return o.notDomains(x)
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
	if found := o.monotonicDomains(operator, x, c.Value); found != nil || operator != types.OpEqual {
		return found
	}
	return beginningDomains(x, c.Value)
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
