package parse

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/ast"
	"github.com/auditlake/auditlake/planner/types"
)

func TestArguments(t *testing.T) {
	for _, tt := range []struct {
		name, sql string
		arguments []string
		want      string // the statement that it is the same as
	}{
		{"in the order of the text", "SELECT ?, ? FROM t WHERE a = ? LIMIT ?", []string{"'it''s'", "2", "DATE '2026-01-31'", "5"},
			"SELECT 'it''s', 2 FROM t WHERE a = DATE '2026-01-31' LIMIT 5"},
		{"precedence is the argument's own", "SELECT 2 * ?", []string{"1 + 1"}, "SELECT 2 * (1 + 1)"},
		{"a question mark in a text is none", "SELECT '?', ?", []string{"lower('A')"}, "SELECT '?', lower('A')"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := Statement(tt.sql, tt.arguments...)
			require.NoError(t, err)
			want, err := Statement(tt.want)
			require.NoError(t, err)
			require.Equal(t, ast.Format(want), ast.Format(got))
		})
	}
	for _, tt := range []struct {
		name, sql string
		arguments []string
		want      string
	}{
		{"too many", "SELECT ?", []string{"1", "2"}, types.InvalidParameterUsage},
		{"too few", "SELECT ?, ?", []string{"1"}, types.InvalidParameterUsage},
		{"column", "SELECT ?", []string{"a + 1"}, types.ExpressionNotConstant},
		{"subquery", "SELECT ?", []string{"(SELECT 1)"}, types.ExpressionNotConstant},
		{"parameter", "SELECT ?", []string{"?"}, types.InvalidParameterUsage},
		{"not an expression", "SELECT ?", []string{"1 FROM t"}, types.SyntaxError},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Statement(tt.sql, tt.arguments...)
			require.Equal(t, tt.want, types.ErrorName(err))
		})
	}
}
