package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// deriveDomains notes at each scan which values of its columns the filter can accept, so that storage can prune by
// them. A domain may be too wide, never too narrow.
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
	found := o.domainsOf(s.Filter).acrossEqual(plan.Conjuncts(s.Filter))
	places := found.byColumn()
	var list []plan.Domain
	for _, c := range s.Cols {
		for _, key := range places[c.Column.ID] {
			d := found[key]
			if d.isEverything() || key.isMap && d.null {
				continue // a map without the key has NULL there, which statistics do not show
			}
			if c.Keys != nil && !key.isMap {
				continue // statistics of values do not show whether a value is present
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

// domainsOf returns the domains in which columns must lie for e to be true.
func (o *optimizer) domainsOf(e plan.Expr) domains {
	o.step()
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

func (o *optimizer) specialDomains(e *plan.Special) domains {
	switch e.Form {
	case plan.And:
		return intersectOf(e.Args, o.domainsOf)
	case plan.Or:
		return unionOf(e.Args, o.domainsOf)
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

// caseDomains returns the domains of a CASE: condition, value, condition, value, …, else.
func (o *optimizer) caseDomains(args []plan.Expr) domains {
	var branches []domains
	last := len(args) - 1
	for i := 0; i < last; i += 2 {
		if !plan.IsNeverTrue(args[i]) && !plan.IsNeverTrue(args[i+1]) {
			branches = append(branches, intersectOf(args[i:i+2], o.domainsOf))
		}
	}
	if !plan.IsNeverTrue(args[last]) {
		branches = append(branches, o.domainsOf(args[last]))
	}
	return unionDomains(branches)
}

// defaultCases rewrites COALESCE(x, c) op d as x op d, or as x op d OR x IS NULL if c op d is true.
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
	if plan.IsNeverTrue(o.foldExpr(with(coalesce.Args[1]))) {
		return found, true
	}
	return &plan.Special{Form: plan.Or, Args: []plan.Expr{found, isNull(coalesce.Args[0])}, T: types.BooleanType}, true
}

func (o *optimizer) inDomains(e *plan.Special) domains {
	x := e.Args[0]
	if !allConstants(e.Args[1:]) {
		return nil
	}
	if _, ok := placeOf(x); !ok {
		return o.computedIn(x, e.Args[1:])
	}
	points := make([]domain, 0, len(e.Args)-1)
	for _, item := range e.Args[1:] {
		if v := item.(*plan.Const).Value; !v.IsNull() {
			points = append(points, point(v))
		}
	}
	return at(x, unionAll(points))
}

// maxComputedItems is the length of the longest IN list for which computedIn searches the domain of every item.
const maxComputedItems = 100

// computedIn returns the domains of f(x) IN (…), where f keeps the order of x.
func (o *optimizer) computedIn(x plan.Expr, items []plan.Expr) domains {
	if len(items) > maxComputedItems {
		return nil
	}
	items = slices.DeleteFunc(slices.Clone(items), isNullConst)
	return unionOf(items, func(item plan.Expr) domains { return o.comparisonDomains(types.OpEqual, x, item) })
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
