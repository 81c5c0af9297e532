package analyze

import (
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// patternFrame checks the row pattern of a window's frame. Windows with a pattern are otherwise not supported.
func (e *env) patternFrame(f *ast.Frame) {
	p := f.Pattern
	if p == nil || p.Pattern == nil {
		e.missingPattern(f)
	}
	switch {
	case len(p.Definitions) == 0:
		e.fail(types.MissingVariables, f, "Pattern recognition requires DEFINE clause")
	case f.Unit != ast.Rows:
		e.fail(types.InvalidWindowFrame, f, "Pattern recognition requires ROWS frame type")
	case f.Start.Kind != ast.CurrentRow || f.End == nil:
		e.fail(types.InvalidWindowFrame, f, "Pattern recognition requires frame specified as BETWEEN CURRENT ROW AND ...")
	}
	r := e.newRecognizer(p, f.Measures, e.scope)
	r.inWindow = true
	r.check()
	r.refuseAnchors()
	r.conditions()
	r.measures()
	panic(e.notSupported(f, "row pattern recognition in windows"))
}

// missingPattern reports the clause that stands there without PATTERN.
func (e *env) missingPattern(f *ast.Frame) {
	p := f.Pattern
	switch {
	case len(f.Measures) > 0:
		e.fail(types.MissingRowPattern, f, "Row pattern measures require PATTERN clause")
	case p.Skip != nil:
		e.fail(types.MissingRowPattern, p.Skip, "AFTER MATCH SKIP clause requires PATTERN clause")
	case p.Seek || p.Initial:
		e.fail(types.MissingRowPattern, p.SearchAt, "%s modifier requires PATTERN clause", searchMode(p))
	case len(p.Subsets) > 0:
		e.fail(types.MissingRowPattern, p.Subsets[0], "Union variable definitions require PATTERN clause")
	}
	e.fail(types.MissingRowPattern, p.Definitions[0], "Primary pattern variable definitions require PATTERN clause")
}

// measure checks name OVER window.
func (e *env) measure(x *ast.Measure) plan.Expr {
	if e.windows == nil {
		panic(e.notSupported(x, "row pattern measure"))
	}
	spec := e.windowSpec(x.Over)
	if spec.Frame == nil || len(spec.Frame.Measures) == 0 {
		e.fail(types.InvalidWindowMeasure, x, "Measure %s is not defined in the corresponding window", x.Name.Name)
	}
	panic(e.notSupported(x, "row pattern measure"))
}
