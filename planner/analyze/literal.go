package analyze

import (
	"math"
	"unicode/utf8"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// literal returns the constant of a literal.
func (e *env) literal(x ast.Expr) plan.Expr {
	v, err := e.literalValue(x)
	if err != nil {
		e.failWith(err, x)
	}
	return &plan.Const{Value: v, Pos: x.Pos()}
}

func (e *env) literalValue(x ast.Expr) (types.Value, error) {
	switch x := x.(type) {
	case *ast.BoolLiteral:
		return types.Value{Type: types.BooleanType, V: x.Value}, nil
	case *ast.StringLiteral:
		return varcharValue(x.Value), nil
	case *ast.BinaryLiteral:
		return types.Value{Type: types.VarbinaryType, V: x.Value}, nil
	case *ast.LongLiteral:
		if x.Value >= math.MinInt32 && x.Value <= math.MaxInt32 {
			return types.Value{Type: types.IntegerType, V: x.Value}, nil
		}
		return types.Value{Type: types.BigIntType, V: x.Value}, nil
	case *ast.DecimalLiteral:
		return types.ParseDecimal(x.Text)
	case *ast.DoubleLiteral:
		return types.Value{Type: types.DoubleType, V: x.Value}, nil
	case *ast.IntervalLiteral:
		return types.ParseInterval(x.Text, x.Negative, string(x.From), string(x.To))
	case *ast.TypedLiteral:
		return e.typedLiteral(x)
	}
	return types.Null(types.UnknownType), nil
}

func varcharValue(s string) types.Value {
	return types.Value{Type: types.VarcharOf(utf8.RuneCountInString(s)), V: s}
}

// typedLiteral parses TYPE 'text'. Types whose literals carry their own precision have parsers; for all others the
// text is cast.
func (e *env) typedLiteral(x *ast.TypedLiteral) (types.Value, error) {
	switch x.Type.Name {
	case "date":
		days, ok := types.ParseDate(x.Text)
		if !ok {
			return types.Value{}, types.Errorf(types.InvalidLiteral, x.Pos(), "'%s' is not a valid DATE literal", x.Text)
		}
		return types.Value{Type: types.DateType, V: days}, nil
	case "time":
		return types.ParseTime(x.Text)
	case "timestamp":
		return types.ParseTimestamp(x.Text)
	case "decimal":
		return types.ParseDecimal(x.Text)
	case "char":
		return types.Value{Type: types.CharOf(utf8.RuneCountInString(x.Text)), V: x.Text}, nil
	}
	if x.Type.Name == "interval" {
		return types.Value{}, types.Errorf(types.TypeNotFound, x.Pos(), "Unknown type: interval; the unit stands after the text: INTERVAL '7' DAY")
	}
	t := e.typeOf(x.Type)
	if t.Kind == types.Varchar {
		return types.Value{Type: t, V: x.Text}, nil
	}
	return e.castLiteral(x, t)
}

func (e *env) castLiteral(x *ast.TypedLiteral, t *types.Type) (types.Value, error) {
	invalid := types.Errorf(types.InvalidLiteral, x.Pos(), "'%s' is not a valid %s literal", x.Text, upper(t.String()))
	from := varcharValue(x.Text)
	if t.Kind == types.JSON {
		fn, err := e.fns.Resolve("json_parse", []types.Arg{{Type: from.Type}})
		if err != nil {
			return types.Value{}, err
		}
		return e.foldLiteral(fn, from, invalid)
	}
	fn, ok := e.fns.ResolveCast(from.Type, t, false)
	if !ok {
		return types.Value{}, types.Errorf(types.InvalidLiteral, x.Pos(), "No literal form for type %s", t)
	}
	return e.foldLiteral(fn, from, invalid)
}

func (e *env) foldLiteral(fn *types.Resolved, from types.Value, invalid error) (types.Value, error) {
	v, err := e.fns.Fold(fn, []types.Value{{Type: fn.Args[0], V: from.V}}, e.session)
	if err != nil {
		return types.Value{}, invalid
	}
	return v, nil
}
