package parse_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/parse"
)

// TestPlaces marks with ^ where each expression stands for the one who reports
// errors about it.
func TestPlaces(t *testing.T) {
	for _, tt := range []struct{ sql, place string }{
		{"a = b", "  ^"},
		{"a AND b", "^"},
		{"(a OR b) AND c", "^"},
		{"NOT a", "^"},
		{"a + b * c", "  ^"},
		{"a || b", "  ^"},
		{"a < ALL (SELECT 1)", "  ^"},
		{"a BETWEEN 1 AND 2", "  ^"},
		{"a NOT BETWEEN 1 AND 2", "  ^"},
		{"a IN (1)", "  ^"},
		{"a NOT IN (SELECT 1)", "  ^"},
		{"a LIKE 'x'", "  ^"},
		{"a IS NOT NULL", "  ^"},
		{"a IS DISTINCT FROM b", "  ^"},
		{"a AT TIME ZONE 'UTC'", "  ^"},
		{"-a", "^"},
		{"- 1", "^"},
		{"a.b.c", "^"},
		{"(a).b", "^"},
		{"a[1]", "^"},
		{"f(a, b)", "^"},
		{"s.f(a)", "^"},
		{"RUNNING f(a)", "^"},
		{"CAST(a AS int)", "^"},
		{"CASE WHEN a THEN b END", "^"},
		{"DATE '2024-01-01'", "^"},
		{"(SELECT 1)", "^"},
		{"EXISTS (SELECT 1)", "^"},
		{"(a, b)", "^"},
		{"((a + b))", "    ^"},
		{"x -> x", "^"},
		{"IF(a, b)", "^"},
		{"'日本' = a", "     ^"},
		{"/* c */ a", "        ^"},
	} {
		t.Run(tt.sql, func(t *testing.T) {
			x, err := parse.Expression(tt.sql)
			require.NoError(t, err)
			require.Equal(t, ast.Pos{Line: 1, Column: len(tt.place)}, x.Pos())
		})
	}
}

// TestPlacesOfParts checks the places of what is no expression.
func TestPlacesOfParts(t *testing.T) {
	sql := "WITH a (x) AS (SELECT 1)\n" +
		"SELECT f() OVER w FROM a t (y)\n" +
		"JOIN b USING (k) GROUP BY ROLLUP (q) WINDOW w AS (ORDER BY z ROWS 1 PRECEDING)\n" +
		"UNION TABLE c ORDER BY 1 LIMIT 5"
	tree, err := parse.Statement(sql)
	require.NoError(t, err)
	lines := strings.Split(sql, "\n")
	var places []string
	ast.Inspect(tree, func(n ast.Node) bool {
		rest := lines[n.Pos().Line-1][n.Pos().Column-1:]
		places = append(places, fmt.Sprintf("%s %.6s", strings.TrimPrefix(fmt.Sprintf("%T", n), "*ast."), rest))
		return true
	})
	require.Equal(t, []string{
		"Query WITH a", "With WITH a", "NamedQuery a (x) ", "Query SELECT", "Select SELECT", "SingleColumn 1)", "LongLiteral 1)",
		"SetOperation UNION ", "Select SELECT", "SingleColumn f() OV", "FunctionCall f() OV", "Over OVER w",
		"Join a t (y", "Aliased a t (y", "Table a t (y", "Table b USIN",
		"GroupingElement ROLLUP", "GroupingElement q) WIN", "Column q) WIN",
		"WindowDefinition w AS (", "WindowSpec ORDER ", "SortItem z ROWS", "Column z ROWS", "Frame ROWS 1", "Bound 1 PREC", "LongLiteral 1 PREC",
		"Table TABLE ", "SortItem 1 LIMI", "LongLiteral 1 LIMI", "Limit LIMIT ", "LongLiteral 5",
	}, places)
}
