package analyze

import (
	"math"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// check reads the pattern and refuses, in Trino's order, mistakes that do not depend on its expressions.
func (r *recognizer) check() {
	r.node.Pattern = r.rowPattern(r.pattern.Pattern)
	r.subsets()
	r.definitions()
	r.ranges()
	r.skip()
	r.refuseNested()
}

var patternOps = map[bool]plan.RowPatternOp{false: plan.PatternStart, true: plan.PatternEnd}

func (r *recognizer) rowPattern(p ast.RowPattern) *plan.RowPattern {
	switch p := p.(type) {
	case *ast.PatternVariable:
		return &plan.RowPattern{Op: plan.PatternVariable, Variable: r.variable(p.Name)}
	case *ast.PatternAnchor:
		return &plan.RowPattern{Op: patternOps[p.End]}
	case *ast.PatternSequence:
		return &plan.RowPattern{Op: plan.PatternSequence, Items: r.rowPatterns(p.Items)}
	case *ast.PatternAlternation:
		return &plan.RowPattern{Op: plan.PatternEither, Items: r.rowPatterns(p.Items)}
	case *ast.PatternPermutation:
		return &plan.RowPattern{Op: plan.PatternPermute, Items: r.rowPatterns(p.Items)}
	case *ast.ExcludedPattern:
		return &plan.RowPattern{Op: plan.PatternExclusion, Items: []*plan.RowPattern{r.rowPattern(p.Item)}}
	case *ast.QuantifiedPattern:
		return &plan.RowPattern{Op: plan.PatternRepeat, Items: []*plan.RowPattern{r.rowPattern(p.Item)}, Min: p.Min, Max: p.Max, Reluctant: p.Reluctant}
	}
	return &plan.RowPattern{Op: plan.PatternEmpty}
}

func (r *recognizer) rowPatterns(list []ast.RowPattern) []*plan.RowPattern {
	out := make([]*plan.RowPattern, len(list))
	for i, p := range list {
		out[i] = r.rowPattern(p)
	}
	return out
}

// variable returns the index of a primary variable. The first occurrence of a name in the pattern declares it.
func (r *recognizer) variable(name ast.Ident) int {
	key := canonicalName(name)
	if at, ok := r.labels[key]; ok {
		return at[0]
	}
	r.node.Variables = append(r.node.Variables, key)
	r.labels[key] = []int{len(r.node.Variables) - 1}
	return r.labels[key][0]
}

// primary returns the index of a variable that the pattern names, -1 for others.
func (r *recognizer) primary(name ast.Ident) int {
	for i, v := range r.node.Variables {
		if v == canonicalName(name) {
			return i
		}
	}
	return -1
}

// subsets names unions of variables.
func (r *recognizer) subsets() {
	for _, s := range r.pattern.Subsets {
		name := canonicalName(s.Name)
		switch {
		case r.primary(s.Name) >= 0:
			r.fail(types.InvalidLabel, &s.Name, "union pattern variable name: %s is a duplicate of primary pattern variable name", s.Name.Name)
		case r.labels[name] != nil:
			r.fail(types.InvalidLabel, &s.Name, "union pattern variable name: %s is declared twice", s.Name.Name)
		}
		var union []int
		for i, member := range s.Union {
			at := r.primary(member)
			if at < 0 {
				r.fail(types.InvalidLabel, &s.Union[i], "subset element: %s is not a primary pattern variable", member.Name)
			}
			union = append(union, at)
		}
		r.labels[name] = union
	}
}

func (r *recognizer) definitions() {
	defined := map[int]bool{}
	for _, d := range r.pattern.Definitions {
		at := r.primary(d.Name)
		switch {
		case at < 0:
			r.fail(types.InvalidLabel, d, "defined variable: %s is not a primary pattern variable", d.Name.Name)
		case defined[at]:
			r.fail(types.InvalidLabel, d, "pattern variable with name: %s is defined twice", d.Name.Name)
		}
		defined[at] = true
		for _, call := range callsIn(d.Condition) {
			if call.Processing == ast.Final {
				r.fail(types.InvalidProcessingMode, call, "FINAL semantics is not supported in DEFINE clause")
			}
		}
	}
}

// ranges checks the quantifiers.
func (r *recognizer) ranges() {
	eachPattern(r.pattern.Pattern, func(p ast.RowPattern) {
		q, ok := p.(*ast.QuantifiedPattern)
		if !ok {
			return
		}
		switch {
		case q.Min > math.MaxInt32:
			r.fail(types.NumericValueOutOfRange, q.RangeAt, "Pattern quantifier lower bound must not exceed %d", math.MaxInt32)
		case q.Max == 0:
			r.fail(types.NumericValueOutOfRange, q.RangeAt, "Pattern quantifier upper bound must be greater than or equal to 1")
		case q.Max > math.MaxInt32:
			r.fail(types.NumericValueOutOfRange, q.RangeAt, "Pattern quantifier upper bound must not exceed %d", math.MaxInt32)
		case q.Max >= 0 && q.Min > q.Max:
			r.fail(types.InvalidRange, q.RangeAt, "Pattern quantifier lower bound must not exceed upper bound")
		}
	})
}

func (r *recognizer) skip() {
	s := r.pattern.Skip
	if s == nil {
		return
	}
	kinds := map[ast.SkipKind]plan.PatternSkipKind{ast.SkipPastLast: plan.SkipPastLast, ast.SkipToNext: plan.SkipToNext,
		ast.SkipToFirst: plan.SkipToFirst, ast.SkipToLast: plan.SkipToLast, ast.SkipToDefault: plan.SkipToLast}
	r.node.Skip.Kind = kinds[s.Kind]
	if s.Name == nil {
		return
	}
	if r.node.Skip.Labels = r.labels[canonicalName(*s.Name)]; r.node.Skip.Labels == nil {
		r.fail(types.InvalidLabel, s.Name, "%s is not a primary or union pattern variable", s.Name.Name)
	}
}

// refuseNested refuses a row pattern inside of the expressions of this one.
func (r *recognizer) refuseNested() {
	var expressions []ast.Expr
	for _, m := range r.defined {
		expressions = append(expressions, m.X)
	}
	for _, d := range r.pattern.Definitions {
		expressions = append(expressions, d.Condition)
	}
	for _, x := range expressions {
		ast.Inspect(x, func(n ast.Node) bool {
			if p, ok := n.(*ast.Pattern); ok && p.Pattern != nil {
				n = p.Pattern
			} else if _, ok := n.(*ast.PatternRelation); !ok {
				return true
			}
			r.fail(types.NestedRowPatternRecognition, n, "nested row pattern recognition in row pattern recognition")
			return false
		})
	}
}

func searchMode(p *ast.Pattern) string {
	if p.Seek {
		return "SEEK"
	}
	return "INITIAL"
}

// refuseExclusions refuses {- … -} if unmatched rows are shown: an excluded row would look like an unmatched one.
func (r *recognizer) refuseExclusions() {
	if !r.node.Unmatched && !r.inWindow {
		return
	}
	eachPattern(r.pattern.Pattern, func(p ast.RowPattern) {
		if _, ok := p.(*ast.ExcludedPattern); ok {
			r.fail(types.InvalidRowPattern, p, "Pattern exclusion syntax is not allowed when ALL ROWS PER MATCH WITH UNMATCHED ROWS is specified")
		}
	})
}

func (r *recognizer) refuseAnchors() {
	eachPattern(r.pattern.Pattern, func(p ast.RowPattern) {
		if _, ok := p.(*ast.PatternAnchor); ok {
			r.fail(types.InvalidRowPattern, p, "Anchor pattern syntax is not allowed in window")
		}
	})
}

// eachPattern visits p and the patterns inside of it.
func eachPattern(p ast.RowPattern, visit func(ast.RowPattern)) {
	visit(p)
	var items []ast.RowPattern
	switch p := p.(type) {
	case *ast.PatternSequence:
		items = p.Items
	case *ast.PatternAlternation:
		items = p.Items
	case *ast.PatternPermutation:
		items = p.Items
	case *ast.ExcludedPattern:
		items = []ast.RowPattern{p.Item}
	case *ast.QuantifiedPattern:
		items = []ast.RowPattern{p.Item}
	}
	for _, item := range items {
		eachPattern(item, visit)
	}
}

// refuseWindows refuses window functions in an expression of the pattern.
func (r *recognizer) refuseWindows(x ast.Expr) {
	ast.Inspect(x, func(n ast.Node) bool {
		call, isCall := n.(*ast.FunctionCall)
		if _, isMeasure := n.(*ast.Measure); isMeasure || isCall && call.Over != nil {
			r.fail(types.NestedWindow, n, "Cannot nest window functions or row pattern measures inside pattern recognition expressions")
		}
		_, isQuery := n.(*ast.Query)
		return !isQuery
	})
}

// callsIn are the function calls of an expression outside of its subqueries.
func callsIn(list ...ast.Expr) []*ast.FunctionCall {
	var calls []*ast.FunctionCall
	for _, x := range list {
		ast.Inspect(x, func(n ast.Node) bool {
			if call, ok := n.(*ast.FunctionCall); ok {
				calls = append(calls, call)
			}
			_, isQuery := n.(*ast.Query)
			return !isQuery
		})
	}
	return calls
}
