package analyze

import (
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

// noFrame are the functions that always work on the whole partition.
var noFrame = map[string]bool{
	"lag": true, "lead": true, "row_number": true, "rank": true, "dense_rank": true,
	"percent_rank": true, "cume_dist": true, "ntile": true,
}

// frame sets the frame of w. Without one it is RANGE UNBOUNDED PRECEDING with
// ORDER BY, else the whole partition.
func (e *env) frame(w *windowCall, spec *ast.WindowSpec) {
	if name := w.fn.Name; name == "lag" || name == "lead" {
		if len(spec.OrderBy) == 0 {
			e.fail(types.MissingOrderBy, spec, "%s function requires an ORDER BY window clause", name)
		}
		if spec.Frame != nil {
			e.fail(types.InvalidWindowFrame, spec.Frame, "Cannot specify window frame for %s function", name)
		}
	}
	w.frame = plan.Frame{Unit: plan.FrameRange, Start: plan.UnboundedPreceding, End: plan.CurrentRow}
	if len(spec.OrderBy) == 0 {
		w.frame.End = plan.UnboundedFollowing
	}
	if spec.Frame == nil {
		return
	}
	f := spec.Frame
	if f.Pattern != nil || len(f.Measures) > 0 {
		panic(e.notSupported(f, "row pattern recognition in windows"))
	}
	e.checkBounds(f)
	w.frame.Unit, w.frame.Start, w.frame.End = frameUnits[f.Unit], frameBounds[f.Start.Kind], plan.CurrentRow
	w.start = e.offset(w, f, f.Start)
	if f.End != nil {
		w.frame.End = frameBounds[f.End.Kind]
		w.end = e.offset(w, f, f.End)
	}
	if noFrame[w.fn.Name] {
		w.frame = wholePartition
		w.start, w.end = nil, nil
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

// offset analyses X of X PRECEDING or X FOLLOWING; nil for other bounds.
func (e *env) offset(w *windowCall, f *ast.Frame, b *ast.Bound) plan.Expr {
	if b.X == nil {
		return nil
	}
	x := e.expr(b.X)
	if f.Unit != ast.Range {
		if f.Unit == ast.Groups && len(w.order) == 0 {
			e.fail(types.MissingOrderBy, f, "Window frame of type GROUPS requires ORDER BY")
		}
		if t := x.Type(); !t.IsInteger() {
			e.fail(types.TypeMismatch, b.X, "Window frame %s value type must be exact numeric type with scale 0 (actual %s)", f.Unit, t)
		}
		return e.coerce(x, types.BigIntType, b.X)
	}
	return e.rangeOffset(w, f, b, x)
}

// rangeOffset checks an offset against the only sort key: a number of its
// type, or an interval for dates and times.
func (e *env) rangeOffset(w *windowCall, f *ast.Frame, b *ast.Bound, x plan.Expr) plan.Expr {
	if len(w.order) == 0 {
		e.fail(types.MissingOrderBy, f, "Window frame of type RANGE PRECEDING or FOLLOWING requires ORDER BY")
	}
	if len(w.order) > 1 {
		e.fail(types.InvalidOrderBy, w.spec.OrderAt, "Window frame of type RANGE PRECEDING or FOLLOWING requires single sort item in ORDER BY (actual: %d)", len(w.order))
	}
	key := w.order[0].expr.Type()
	switch {
	case key.IsNumeric():
		if common, ok := types.CommonSuperType(key, x.Type()); ok && common.Equal(key) {
			return e.coerce(x, key, b.X)
		}
		if common, ok := types.CommonSuperType(key, x.Type()); ok && common.IsNumeric() {
			return x
		}
	case x.Type().Kind == types.IntervalDay || x.Type().Kind == types.IntervalYear:
		fn, err := e.fns.Resolve(types.OpAdd, argsOf([]*types.Type{key, x.Type()}))
		if err == nil && fn.Return.Kind == key.Kind {
			return x
		}
	default:
		switch key.Kind {
		case types.Date, types.Time, types.TimeTZ, types.Timestamp, types.TimestampTZ:
		default:
			e.fail(types.TypeMismatch, w.spec.OrderBy[0], "Window frame of type RANGE PRECEDING or FOLLOWING requires that sort item type be numeric, datetime or interval (actual: %s)", key)
		}
	}
	e.fail(types.TypeMismatch, b.X, "Window frame RANGE value type (%s) not compatible with sort item type (%s)", x.Type(), key)
	return nil
}
