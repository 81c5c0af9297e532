package optimize

import (
	"slices"

	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// maxCrossings is how many joins a condition crosses at most.
const maxCrossings = 4

// crossKeys lets what holds for the rows of one side of a join bound the rows
// of the other that can match: e.name = n.name AND n.name = 'a' gives
// e.name = 'a'; b.time BETWEEN a.time AND a.time + INTERVAL '1' HOUR carries
// a.time's range over. Only conditions that cannot fail cross.
func crossKeys(o *optimizer, n plan.Node) plan.Node {
	for range maxCrossings {
		c := &crossing{optimizer: o, known: map[plan.Node][]plan.Expr{}}
		next := c.rewrite(n, nil)
		if !c.found {
			return n
		}
		n = pushFilters(o, next)
	}
	return n
}

type crossing struct {
	*optimizer
	found bool                      // a condition crossed
	known map[plan.Node][]plan.Expr // facts of nodes; never changed
}

// rewrite looks at the joins from n down; must holds the boolean columns that
// have to be true for a row of n to count.
func (c *crossing) rewrite(n plan.Node, must columnSet) plan.Node {
	if j, ok := n.(*plan.Join); ok {
		n = c.join(j, must)
	}
	return mapInputsWith(n, must, c.rewrite)
}

// mapInputsWith is mapInputs for a rewrite that asks which boolean columns have
// to be true for a row to count: f learns what that is for the input's rows.
func mapInputsWith(n plan.Node, must columnSet, f func(plan.Node, columnSet) plan.Node) plan.Node {
	switch n := n.(type) {
	case *plan.Filter:
		inner := columnSet{}
		for id := range must {
			inner[id] = true
		}
		for _, term := range plan.Conjuncts(n.Predicate) {
			if ref, ok := term.(*plan.Ref); ok {
				inner[ref.Column.ID] = true
			}
		}
		must = inner
	case *plan.Project, *plan.Output:
	case *plan.Join:
		left, right := must, must
		if !keepsLeft(n.Kind) {
			left = nil
		}
		if !keepsRight(n.Kind) {
			right = nil
		}
		l, r := f(n.Left, left), f(n.Right, right)
		if l == n.Left && r == n.Right {
			return n
		}
		return n.WithInputs([]plan.Node{l, r})
	default:
		must = nil
	}
	return plan.MapInputs(n, func(input plan.Node) plan.Node { return f(input, must) })
}

func (c *crossing) join(n *plan.Join, must columnSet) plan.Node {
	drops := n.Kind == plan.SemiMark && must[n.Mark.ID]
	intoLeft := isInner(n.Kind) || n.Kind == plan.RightJoin || drops
	intoRight := isInner(n.Kind) || n.Kind == plan.LeftJoin || n.Kind == plan.SemiMark && (drops || !n.NullAware)
	var toLeft, toRight []plan.Expr
	if intoLeft || intoRight {
		left, right := c.facts(n.Left), c.facts(n.Right)
		if intoRight {
			toRight = c.carried(n, left, right, true)
		}
		if intoLeft {
			toLeft = c.carried(n, right, left, false)
		}
	}
	if len(toLeft)+len(toRight) == 0 {
		return n
	}
	c.found = true
	return n.WithInputs([]plan.Node{filtered(n.Left, toLeft), filtered(n.Right, toRight)})
}

// carried are the conditions on one side that follow from what is known of the
// other, and are not known yet.
func (c *crossing) carried(n *plan.Join, from, known []plan.Expr, toRight bool) []plan.Expr {
	var out []plan.Expr
	var have plan.ExprIndex // known, then out
	for _, e := range known {
		have.AddExpr(e)
	}
	left := map[int]domain{} // what known leaves of columns, by ID
	add := func(e plan.Expr) {
		if have.FindExpr(e) < 0 && !c.implied(e, known, left) {
			have.AddExpr(e)
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
		for _, fact := range from {
			c.step()
			if only.reads(fact) && only.touches(fact) && cannotFail(fact) {
				add(plan.Substitute(fact, by))
			}
		}
	}
	if n.Residual == nil || n.Kind == plan.SemiMark && n.NullAware {
		return out
	}
	side := setOf(n.Left.Columns())
	if toRight {
		side = setOf(n.Right.Columns())
	}
	for _, term := range plan.Conjuncts(n.Residual) {
		for _, e := range c.bounded(term, side, from) {
			add(e)
		}
	}
	return out
}

// equalInAll reports whether what holds for one of two equal values holds for
// the other: not for instants in different zones, nor for what holds such.
func equalInAll(t *types.Type) bool {
	return t.Kind < types.Array && t.Kind != types.TimestampTZ && t.Kind != types.TimeTZ && t.Kind != types.JSON
}

// implied reports whether a column's domain by the facts lies within its
// domain by e, which says nothing beside that domain. left keeps what the facts
// leave of columns.
func (c *crossing) implied(e plan.Expr, facts []plan.Expr, left map[int]domain) bool {
	call, ok := e.(*plan.Call)
	if !ok || len(call.Args) != 2 || mirrored[call.Fn.Name] == "" {
		return false
	}
	ref, ok := call.Args[0].(*plan.Ref)
	if !ok {
		return false
	}
	at := place{column: ref.Column.ID}
	wanted, ok := c.domains(e)[at]
	if !ok {
		return false
	}
	own, ok := left[ref.Column.ID]
	if !ok {
		own = c.columnDomain(ref.Column, facts)
		left[ref.Column.ID] = own
	}
	return own.within(wanted)
}

// bounded is what a comparison of one side's column with the other side says of
// the column.
func (c *crossing) bounded(term plan.Expr, side columnSet, from []plan.Expr) []plan.Expr {
	call, ok := term.(*plan.Call)
	if !ok || len(call.Args) != 2 || mirrored[call.Fn.Name] == "" {
		return nil
	}
	operator, x, y := call.Fn.Name, call.Args[0], call.Args[1]
	if ref, isRef := y.(*plan.Ref); isRef && side[ref.Column.ID] {
		operator, x, y = mirrored[operator], y, x
	}
	ref, ok := x.(*plan.Ref)
	if !ok || !side[ref.Column.ID] || side.touches(y) || !wholeNumbered(ref.Type()) {
		return nil
	}
	low, high := c.limitsOf(y, from)
	var out []plan.Expr
	if high != nil && operator != types.OpGreater && operator != types.OpGreaterEq && operator != types.OpNotEqual {
		out = c.appendComparison(out, types.OpLessEqual, ref, high)
	}
	if low != nil && operator != types.OpLess && operator != types.OpLessEqual && operator != types.OpNotEqual {
		out = c.appendComparison(out, types.OpGreaterEq, ref, low)
	}
	return out
}

func (o *optimizer) appendComparison(list []plan.Expr, operator string, ref *plan.Ref, v *types.Value) []plan.Expr {
	fn, err := o.fns.Resolve(operator, []types.Arg{{Type: ref.Type()}, {Type: v.Type}})
	if err != nil || !fn.Args[0].Equal(ref.Type()) || !fn.Args[1].Equal(v.Type) {
		return list
	}
	return append(list, &plan.Call{Fn: fn, Args: []plan.Expr{ref, constant(*v)}})
}

// limitsOf are the least and greatest value that e, a column or an expression
// that keeps or turns round its order, can have where the facts hold; nil for
// none.
func (o *optimizer) limitsOf(e plan.Expr, facts []plan.Expr) (low, high *types.Value) {
	if ref, ok := e.(*plan.Ref); ok {
		return o.columnLimits(ref.Column, facts)
	}
	course, ok := o.courseOf(e)
	if !ok || course.text {
		return nil, nil
	}
	low, high = o.columnLimits(course.column, facts)
	first, last := course.limits()
	image := func(v *types.Value) *types.Value {
		if v == nil || v.V.(int64) < first || v.V.(int64) > last {
			return nil
		}
		c, ok := o.fold(plan.Substitute(e, map[int]plan.Expr{course.column.ID: constant(*v)})).(*plan.Const)
		if !ok || c.Value.IsNull() {
			return nil
		}
		return &c.Value
	}
	// An expression known only within limits may do anything beyond them.
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

func (o *optimizer) columnLimits(c *plan.Column, facts []plan.Expr) (low, high *types.Value) {
	d := o.columnDomain(c, facts)
	if !wholeNumbered(c.Type) || len(d.ranges) == 0 {
		return nil, nil
	}
	return d.ranges[0].Low, d.ranges[len(d.ranges)-1].High
}

// columnDomain is what the facts leave of a column's values.
func (o *optimizer) columnDomain(c *plan.Column, facts []plan.Expr) domain {
	var all []domain
	only := columnSet{c.ID: true}
	for _, fact := range facts {
		o.step()
		if only.touches(fact) {
			if own, ok := o.domains(fact)[place{column: c.ID}]; ok {
				all = append(all, own)
			}
		}
	}
	return intersectAll(all)
}

// facts are conditions that hold for every row of n, over its columns. The
// caller does not change them.
func (c *crossing) facts(n plan.Node) []plan.Expr {
	if known, ok := c.known[n]; ok {
		return known
	}
	c.checkCancelled()
	columns := setOf(n.Columns())
	var out []plan.Expr
	for _, e := range c.conditions(n) {
		if columns.reads(e) && plan.IsDeterministic(e) {
			out = append(out, e)
		}
	}
	c.known[n] = out
	return out
}

// conditions are those that hold for every row of n, over whatever columns.
func (c *crossing) conditions(n plan.Node) []plan.Expr {
	switch n := n.(type) {
	case *plan.Scan:
		if n.Filter != nil {
			return plan.Conjuncts(n.Filter)
		}
	case *plan.Filter:
		return slices.Concat(c.facts(n.Input), plan.Conjuncts(n.Predicate))
	case *plan.Project:
		return c.projectedFacts(n)
	case *plan.Join:
		var list []plan.Expr
		if keepsLeft(n.Kind) {
			list = append(list, c.facts(n.Left)...)
		}
		if keepsRight(n.Kind) {
			list = append(list, c.facts(n.Right)...)
		}
		return list
	case *plan.Aggregate:
		if n.Sets == nil {
			return c.facts(n.Input)
		}
	case *plan.Window, *plan.Unnest, *plan.Sort, *plan.TopN, *plan.Limit:
		return c.facts(n.Inputs()[0])
	}
	return nil
}

// projectedFacts are those of the input, and what they say of computed columns.
func (c *crossing) projectedFacts(n *plan.Project) []plan.Expr {
	input := c.facts(n.Input)
	list := slices.Clone(input)
	for _, item := range n.Items {
		switch item.Expr.(type) {
		case *plan.Ref, *plan.Const:
			continue
		}
		ref := &plan.Ref{Column: item.Column}
		for _, fact := range input {
			c.step()
			if replaced := replaceEqual(fact, item.Expr, ref); replaced != fact {
				list = append(list, replaced)
			}
		}
		low, high := c.limitsOf(item.Expr, input)
		if low != nil {
			list = c.appendComparison(list, types.OpGreaterEq, ref, low)
		}
		if high != nil {
			list = c.appendComparison(list, types.OpLessEqual, ref, high)
		}
	}
	return list
}

// replaceEqual puts by where e computes what.
func replaceEqual(e, what, by plan.Expr) plan.Expr {
	if plan.Equal(e, what) {
		return by
	}
	return plan.MapChildren(e, func(c plan.Expr) plan.Expr { return replaceEqual(c, what, by) })
}
