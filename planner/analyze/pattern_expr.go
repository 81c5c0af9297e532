package analyze

import (
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// patternEnv is what a place inside of a row pattern's expression knows.
type patternEnv struct {
	*recognizer
	values *[]plan.PatternValue
	final  bool // FINAL is allowed: a measure
	// to is how the functions around the place navigate; logical and physical
	// tell which kinds of them there are.
	to                plan.PatternValue
	logical, physical bool
	// arguments is set inside of an aggregate: which rows it reads.
	arguments *patternRows
}

// patternRows are the variables that an aggregate's arguments read.
type patternRows struct {
	known  bool
	labels []int
}

// patternExpr analyses what means something else inside of a row pattern: columns
// and the functions of a match. It is nil for everything else.
func (e *env) patternExpr(x ast.Expr) plan.Expr {
	switch x := x.(type) {
	case *ast.Column:
		if e.isParam(x.Name.Name) {
			return nil
		}
		if c := e.lookup(e.scope, []string{x.Name.Name}, x); c != nil {
			return e.navigated(c, nil, x)
		}
	case *ast.Dereference:
		parts, ok := nameParts(x)
		if !ok || e.isParam(parts[0]) {
			return nil
		}
		labels := e.pattern.labels[strings.ToLower(parts[0])]
		if labels == nil {
			if c := e.lookup(e.scope, parts, x); c != nil {
				return e.navigated(c, nil, x)
			}
			return nil
		}
		if len(parts) == 2 {
			c := e.lookup(e.scope, parts[1:], x)
			if c == nil {
				e.noColumn(e.scope, parts[1:], x)
			}
			return e.navigated(c, labels, x)
		}
		return e.fieldNamed(x, e.expr(x.Base))
	case *ast.FunctionCall:
		return e.patternCall(x)
	}
	return nil
}

// navigated reads a column of the row that the functions around it navigate to.
func (e *env) navigated(c *plan.Column, labels []int, n ast.Node) plan.Expr {
	if !columnIDs(e.pattern.input.node)[c.ID] {
		panic(e.notSupported(n, "a column of an outer query in MATCH_RECOGNIZE"))
	}
	if e.pattern.arguments != nil {
		e.pattern.reads(labels, n)
		return &plan.Ref{Column: c}
	}
	v := e.pattern.to
	v.Kind, v.Source, v.Labels = plan.NavigatedColumn, c, labels
	return e.patternValue(v, c.Name, c.Type)
}

// patternValue reads v, which equal values share.
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

// reads notes whose rows an aggregate reads: those of one label.
func (p *patternEnv) reads(labels []int, n ast.Node) {
	if p.arguments.known && !slices.Equal(p.arguments.labels, labels) {
		p.fail(types.InvalidArguments, n, "All labels and classifiers inside the call must match")
	}
	p.arguments.known, p.arguments.labels = true, labels
}

func (e *env) patternCall(x *ast.FunctionCall) plan.Expr {
	if len(x.Name.Parts) > 1 || x.Over != nil {
		return nil
	}
	name := strings.ToLower(x.Name.Last().Name)
	if x.Processing == ast.Final && !e.pattern.final {
		e.fail(types.InvalidProcessingMode, x, "FINAL semantics is not supported in DEFINE clause")
	}
	switch name {
	case "first", "last", "prev", "next":
		return e.navigation(name, x)
	case "classifier":
		return e.classifier(x)
	case "match_number":
		if len(x.Args) > 0 {
			e.fail(types.InvalidFunctionArgument, x, "MATCH_NUMBER pattern recognition function takes no arguments")
		}
		if e.pattern.arguments != nil {
			return &plan.Ref{Column: e.pattern.node.Number}
		}
		return e.patternValue(plan.PatternValue{Kind: plan.MatchNumber}, name, types.BigIntType)
	}
	if e.fns.IsAggregate(name) {
		return e.patternAggregate(name, x)
	}
	return nil
}

// navigation analyses FIRST, LAST, PREV and NEXT: the columns inside are read
// from where they lead.
func (e *env) navigation(name string, x *ast.FunctionCall) plan.Expr {
	p := *e.pattern
	physical := name == "prev" || name == "next"
	switch {
	case p.arguments != nil:
		e.fail(types.NestedAggregation, x, "Cannot nest %s pattern recognition function inside aggregation", name)
	case len(x.Args) < 1 || len(x.Args) > 2:
		e.fail(types.InvalidFunctionArgument, x, "%s pattern recognition function requires 1 or 2 arguments", upper(name))
	case p.logical || p.physical && physical:
		e.fail(types.InvalidNavigationNesting, x, "Cannot nest %s pattern navigation function inside another", upper(name))
	case physical && x.Processing != ast.ProcessingDefault:
		e.fail(types.InvalidProcessingMode, x, "%s semantics is not supported with %s pattern recognition function", x.Processing, upper(name))
	}
	offset := int64(0)
	if physical {
		offset = 1
	}
	if len(x.Args) == 2 {
		n, ok := x.Args[1].(*ast.LongLiteral)
		if !ok {
			e.fail(types.InvalidFunctionArgument, x, "%s pattern recognition navigation function requires a number as the second argument", upper(name))
		}
		if offset = n.Value; offset < 0 {
			e.fail(types.NumericValueOutOfRange, x, "%s pattern recognition navigation function requires a non-negative number as the second argument (actual: %d)", upper(name), offset)
		}
	}
	switch name {
	case "prev":
		p.to.Physical, p.physical = -offset, true
	case "next":
		p.to.Physical, p.physical = offset, true
	default:
		p.to.First, p.to.Offset, p.logical = name == "first", offset, true
		p.to.Final = x.Processing == ast.Final
	}
	inner := *e
	inner.pattern = &p
	before := len(*p.values)
	out := inner.expr(x.Args[0])
	inner.checkOneRow((*p.values)[before:], x)
	return out
}

// checkOneRow: what a function navigates in has one label.
func (e *env) checkOneRow(values []plan.PatternValue, x *ast.FunctionCall) {
	for _, v := range values[min(1, len(values)):] {
		if v.Kind != plan.MatchNumber && !slices.Equal(v.Labels, values[0].Labels) {
			e.fail(types.InvalidArguments, x, "All labels and classifiers inside the call to '%s' must match", x.Name)
		}
	}
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
		if labels = e.pattern.labels[strings.ToLower(c.Name.Name)]; labels == nil {
			e.fail(types.InvalidFunctionArgument, c, "%s is not a primary pattern variable or subset name", c.Name.Name)
		}
	default:
		e.fail(types.InvalidFunctionArgument, x, "CLASSIFIER pattern recognition function takes no arguments or 1 argument")
	}
	if e.pattern.arguments != nil {
		e.pattern.reads(labels, x)
		return &plan.Ref{Column: e.pattern.node.Classifier}
	}
	v := e.pattern.to
	v.Kind, v.Labels = plan.NavigatedClassifier, labels
	return e.patternValue(v, "classifier", types.VarcharType)
}

// patternAggregate analyses an aggregate over the rows matched so far, or with
// FINAL over all of the match.
func (e *env) patternAggregate(name string, x *ast.FunctionCall) plan.Expr {
	switch p := e.pattern; {
	case p.arguments != nil:
		e.fail(types.NestedAggregation, x, "Cannot nest aggregations inside aggregation: [%s]", ast.Format(x))
	case p.logical || p.physical:
		e.fail(types.InvalidNavigationNesting, x, "Cannot nest %s aggregate function inside pattern navigation", name)
	case x.Distinct:
		panic(e.notSupported(x, "DISTINCT in aggregation in pattern recognition context"))
	case x.Filter != nil:
		panic(e.notSupported(x, "FILTER in aggregation in pattern recognition context"))
	case len(x.OrderBy) > 0 || len(x.WithinGroup) > 0:
		panic(e.notSupported(x, "ORDER BY in aggregation in pattern recognition context"))
	}
	p := *e.pattern
	p.arguments = &patternRows{}
	inner := *e
	inner.pattern, inner.inside = &p, x
	if x.Label != nil {
		labels := p.labels[strings.ToLower(x.Label.Name)]
		if labels == nil {
			e.fail(types.InvalidFunctionArgument, x.Label, "label.* syntax is only supported with a pattern variable: %s", x.Label.Name)
		}
		p.arguments.known, p.arguments.labels = true, labels
	}
	fn, args := inner.resolveCall(name, x.Args, x)
	v := plan.PatternValue{Kind: plan.PatternAggregate, Labels: p.arguments.labels, Final: x.Processing == ast.Final, Fn: fn, Args: args}
	return e.patternValue(v, name, fn.Return)
}
