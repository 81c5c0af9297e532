package plan

import (
	"strings"

	"github.com/auditlake/auditlake/planner/types"
)

var infix = map[string]string{
	types.OpAdd: "+", types.OpSubtract: "-", types.OpMultiply: "*", types.OpDivide: "/", types.OpModulus: "%",
	types.OpEqual: "=", types.OpNotEqual: "<>", types.OpLess: "<", types.OpLessEqual: "<=", types.OpGreater: ">",
	types.OpGreaterEq: ">=", types.OpDistinct: "IS DISTINCT FROM",
}

// FormatExpr prints an expression in a SQL-like form.
func FormatExpr(e Expr) string {
	switch e := e.(type) {
	case *Ref:
		return columnName(e.Column)
	case *Const:
		return e.Value.String()
	case *Call:
		return formatCall(e)
	case *Cast:
		return iff(e.Try, "TRY_") + "CAST(" + FormatExpr(e.Arg) + " AS " + e.Type().String() + ")"
	case *Special:
		return formatSpecial(e)
	case *FieldOf:
		return FormatExpr(e.Arg) + "." + fieldName(e)
	case *Lambda:
		params := make([]string, len(e.Params))
		for i, p := range e.Params {
			params[i] = columnName(p)
		}
		return "(" + strings.Join(params, ", ") + ") -> " + FormatExpr(e.Body)
	}
	return "?"
}

func fieldName(e *FieldOf) string {
	f := e.Arg.Type().Fields[e.Index]
	if f.Name == "" {
		return "[" + types.Value{Type: types.IntegerType, V: int64(e.Index + 1)}.String() + "]"
	}
	return f.Name
}

func formatCall(e *Call) string {
	if op := infix[e.Fn.Name]; op != "" && len(e.Args) == 2 {
		return "(" + FormatExpr(e.Args[0]) + " " + op + " " + FormatExpr(e.Args[1]) + ")"
	}
	switch {
	case e.Fn.Name == types.OpNegate:
		return "-" + FormatExpr(e.Args[0])
	case e.Fn.Name == types.OpSubscript:
		return FormatExpr(e.Args[0]) + "[" + FormatExpr(e.Args[1]) + "]"
	case e.Fn.Name == types.OpLike && len(e.Args) == 2:
		return "(" + FormatExpr(e.Args[0]) + " LIKE " + FormatExpr(e.Args[1]) + ")"
	case e.Fn.Name == types.OpLike:
		return "(" + FormatExpr(e.Args[0]) + " LIKE " + FormatExpr(e.Args[1]) + " ESCAPE " + FormatExpr(e.Args[2]) + ")"
	}
	return e.Fn.Name + "(" + formatExprs(e.Args) + ")"
}

var formNames = map[Form]string{
	If: "IF", Coalesce: "COALESCE", NullIf: "NULLIF", Try: "TRY", MakeRow: "ROW",
}

func formatSpecial(e *Special) string {
	switch e.Form {
	case And:
		return "(" + joinExprs(e.Args, " AND ") + ")"
	case Or:
		return "(" + joinExprs(e.Args, " OR ") + ")"
	case Not:
		return "NOT " + FormatExpr(e.Args[0])
	case IsNull:
		return "(" + FormatExpr(e.Args[0]) + " IS NULL)"
	case In:
		return "(" + FormatExpr(e.Args[0]) + " IN (" + formatExprs(e.Args[1:]) + "))"
	case MakeArray:
		return "ARRAY[" + formatExprs(e.Args) + "]"
	case Case:
		return formatCase(e)
	}
	return formNames[e.Form] + "(" + formatExprs(e.Args) + ")"
}

func formatCase(e *Special) string {
	var b strings.Builder
	b.WriteString("CASE")
	last := len(e.Args) - 1
	for i := 0; i < last; i += 2 {
		b.WriteString(" WHEN " + FormatExpr(e.Args[i]) + " THEN " + FormatExpr(e.Args[i+1]))
	}
	b.WriteString(" ELSE " + FormatExpr(e.Args[last]) + " END")
	return b.String()
}

func formatExprs(list []Expr) string { return joinExprs(list, ", ") }

func joinExprs(list []Expr, separator string) string {
	texts := make([]string, len(list))
	for i, e := range list {
		texts[i] = FormatExpr(e)
	}
	return strings.Join(texts, separator)
}
