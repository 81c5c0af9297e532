package analyze

import (
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// windowing collects the window functions of a SELECT block.
type windowing struct {
	sel   *ast.Select
	named map[string]*ast.WindowSpec
	calls []*windowCall
}

// windowCall is one window function, read as column col above.
type windowCall struct {
	col         *plan.Column
	fn          *types.Resolved
	args        []plan.Expr
	partition   []plan.Expr
	order       []sortExpr
	frame       plan.Frame
	start, end  plan.Expr // frame offsets, nil where there is none
	ignoreNulls bool
	distinct    bool
	orderBy     []sortExpr // inside the parentheses
	at          *ast.FunctionCall
	spec        *ast.WindowSpec
}

// namedWindows reads the WINDOW clause; each definition may build on those
// before it.
func (a *analyzer) namedWindows(definitions []*ast.WindowDefinition) map[string]*ast.WindowSpec {
	named := map[string]*ast.WindowSpec{}
	for _, d := range definitions {
		name := strings.ToLower(d.Name.Name)
		if named[name] != nil {
			a.fail(types.DuplicateWindowName, d, "WINDOW name '%s' specified more than once", d.Name.Name)
		}
		named[name] = a.basedOn(d.Spec, named)
	}
	return named
}

// basedOn fills in what spec takes from the window it names.
func (a *analyzer) basedOn(spec *ast.WindowSpec, named map[string]*ast.WindowSpec) *ast.WindowSpec {
	if spec.Base == nil {
		return spec
	}
	base := named[strings.ToLower(spec.Base.Name)]
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
	out := &ast.WindowSpec{At: spec.At, PartitionBy: base.PartitionBy, OrderBy: spec.OrderBy, Frame: spec.Frame}
	if len(out.OrderBy) == 0 {
		out.OrderBy = base.OrderBy
	}
	return out
}

// windowCall adds a window function and reads its column.
func (e *env) windowCall(name string, x *ast.FunctionCall) plan.Expr {
	e.checkWindowCall(name, x)
	spec := e.windowSpec(x.Over)
	inner := *e
	inner.windows, inner.inWindow, inner.aliases = nil, true, nil
	w := &windowCall{at: x, spec: spec, ignoreNulls: x.Nulls == ast.IgnoreNulls}
	w.fn, w.args = inner.resolveCall(name, x.Args, x)
	if w.fn.Kind == types.Scalar {
		e.fail(types.FunctionNotWindow, x, "Not a window function: %s", name)
	}
	for _, p := range spec.PartitionBy {
		key := inner.expr(p)
		if !key.Type().IsComparable() {
			e.fail(types.TypeMismatch, p, "%s is not comparable, and therefore cannot be used in window function PARTITION BY", key.Type())
		}
		w.partition = append(w.partition, key)
	}
	for _, item := range spec.OrderBy {
		key := inner.expr(item.X)
		if !key.Type().IsOrderable() {
			e.fail(types.TypeMismatch, x, "%s is not orderable, and therefore cannot be used in window function ORDER BY", key.Type())
		}
		w.order = append(w.order, sortExpr{item, key})
	}
	inner.frame(w, spec)
	inner.pickRows(w, name, x)
	w.col = e.newColumn(name, w.fn.Return)
	e.windows.calls = append(e.windows.calls, w)
	return &plan.Ref{Column: w.col}
}

func (e *env) checkWindowCall(name string, x *ast.FunctionCall) {
	switch {
	case e.inside != nil:
		e.fail(types.NestedWindow, e.inside, "Cannot nest window functions inside aggregation: [%s]", ast.Format(x))
	case e.inWindow:
		e.fail(types.NestedWindow, x, "Cannot nest window functions or row pattern measures inside window function arguments")
	case e.windows == nil:
		e.fail(types.ExpressionNotScalar, x, "%s cannot contain aggregations, window functions or grouping operations: [%s]", e.clause, ast.Format(x))
	case x.Filter != nil:
		e.fail(types.NotSupported, e.windows.sel, "FILTER is not yet supported for window functions")
	case len(x.WithinGroup) > 0:
		e.fail(types.NotSupported, x, "Window function with WITHIN GROUP is not supported")
	}
}

// pickRows analyses the DISTINCT and ORDER BY inside a call's parentheses.
func (e *env) pickRows(w *windowCall, name string, x *ast.FunctionCall) {
	if (x.Distinct || len(x.OrderBy) > 0) && w.fn.Kind != types.Aggregate {
		e.fail(types.NotSupported, x, "DISTINCT and ORDER BY in the arguments of window function %s are not supported", name)
	}
	w.distinct = x.Distinct
	for _, item := range x.OrderBy {
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

// windowSpec is the specification OVER names or holds.
func (e *env) windowSpec(over *ast.Over) *ast.WindowSpec {
	if over.Name == nil {
		return e.basedOn(over.Spec, e.windows.named)
	}
	spec := e.windows.named[strings.ToLower(over.Name.Name)]
	if spec == nil {
		e.fail(types.InvalidWindowReference, over.Name, "Cannot resolve WINDOW name %s", over.Name.Name)
	}
	return spec
}

// reads reports whether x holds a window function.
func (w *windowing) reads(x plan.Expr) bool {
	found := false
	plan.FreeColumns(x, func(c *plan.Column) {
		for _, call := range w.calls {
			found = found || call.col == c
		}
	})
	return found
}

// plan computes the calls on top of b's rows, those of one partitioning and
// order together.
func (w *windowing) plan(b *block, over *regrouped) plan.Node {
	node := b.node
	for _, call := range w.calls {
		call.rewrite(over)
	}
	done := map[*windowCall]bool{}
	for i, first := range w.calls {
		if done[first] {
			continue
		}
		p := &projection{analyzer: b.analyzer, input: node}
		out := &plan.Window{}
		for _, key := range first.partition {
			out.PartitionBy = append(out.PartitionBy, p.column(key, ""))
		}
		for _, o := range first.order {
			out.OrderBy = append(out.OrderBy, sortKey(o.item, p.column(o.expr, "")))
		}
		for _, call := range w.calls[i:] {
			if !done[call] && call.sameWindow(first) {
				done[call] = true
				out.Calls = append(out.Calls, call.plan(p))
			}
		}
		out.Input = p.node()
		node = out
	}
	return node
}

func (c *windowCall) rewrite(over *regrouped) {
	for i, x := range c.args {
		c.args[i] = over.rewrite(x, c.at.Args[i], "'%s' must be an aggregate expression or appear in GROUP BY clause")
	}
	for i, x := range c.partition {
		c.partition[i] = over.rewrite(x, c.spec.PartitionBy[i], "PARTITION BY expression '%s' must be an aggregate expression or appear in GROUP BY clause")
	}
	for i, o := range c.order {
		c.order[i].expr = over.rewrite(o.expr, o.item.X, "ORDER BY expression '%s' must be an aggregate expression or appear in GROUP BY clause")
	}
	for i, o := range c.orderBy {
		c.orderBy[i].expr = over.rewrite(o.expr, o.item.X, "'%s' must be an aggregate expression or appear in GROUP BY clause")
	}
	if c.start != nil {
		c.start = over.rewrite(c.start, c.spec.Frame.Start.X, "Window frame start must be an aggregate expression or appear in GROUP BY clause: '%s'")
	}
	if c.end != nil {
		c.end = over.rewrite(c.end, c.spec.Frame.End.X, "Window frame end must be an aggregate expression or appear in GROUP BY clause: '%s'")
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
	return call
}
