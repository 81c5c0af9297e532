package analyze

import (
	"errors"
	"fmt"
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// besideText analyses an operand that is compared with a value of type t. If t is a text, a word that is no column
// and resembles none is reported as a text without quotes.
func (e *env) besideText(t *types.Type, x ast.Expr) (operand plan.Expr) {
	word := ""
	switch x := x.(type) {
	case *ast.Column:
		word = x.Name.Name
	case *ast.Dereference:
		word = ast.Format(x)
	}
	if word == "" || !t.IsText() {
		return e.expr(x)
	}
	err := guard(func() { operand = e.expr(x) })
	var wrong *types.Error
	if errors.As(err, &wrong) && wrong.Name == types.ColumnNotFound && !strings.Contains(wrong.Message, "; ") {
		hinted := *wrong
		hinted.Message += fmt.Sprintf("; did you mean '%s' in single quotes?", word)
		err = &hinted
	}
	if err != nil {
		e.failWith(err, x)
	}
	return operand
}

// unquotedDateHint suggests the literal for a date without quotes, such as 2025-12-01, which is a subtraction. It
// returns the end of a message if t is a date or a timestamp, "" otherwise.
func unquotedDateHint(t *types.Type, x ast.Expr) string {
	date, ok := unquotedDate(x)
	switch {
	case ok && t.Kind == types.Date:
		return fmt.Sprintf("; did you mean DATE '%s'?", date)
	case ok && (t.Kind == types.Timestamp || t.Kind == types.TimestampTZ):
		return fmt.Sprintf("; did you mean TIMESTAMP '%s 00:00:00'?", date)
	}
	return ""
}

// unquotedDate reads year-month-day, a subtraction of integers, as a date.
func unquotedDate(x ast.Expr) (date string, ok bool) {
	outer, ok := x.(*ast.Binary)
	if !ok || outer.Op != ast.Subtract {
		return "", false
	}
	inner, ok := outer.Left.(*ast.Binary)
	if !ok || inner.Op != ast.Subtract {
		return "", false
	}
	var parts [3]int64
	for i, part := range []ast.Expr{inner.Left, inner.Right, outer.Right} {
		literal, ok := part.(*ast.LongLiteral)
		if !ok {
			return "", false
		}
		parts[i] = literal.Value
	}
	date = fmt.Sprintf("%04d-%02d-%02d", parts[0], parts[1], parts[2])
	_, ok = types.ParseDate(date)
	return date, ok
}

// daysHint says how to add days to a date or a timestamp, for which other databases take a number. It returns the
// end of a message, "" for other operators and types.
func daysHint(x *ast.Binary, left, right *types.Type) string {
	days, ok := x.Right.(*ast.LongLiteral)
	isTime := left.Kind == types.Date || left.Kind == types.Timestamp || left.Kind == types.TimestampTZ
	if !ok || !isTime || right.Kind != types.Integer || x.Op != ast.Add && x.Op != ast.Subtract {
		return ""
	}
	return fmt.Sprintf("; days are written %s INTERVAL '%d' DAY", x.Op, days.Value)
}

// joinedHint says how to concatenate texts, for which other databases use +. It returns the end of a message, ""
// for other operators and types.
func joinedHint(x *ast.Binary, left, right *types.Type) string {
	if x.Op != ast.Add || !left.IsText() || !right.IsText() {
		return ""
	}
	return fmt.Sprintf("; texts are joined with ||: %s || %s", ast.Format(x.Left), ast.Format(x.Right))
}

// numberHint suggests a literal if x, a text or a boolean of type t, is compared with a number, as the end of a
// message; "" for other types.
func numberHint(t *types.Type, x, other ast.Expr) string {
	n, ok := other.(*ast.LongLiteral)
	name := strings.ToLower(ast.Format(x))
	switch {
	case !ok:
		return ""
	case t.Kind == types.Boolean && (n.Value == 0 || n.Value == 1):
		return fmt.Sprintf("; did you mean %t?", n.Value == 1)
	case t.IsText() && strings.HasSuffix(name, "accountid"): // 12 digits; a number has lost leading zeros
		return fmt.Sprintf("; did you mean '%012d', in single quotes?", n.Value)
	case t.IsText():
		return fmt.Sprintf("; did you mean '%d', in single quotes?", n.Value)
	}
	return ""
}
