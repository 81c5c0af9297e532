package expr_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/analyze"
	"github.com/auditlake/auditlake/planner/parse"
	"github.com/auditlake/auditlake/planner/plan"
)

// longExpressions are expressions of many parts, by the text of part %d.
var longExpressions = []struct {
	name, part, separator, before, after string
	parts                                int // 0: manyParts
}{
	{name: "CASE of texts in a dictionary", part: "WHEN s = 'x%d' THEN n", separator: " ", before: "CASE ", after: " END"},
	{name: "CASE of numbers", part: "WHEN n = %d THEN k", separator: " ", before: "CASE ", after: " END"},
	{name: "CASE of constants", part: "WHEN b AND n = 10%d THEN %d", separator: " ", before: "CASE ", after: " END", parts: 200},
	{name: "IF in IF", part: "IF(n > 10%d, k, ", separator: "", before: "", after: "n" + strings.Repeat(")", 200), parts: 200},
	{name: "COALESCE", part: "NULLIF(n, n)", separator: ", ", before: "COALESCE(", after: ")"},
	{name: "OR", part: "(n = 10%d AND b)", separator: " OR ", before: "", after: ""},
	{name: "AND", part: "(s <> 'x%d' OR b)", separator: " AND ", before: "", after: ""},
	{name: "IN of expressions", part: "n + 10%d", separator: ", ", before: "n IN (", after: ")"},
	{name: "IN of arrays", part: "ARRAY[10%d]", separator: ", ", before: "a IN (", after: ")"},
	{name: "IN of rows", part: "(%d, %d)", separator: ", ", before: "(n, k) IN (", after: ")"},
	{name: "array of numbers", part: "n + %d", separator: ", ", before: "ARRAY[", after: "]"},
	{name: "array of columns", part: "n", separator: ", ", before: "ARRAY[", after: "]"},
	{name: "array of texts", part: "s", separator: ", ", before: "ARRAY[", after: "]"},
	{name: "row of constants", part: "%d", separator: ", ", before: "ROW(n, ", after: ")", parts: 200},
	{name: "lambda", part: "WHEN x = 10%d THEN 1", separator: " ", before: "transform(a, x -> CASE ", after: " END)"},
	{name: "sum", part: "n", separator: " + ", before: "", after: "", parts: 200},
	{name: "patterns", part: "regexp_like(s, '^%d.*x$')", separator: " OR ", before: "", after: ""},
	{name: "TRY", part: "TRY(1 / (n - n)) = %d", separator: " OR ", before: "", after: ""},
}

const (
	manyParts       = 500
	rowsBetweenLook = 1 << 16
)

// TestLongExpressionsLook: an expression looks whether its statement has ended at least once for every 2^16 rows of its parts, and
// ends there.
func TestLongExpressionsLook(t *testing.T) {
	for _, c := range longExpressions {
		parts := c.parts
		if parts == 0 {
			parts = manyParts
		}
		list := make([]string, parts)
		for i := range list {
			list[i] = strings.ReplaceAll(c.part, "%d", fmt.Sprint(i))
		}
		text := c.before + strings.Join(list, c.separator) + c.after
		for _, dictionaries := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, dictionaries %t", c.name, dictionaries), func(t *testing.T) {
				const rows = 2048
				b := repeatedBatch(fixtureBatch(t, dictionaries), rows)
				looks, stopAt := 0, 0
				newPool := func() *memory.Pool {
					pool := memory.NewPool(4 << 30)
					pool.SetPace(func() {
						if looks++; looks == stopAt {
							pool.Stop(context.Canceled)
						}
					})
					return pool
				}
				_, err := compilePooled(t, text, newPool()).Eval(b)
				require.NoError(t, err)
				require.GreaterOrEqual(t, looks, parts*rows/rowsBetweenLook, "looks of %d parts, %d rows", parts, rows)
				stopAt, looks = looks/2+1, 0
				_, err = compilePooled(t, text, newPool()).Eval(b)
				require.ErrorIs(t, err, context.Canceled)
				require.LessOrEqual(t, looks, stopAt+2, "looks after the end")
			})
		}
	}
}

// repeatedBatch has the rows of b again and again.
func repeatedBatch(b *batch.Batch, rows int) *batch.Batch {
	idx := make([]int32, rows)
	for i := range idx {
		idx[i] = int32(i % b.Len)
	}
	out := &batch.Batch{Len: rows}
	for _, c := range b.Columns {
		out.Columns = append(out.Columns, batch.Vector{Array: batch.Take(c.Array, idx)})
	}
	return out
}

// compilePooled compiles an expression over the table whose memory is counted in pool.
func compilePooled(t *testing.T, text string, pool *memory.Pool) expr.Evaluator {
	stmt, err := parse.Statement("SELECT " + text + " FROM t")
	require.NoError(t, err)
	node, err := analyze.Statement(context.Background(), stmt, fixtureCatalog{}, function.New(), session)
	require.NoError(t, err)
	project := plan.Inputs(node)[0].(*plan.Project)
	layout := map[int]int{}
	for i, c := range project.Input.(*plan.Scan).Cols {
		layout[c.Column.ID] = i
	}
	env := function.SessionEnv(session)
	env.Memory = pool.Account("an expression")
	evaluator, err := expr.Compile(project.Items[0].Expr, layout, env)
	require.NoError(t, err)
	return evaluator
}
