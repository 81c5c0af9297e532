package dashboards

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/lazyregexp"
	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/parse"
)

// ErrNotDerived is wrapped with why the events behind a row do not follow from the statement.
var ErrNotDerived = errors.New("the events behind this row do not follow from its statement")

// Value is a value of an answer's row.
type Value struct {
	Type   string // as Trino writes it
	Text   string // as answers show it
	IsNull bool
}

// EventsBehind returns a statement for the events from which a statement has made a row of its answer. These pass
// its WHERE, and their keys of GROUP BY have the row's values. Without groups and aggregates they are the rows with
// the row's values. columns are the columns of the events to select.
func EventsBehind(statement string, row []Value, columns string) (string, error) {
	parsed, err := parse.Statement(statement)
	if err != nil {
		return "", fmt.Errorf("%w: %w", ErrNotDerived, err)
	}
	query, isQuery := parsed.(*ast.Query)
	if !isQuery {
		return "", notDerived("it is no SELECT")
	}
	block, isBlock := query.Body.(*ast.Select)
	if !isBlock || block.From == nil {
		return "", notDerived("it is not one SELECT from a table")
	}
	keys, err := keysOf(block, len(row))
	if err != nil {
		return "", err
	}
	conditions := conditionsOf(block.Where)
	for _, key := range keys {
		condition, err := isValue(key.x, row[key.column])
		if err != nil {
			return "", err
		}
		conditions = append(conditions, condition)
	}
	with := ""
	if query.With != nil { // what FROM names
		text := ast.Format(&ast.Query{With: query.With, Body: &ast.Select{Items: []ast.SelectItem{&ast.AllColumns{}}}})
		with = strings.TrimSuffix(text, "SELECT *")
	}
	out := fmt.Sprintf("%sSELECT %s\nFROM %s", with, columns, ast.Format(block.From))
	if len(conditions) > 0 {
		out += "\nWHERE " + strings.Join(conditions, "\n  AND ")
	}
	return out, nil
}

func notDerived(reason string) error { return fmt.Errorf("%w: %s", ErrNotDerived, reason) }

// rowKey is an expression over events that has the value of a column of the answer.
type rowKey struct {
	x      ast.Expr
	column int
}

// keysOf returns the expressions that distinguish the events of a row from those of other rows.
func keysOf(block *ast.Select, columns int) ([]rowKey, error) {
	items, err := itemsOf(block, columns)
	if err != nil {
		return nil, err
	}
	if block.GroupBy == nil {
		return keysWithoutGroups(items, block.Having != nil)
	}
	var keys []rowKey
	for _, element := range block.GroupBy.Elements {
		if element.Kind != ast.GroupingSet {
			return nil, notDerived("its GROUP BY has several sets of keys")
		}
		for _, x := range element.Set {
			column := columnOf(x, items)
			if column < 0 {
				return nil, notDerived("it groups by " + ast.Format(x) + ", which is no column of its answer")
			}
			keys = append(keys, rowKey{items[column], column})
		}
	}
	return keys, nil
}

// itemsOf returns the expressions of a block's columns.
func itemsOf(block *ast.Select, columns int) (items []ast.Expr, err error) {
	for _, item := range block.Items {
		single, isSingle := item.(*ast.SingleColumn)
		if !isSingle {
			return nil, notDerived("it selects *")
		}
		items = append(items, single.X)
	}
	if len(items) != columns {
		return nil, notDerived("its answer has other columns")
	}
	hasParameters := false
	ast.Inspect(block, func(n ast.Node) bool {
		_, isParameter := n.(*ast.Parameter)
		hasParameters = hasParameters || isParameter
		return !hasParameters
	})
	if hasParameters {
		return nil, notDerived("it has parameters")
	}
	return items, nil
}

// keysWithoutGroups returns the keys of a block without GROUP BY: all of its columns, or none if it aggregates
// everything to one row.
func keysWithoutGroups(items []ast.Expr, hasHaving bool) (keys []rowKey, err error) {
	aggregates := 0
	for i, x := range items {
		found := uses(x)
		switch {
		case found.window:
			return nil, notDerived("it has window functions")
		case found.aggregate:
			aggregates++
		default:
			keys = append(keys, rowKey{x, i})
		}
	}
	if aggregates > 0 || hasHaving {
		return nil, nil
	}
	return keys, nil
}

// columnOf returns the column of the answer that a key of GROUP BY is, by its number or because it is written alike;
// -1: none.
func columnOf(x ast.Expr, items []ast.Expr) int {
	if n, isNumber := x.(*ast.LongLiteral); isNumber {
		if n.Value < 1 || n.Value > int64(len(items)) {
			return -1
		}
		return int(n.Value) - 1
	}
	text := ast.Format(x)
	for i, item := range items {
		if ast.Format(item) == text {
			return i
		}
	}
	return -1
}

// used says which kinds of functions an expression has.
type used struct{ aggregate, window bool }

func uses(x ast.Expr) (found used) {
	ast.Inspect(x, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.Query:
			return false // its aggregates are its own
		case *ast.FunctionCall:
			found.window = found.window || n.Over != nil
			found.aggregate = found.aggregate || n.Over == nil && function.New().IsAggregate(strings.ToLower(n.Name.Last().Name))
		}
		return true
	})
	return found
}

// conditionsOf returns the conditions of a WHERE that all must hold.
func conditionsOf(where ast.Expr) (out []string) {
	if where == nil {
		return nil
	}
	if all, isLogical := where.(*ast.Logical); isLogical {
		if all.Op == ast.Or {
			return []string{"(" + ast.Format(where) + ")"}
		}
		for _, term := range all.Terms {
			out = append(out, conditionsOf(term)...)
		}
		return out
	}
	return []string{ast.Format(where)}
}

var (
	timestampType = lazyregexp.New(`^timestamp\(\d+\)$`)
	textType      = lazyregexp.New(`^(?:varchar|char)(?:\(\d+\))?$`)
	numberType    = lazyregexp.New(`^(?:tinyint|smallint|integer|bigint|boolean|decimal\(\d+,\s*\d+\))$`)
)

// truncated are the lengths of the units that date_trunc leaves whole.
var truncated = map[string]string{
	"second": "'1' SECOND", "minute": "'1' MINUTE", "hour": "'1' HOUR", "day": "'1' DAY", "week": "'7' DAY", "month": "'1' MONTH", "quarter": "'3' MONTH", "year": "'1' YEAR",
}

// isValue returns the condition that an expression has a value. A time that was cut to its unit is a range, by which
// scans leave days out.
func isValue(x ast.Expr, v Value) (string, error) {
	text := operand(x)
	if v.IsNull {
		return text + " IS NULL", nil
	}
	if !utf8.ValidString(v.Text) {
		return "", notDerived("a value is not valid UTF-8, as statements are")
	}
	constant := quote(v.Text)
	switch {
	case textType().MatchString(v.Type):
	case numberType().MatchString(v.Type):
		constant = v.Text
	case v.Type == "date":
		constant = "DATE " + constant
	case timestampType().MatchString(v.Type):
		constant = "TIMESTAMP " + constant
		if inner, length := truncation(x); inner != nil {
			return fmt.Sprintf("%s >= %s\n  AND %s < %s + INTERVAL %s", operand(inner), constant, operand(inner), constant, length), nil
		}
	default:
		return "", notDerived(fmt.Sprintf("values of type %s cannot be written as constants", v.Type))
	}
	return text + " = " + constant, nil
}

func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }

// operand writes an expression as it stands beside a comparison.
func operand(x ast.Expr) string {
	switch x.(type) {
	case *ast.Column, *ast.Dereference, *ast.FunctionCall, *ast.Cast:
		return ast.Format(x)
	}
	return "(" + ast.Format(x) + ")"
}

// truncation returns what date_trunc cuts and the length of its unit, nil for other expressions.
func truncation(x ast.Expr) (inner ast.Expr, length string) {
	call, isCall := x.(*ast.FunctionCall)
	if !isCall || !strings.EqualFold(call.Name.Last().Name, "date_trunc") || len(call.Args) != 2 {
		return nil, ""
	}
	unit, isText := call.Args[0].(*ast.StringLiteral)
	if !isText || truncated[strings.ToLower(unit.Value)] == "" {
		return nil, ""
	}
	return call.Args[1], truncated[strings.ToLower(unit.Value)]
}
