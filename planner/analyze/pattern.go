package analyze

import (
	"fmt"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// recognizer plans the row pattern of a MATCH_RECOGNIZE or of a window.
type recognizer struct {
	*analyzer
	at       *ast.PatternRelation // nil in a window
	pattern  *ast.Pattern
	defined  []*ast.MeasureDefinition // MEASURES
	inWindow bool
	scope    *scope
	node     *plan.PatternRecognition
	labels   map[string][]int // variables by canonical name, those of SUBSET too
}

// matchRecognize plans relation MATCH_RECOGNIZE (…).
func (a *analyzer) matchRecognize(x *ast.PatternRelation, s *scope) relation {
	input := a.from(x.Relation, s)
	a.refuseAmbiguous(input, x.Relation)
	r := a.newRecognizer(x.Pattern, x.Measures, s.inner(input))
	r.at, r.node.Input, r.node.AllRows = x, input.node, x.AllRows
	r.node.HideEmpty, r.node.Unmatched = x.EmptyMatches == ast.OmitEmptyMatches, x.EmptyMatches == ast.WithUnmatchedRows
	keys := r.keys()
	r.check()
	if x.Pattern.Seek || x.Pattern.Initial {
		a.fail(types.NotSupported, x.Pattern.SearchAt, "Pattern search modifier: %s is not allowed in MATCH_RECOGNIZE clause", searchMode(x.Pattern))
	}
	r.refuseExclusions()
	r.conditions()
	out := relation{node: r.node, fields: append(keys, r.measures()...)}
	if x.AllRows {
		out.fields = append(out.fields, r.otherFields(keys, input)...)
	}
	if len(out.fields) == 0 {
		a.fail(types.TableHasNoColumns, x, "pattern recognition output table has no columns")
	}
	return out
}

func (a *analyzer) newRecognizer(p *ast.Pattern, measures []*ast.MeasureDefinition, s *scope) *recognizer {
	r := &recognizer{analyzer: a, pattern: p, defined: measures, scope: s, labels: map[string][]int{}}
	r.node = &plan.PatternRecognition{
		Classifier: a.newColumn("classifier", types.VarcharType), Number: a.newColumn("match_number", types.BigIntType)}
	return r
}

// refuseAmbiguous ends the analysis if two columns of the input have one name. The expressions of a pattern could
// not distinguish them.
func (a *analyzer) refuseAmbiguous(input relation, at ast.Node) {
	seen := map[string]bool{}
	for _, f := range input.fields {
		name := strings.ToUpper(f.name)
		if name != "" && seen[name] {
			a.fail(types.AmbiguousName, at, "ambiguous column: %s in row pattern input relation", f.name)
		}
		seen[name] = true
	}
}

// keys analyses PARTITION BY and ORDER BY. It returns the first fields of the output: those of PARTITION BY and,
// with ALL ROWS PER MATCH, those of ORDER BY.
func (r *recognizer) keys() []field {
	var fields []field
	add := func(x ast.Expr, c *plan.Column) {
		parts, _ := nameParts(x)
		fields = append(fields, field{name: parts[len(parts)-1], col: c})
	}
	for _, x := range r.at.PartitionBy {
		c := r.keyColumn(x, "PARTITION BY")
		if !c.Type.IsComparable() {
			r.fail(types.TypeMismatch, x, "%s is not comparable, and therefore cannot be used in PARTITION BY", c.Type)
		}
		if !slices.Contains(r.node.PartitionBy, c) {
			r.node.PartitionBy = append(r.node.PartitionBy, c)
		}
		add(x, c)
	}
	for _, item := range r.at.OrderBy {
		c := r.keyColumn(item.X, "ORDER BY")
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

// keyColumn returns the input column that an expression of PARTITION BY or ORDER BY names.
func (r *recognizer) keyColumn(x ast.Expr, clause string) *plan.Column {
	parts, ok := nameParts(x)
	if !ok {
		r.fail(types.InvalidColumnReference, x, "Expected column reference. Actual: %s%s", ast.Format(x), keyHint(x, clause, "key"))
	}
	if c := r.lookup(r.scope, parts, x); c != nil && r.scope.has(c) {
		return c
	}
	hint := ""
	if len(parts) > 1 && r.scope.hasColumn(parts[:len(parts)-1]) {
		hint = keyHint(x, clause, strings.ToLower(parts[len(parts)-1]))
	} else if !r.scope.isColumn(parts) {
		hint = r.columnHint(r.scope, parts, x)
	}
	r.fail(types.ColumnNotFound, x, "Column %s is not present in the input relation%s", ast.Format(x), hint)
	return nil
}

// keyHint says how to make an expression a column of the input, as the end of a message.
func keyHint(x ast.Expr, clause, name string) string {
	return fmt.Sprintf("; name it in a subquery: FROM (SELECT *, %s AS %s FROM …) MATCH_RECOGNIZE (… %s %[2]s …)", ast.Format(x), name, clause)
}

// local ends the analysis if a column belongs to an outer query. A pattern must not read it.
func (r *recognizer) local(c *plan.Column, n ast.Node) {
	if !r.scope.has(c) {
		r.fail(types.NotSupported, n, "Reference to column '%s' from outer scope not allowed in this context", ast.Format(n))
	}
}

func (r *recognizer) otherFields(keys []field, input relation) []field {
	taken := map[*plan.Column]bool{}
	for _, k := range keys {
		taken[k.col] = true
	}
	var out []field
	for _, f := range input.fields {
		if !f.hidden && !taken[f.col] {
			out = append(out, field{name: f.name, col: f.col})
		}
	}
	return out
}

// conditions analyses DEFINE.
func (r *recognizer) conditions() {
	r.node.Conditions = make([]plan.PatternExpr, len(r.node.Variables))
	for _, d := range r.pattern.Definitions {
		r.refuseWindows(d.Condition)
		e, values := r.env("DEFINE clause")
		c := e.expr(d.Condition)
		if t := c.Type(); t.Kind != types.Boolean {
			r.fail(types.TypeMismatch, d.Condition, "Expression defining a label must be boolean (actual type: %s)", t)
		}
		r.node.Conditions[r.labels[canonicalName(d.Name)][0]] = plan.PatternExpr{Expr: c, Values: *values}
	}
}

func (r *recognizer) measures() []field {
	var fields []field
	for _, m := range r.defined {
		r.refuseWindows(m.X)
		e, values := r.env("MEASURES clause")
		x := e.expr(m.X)
		c := r.newColumn(m.Name.Name, x.Type())
		r.node.Measures = append(r.node.Measures, plan.PatternMeasure{Column: c,
			PatternExpr: plan.PatternExpr{Expr: x, Values: *values}})
		fields = append(fields, field{name: m.Name.Name, col: c})
	}
	return fields
}

// env returns the env of an expression of the pattern. The expression's values of a match are added to values.
func (r *recognizer) env(clause string) (e *env, values *[]plan.PatternValue) {
	values = &[]plan.PatternValue{}
	return &env{analyzer: r.analyzer, scope: r.scope, clause: clause, pattern: &patternEnv{recognizer: r, values: values}}, values
}
