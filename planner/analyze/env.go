package analyze

import (
	"fmt"
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// env is the context of an expression: the meaning of its names and the constructs it may hold.
//
// Aggregates, window functions and subqueries are not computed in place. The expression reads a column instead, and
// a node below the expression's, which is planned later, produces that column.
//
// A part of an expression, such as the arguments of an aggregate, may follow other rules. It has its own env, a
// copy that a method in place.go makes.
type env struct {
	*analyzer
	scope  *scope
	clause string   // for messages: "WHERE clause"
	root   ast.Expr // the clause's whole expression, while it is analysed

	params  []map[string]*plan.Column // lambda parameters, innermost last
	aliases []output                  // in ORDER BY: names of the select list take precedence
	aliased *bool                     // set when an expression of ORDER BY reads such a name

	aggregates *aggregation // nil: not allowed here
	windows    *windowing   // nil: not allowed here
	subqueries *[]*pending  // nil: not allowed here
	mistakes   *[]mistake   // the SELECT block's; nil outside of one
	inside     ast.Node     // the aggregate whose argument this is, nil outside
	inWindow   bool         // an argument of a window function
	// inSpecification: the specification of a window.
	inSpecification bool
	pattern         *patternEnv // set inside of MATCH_RECOGNIZE
	// conjuncts are the terms that a filter wants true, or false if negated.
	conjuncts map[ast.Expr]bool
}

// expr analyses x, which may have any type.
func (e *env) expr(x ast.Expr) plan.Expr {
	e.enter(x)
	defer e.leave()
	if e.root == nil {
		e.root = x
		defer func() { e.root = nil }()
	}
	if e.pattern != nil {
		if found := e.patternExpr(x); found != nil {
			return found
		}
	}
	switch x := x.(type) {
	case *ast.NullLiteral, *ast.BoolLiteral, *ast.StringLiteral, *ast.BinaryLiteral, *ast.LongLiteral,
		*ast.DecimalLiteral, *ast.DoubleLiteral, *ast.TypedLiteral, *ast.IntervalLiteral:
		return e.literal(x)
	case *ast.Parameter:
		return e.parameter(x)
	case *ast.Column:
		return e.column(x)
	case *ast.Dereference:
		return e.dereference(x)
	case *ast.Subscript:
		return e.subscript(x)
	case *ast.Unary:
		return e.unary(x)
	case *ast.Binary:
		return e.binary(x)
	case *ast.AtTimeZone:
		return e.atTimeZone(x)
	case *ast.Comparison:
		return e.comparison(x)
	case *ast.Logical:
		return e.logical(x)
	case *ast.Not:
		return not(e.boolean(x.X, "Value of logical NOT expression"))
	case *ast.Between:
		return e.between(x)
	case *ast.In:
		return e.in(x)
	case *ast.Like:
		return e.like(x)
	case *ast.IsNull:
		return negateIf(x.Not, isNull(e.expr(x.X)))
	case *ast.IsDistinct:
		return e.isDistinct(x)
	case *ast.InSubquery:
		return e.inSubquery(x)
	case *ast.Exists:
		return e.exists(x)
	case *ast.Subquery:
		return e.scalarSubquery(x)
	case *ast.Quantified:
		return e.quantified(x)
	}
	return e.construct(x)
}

// construct analyses the other kinds of expressions: conditionals, constructors and calls.
func (e *env) construct(x ast.Expr) plan.Expr {
	switch x := x.(type) {
	case *ast.Case:
		return e.caseOf(x)
	case *ast.If:
		return e.ifOf(x)
	case *ast.Coalesce:
		return e.coalesce(x)
	case *ast.NullIf:
		return e.nullIf(x)
	case *ast.Try:
		arg := e.expr(x.X)
		return special(plan.Try, arg.Type(), arg)
	case *ast.Cast:
		return e.cast(x)
	case *ast.Row:
		return e.row(x)
	case *ast.Array:
		return e.array(x)
	case *ast.Lambda:
		e.fail(types.TypeMismatch, x, "Lambda expression should always be used inside a function")
	case *ast.Extract:
		return e.extract(x)
	case *ast.Trim:
		return e.trim(x)
	case *ast.Current:
		return e.current(x)
	case *ast.Grouping:
		return e.grouping(x)
	case *ast.FunctionCall:
		return e.call(x)
	case *ast.Measure:
		return e.measure(x)
	case *ast.JSONExists:
		return e.jsonExists(x)
	case *ast.JSONValue:
		return e.jsonValue(x)
	case *ast.JSONQuery:
		return e.jsonQuery(x)
	case *ast.JSONObject:
		return e.jsonObject(x)
	case *ast.JSONArray:
		return e.jsonArray(x)
	}
	panic(e.notSupported(x, "this expression"))
}

// boolean analyses a condition; what names it in the error.
func (e *env) boolean(x ast.Expr, what string) plan.Expr {
	c := e.expr(x)
	if t := c.Type(); t.Kind != types.Boolean && t.Kind != types.Unknown {
		e.fail(types.TypeMismatch, x, "%s must evaluate to a boolean: actual type %s", what, t)
	}
	return e.coerce(c, types.BooleanType, x)
}

// column resolves a bare name: a lambda's parameter, an output's name where ORDER BY allows it, or a column.
func (e *env) column(x *ast.Column) plan.Expr {
	name := strings.ToLower(x.Name.Name)
	for i := len(e.params) - 1; i >= 0; i-- {
		if p := e.params[i][name]; p != nil {
			return &plan.Ref{Column: p}
		}
	}
	if hasOutput(e.aliases, name) {
		return e.readAlias(e.outputNamed(e.aliases, x.Name.Name, x), x)
	}
	if c := e.lookup(e.scope, []string{x.Name.Name}, x); c != nil {
		return &plan.Ref{Column: c}
	}
	e.noColumn(e.scope, []string{x.Name.Name}, x)
	return nil
}

// readAlias returns the expression of a name in the select list. An aggregate in ORDER BY must not read such a
// name.
func (e *env) readAlias(out plan.Expr, x *ast.Column) plan.Expr {
	switch inside := e.inside.(type) {
	case *ast.Grouping:
		e.fail(types.InvalidArguments, inside, "Invalid reference to output of SELECT clause from grouping() expression in ORDER BY")
	case *ast.FunctionCall:
		e.fail(types.ColumnNotFound, x, "Invalid reference to output projection attribute from ORDER BY aggregation")
	}
	if e.aliased != nil {
		*e.aliased = true
	}
	return out
}

// dereference resolves base.field: a qualified column if there is one, otherwise a field of a row.
func (e *env) dereference(x *ast.Dereference) plan.Expr {
	parts, isName := nameParts(x)
	if isName && !e.isParam(parts[0]) && !hasOutput(e.aliases, parts[0]) {
		if c := e.lookup(e.scope, parts, x); c != nil {
			return &plan.Ref{Column: c}
		}
		if !e.scope.isColumn(parts[:len(parts)-1]) {
			e.noColumn(e.scope, parts, x)
		}
	}
	return e.fieldNamed(x, e.expr(x.Base))
}

// fieldNamed reads the field that x names of the row base.
func (e *env) fieldNamed(x *ast.Dereference, base plan.Expr) plan.Expr {
	if base.Type().Kind != types.Row {
		e.fail(types.TypeMismatch, x.Base, "Expression %s is not of type ROW%s", ast.Format(x.Base), mapHint(x, base.Type()))
	}
	found := -1
	for i, f := range base.Type().Fields {
		if f.Name == "" || !strings.EqualFold(f.Name, x.Field.Name) {
			continue
		}
		if found >= 0 {
			e.fail(types.AmbiguousName, &x.Field, "Ambiguous row field reference: %s", x.Field.Name)
		}
		found = i
	}
	if found < 0 {
		e.noField(x, base.Type())
	}
	return fieldOf(base, found)
}

// mapHint returns a sentence on how to read a map, an array of rows or JSON, for a statement that reads one like a
// row.
func mapHint(x *ast.Dereference, t *types.Type) string {
	_, isCall := x.Base.(*ast.FunctionCall)
	_, isEntry := x.Base.(*ast.Subscript)
	switch {
	case t.Kind == types.JSON, t.IsText() && (isCall || isEntry):
		return fmt.Sprintf("; a member of JSON is read with json_extract_scalar(%s, '$.%s')", ast.Format(x.Base), x.Field.Name)
	case t.Kind == types.Array && fieldPath(t.Elem, x.Field.Name, 1) != "":
		array, field := ast.Format(x.Base), x.Field.Name
		return fmt.Sprintf(" but an array; one element: any_match(%s, r -> r.%s = 'text'), or all: CROSS JOIN UNNEST(%[1]s) AS r", array, field)
	case t.Kind != types.Map || !t.Key.IsText():
		return ""
	}
	return fmt.Sprintf(" but a map; did you mean element_at(%s, '%s')?", ast.Format(x.Base), x.Field.Name)
}

func (e *env) noField(x *ast.Dereference, row *types.Type) {
	var known []string
	for _, f := range row.Fields {
		known = append(known, f.Name)
	}
	hint := didYouMean(x.Field.Name, known)
	if hint == "" {
		hint = "; the fields are " + types.Shortened(strings.Join(known, ", "))
	}
	e.fail(types.InvalidColumnReference, x, "Column reference '%s' is invalid%s", ast.Format(x), hint)
}

func (e *env) isParam(name string) bool {
	for _, p := range e.params {
		if p[strings.ToLower(name)] != nil {
			return true
		}
	}
	return false
}

// nameParts returns the parts of a chain of dereferences that is a name.
func nameParts(x ast.Expr) (parts []string, ok bool) {
	switch x := x.(type) {
	case *ast.Column:
		return []string{x.Name.Name}, true
	case *ast.Dereference:
		parts, ok = nameParts(x.Base)
		return append(parts, x.Field.Name), ok
	}
	return nil, false
}

func special(form plan.Form, t *types.Type, args ...plan.Expr) plan.Expr {
	return &plan.Special{Form: form, Args: args, T: t}
}

func not(x plan.Expr) plan.Expr { return special(plan.Not, types.BooleanType, x) }

func negateIf(negate bool, x plan.Expr) plan.Expr {
	if negate {
		return not(x)
	}
	return x
}

// and joins conditions; nil for none.
func and(terms ...plan.Expr) plan.Expr {
	switch len(terms) {
	case 0:
		return nil
	case 1:
		return terms[0]
	}
	return special(plan.And, types.BooleanType, terms...)
}

// fieldOf reads a field of a row. If the row is built in place, it returns the field's expression.
func fieldOf(row plan.Expr, index int) plan.Expr {
	if s, ok := row.(*plan.Special); ok && s.Form == plan.MakeRow {
		return s.Args[index]
	}
	return &plan.FieldOf{Arg: row, Index: index}
}

func constant(v types.Value) plan.Expr { return &plan.Const{Value: v} }

func boolConst(b bool) plan.Expr {
	return constant(types.Value{Type: types.BooleanType, V: b})
}

func longConst(n int64) plan.Expr {
	return constant(types.Value{Type: types.BigIntType, V: n})
}

func isNull(x plan.Expr) plan.Expr { return special(plan.IsNull, types.BooleanType, x) }
