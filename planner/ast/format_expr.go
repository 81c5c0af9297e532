package ast

import (
	"encoding/hex"
	"strings"
)

// Precedences, loosest first. An operand that binds looser than its context requires is written in parentheses.
const (
	precedenceLowest = iota
	precedenceOr
	precedenceAnd
	precedenceNot
	precedencePredicate
	precedenceConcat
	precedenceAdd
	precedenceMultiply
	precedenceUnary
	precedenceAtTimeZone
	precedencePrimary
)

func precedenceOf(x Expr) int {
	switch x := x.(type) {
	case *Lambda:
		return precedenceLowest
	case *Logical:
		if x.Op == Or {
			return precedenceOr
		}
		return precedenceAnd
	case *Not:
		return precedenceNot
	case *Comparison, *Quantified, *Between, *In, *InSubquery, *Like, *IsNull, *IsDistinct:
		return precedencePredicate
	case *Binary:
		return binaryPrecedence(x.Op)
	case *Unary:
		return precedenceUnary
	case *AtTimeZone:
		return precedenceAtTimeZone
	}
	return precedencePrimary
}

func binaryPrecedence(op BinaryOp) int {
	switch op {
	case Concat:
		return precedenceConcat
	case Add, Subtract:
		return precedenceAdd
	}
	return precedenceMultiply
}

func (f *formatter) exprs(list []Expr) {
	each(f, list, func(x Expr) { f.expr(x, precedenceLowest) })
}

// expr writes x for a context in which operands must bind at least as tightly as least.
func (f *formatter) expr(x Expr, least int) {
	if precedenceOf(x) < least {
		f.put("(")
		f.expr(x, precedenceLowest)
		f.put(")")
		return
	}
	switch x := x.(type) {
	case *NullLiteral, *BoolLiteral, *StringLiteral, *BinaryLiteral, *LongLiteral, *DecimalLiteral,
		*DoubleLiteral, *TypedLiteral, *IntervalLiteral, *Parameter, *Current:
		f.literal(x)
	case *Logical, *Not, *Comparison, *Quantified, *Between, *In, *InSubquery, *Like, *IsNull, *IsDistinct, *Exists:
		f.condition(x)
	case *JSONExists, *JSONValue, *JSONQuery, *JSONObject, *JSONArray:
		f.jsonExpr(x)
	case *Unary, *Binary, *AtTimeZone, *Subscript, *Dereference:
		f.operator(x)
	default:
		f.construct(x)
	}
}

func (f *formatter) literal(x Expr) {
	switch x := x.(type) {
	case *NullLiteral:
		f.put("NULL")
	case *BoolLiteral:
		if x.Value {
			f.put("TRUE")
		} else {
			f.put("FALSE")
		}
	case *StringLiteral:
		f.text(x.Value)
	case *BinaryLiteral:
		f.put("X'", hex.EncodeToString(x.Value), "'")
	case *LongLiteral:
		f.number(x.Value)
	case *DecimalLiteral:
		f.put(x.Text)
	case *DoubleLiteral:
		f.put(x.Text)
	case *TypedLiteral:
		f.typedLiteral(x)
	case *IntervalLiteral:
		f.put("INTERVAL ")
		f.putIf(x.Negative, "-")
		f.text(x.Text)
		f.put(" ", string(x.From))
		f.putIf(x.To != "", " TO "+string(x.To))
	case *Parameter:
		f.put("?")
	case *Current:
		f.put(string(x.Kind))
		if x.Precision >= 0 {
			f.put("(")
			f.number(int64(x.Precision))
			f.put(")")
		}
	}
}

func (f *formatter) typedLiteral(x *TypedLiteral) {
	f.typeName(x.Type)
	f.put(" ")
	f.text(x.Text)
}

func (f *formatter) condition(x Expr) {
	switch x := x.(type) {
	case *Logical:
		for i, term := range x.Terms {
			f.putIf(i > 0, " "+string(x.Op)+" ")
			f.expr(term, precedenceOf(x)+1)
		}
	case *Not:
		f.put("NOT ")
		f.expr(x.X, precedenceNot)
	case *Comparison:
		f.test(x.Left, string(x.Op))
		f.expr(x.Right, precedenceConcat)
	case *Quantified:
		f.test(x.Left, string(x.Op)+" "+string(x.Quantifier))
		f.inParentheses(x.Query)
	case *Between:
		f.test(x.X, negated(x.Not)+"BETWEEN")
		f.expr(x.Low, precedenceConcat)
		f.put(" AND ")
		f.expr(x.High, precedenceConcat)
	case *In:
		f.test(x.X, negated(x.Not)+"IN")
		f.put("(")
		f.exprs(x.List)
		f.put(")")
	case *InSubquery:
		f.test(x.X, negated(x.Not)+"IN")
		f.inParentheses(x.Query)
	case *Like:
		f.test(x.X, negated(x.Not)+"LIKE")
		f.expr(x.Pattern, precedenceConcat)
		if x.Escape != nil {
			f.put(" ESCAPE ")
			f.expr(x.Escape, precedenceConcat)
		}
	case *IsNull:
		f.test(x.X, "IS")
		f.put(negated(x.Not), "NULL")
	case *IsDistinct:
		f.test(x.Left, "IS")
		f.put(negated(x.Not), "DISTINCT FROM ")
		f.expr(x.Right, precedenceConcat)
	case *Exists:
		f.put("EXISTS ")
		f.inParentheses(x.Query)
	}
}

// test writes the left side and the words of a predicate.
func (f *formatter) test(left Expr, words string) {
	f.expr(left, precedenceConcat)
	f.put(" ", words, " ")
}

func negated(not bool) string {
	if not {
		return "NOT "
	}
	return ""
}

func (f *formatter) operator(x Expr) {
	switch x := x.(type) {
	case *Unary:
		f.unary(x)
	case *Binary:
		precedence := binaryPrecedence(x.Op)
		f.expr(x.Left, precedence)
		f.put(" ", string(x.Op), " ")
		f.expr(x.Right, precedence+1)
	case *AtTimeZone:
		f.expr(x.X, precedenceAtTimeZone)
		f.put(" AT TIME ZONE ")
		f.expr(x.Zone, precedencePrimary)
	case *Subscript:
		f.expr(x.Base, precedencePrimary)
		f.put("[")
		f.expr(x.Index, precedenceConcat)
		f.put("]")
	case *Dereference:
		f.base(x.Base)
		f.put(".")
		f.ident(x.Field)
	}
}

// unary writes a sign so that it neither joins a number after it nor begins a comment together with another sign.
func (f *formatter) unary(x *Unary) {
	f.put(string(x.Op))
	var inner formatter
	inner.expr(x.X, precedenceUnary)
	text := inner.String()
	switch {
	case x.Op == Plus:
		f.put(text)
	case strings.IndexByte("0123456789.", text[0]) >= 0:
		f.put("(", text, ")")
	default:
		f.putIf(text[0] == '-', " ")
		f.put(text)
	}
}

// base writes the expression before a dot. A number there needs parentheses.
func (f *formatter) base(x Expr) {
	switch x.(type) {
	case *LongLiteral, *DecimalLiteral, *DoubleLiteral:
		f.put("(")
		f.literal(x)
		f.put(")")
	default:
		f.expr(x, precedencePrimary)
	}
}
