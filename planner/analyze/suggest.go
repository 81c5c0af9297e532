package analyze

import (
	"errors"
	"fmt"
	"strings"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// didYouMean returns "; did you mean 'x'?" for the known name closest to name, "" if none is close.
func didYouMean(name string, known []string) string {
	name = strings.ToLower(name)
	best, bestDistance := "", max(1, len(name)/4)+1
	for _, k := range known {
		if d := editDistance(name, strings.ToLower(k), bestDistance); d < bestDistance {
			best, bestDistance = k, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean '%s'?", best)
}

// notAColumn suggests what was meant by a name that is no column, as the end of a message; "" if nothing is likely.
func notAColumn(name string, n ast.Node) string {
	column, ok := n.(*ast.Column)
	switch {
	case ok && column.Name.Quoted && strings.HasPrefix(name, "$"):
		return "; there are no hidden columns: auditlake store files lists the files of a store"
	case ok && !column.Name.Quoted && wordsElsewhere[strings.ToLower(name)] != "":
		return "; it is written " + wordsElsewhere[strings.ToLower(name)]
	case ok && column.Name.Quoted:
		return "; double quotes name columns, texts stand in single ones: '" + strings.ReplaceAll(name, "'", "''") + "'"
	case ok && strings.EqualFold(name, "ALL"):
		return "; GROUP BY ALL is written GROUP BY AUTO, or by the places of the columns: GROUP BY 1, 2"
	}
	return ""
}

// wordsElsewhere maps words of other databases to Trino's syntax.
var wordsElsewhere = map[string]string{
	"sysdate": "current_timestamp", "systimestamp": "current_timestamp", "sysdatetime": "current_timestamp",
	"rownum": "LIMIT n, at the end, or row_number() OVER (ORDER BY eventtime) AS n",
}

// literalHint suggests a literal if a date, a timestamp or a boolean is compared with a text that reads as one.
func literalHint(left, right plan.Expr) string {
	c, ok := right.(*plan.Const)
	other := left
	if !ok || c.Value.Type.Kind != types.Varchar {
		if c, ok = left.(*plan.Const); !ok || c.Value.Type.Kind != types.Varchar {
			return ""
		}
		other = right
	}
	text, _ := c.Value.V.(string)
	switch other.Type().Kind {
	case types.Boolean:
		if word := strings.ToLower(text); word == "true" || word == "false" {
			return "; did you mean " + word + ", without quotes?"
		}
	case types.Date:
		if _, ok := types.ParseDate(text); ok {
			return fmt.Sprintf("; did you mean DATE '%s'?", text)
		}
	case types.Timestamp, types.TimestampTZ:
		if _, err := types.ParseTimestamp(text); err == nil {
			return fmt.Sprintf("; did you mean TIMESTAMP '%s'?", text)
		}
	}
	return ""
}

// jsonHint says how to compare JSON with a text, as the end of a message; "" for other types.
func jsonHint(t, other *types.Type, x ast.Expr) string {
	if t.Kind != types.JSON || !other.IsText() {
		return ""
	}
	return "; the text of a JSON value is " + scalarText(x)
}

// scalarText returns the expression for the text of a JSON value.
func scalarText(x ast.Expr) string {
	if call, ok := x.(*ast.FunctionCall); ok && len(call.Args) == 2 && callName(call) == "json_extract" {
		return fmt.Sprintf("json_extract_scalar(%s, %s)", ast.Format(call.Args[0]), ast.Format(call.Args[1]))
	}
	return fmt.Sprintf("json_extract_scalar(%s, '$')", ast.Format(x))
}

// partHint says how to search a timestamp, a map or a row like a text, as the end of a message; "" for other types.
func partHint(x ast.Expr, t *types.Type) string {
	switch {
	case t.Kind == types.Timestamp:
		return fmt.Sprintf("; %s is a timestamp: %[1]s >= '2026-01-31' AND %[1]s < '2026-02-01'", ast.Format(x))
	case t.Kind == types.JSON:
		return fmt.Sprintf("; the text of a JSON value is %s", scalarText(x))
	case t.Kind == types.Map && t.Key.IsText():
		return fmt.Sprintf("; one value: element_at(%s, 'key') LIKE …", ast.Format(x))
	case t.Kind == types.Row && len(t.Fields) > 0 && t.Fields[0].Name != "":
		return fmt.Sprintf("; one field: %s.%s LIKE …", ast.Format(x), t.Fields[0].Name)
	}
	return ""
}

// readOtherwise adds to a function's error how to write what was probably meant: how to read an entry of a map or a
// field of a row (elsewhere the parameters of a request are JSON text), the order of date_trunc's arguments, and
// similar.
func readOtherwise(err error, name string, args []ast.Expr, offered []types.Arg) error {
	var e *types.Error
	if len(args) == 0 || offered[0].Type == nil || !errors.As(err, &e) {
		return err
	}
	hinted := *e
	switch t := offered[0].Type; {
	case t.Kind == types.Map && (strings.HasPrefix(name, "json_") || takesText(name)) && t.Key.IsText():
		hinted.Message += fmt.Sprintf("; %s is a map: element_at(%[1]s, 'key')", ast.Format(args[0]))
	case (name == "element_at" || strings.HasPrefix(name, "json_")) && len(args) == 2 && t.Kind == types.Row:
		if field, ok := args[1].(*ast.StringLiteral); ok {
			hinted.Message += rowFieldHint(args[0], t, strings.TrimPrefix(field.Value, "$."))
		}
	case t.Kind == types.Row && (strings.HasPrefix(name, "map_") || takesText(name)) && len(t.Fields) > 0 && t.Fields[0].Name != "":
		hinted.Message += fmt.Sprintf("; %s is a row: one field is %[1]s.%s", ast.Format(args[0]), t.Fields[0].Name)
	case name == "date_trunc" && len(args) == 2 && (t.Kind == types.Timestamp || t.Kind == types.TimestampTZ || t.Kind == types.Date):
		hinted.Message += fmt.Sprintf("; the unit comes first: date_trunc('day', %s)", ast.Format(args[0]))
	case name == "count" && len(args) > 1:
		hinted.Message += "; several columns are counted as a row: count(DISTINCT (x, y))"
	case name == "to_timestamp" && len(args) == 1 && t.IsText():
		hinted.Message += fmt.Sprintf("; a text with a time is CAST(%s AS timestamp)", ast.Format(args[0]))
	case name == "contains" && len(args) == 2 && t.IsText():
		hinted.Message += fmt.Sprintf("; a part of a text: %s LIKE '%%part%%'", ast.Format(args[0]))
	}
	return &hinted
}

// rowFieldHint says how to read a row's field that the statement reads as if the row were a map, as the end of a
// message; "" if there is no such field.
func rowFieldHint(x ast.Expr, row *types.Type, field string) string {
	for _, f := range row.Fields {
		if f.Name != "" && strings.EqualFold(f.Name, field) {
			return fmt.Sprintf("; %s is a row: %[1]s.%s", ast.Format(x), f.Name)
		}
	}
	return ""
}

// unnestHint explains how rows are unnested: their fields become columns.
func unnestHint(x *ast.Aliased) string {
	if _, ok := x.Relation.(*ast.Unnest); !ok || len(x.Columns) != 1 {
		return ""
	}
	return fmt.Sprintf("; without the list, %s.NAME is a field of the elements", x.Alias.Name)
}

// editDistance counts the bytes to insert, delete, replace or swap with their neighbour to turn a into b. It may
// stop at limit.
func editDistance(a, b string, limit int) int {
	if len(a) > len(b)+limit || len(b) > len(a)+limit || len(a) > 128 || len(b) > 128 {
		return limit
	}
	rows := [3][]int{make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)}
	for j := range rows[1] {
		rows[1][j] = j
	}
	for i := 1; i <= len(a); i++ {
		before, last, row := rows[0], rows[1], rows[2]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		rows = [3][]int{last, row, before}
	}
	return rows[1][len(b)]
}
