package analyze

import (
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// windowing collects the window functions of a SELECT block.
type windowing struct {
	sel   *ast.Select
	named map[string]*windowSpec
	calls []*windowCall
	// unread are the windows of the WINDOW clause. They are checked against GROUP BY even if no call uses them.
	unread []*windowSpec

	columns map[int]bool               // of calls, by ID
	byRoot  map[ast.Node][]*windowCall // calls by the item that holds them
	// alike are the calls that compute the same, by their position in index.
	index plan.ExprIndex
	alike [][]*windowCall
}

// addCall adds a call, unless an equal one exists, and returns the column with its value.
func (w *windowing) addCall(call *windowCall, newColumn func() *plan.Column) *plan.Column {
	what := call.whole()
	at := w.index.FindExpr(what)
	if at < 0 {
		at = w.index.AddExpr(what)
		w.alike = append(w.alike, nil)
	}
	for _, other := range w.alike[at] {
		if other.same(call) {
			return other.col
		}
	}
	if w.columns == nil {
		w.columns, w.byRoot = map[int]bool{}, map[ast.Node][]*windowCall{}
	}
	call.col = newColumn()
	w.columns[call.col.ID] = true
	w.byRoot[call.root] = append(w.byRoot[call.root], call)
	w.alike[at] = append(w.alike[at], call)
	w.calls = append(w.calls, call)
	return call.col
}

// windowCall is one window function. Expressions above read its value from column col.
type windowCall struct {
	col         *plan.Column
	fn          *types.Resolved
	args        []plan.Expr
	windowSpec  // its own copy
	ignoreNulls bool
	distinct    bool
	orderBy     []sortExpr // inside the parentheses
	at          *ast.FunctionCall
	root        ast.Expr // the item of the select list or of ORDER BY that holds it
	rewritten   bool     // reads the aggregation's rows, if there is one
}

// namedWindows analyses the WINDOW clause. Each definition may build on those before it.
func (b *block) namedWindows(definitions []*ast.WindowDefinition) {
	named := map[string]*windowSpec{}
	b.windows.named = named
	for _, d := range definitions {
		name := windowName(d.Name)
		if named[name] != nil {
			b.fail(types.DuplicateWindowName, d, "WINDOW name '%s' specified more than once", d.Name.Name)
		}
		spec := b.basedOn(d.Spec, named)
		e := b.env("WINDOW clause")
		e.windowKeys(spec)
		named[name] = spec
		b.windows.unread = append(b.windows.unread, spec)
	}
}

// windowName returns a window's name in the form for comparisons: quoted names are case-sensitive.
func windowName(name ast.Ident) string {
	if name.Quoted {
		return name.Name
	}
	return strings.ToUpper(name.Name)
}

// windowSpec is the specification of a window, analysed where it is written.
type windowSpec struct {
	*ast.WindowSpec
	partition []plan.Expr
	order     []sortExpr
	// inheritsPartition and inheritsOrder report what the window that it is based on has.
	inheritsPartition, inheritsOrder bool
	frame                            plan.Frame
	start, end                       plan.Expr // frame offsets, nil where there is none
	// startMove and endMove add or subtract the offsets of RANGE.
	startMove, endMove *types.Resolved
}

// basedOn returns a specification with what spec inherits from the window that it names.
func (a *analyzer) basedOn(spec *ast.WindowSpec, named map[string]*windowSpec) *windowSpec {
	if spec.Base == nil {
		return &windowSpec{WindowSpec: spec}
	}
	base := named[windowName(*spec.Base)]
	switch {
	case base == nil:
		a.fail(types.InvalidWindowReference, spec.Base, "Cannot resolve WINDOW name %s", spec.Base.Name)
	case len(spec.PartitionBy) > 0:
		a.fail(types.InvalidPartitionBy, spec.PartitionBy[0], "WINDOW specification with named WINDOW reference cannot specify PARTITION BY")
	case len(spec.OrderBy) > 0 && len(base.OrderBy) > 0:
		a.fail(types.InvalidOrderBy, spec.OrderAt, "Cannot specify ORDER BY if referenced named WINDOW specifies ORDER BY")
	case base.Frame != nil:
		a.fail(types.InvalidWindowReference, spec.Base, "Cannot reference named WINDOW containing frame specification")
	}
	out := &windowSpec{partition: base.partition, inheritsPartition: true,
		WindowSpec: &ast.WindowSpec{At: spec.At, PartitionBy: base.PartitionBy, OrderBy: spec.OrderBy, OrderAt: spec.OrderAt, Frame: spec.Frame}}
	if len(out.OrderBy) == 0 {
		out.OrderBy, out.OrderAt, out.order, out.inheritsOrder = base.OrderBy, base.OrderAt, base.order, true
	}
	return out
}

// windowKeys analyses what a specification does not inherit.
func (e *env) windowKeys(spec *windowSpec) {
	inner := e.inWindowSpecification()
	if !spec.inheritsPartition {
		for _, p := range spec.PartitionBy {
			key := inner.expr(p)
			if !key.Type().IsComparable() {
				e.fail(types.TypeMismatch, p, "%s is not comparable, and therefore cannot be used in window function PARTITION BY", key.Type())
			}
			spec.partition = append(spec.partition, key)
		}
	}
	if !spec.inheritsOrder {
		for _, item := range spec.OrderBy {
			key := inner.expr(item.X)
			if !key.Type().IsOrderable() {
				e.fail(types.TypeMismatch, item, "%s is not orderable, and therefore cannot be used in window function ORDER BY", key.Type())
			}
			spec.order = append(spec.order, sortExpr{item, key})
		}
	}
	inner.frame(spec)
}

// windowCall adds a window function and returns a reference to its column.
func (e *env) windowCall(name string, x *ast.FunctionCall) plan.Expr {
	list := x.Args
	if len(x.WithinGroup) > 0 {
		list = listaggArgs(x)
	}
	if e.inside != nil {
		fn, _ := e.resolveCall(name, list, x)
		e.failLater(withGroups, types.NestedWindow, e.inside, "Cannot nest window functions inside aggregation: [%s]", ast.Format(x))
		return constant(types.Null(fn.Return))
	}
	e.checkWindowCall(x)
	spec := e.windowSpec(x.Over)
	inner := e.inWindowCall()
	w := &windowCall{at: x, root: e.root, ignoreNulls: x.Nulls == ast.IgnoreNulls}
	if x.Filter != nil {
		inner.boolean(x.Filter, "Filter expression")
		e.failLater(withWindows, types.NotSupported, e.windows.sel, "FILTER is not yet supported for window functions")
	}
	w.fn, w.args = inner.resolveCall(name, list, x)
	switch {
	case x.Nulls != ast.NullTreatmentDefault && !treatsNulls[name]:
		e.fail(types.NullTreatmentNotAllowed, x, "Cannot specify null treatment clause for %s function", name)
	case w.fn.Kind == types.Scalar:
		e.fail(types.FunctionNotWindow, e.windows.sel, "Not a window function: %s", name)
	}
	e.checkFrame(name, spec)
	w.windowSpec = *spec
	w.partition, w.order = slices.Clone(spec.partition), slices.Clone(spec.order)
	for _, x := range append(append([]plan.Expr{}, w.args...), keysOf(spec)...) {
		if e.windows.reads(x) {
			panic(e.notSupported(w.at, "a window function over another one"))
		}
	}
	inner.pickRows(w, name, x)
	return &plan.Ref{Column: e.windows.addCall(w, func() *plan.Column { return e.newColumn(name, w.fn.Return) })}
}

// treatsNulls holds the functions that accept IGNORE NULLS and RESPECT NULLS.
var treatsNulls = map[string]bool{"first_value": true, "last_value": true, "nth_value": true, "lag": true, "lead": true}

func keysOf(spec *windowSpec) []plan.Expr {
	keys := slices.Clone(spec.partition)
	for _, o := range spec.order {
		keys = append(keys, o.expr)
	}
	for _, offset := range []plan.Expr{spec.start, spec.end} {
		if offset != nil {
			keys = append(keys, offset)
		}
	}
	return keys
}

func (e *env) checkWindowCall(x *ast.FunctionCall) {
	switch {
	case e.inSpecification:
		e.fail(types.NestedWindow, x, "Cannot nest window functions or row pattern measures inside window specification")
	case e.inWindow:
		e.fail(types.NestedWindow, x, "Cannot nest window functions or row pattern measures inside window function arguments")
	case e.windows == nil:
		e.fail(types.ExpressionNotScalar, e.root, "%s cannot contain aggregations, window functions or grouping operations: [%s]", e.clause, ast.Format(x))
	}
}

// pickRows analyses the DISTINCT and ORDER BY inside a call's parentheses.
func (e *env) pickRows(w *windowCall, name string, x *ast.FunctionCall) {
	if (x.Distinct || len(x.OrderBy) > 0) && w.fn.Kind != types.Aggregate {
		e.fail(types.NotSupported, x, "DISTINCT and ORDER BY in the arguments of window function %s are not supported", name)
	}
	w.distinct = x.Distinct
	for _, item := range append(slices.Clone(x.OrderBy), x.WithinGroup...) {
		key := e.expr(item.X)
		if !key.Type().IsOrderable() {
			e.fail(types.TypeMismatch, x, "ORDER BY can only be applied to orderable types (actual: %s)", key.Type())
		}
		w.orderBy = append(w.orderBy, sortExpr{item, key})
	}
	if x.Distinct {
		e.checkDistinct(&aggregate{args: w.args, order: w.orderBy}, x)
	}
}

// windowSpec returns the specification that OVER names or holds.
func (e *env) windowSpec(over *ast.Over) *windowSpec {
	if over.Name == nil {
		spec := e.basedOn(over.Spec, e.windows.named)
		e.windowKeys(spec)
		return spec
	}
	spec := e.windows.named[windowName(*over.Name)]
	if spec == nil {
		e.fail(types.InvalidWindowReference, over.Name, "Cannot resolve WINDOW name %s", over.Name.Name)
	}
	return spec
}

// reads reports whether x holds a window function.
func (w *windowing) reads(x plan.Expr) bool {
	found := false
	plan.FreeColumns(x, func(c *plan.Column) { found = found || w.columns[c.ID] })
	return found
}

// Up to maxOwnProjections windows, each computes what it needs right below itself. With more, one projection below
// computes all: a projection per window passes through what those below have added, so the cost would be quadratic.
const maxOwnProjections = 8

// plan computes the calls on top of b's rows. Calls with the same partitioning and order are computed together.
func (w *windowing) plan(b *block, over *regrouped) plan.Node {
	for _, spec := range w.unread {
		spec.rewrite(over)
	}
	groups := w.byWindow()
	if len(groups) <= maxOwnProjections {
		node := b.node
		for _, calls := range groups {
			p := &projection{analyzer: b.analyzer, input: node}
			out := windowNode(calls, p)
			out.Input = p.node()
			node = out
		}
		return node
	}
	p := &projection{analyzer: b.analyzer, input: b.node}
	nodes := make([]*plan.Window, len(groups))
	for i, calls := range groups {
		nodes[i] = windowNode(calls, p)
	}
	node := p.node()
	for _, out := range nodes {
		out.Input = node
		node = out
	}
	return node
}

// byWindow groups the calls by partitioning and order, in the order of each group's first call.
func (w *windowing) byWindow() [][]*windowCall {
	var keys plan.ExprIndex
	var groups [][]*windowCall
	groupsOf := map[int][]int{} // groups by the position of their keys in the index
	for _, call := range w.calls {
		key := call.windowKey()
		at := keys.FindExpr(key)
		if at < 0 {
			at = keys.AddExpr(key)
		}
		found := slices.IndexFunc(groupsOf[at], func(g int) bool { return call.sameWindow(groups[g][0]) })
		if found >= 0 {
			g := groupsOf[at][found]
			groups[g] = append(groups[g], call)
			continue
		}
		groupsOf[at] = append(groupsOf[at], len(groups))
		groups = append(groups, []*windowCall{call})
	}
	return groups
}

// windowNode returns the node of the calls over one window, without its input; p computes what they read.
func windowNode(calls []*windowCall, p *projection) *plan.Window {
	out := &plan.Window{}
	for _, key := range calls[0].partition {
		out.PartitionBy = append(out.PartitionBy, p.column(key, ""))
	}
	for _, o := range calls[0].order {
		out.OrderBy = append(out.OrderBy, sortKey(o.item, p.column(o.expr, "")))
	}
	for _, call := range calls {
		out.Calls = append(out.Calls, call.plan(p))
	}
	return out
}

// windowKey returns an expression that is equal for all calls over one window.
func (c *windowSpec) windowKey() plan.Expr {
	key := &plan.Special{Form: plan.MakeRow, Args: slices.Clone(c.partition), T: types.UnknownType}
	for _, o := range c.order {
		key.Args = append(key.Args, o.expr)
	}
	return key
}

// whole returns an expression that is equal for all calls that return the same value.
func (c *windowCall) whole() plan.Expr {
	return special(plan.MakeRow, types.UnknownType, c.windowKey(), &plan.Call{Fn: c.fn, Args: c.args})
}

// rewrite makes the calls of an item of the select list or of ORDER BY read the
// aggregation's rows.
func (w *windowing) rewrite(item ast.Node, over *regrouped) {
	for _, call := range w.byRoot[item] {
		if !call.rewritten {
			call.rewrite(over)
		}
	}
}

// rewrite reports what is not grouped by: for the specification at its own position, for the arguments at the whole
// item.
func (c *windowCall) rewrite(over *regrouped) {
	const message = "'%s' must be an aggregate expression or appear in GROUP BY clause"
	c.rewritten = true
	c.windowSpec.rewrite(over)
	for i, x := range c.args {
		c.args[i] = over.rewrite(x, c.root, message)
	}
	for i, o := range c.orderBy {
		c.orderBy[i].expr = over.rewrite(o.expr, c.root, message)
	}
}

func (c *windowSpec) rewrite(over *regrouped) {
	for i, x := range c.partition {
		c.partition[i] = over.rewrite(x, c.PartitionBy[i], "PARTITION BY expression '%s' must be an aggregate expression or appear in GROUP BY clause")
	}
	for i, o := range c.order {
		c.order[i].expr = over.rewrite(o.expr, o.item.X, "ORDER BY expression '%s' must be an aggregate expression or appear in GROUP BY clause")
	}
	if c.start != nil {
		c.start = over.rewrite(c.start, c.Frame.Start.X, "Window frame start must be an aggregate expression or appear in GROUP BY clause: '%s'")
	}
	if c.end != nil {
		c.end = over.rewrite(c.end, c.Frame.End.X, "Window frame end must be an aggregate expression or appear in GROUP BY clause: '%s'")
	}
}

func (c *windowCall) sameWindow(o *windowCall) bool {
	if !equalAll(c.partition, o.partition) || len(c.order) != len(o.order) {
		return false
	}
	for i, s := range c.order {
		t := o.order[i]
		if !plan.Equal(s.expr, t.expr) || s.item.Descending != t.item.Descending ||
			(s.item.Nulls == ast.NullsFirst) != (t.item.Nulls == ast.NullsFirst) {
			return false
		}
	}
	return true
}

func (c *windowCall) plan(p *projection) plan.WindowCall {
	call := plan.WindowCall{Column: c.col, Fn: c.fn, Frame: c.frame, IgnoreNulls: c.ignoreNulls, Distinct: c.distinct}
	for _, o := range c.orderBy {
		call.OrderBy = append(call.OrderBy, sortKey(o.item, p.column(o.expr, "")))
	}
	for _, arg := range c.args {
		switch arg.(type) {
		case *plan.Const, *plan.Lambda:
			call.Args = append(call.Args, arg)
		default:
			call.Args = append(call.Args, &plan.Ref{Column: p.column(arg, "")})
		}
	}
	if c.start != nil {
		call.Frame.StartOffset = p.column(c.start, "")
	}
	if c.end != nil {
		call.Frame.EndOffset = p.column(c.end, "")
	}
	call.Frame.StartRange = c.rangeBound(p, c.start, c.startMove)
	call.Frame.EndRange = c.rangeBound(p, c.end, c.endMove)
	return call
}
