package analyze_test

import (
	"context"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/analyze"
	"github.com/auditlake/auditlake/planner/parse"
	"github.com/auditlake/auditlake/planner/plan"
)

// FuzzStatement analyses whatever parses: it ends in an error or in a
// consistent plan.
func FuzzStatement(f *testing.F) {
	text, err := os.ReadFile("testdata/plans.txt")
	require.NoError(f, err)
	for _, block := range strings.Split(string(text), "\n\n") {
		sql, _, _ := strings.Cut(block, "\n    ")
		f.Add(sql)
	}
	lib := function.New()
	f.Fuzz(func(t *testing.T, sql string) {
		stmt, err := parse.Statement(sql)
		if err != nil {
			return
		}
		n, err := analyze.Statement(context.Background(), stmt, small(t), lib, session)
		if err == nil {
			require.NoError(t, check(n), "%s\n%s", sql, plan.Format(n))
		}
	})
}
