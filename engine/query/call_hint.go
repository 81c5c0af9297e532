package query

import (
	"fmt"
	"slices"
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/types"
)

// operators maps functions to the operators that statements write for them.
var operators = map[string]ast.BinaryOp{
	types.OpAdd: ast.Add, types.OpSubtract: ast.Subtract, types.OpMultiply: ast.Multiply, types.OpDivide: ast.Divide, types.OpModulus: ast.Modulus,
}

// callsOf returns the calls of a function in a statement: the one that failed, if its position is known, else all.
func callsOf(tree ast.Statement, failed *types.FailedFunction) (out []ast.Expr) {
	ast.Inspect(tree, func(n ast.Node) bool {
		is := false
		switch n := n.(type) {
		case *ast.FunctionCall:
			is = strings.EqualFold(n.Name.Last().Name, failed.Name)
		case *ast.Binary:
			is = operators[failed.Name] == n.Op
		case *ast.Unary:
			is = failed.Name == types.OpNegate && n.Op == ast.Minus
		case *ast.Subscript:
			is = failed.Name == types.OpSubscript
		}
		if is {
			out = append(out, n.(ast.Expr))
		}
		return true
	})
	if at := slices.IndexFunc(out, func(x ast.Expr) bool { return x.Pos() == failed.Pos }); at >= 0 {
		return out[at : at+1]
	}
	return out
}

// callHint returns the end of the message about a value that some calls of a function may have received.
func callHint(calls []ast.Expr, failed *types.Error) string {
	if len(calls) == 0 {
		return ""
	}
	var places, instead []string
	for _, x := range calls[:min(len(calls), maxNamedPlaces)] {
		places = append(places, fmt.Sprintf("%s at %s", types.Shortened(ast.Format(x)), x.Pos()))
		if other := spared(x, failed); other != "" {
			instead = append(instead, other)
		}
	}
	what, when := "expression", "it fails"
	if _, ok := calls[0].(*ast.FunctionCall); ok {
		what = "call"
	}
	if failed.Name == types.DivisionByZero {
		when = "the divisor is 0"
	}
	hint := fmt.Sprintf("; the %s is %s", what, strings.Join(places, " or "))
	if len(instead) > 0 {
		hint += fmt.Sprintf(": %s is NULL where %s", strings.Join(slices.Compact(instead), " or "), when)
	}
	return hint
}

// spared returns a replacement for a call that fails for values of some rows, or "" if it fails for all rows.
func spared(x ast.Expr, failed *types.Error) string {
	if !readsColumn(x) || strings.HasPrefix(failed.Message, "Invalid regular expression") {
		return ""
	}
	if failed.Name == types.DivisionByZero {
		switch x := x.(type) {
		case *ast.Binary:
			other := *x
			other.Right = notZero(x.Right)
			return ast.Format(&other)
		case *ast.FunctionCall:
			if len(x.Args) == 2 {
				other := *x
				other.Args = []ast.Expr{x.Args[0], notZero(x.Args[1])}
				return ast.Format(&other)
			}
		}
	}
	return "try(" + ast.Format(x) + ")"
}

// notZero returns an expression that is NULL where x is 0.
func notZero(x ast.Expr) ast.Expr {
	return &ast.NullIf{First: x, Second: &ast.LongLiteral{}}
}

// readsColumn reports whether an expression may have different values in different rows.
func readsColumn(x ast.Expr) (reads bool) {
	ast.Inspect(x, func(n ast.Node) bool {
		_, isColumn := n.(*ast.Column)
		reads = reads || isColumn
		return !reads
	})
	return reads
}
