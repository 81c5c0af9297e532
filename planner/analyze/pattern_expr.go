package analyze

import (
	"math"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// patternEnv is the part of an env that concerns a row pattern.
type patternEnv struct {
	*recognizer
	values    *[]plan.PatternValue
	to        plan.PatternValue // the navigation by the functions around the expression
	arguments bool              // inside of an aggregate
}

// patternExpr analyses expressions with another meaning inside a row pattern: columns and the functions of a match.
// It returns nil for all others.
func (e *env) patternExpr(x ast.Expr) plan.Expr {
	switch x := x.(type) {
	case *ast.Column:
		if c := e.lookup(e.scope, []string{x.Name.Name}, x); c != nil {
			e.pattern.local(c, x)
			return e.navigated(c, nil)
		}
	case *ast.Dereference:
		return e.labelled(x)
	case *ast.FunctionCall:
		return e.patternCall(x)
	}
	return nil
}

// labelled analyses label.column, the only name with a dot that is allowed here.
func (e *env) labelled(x *ast.Dereference) plan.Expr {
	parts, ok := nameParts(x)
	if !ok {
		return nil
	}
	first := firstName(x)
	labels := e.pattern.labels[canonicalName(first)]
	if labels == nil {
		e.fail(types.ColumnNotFound, x, "Column '%s' cannot be resolved", strings.Join(parts, "."))
	}
	var c *plan.Column
	if len(parts) == 2 {
		c = e.lookup(e.scope, parts[1:], x)
	}
	if c == nil {
		e.fail(types.ColumnNotFound, x, "Column %s prefixed with label %s cannot be resolved", strings.Join(parts[1:], "."), canonicalName(first))
	}
	e.pattern.local(c, x)
	return e.navigated(c, labels)
}

// firstName is the first part of a name with dots.
func firstName(x ast.Expr) ast.Ident {
	for {
		d, ok := x.(*ast.Dereference)
		if !ok {
			return x.(*ast.Column).Name
		}
		x = d.Base
	}
}

// navigated reads a column of the row to which the functions around it navigate.
func (e *env) navigated(c *plan.Column, labels []int) plan.Expr {
	if e.pattern.arguments {
		return &plan.Ref{Column: c}
	}
	v := e.pattern.to
	v.Kind, v.Source, v.Labels = plan.NavigatedColumn, c, labels
	return e.patternValue(v, c.Name, c.Type)
}

// patternValue reads v. Equal values are shared.
func (e *env) patternValue(v plan.PatternValue, name string, t *types.Type) plan.Expr {
	for _, have := range *e.pattern.values {
		if have.Kind == v.Kind && have.Source == v.Source && slices.Equal(have.Labels, v.Labels) && have.First == v.First &&
			have.Offset == v.Offset && have.Physical == v.Physical && have.Final == v.Final && v.Fn == nil {
			return &plan.Ref{Column: have.Column}
		}
	}
	v.Column = e.newColumn(name, t)
	*e.pattern.values = append(*e.pattern.values, v)
	return &plan.Ref{Column: v.Column}
}

// matchFunctions are the functions that exist only in a row pattern.
var matchFunctions = map[string]bool{"first": true, "last": true, "prev": true, "next": true, "classifier": true, "match_number": true}

func isMatchFunction(x *ast.FunctionCall) bool {
	return len(x.Name.Parts) == 1 && matchFunctions[callName(x)]
}

func isNavigation(x *ast.FunctionCall) bool {
	name := callName(x)
	return isMatchFunction(x) && name != "classifier" && name != "match_number"
}

func callName(x *ast.FunctionCall) string { return strings.ToLower(x.Name.Last().Name) }

func (e *env) patternCall(x *ast.FunctionCall) plan.Expr {
	if len(x.Name.Parts) > 1 {
		return nil
	}
	name := callName(x)
	isAggregate := e.fns.IsAggregate(name)
	switch {
	case x.Label != nil && !(isAggregate && name == "count"):
		e.fail(types.InvalidFunctionArgument, x.Label, "label.* syntax is only supported as the only argument of row pattern count function")
	case isMatchFunction(x):
		return e.matchFunction(name, x)
	case isAggregate:
		return e.patternAggregate(name, x)
	case x.Processing != ast.ProcessingDefault:
		e.fail(types.InvalidProcessingMode, x, "%s semantics is supported only for FIRST(), LAST() and aggregation functions. Actual: %s", x.Processing, x.Name)
	}
	return nil
}

func (e *env) matchFunction(name string, x *ast.FunctionCall) plan.Expr {
	if clause := aggregateClause(x); clause != "" {
		e.fail(types.InvalidPatternRecognitionFunction, x, "Cannot use %s with %s pattern recognition function", clause, x.Name)
	}
	if x.Processing != ast.ProcessingDefault && name != "first" && name != "last" {
		e.fail(types.InvalidProcessingMode, x, "%s semantics is not supported with %s pattern recognition function", x.Processing, x.Name)
	}
	switch name {
	case "classifier":
		return e.classifier(x)
	case "match_number":
		return e.matchNumber(x)
	}
	return e.navigation(name, x)
}

// aggregateClause returns a clause of a call that a row pattern does not allow.
func aggregateClause(x *ast.FunctionCall) string {
	switch {
	case x.Filter != nil:
		return "FILTER"
	case len(x.OrderBy) > 0 || len(x.WithinGroup) > 0:
		return "ORDER BY"
	case x.Distinct:
		return "DISTINCT"
	}
	return ""
}

func (e *env) matchNumber(x *ast.FunctionCall) plan.Expr {
	switch {
	case e.pattern.inWindow:
		e.fail(types.InvalidPatternRecognitionFunction, x, "MATCH_NUMBER function is not supported in window")
	case len(x.Args) > 0:
		e.fail(types.InvalidFunctionArgument, x, "MATCH_NUMBER pattern recognition function takes no arguments")
	case e.pattern.arguments:
		return &plan.Ref{Column: e.pattern.node.Number}
	}
	return e.patternValue(plan.PatternValue{Kind: plan.MatchNumber}, "match_number", types.BigIntType)
}

// navigation analyses FIRST, LAST, PREV and NEXT: columns in their arguments are read from the row to which they
// lead.
func (e *env) navigation(name string, x *ast.FunctionCall) plan.Expr {
	p := *e.pattern
	offset := e.navigationOffset(name, x)
	e.refuseAggregatesIn(x)
	e.checkNavigation(x)
	switch name {
	case "prev":
		p.to.Physical = -offset
	case "next":
		p.to.Physical = offset
	default:
		p.to.First, p.to.Offset = name == "first", offset
		p.to.Final = x.Processing == ast.Final
	}
	out := e.navigatedTo(p).expr(x.Args[0])
	if !e.pattern.oneLabel(x) {
		e.fail(types.InvalidArguments, x, "Pattern navigation function '%s' must contain at least one column reference or CLASSIFIER()", upper(name))
	}
	return out
}

// navigationOffset returns how many rows a function navigates.
func (e *env) navigationOffset(name string, x *ast.FunctionCall) int64 {
	if len(x.Args) < 1 || len(x.Args) > 2 {
		e.fail(types.InvalidFunctionArgument, x, "%s pattern recognition function requires 1 or 2 arguments", x.Name)
	}
	if len(x.Args) == 1 {
		if name == "prev" || name == "next" {
			return 1
		}
		return 0
	}
	n, ok := x.Args[1].(*ast.LongLiteral)
	switch {
	case !ok:
		e.fail(types.InvalidFunctionArgument, x, "%s pattern recognition navigation function requires a number as the second argument", x.Name)
	case n.Value < 0:
		e.fail(types.NumericValueOutOfRange, x, "%s pattern recognition navigation function requires a non-negative number as the second argument (actual: %d)", x.Name, n.Value)
	case n.Value > math.MaxInt32:
		e.fail(types.NumericValueOutOfRange, x, "The second argument of %s pattern recognition navigation function must not exceed %d (actual: %d)", x.Name, math.MaxInt32, n.Value)
	}
	return n.Value
}

// checkNavigation allows FIRST and LAST directly inside PREV and NEXT, and no other nesting.
func (e *env) checkNavigation(x *ast.FunctionCall) {
	var nested []*ast.FunctionCall
	for _, call := range callsIn(x.Args[0]) {
		if isNavigation(call) {
			nested = append(nested, call)
		}
	}
	if len(nested) == 0 {
		return
	}
	inner := callName(nested[0])
	switch name := callName(x); {
	case name == "first" || name == "last":
		e.fail(types.InvalidNavigationNesting, nested[0], "Cannot nest %s pattern navigation function inside %s pattern navigation function", nested[0].Name, x.Name)
	case len(nested) > 1:
		e.fail(types.InvalidNavigationNesting, nested[1], "Cannot nest multiple pattern navigation functions inside %s pattern navigation function", x.Name)
	case inner == "prev" || inner == "next":
		e.fail(types.InvalidNavigationNesting, nested[0], "Cannot nest %s pattern navigation function inside %s pattern navigation function", nested[0].Name, x.Name)
	case ast.Expr(nested[0]) != x.Args[0]:
		e.fail(types.InvalidNavigationNesting, nested[0], "Immediate nesting is required for pattern navigation functions")
	}
}

func (e *env) refuseAggregatesIn(x *ast.FunctionCall) {
	for _, call := range callsIn(x.Args...) {
		if len(call.Name.Parts) == 1 && e.fns.IsAggregate(callName(call)) {
			e.fail(types.NestedAggregation, call, "Cannot nest %s aggregate function inside %s function", call.Name, x.Name)
		}
	}
}

// oneLabel reports whether the arguments of a call read a column or a classifier. All of them must have the same
// label, or none.
func (r *recognizer) oneLabel(x *ast.FunctionCall) bool {
	found := map[string]bool{}
	for _, arg := range x.Args {
		ast.Inspect(arg, func(n ast.Node) bool {
			label, is := labelOf(n)
			if is {
				found[label] = true
			}
			_, isQuery := n.(*ast.Query)
			return !is && !isQuery
		})
	}
	if len(found) > 1 {
		r.fail(types.InvalidArguments, x, "All labels and classifiers inside the call to '%s' must match", x.Name)
	}
	return len(found) == 1
}

// labelOf returns the label of a column or a classifier, "" if it has none.
func labelOf(n ast.Node) (label string, is bool) {
	switch n := n.(type) {
	case *ast.Column:
		return "", true
	case *ast.Dereference:
		if _, ok := nameParts(n); ok {
			return canonicalName(firstName(n)), true
		}
	case *ast.FunctionCall:
		if !isMatchFunction(n) || callName(n) != "classifier" {
			return "", false
		}
		if len(n.Args) == 1 {
			if c, ok := n.Args[0].(*ast.Column); ok {
				return canonicalName(c.Name), true
			}
		}
		return "", true
	}
	return "", false
}

func (e *env) classifier(x *ast.FunctionCall) plan.Expr {
	var labels []int
	switch len(x.Args) {
	case 0:
	case 1:
		c, ok := x.Args[0].(*ast.Column)
		if !ok {
			e.fail(types.TypeMismatch, x.Args[0], "CLASSIFIER function argument should be primary pattern variable or subset name. Actual: %s", ast.Format(x.Args[0]))
		}
		if labels = e.pattern.labels[canonicalName(c.Name)]; labels == nil {
			e.fail(types.InvalidFunctionArgument, c, "%s is not a primary pattern variable or subset name", c.Name.Name)
		}
	default:
		e.fail(types.InvalidFunctionArgument, x, "CLASSIFIER pattern recognition function takes no arguments or 1 argument")
	}
	if e.pattern.arguments {
		return &plan.Ref{Column: e.pattern.node.Classifier}
	}
	v := e.pattern.to
	v.Kind, v.Labels = plan.NavigatedClassifier, labels
	return e.patternValue(v, "classifier", types.VarcharType)
}

// patternAggregate analyses an aggregate over the rows matched so far, or with FINAL over the whole match.
func (e *env) patternAggregate(name string, x *ast.FunctionCall) plan.Expr {
	if clause := aggregateClause(x); clause != "" {
		e.fail(types.NotSupported, x, "Cannot use %s with %s aggregate function in pattern recognition context", clause, x.Name)
	}
	e.refuseAggregatesIn(x)
	for _, call := range callsIn(x.Args...) {
		if isNavigation(call) {
			e.fail(types.InvalidNavigationNesting, call, "Cannot nest %s pattern navigation function inside %s function", call.Name, x.Name)
		}
	}
	inner := e.inPatternAggregate(x)
	p := inner.pattern
	v := plan.PatternValue{Kind: plan.PatternAggregate, Final: x.Processing == ast.Final}
	if x.Label != nil {
		if v.Labels = p.labels[canonicalName(*x.Label)]; v.Labels == nil {
			e.fail(types.InvalidFunctionArgument, x.Label, "%s is not a primary pattern variable or subset name", canonicalName(*x.Label))
		}
	}
	v.Fn, v.Args = inner.resolveCall(name, x.Args, x)
	if p.oneLabel(x) {
		v.Labels = p.argumentLabels(x)
	}
	return e.patternValue(v, name, v.Fn.Return)
}

// argumentLabels returns the variables whose rows an aggregate reads, nil for all.
func (r *recognizer) argumentLabels(x *ast.FunctionCall) (labels []int) {
	for _, arg := range x.Args {
		ast.Inspect(arg, func(n ast.Node) bool {
			label, is := labelOf(n)
			if is {
				labels = r.labels[label]
			}
			return !is
		})
	}
	return labels
}
