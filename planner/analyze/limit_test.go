package analyze_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/types"
)

// TestLimits analyses statements whose plans would grow exponentially: each is
// refused by name.
func TestLimits(t *testing.T) {
	nested := func(depth int, format, inner string) string {
		for i := 0; i < depth; i++ {
			inner = strings.ReplaceAll(format, "@", inner)
		}
		return inner
	}
	with := "WITH x0 AS (SELECT a FROM t)"
	for i := 1; i < 40; i++ {
		with += fmt.Sprintf(", x%d AS (SELECT p.a FROM x%d p JOIN x%d q ON p.a = q.a)", i, i-1, i-1)
	}
	groups := ""
	for i := range 10_000 {
		groups += fmt.Sprintf(", a + %d", i)
	}
	tests := []struct{ name, sql string }{
		{"between", "SELECT " + nested(100, "(@ BETWEEN true AND false)", "true") + " FROM t"},
		{"case", "SELECT " + nested(100, "CASE @ WHEN 1 THEN 2 WHEN 2 THEN 3 END", "a") + " FROM t"},
		{"nullif", "SELECT " + nested(100, "NULLIF(@, BIGINT '1')", "a") + " FROM t"},
		{"lambdas", "SELECT " + nested(60, "transform(tags, x -> @)", "1") + " FROM u"},
		{"correlated in", "SELECT 1 FROM t x WHERE NOT " + nested(40, "a IN (SELECT a FROM t WHERE t.b = x.b AND NOT @)", "a = 1")},
		{"with", with + " SELECT * FROM x39"},
		{"cube", "SELECT 1 FROM t GROUP BY CUBE (" + strings.Repeat("a, ", 11) + "b)"},
		{"grouping sets", "SELECT 1 FROM t GROUP BY " + strings.Repeat("ROLLUP (a, b, c), ", 6) + "a"},
		{"rollup", "SELECT 1 FROM t GROUP BY ROLLUP (" + strings.Repeat("a, ", 300) + "b)"},
		{"group by", "SELECT 1 FROM t GROUP BY a" + groups},
		{"select list", "SELECT " + strings.Repeat("a, ", 10001) + "b FROM t"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := analyzed(t, tt.sql, session)
			want := types.NotSupported
			if tt.name == "cube" || tt.name == "grouping sets" {
				want = types.TooManyGroupingSets
			}
			require.Equal(t, want, types.ErrorName(err), err)
		})
	}
}

func TestLongChainsAreFine(t *testing.T) {
	tests := []struct{ name, sql string }{
		{"additions", "SELECT a" + strings.Repeat(" + 1", 3000) + " FROM t"},
		{"conditions", "SELECT 1 FROM t WHERE a = 1" + strings.Repeat(" OR a = 2", 3000)},
		{"items", "SELECT 1 FROM t WHERE a IN (1" + strings.Repeat(", 2", 50000) + ")"},
		{"unions", "SELECT a FROM t" + strings.Repeat(" UNION ALL SELECT a FROM t", 300)},
		{"joins", "SELECT 1 FROM t" + strings.Repeat(" CROSS JOIN t", 200)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := analyzed(t, tt.sql, session)
			require.NoError(t, err)
		})
	}
}
