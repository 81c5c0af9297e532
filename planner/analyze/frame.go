package analyze

import (
	"math"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

var frameUnits = map[ast.FrameUnit]plan.FrameUnit{ast.Rows: plan.FrameRows, ast.Range: plan.FrameRange, ast.Groups: plan.FrameGroups}

var frameBounds = map[ast.BoundKind]plan.BoundKind{
	ast.UnboundedPreceding: plan.UnboundedPreceding, ast.Preceding: plan.Preceding, ast.CurrentRow: plan.CurrentRow,
	ast.Following: plan.Following, ast.UnboundedFollowing: plan.UnboundedFollowing,
}

var wholePartition = plan.Frame{Unit: plan.FrameRange, Start: plan.UnboundedPreceding, End: plan.UnboundedFollowing}

// noFrame are the functions that always read the whole partition.
var noFrame = map[string]bool{
	"lag": true, "lead": true, "row_number": true, "rank": true, "dense_rank": true,
	"percent_rank": true, "cume_dist": true, "ntile": true,
}

// checkFrame refuses a frame for a function whose rows do not depend on it.
func (e *env) checkFrame(name string, spec *windowSpec) {
	if !noFrame[name] {
		return
	}
	if (name == "lag" || name == "lead") && len(spec.OrderBy) == 0 {
		e.failLater(withWindows, types.MissingOrderBy, spec.WindowSpec, "%s function requires an ORDER BY window clause", name)
	}
	if spec.Frame != nil {
		e.failLater(withWindows, types.InvalidWindowFrame, spec.Frame, "Cannot specify window frame for %s function", name)
	}
}

// frame sets the frame of spec. Without one it is RANGE UNBOUNDED PRECEDING with
// ORDER BY, else the whole partition.
func (e *env) frame(spec *windowSpec) {
	spec.frame = plan.Frame{Unit: plan.FrameRange, Start: plan.UnboundedPreceding, End: plan.CurrentRow}
	if len(spec.OrderBy) == 0 {
		spec.frame.End = plan.UnboundedFollowing
	}
	f := spec.Frame
	if f == nil {
		return
	}
	if f.Pattern != nil || len(f.Measures) > 0 {
		e.patternFrame(f)
	}
	e.checkBounds(f)
	spec.frame.Unit, spec.frame.Start, spec.frame.End = frameUnits[f.Unit], frameBounds[f.Start.Kind], plan.CurrentRow
	spec.start, spec.startMove = e.offset(spec, f, f.Start, "start")
	if f.End != nil {
		spec.frame.End = frameBounds[f.End.Kind]
		spec.end, spec.endMove = e.offset(spec, f, f.End, "end")
	}
}

// checkBounds refuses frames whose bounds are in the wrong order.
func (e *env) checkBounds(f *ast.Frame) {
	start, end := f.Start.Kind, ast.CurrentRow
	if f.End != nil {
		end = f.End.Kind
	}
	switch {
	case start == ast.UnboundedFollowing:
		e.fail(types.InvalidWindowFrame, f, "Window frame start cannot be UNBOUNDED FOLLOWING")
	case end == ast.UnboundedPreceding:
		e.fail(types.InvalidWindowFrame, f, "Window frame end cannot be UNBOUNDED PRECEDING")
	case start == ast.CurrentRow && end == ast.Preceding:
		e.fail(types.InvalidWindowFrame, f, "Window frame starting from CURRENT ROW cannot end with PRECEDING")
	case start == ast.Following && end == ast.Preceding:
		e.fail(types.InvalidWindowFrame, f, "Window frame starting from FOLLOWING cannot end with PRECEDING")
	case start == ast.Following && end == ast.CurrentRow:
		e.fail(types.InvalidWindowFrame, f, "Window frame starting from FOLLOWING cannot end with CURRENT ROW")
	}
}

// offset analyses X of X PRECEDING or X FOLLOWING, nil for other bounds. For RANGE it also returns the function
// that moves the sort key.
func (e *env) offset(w *windowSpec, f *ast.Frame, b *ast.Bound, side string) (plan.Expr, *types.Resolved) {
	if b.X == nil {
		return nil, nil
	}
	if f.Unit == ast.Range {
		return e.rangeOffset(w, f, b)
	}
	return e.rowsOffset(w, f, b, side), nil
}

func (e *env) rowsOffset(w *windowSpec, f *ast.Frame, b *ast.Bound, side string) plan.Expr {
	if f.Unit == ast.Groups && len(w.order) == 0 {
		e.fail(types.MissingOrderBy, f, "Window frame of type GROUPS PRECEDING or FOLLOWING requires ORDER BY")
	}
	x := e.expr(b.X)
	t := x.Type()
	if !t.IsInteger() && (t.Kind != types.Decimal || t.Scale != 0) {
		e.fail(types.TypeMismatch, b.X, "Window frame %s %s value type must be exact numeric type with scale 0 (actual %s)", f.Unit, side, t)
	}
	if t.Kind == types.Decimal {
		return e.clampedOffset(x, b.X)
	}
	return e.coerce(x, types.BigIntType, b.X)
}

// clampedOffset converts a decimal to bigint. A value that does not fit is beyond every partition, or negative.
func (e *env) clampedOffset(x plan.Expr, at ast.Expr) plan.Expr {
	tryBigInt := func(x plan.Expr) plan.Expr {
		cast, _ := e.fns.ResolveCast(x.Type(), types.BigIntType, true)
		return &plan.Cast{Fn: cast, Arg: x, Try: true}
	}
	sign := tryBigInt(&plan.Call{Fn: e.resolve("sign", at, x.Type()), Args: []plan.Expr{x}})
	negative, _ := e.compareCall(types.OpLess, sign, longConst(0), at)
	beyond := special(plan.If, types.BigIntType, negative, longConst(-1), longConst(math.MaxInt64))
	return special(plan.If, types.BigIntType, isNull(x), constant(types.Null(types.BigIntType)),
		special(plan.Coalesce, types.BigIntType, tryBigInt(x), beyond))
}

// rangeOffset analyses an offset of the only sort key: a number, or an interval for dates and times.
func (e *env) rangeOffset(w *windowSpec, f *ast.Frame, b *ast.Bound) (plan.Expr, *types.Resolved) {
	if len(w.order) == 0 {
		e.fail(types.MissingOrderBy, f, "Window frame of type RANGE PRECEDING or FOLLOWING requires ORDER BY")
	}
	if len(w.order) > 1 {
		e.fail(types.InvalidOrderBy, w.OrderAt, "Window frame of type RANGE PRECEDING or FOLLOWING requires single sort item in ORDER BY (actual: %d)", len(w.order))
	}
	key := w.order[0].expr.Type()
	if !key.IsNumeric() && !isMoment(key) {
		e.fail(types.TypeMismatch, w.OrderBy[0], "Window frame of type RANGE PRECEDING or FOLLOWING requires that sort item type be numeric, datetime or interval (actual: %s)", key)
	}
	x := e.expr(b.X)
	isInterval := x.Type().Kind == types.IntervalDay || x.Type().Kind == types.IntervalYear
	move := types.OpAdd
	if (b.Kind == ast.Preceding) != w.OrderBy[0].Descending {
		move = types.OpSubtract
	}
	fn, err := e.fns.Resolve(move, argsOf([]*types.Type{key, x.Type()}))
	if err != nil || key.IsNumeric() && !x.Type().IsNumeric() || isMoment(key) && !isInterval {
		e.fail(types.TypeMismatch, b.X, "Window frame RANGE value type (%s) not compatible with sort item type (%s)", x.Type(), key)
	}
	if _, ok := types.CommonSuperType(key, fn.Return); !ok {
		e.fail(types.TypeMismatch, w.OrderBy[0], "Sort key must evaluate to a %s (actual: %s)", fn.Return, key)
	}
	return e.coerce(x, fn.Args[1], b.X), fn
}

// isMoment reports whether t is a date or time, or an interval.
func isMoment(t *types.Type) bool {
	switch t.Kind {
	case types.Date, types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ, types.IntervalDay, types.IntervalYear:
		return true
	}
	return false
}

// rangeBound computes the columns that a RANGE bound compares. move adds offset to the sort key; both are nil for
// other bounds.
func (c *windowCall) rangeBound(p *projection, offset plan.Expr, move *types.Resolved) plan.RangeBound {
	if move == nil {
		return plan.RangeBound{}
	}
	key, at := c.order[0].expr, c.order[0].item
	value := &plan.Call{Fn: move, Args: []plan.Expr{p.coerce(key, move.Args[0], at), offset}}
	return plan.RangeBound{Key: p.column(p.coerce(key, move.Return, at), ""), Value: p.column(value, "")}
}
