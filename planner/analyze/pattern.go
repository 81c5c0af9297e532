package analyze

import (
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// recognizer plans a MATCH_RECOGNIZE.
type recognizer struct {
	*analyzer
	at     *ast.PatternRelation
	input  relation
	scope  *scope
	node   *plan.PatternRecognition
	labels map[string][]int // variables by name in lower case, those of SUBSET too
}

// matchRecognize plans relation MATCH_RECOGNIZE (…).
func (a *analyzer) matchRecognize(x *ast.PatternRelation, s *scope) relation {
	input := a.from(x.Relation, s)
	r := &recognizer{analyzer: a, at: x, input: input, scope: s.inner(input.fields), labels: map[string][]int{}}
	r.node = &plan.PatternRecognition{Input: input.node, AllRows: x.AllRows,
		HideEmpty: x.EmptyMatches == ast.OmitEmptyMatches, Unmatched: x.EmptyMatches == ast.WithUnmatchedRows,
		Classifier: a.newColumn("classifier", types.VarcharType), Number: a.newColumn("match_number", types.BigIntType)}
	if x.Pattern.Seek {
		panic(a.notSupported(x.Pattern, "Pattern search modifier: SEEK"))
	}
	keys := r.keys()
	r.node.Pattern = r.pattern(x.Pattern.Pattern)
	r.subsets()
	r.skip()
	r.conditions()
	measures := r.measures()
	out := relation{node: r.node, fields: append(keys, measures...)}
	if x.AllRows {
		out.fields = append(out.fields, r.otherFields(keys)...)
	}
	if len(out.fields) == 0 {
		a.fail(types.TableHasNoColumns, x, "pattern recognition output table has no columns")
	}
	return out
}

// keys analyses PARTITION BY and ORDER BY and returns the fields that come
// first: the former's and, of all rows, the latter's.
func (r *recognizer) keys() []field {
	var fields []field
	add := func(x ast.Expr, c *plan.Column) {
		parts, _ := nameParts(x)
		for _, f := range fields {
			if f.col == c {
				return
			}
		}
		fields = append(fields, field{name: parts[len(parts)-1], col: c})
	}
	for _, x := range r.at.PartitionBy {
		c := r.keyColumn(x)
		if !c.Type.IsComparable() {
			r.fail(types.TypeMismatch, x, "%s is not comparable, and therefore cannot be used in PARTITION BY", c.Type)
		}
		r.node.PartitionBy = append(r.node.PartitionBy, c)
		add(x, c)
	}
	for _, item := range r.at.OrderBy {
		c := r.keyColumn(item.X)
		if !c.Type.IsOrderable() {
			r.fail(types.TypeMismatch, item, "%s is not orderable, and therefore cannot be used in ORDER BY", c.Type)
		}
		r.node.OrderBy = append(r.node.OrderBy, sortKey(item, c))
		if r.at.AllRows {
			add(item.X, c)
		}
	}
	return fields
}

func (r *recognizer) keyColumn(x ast.Expr) *plan.Column {
	parts, ok := nameParts(x)
	if !ok {
		r.fail(types.InvalidColumnReference, x, "Expected column reference. Actual: %s", ast.Format(x))
	}
	c := r.lookup(r.scope, parts, x)
	if c == nil {
		r.noColumn(r.scope, parts, x)
	}
	if !columnIDs(r.input.node)[c.ID] {
		panic(r.notSupported(x, "a column of an outer query in MATCH_RECOGNIZE"))
	}
	return c
}

func (r *recognizer) otherFields(keys []field) []field {
	taken := map[*plan.Column]bool{}
	for _, k := range keys {
		taken[k.col] = true
	}
	var out []field
	for _, f := range r.input.fields {
		if !f.hidden && !taken[f.col] {
			out = append(out, field{name: f.name, col: f.col})
		}
	}
	return out
}

var patternOps = map[bool]plan.RowPatternOp{false: plan.PatternStart, true: plan.PatternEnd}

func (r *recognizer) pattern(p ast.RowPattern) *plan.RowPattern {
	switch p := p.(type) {
	case *ast.PatternVariable:
		return &plan.RowPattern{Op: plan.PatternVariable, Variable: r.variable(p.Name)}
	case *ast.PatternAnchor:
		return &plan.RowPattern{Op: patternOps[p.End]}
	case *ast.PatternSequence:
		return &plan.RowPattern{Op: plan.PatternSequence, Items: r.patterns(p.Items)}
	case *ast.PatternAlternation:
		return &plan.RowPattern{Op: plan.PatternEither, Items: r.patterns(p.Items)}
	case *ast.PatternPermutation:
		return &plan.RowPattern{Op: plan.PatternPermute, Items: r.patterns(p.Items)}
	case *ast.ExcludedPattern:
		if r.node.Unmatched {
			r.fail(types.InvalidRowPattern, p, "Pattern exclusion syntax is not allowed when ALL ROWS PER MATCH WITH UNMATCHED ROWS is specified")
		}
		return &plan.RowPattern{Op: plan.PatternExclusion, Items: []*plan.RowPattern{r.pattern(p.Item)}}
	case *ast.QuantifiedPattern:
		switch {
		case p.Max == 0:
			r.fail(types.NumericValueOutOfRange, p, "Pattern quantifier upper bound must be greater than or equal to 1")
		case p.Max >= 0 && p.Min > p.Max:
			r.fail(types.InvalidRange, p, "Pattern quantifier lower bound must not exceed upper bound")
		}
		return &plan.RowPattern{Op: plan.PatternRepeat, Items: []*plan.RowPattern{r.pattern(p.Item)}, Min: p.Min, Max: p.Max, Reluctant: p.Reluctant}
	}
	return &plan.RowPattern{Op: plan.PatternEmpty}
}

func (r *recognizer) patterns(list []ast.RowPattern) []*plan.RowPattern {
	out := make([]*plan.RowPattern, len(list))
	for i, p := range list {
		out[i] = r.pattern(p)
	}
	return out
}

// variable is the index of a primary variable, which any mention makes one.
func (r *recognizer) variable(name ast.Ident) int {
	key := strings.ToLower(name.Name)
	if at, ok := r.labels[key]; ok {
		return at[0]
	}
	r.node.Variables = append(r.node.Variables, canonicalName(name))
	r.labels[key] = []int{len(r.node.Variables) - 1}
	return r.labels[key][0]
}

// subsets names unions of variables.
func (r *recognizer) subsets() {
	primary := map[string][]int{}
	for name, at := range r.labels {
		primary[name] = at
	}
	for _, s := range r.at.Pattern.Subsets {
		name := strings.ToLower(s.Name.Name)
		if r.labels[name] != nil {
			r.fail(types.InvalidLabel, &s.Name, "union pattern variable name: %s is a duplicate of a pattern variable", s.Name.Name)
		}
		var union []int
		for i, member := range s.Union {
			at := primary[strings.ToLower(member.Name)]
			if at == nil {
				r.fail(types.InvalidLabel, &s.Union[i], "subset element: %s is not a primary pattern variable", member.Name)
			}
			union = append(union, at...)
		}
		r.labels[name] = union
	}
}

func (r *recognizer) skip() {
	s := r.at.Pattern.Skip
	if s == nil {
		return
	}
	kinds := map[ast.SkipKind]plan.PatternSkipKind{ast.SkipPastLast: plan.SkipPastLast, ast.SkipToNext: plan.SkipToNext,
		ast.SkipToFirst: plan.SkipToFirst, ast.SkipToLast: plan.SkipToLast, ast.SkipToDefault: plan.SkipToLast}
	r.node.Skip.Kind = kinds[s.Kind]
	if s.Name == nil {
		return
	}
	if r.node.Skip.Labels = r.labels[strings.ToLower(s.Name.Name)]; r.node.Skip.Labels == nil {
		r.fail(types.InvalidLabel, s.Name, "%s is not a primary or union pattern variable", s.Name.Name)
	}
}

// conditions analyses DEFINE.
func (r *recognizer) conditions() {
	r.node.Conditions = make([]plan.PatternExpr, len(r.node.Variables))
	defined := map[string]bool{}
	for _, d := range r.at.Pattern.Definitions {
		name := strings.ToLower(d.Name.Name)
		at := r.labels[name]
		switch {
		case defined[name]:
			r.fail(types.InvalidLabel, d, "pattern variable with name: %s is defined twice", d.Name.Name)
		case at == nil || !strings.EqualFold(r.node.Variables[at[0]], d.Name.Name):
			r.fail(types.InvalidLabel, d, "defined variable: %s is not a primary pattern variable", d.Name.Name)
		}
		defined[name] = true
		e, values := r.env("DEFINE clause")
		c := e.expr(d.Condition)
		if t := c.Type(); t.Kind != types.Boolean && t.Kind != types.Unknown {
			r.fail(types.TypeMismatch, d.Condition, "Expression defining a label must be boolean (actual type: %s)", t)
		}
		r.node.Conditions[at[0]] = plan.PatternExpr{Expr: r.coerce(c, types.BooleanType, d.Condition), Values: *values}
	}
}

func (r *recognizer) measures() []field {
	var fields []field
	for _, m := range r.at.Measures {
		e, values := r.env("MEASURES clause")
		e.pattern.final = true
		x := e.expr(m.X)
		c := r.newColumn(m.Name.Name, x.Type())
		r.node.Measures = append(r.node.Measures, plan.PatternMeasure{Column: c,
			PatternExpr: plan.PatternExpr{Expr: x, Values: *values}})
		fields = append(fields, field{name: m.Name.Name, col: c})
	}
	return fields
}

// env is where the expressions of a pattern stand; what they read of a match
// is collected in values.
func (r *recognizer) env(clause string) (e *env, values *[]plan.PatternValue) {
	values = &[]plan.PatternValue{}
	return &env{analyzer: r.analyzer, scope: r.scope, clause: clause, pattern: &patternEnv{recognizer: r, values: values}}, values
}
