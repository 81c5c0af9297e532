package optimize

import (
	"maps"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// maxCrossings limits how many joins a condition can cross.
const maxCrossings = 4

// crossKeys derives conditions on one side of a join from conditions on the other. For example, e.name = n.name AND
// n.name = 'a' gives e.name = 'a'; b.time BETWEEN a.time AND a.time + INTERVAL '1' HOUR gives b.time a range if
// a.time has one. Only conditions that cannot fail cross.
func crossKeys(o *optimizer, n plan.Node) plan.Node {
	if !hasJoins(n) {
		return n
	}
	for range maxCrossings {
		c := &crossing{optimizer: o, makers: makersOf(n), known: map[factsKey][]plan.Expr{}, factless: map[factsKey]struct{}{}, visible: map[plan.Node]columnSet{}}
		next := c.crossJoins(n, nil)
		if !c.found {
			return n
		}
		n = pushFilters(o, next)
	}
	return n
}

type crossing struct {
	*optimizer
	makers *makers
	found  bool                     // a condition crossed
	known  map[factsKey][]plan.Expr // cached results of factsAbout; never changed
	// factless caches where factsAbout returned nothing, as for nearly all columns that many joins pass on.
	factless map[factsKey]struct{}
	// visible caches the columns of the projections in which facts were searched.
	visible map[plan.Node]columnSet
}

// crossJoins visits the joins from n down. must holds the boolean columns that have to be true for a row of n to
// count.
func (c *crossing) crossJoins(n plan.Node, must columnSet) plan.Node {
	if j, ok := n.(*plan.Join); ok {
		n = c.crossJoin(j, must)
	}
	return mapInputsWith(n, must, c.crossJoins)
}

// mapInputsWith is MapInputs for rewrites that need to know which boolean columns must be true for a row to count.
// It calls f with each input and the columns that must be true in that input's rows.
func mapInputsWith(n plan.Node, must columnSet, f func(plan.Node, columnSet) plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Filter:
		must = must.withTerms(plan.Conjuncts(n.Predicate))
	case *plan.Project, *plan.Output:
	case *plan.Join:
		left, right := must, must
		if !keepsLeft(n.Kind) {
			left = nil
		}
		if !keepsRight(n.Kind) {
			right = nil
		}
		return n.WithSides(f(n.Left, left), f(n.Right, right))
	default:
		must = nil
	}
	return n.MapInputs(func(input plan.Node) plan.Node { return f(input, must) })
}

// withTerms returns the set plus the columns that are themselves conditions.
func (s columnSet) withTerms(terms []plan.Expr) columnSet {
	out, copied := s, false
	for _, term := range terms {
		ref, ok := term.(*plan.Ref)
		if !ok {
			continue
		}
		if !copied {
			out, copied = make(columnSet, len(s)+1), true
			maps.Copy(out, s)
		}
		out[ref.Column.ID] = true
	}
	return out
}

func (c *crossing) crossJoin(n *plan.Join, must columnSet) plan.Node {
	drops := n.Kind == plan.SemiMark && must[n.Mark.ID]
	intoLeft := isInner(n.Kind) || n.Kind == plan.RightJoin || drops
	intoRight := isInner(n.Kind) || n.Kind == plan.LeftJoin || n.Kind == plan.SemiMark && (drops || !n.NullAware)
	var toLeft, toRight []plan.Expr
	if intoRight {
		toRight = c.carriedOver(n, n.Left, n.Right, true)
	}
	if intoLeft {
		toLeft = c.carriedOver(n, n.Right, n.Left, false)
	}
	if len(toLeft)+len(toRight) == 0 {
		return n
	}
	c.found = true
	return n.WithSides(filtered(n.Left, toLeft), filtered(n.Right, toRight))
}

// carriedOver returns the conditions on the side into that follow from the facts about the side from and are not
// known yet.
func (c *crossing) carriedOver(n *plan.Join, from, into plan.Node, toRight bool) []plan.Expr {
	var out []plan.Expr
	known := map[int]*columnFacts{} // of columns of into, by ID
	add := func(column *plan.Column, e plan.Expr) {
		facts := known[column.ID]
		if facts == nil {
			facts = c.newColumnFacts(into, column)
			known[column.ID] = facts
		}
		if facts.index.FindExpr(e) < 0 && !c.isImplied(e, facts) {
			facts.index.AddExpr(e)
			out = append(out, e)
		}
	}
	for _, k := range n.Equal {
		if !equalInAll(k.Left.Type) {
			continue
		}
		source, target := k.Right, k.Left
		if toRight {
			source, target = k.Left, k.Right
		}
		by := map[int]plan.Expr{source.ID: &plan.Ref{Column: target}}
		only := columnSet{source.ID: true}
		for _, fact := range c.factsAbout(from, source) {
			c.step()
			if only.reads(fact) && cannotFail(fact) {
				add(target, plan.Substitute(fact, by))
			}
		}
	}
	if n.Residual == nil || n.Kind == plan.SemiMark && n.NullAware {
		return out
	}
	side := c.makers.madeBy(into)
	for _, term := range plan.Conjuncts(n.Residual) {
		column, bounds := c.boundsOf(term, side, from)
		for _, e := range bounds {
			add(column, e)
		}
	}
	return out
}

// columnFacts are the facts about a column.
type columnFacts struct {
	list   []plan.Expr
	index  plan.ExprIndex // of list, and of the conditions that carriedOver has derived
	domain *domain        // the values that list allows, nil until it is needed
}

func (c *crossing) newColumnFacts(n plan.Node, column *plan.Column) *columnFacts {
	facts := &columnFacts{list: c.factsAbout(n, column)}
	for _, e := range facts.list {
		facts.index.AddExpr(e)
	}
	return facts
}

// equalInAll reports whether every condition that is true of a value is true of all values equal to it. That does
// not hold for instants, which are equal across zones, nor for values that contain instants.
func equalInAll(t *types.Type) bool {
	return t.Kind < types.Array && t.Kind != types.TimestampTZ && t.Kind != types.TimeTZ && t.Kind != types.JSON
}

// isImplied reports whether a column's domain by the facts lies within its domain by e. The domain of e must
// describe e completely.
func (c *crossing) isImplied(e plan.Expr, facts *columnFacts) bool {
	call, ok := e.(*plan.Call)
	if !ok || len(call.Args) != 2 || mirrored[call.Fn.Name] == "" {
		return false
	}
	ref, ok := call.Args[0].(*plan.Ref)
	if !ok {
		return false
	}
	at := place{column: ref.Column.ID}
	wanted, ok := c.domainsOf(e)[at]
	if !ok {
		return false
	}
	if facts.domain == nil {
		own := c.columnDomain(ref.Column, facts.list)
		facts.domain = &own
	}
	return facts.domain.within(wanted)
}

// boundsOf handles a comparison of a column of one side with an expression over the other side, from. It returns
// the column and the conditions on it that follow.
func (c *crossing) boundsOf(term plan.Expr, side func(*plan.Column) bool, from plan.Node) (*plan.Column, []plan.Expr) {
	call, ok := term.(*plan.Call)
	if !ok || len(call.Args) != 2 || mirrored[call.Fn.Name] == "" {
		return nil, nil
	}
	operator, x, y := call.Fn.Name, call.Args[0], call.Args[1]
	if ref, isRef := y.(*plan.Ref); isRef && side(ref.Column) {
		operator, x, y = mirrored[operator], y, x
	}
	ref, ok := x.(*plan.Ref)
	if !ok || !side(ref.Column) || readsSome(y, side) || !wholeNumbered(ref.Type()) {
		return nil, nil
	}
	low, high := c.limitsOf(y, from)
	var out []plan.Expr
	if high != nil && operator != types.OpGreater && operator != types.OpGreaterEq && operator != types.OpNotEqual {
		out = c.appendComparison(out, types.OpLessEqual, ref, high)
	}
	if low != nil && operator != types.OpLess && operator != types.OpLessEqual && operator != types.OpNotEqual {
		out = c.appendComparison(out, types.OpGreaterEq, ref, low)
	}
	return ref.Column, out
}

func (o *optimizer) appendComparison(list []plan.Expr, operator string, ref *plan.Ref, v *types.Value) []plan.Expr {
	fn, err := o.fns.Resolve(operator, []types.Arg{{Type: ref.Type()}, {Type: v.Type}})
	if err != nil || !fn.Args[0].Equal(ref.Type()) || !fn.Args[1].Equal(v.Type) {
		return list
	}
	return append(list, &plan.Call{Fn: fn, Args: []plan.Expr{ref, constant(*v)}})
}

// limitsOf returns the least and the greatest value that e can have in the rows of n, nil if there is no limit. e
// is a column of n, or an expression that keeps or reverses the order of one.
func (c *crossing) limitsOf(e plan.Expr, n plan.Node) (low, high *types.Value) {
	if ref, ok := e.(*plan.Ref); ok {
		return c.columnLimits(ref.Column, n)
	}
	course, ok := c.courseOf(e)
	if !ok || course.text {
		return nil, nil
	}
	low, high = c.columnLimits(course.column, n)
	first, last := course.limits()
	image := func(v *types.Value) *types.Value {
		if v == nil || v.V.(int64) < first || v.V.(int64) > last {
			return nil
		}
		at, ok := c.foldExpr(plan.Substitute(e, map[int]plan.Expr{course.column.ID: constant(*v)})).(*plan.Const)
		if !ok || at.Value.IsNull() {
			return nil
		}
		return &at.Value
	}
	// Beyond its limits, a bounded expression may return anything.
	if course.bounded && (low == nil || high == nil) {
		return nil, nil
	}
	low, high = image(low), image(high)
	if course.bounded && (low == nil || high == nil) {
		return nil, nil
	}
	if course.falling {
		return high, low
	}
	return low, high
}

func (c *crossing) columnLimits(column *plan.Column, n plan.Node) (low, high *types.Value) {
	if !wholeNumbered(column.Type) {
		return nil, nil
	}
	d := c.columnDomain(column, c.factsAbout(n, column))
	if len(d.ranges) == 0 {
		return nil, nil
	}
	return d.ranges[0].Low, d.ranges[len(d.ranges)-1].High
}

// columnDomain returns the values of a column that the facts allow.
func (o *optimizer) columnDomain(c *plan.Column, facts []plan.Expr) domain {
	var all []domain
	only := columnSet{c.ID: true}
	for _, fact := range facts {
		o.step()
		if only.touches(fact) {
			if own, ok := o.domainsOf(fact)[place{column: c.ID}]; ok {
				all = append(all, own)
			}
		}
	}
	return intersectAll(all)
}

// replaceEqual returns e with every part that equals what replaced by by.
func replaceEqual(e, what, by plan.Expr) plan.Expr {
	if plan.Equal(e, what) {
		return by
	}
	return plan.MapChildren(e, func(c plan.Expr) plan.Expr { return replaceEqual(c, what, by) })
}
