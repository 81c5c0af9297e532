package expr_test

import (
	"context"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/analyze"
	"github.com/auditlake/auditlake/planner/parse"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// planned returns the items of a SELECT over the table, and where its columns are.
func planned(t *testing.T, items string) ([]plan.Expr, map[int]int) {
	stmt, err := parse.Statement("SELECT " + items + " FROM t")
	require.NoError(t, err, items)
	node, err := analyze.Statement(context.Background(), stmt, fixtureCatalog{}, function.New(), session)
	require.NoError(t, err, items)
	project := plan.Inputs(node)[0].(*plan.Project)
	layout := map[int]int{}
	for i, c := range project.Input.(*plan.Scan).Cols {
		layout[c.Column.ID] = i
	}
	var list []plan.Expr
	for _, item := range project.Items {
		list = append(list, item.Expr)
	}
	return list, layout
}

// withCounted replaces the kernel of each call of lower and counts the times that one runs.
func withCounted(e plan.Expr, times *atomic.Int64) plan.Expr {
	e = plan.MapChildren(e, func(child plan.Expr) plan.Expr { return withCounted(child, times) })
	call, ok := e.(*plan.Call)
	if !ok || call.Fn.Name != "lower" {
		return e
	}
	fn := *call.Fn
	kernel := fn.Impl.(*function.Impl).Kernel
	fn.Impl = &function.Impl{Dictionary: true, Kernel: func(env *function.Env, args []batch.Vector, lambdas []function.Lambda, rows int) (batch.Vector, error) {
		times.Add(1)
		args[0].Array = batch.Decode(args[0].Array)
		return kernel(env, args, lambdas, rows)
	}}
	return &plan.Call{Fn: &fn, Args: call.Args, Pos: call.Pos}
}

// TestSharedParts computes several expressions together and each alone: the same comes out, and what they have in
// common is computed once.
func TestSharedParts(t *testing.T) {
	for _, c := range []struct {
		name, items string
		times       int64 // that lower is computed for all rows
	}{
		{"one", "lower(s)", 1},
		{"the same twice", "lower(s), lower(s)", 1},
		{"within others", "reverse(lower(s)) = 'teg', lower(s) < 'put', length(lower(s)) + n", 1},
		{"within many searches", "strpos(lower(s), 'g') > 0, lower(s) LIKE '%t%', lower(s) LIKE '%p%u%', lower(s) LIKE '%ele%', length(lower(s)) + n", 1},
		{"of different columns", "lower(s), lower(u), lower(u)", 2},
		{"within one", "lower(s) = 'get' OR lower(s) = 'put' OR lower(s) < 'x'", 1},
		{"of a part", "length(lower(s)) > 1, length(lower(s)) > 2, lower(s)", 1},
		{"first in a branch", "IF(n > 0, lower(s), 'no'), lower(s), lower(s)", 2},
		{"then in a branch", "lower(s), IF(n > 0, lower(s), 'no'), coalesce(nullif(u, 'Get'), lower(s)), n > 0 AND lower(s) = 'get'", 1},
		{"in a lambda", "lower(s), any_match(a, x -> lower(s) = 'get' AND x > 1)", 2},
		{"paths of a text", strings.ReplaceAll("json_extract_scalar($, '$.a'), json_extract_scalar($, '$.b.c') || json_extract_scalar($, '$.b.a[1]'), "+
			"IF(n > 0, json_extract_scalar($, '$.b')), json_extract_scalar($, '$.c') IS NULL, json_extract_scalar($, '$.a') = 'get', json_extract_scalar($, '$')",
			"$,", `'{"a":"' || lower(s) || '","b":{"c":' || CAST(n AS varchar) || ',"a":[2,' || u || ']}}',`), 1},
		{"random numbers", "lower(s), random() < 2, random() < 2", 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			for _, sel := range [][]int32{nil, {1}, {0, 3, 4, 8}, {0, 1, 2, 3, 5, 6, 7, 8, 9}, {}} {
				for _, dictionaries := range []bool{false, true} {
					b := fixtureBatch(t, dictionaries)
					b.Sel = sel
					list, layout := planned(t, c.items)
					var times atomic.Int64
					for i, e := range list {
						list[i] = withCounted(e, &times)
					}
					pool := memory.NewPool(1 << 20)
					env := function.SessionEnv(session)
					env.Memory = pool.Account("an expression")
					together, err := expr.CompileList(list, layout, env)
					require.NoError(t, err)
					got, err := together.Eval(b)
					require.NoError(t, err)
					if sel == nil {
						require.Equal(t, c.times, times.Load())
					}
					require.Zero(t, env.Memory.UsedBytes(), "memory that is still held")
					for i, e := range list {
						alone, err := expr.Compile(e, layout, env)
						require.NoError(t, err)
						want, err := alone.Eval(b)
						require.NoError(t, err)
						for row := range b.Live() {
							require.Equal(t, function.ValueAt(e.Type(), want.Array, want.At(row)), function.ValueAt(e.Type(), got[i].Array, got[i].At(row)))
						}
					}
				}
			}
		})
	}
}

// TestSharedPartErrors: a part that fails for rows that one expression leaves out fails for the others alone.
func TestSharedPartErrors(t *testing.T) {
	const failing = "10 / n" // n is 0 in the rows 1 and 5
	for _, c := range []struct {
		items string
		err   string
	}{
		{strings.ReplaceAll("IF(n <> 0, $, 0), TRY($), IF(n <> 0, $ + 1, 0), coalesce(TRY($), 1)", "$", failing), ""},
		{strings.ReplaceAll("IF(n <> 0, $, 0), TRY($), $", "$", failing), types.DivisionByZero},
		{strings.ReplaceAll("TRY($), n = 0 OR $ > 1, n <> 0 AND $ > 1", "$", failing), ""},
	} {
		t.Run(c.items, func(t *testing.T) {
			list, layout := planned(t, c.items)
			together, err := expr.CompileList(list, layout, statementEnv())
			require.NoError(t, err)
			got, err := together.Eval(fixtureBatch(t, false))
			if c.err != "" {
				require.Equal(t, c.err, types.ErrorName(err))
				return
			}
			require.NoError(t, err)
			for i, e := range list {
				alone, err := expr.Compile(e, layout, statementEnv())
				require.NoError(t, err)
				want, err := alone.Eval(fixtureBatch(t, false))
				require.NoError(t, err)
				for row := range 10 {
					require.Equal(t, function.ValueAt(e.Type(), want.Array, want.At(row)), function.ValueAt(e.Type(), got[i].Array, got[i].At(row)))
				}
			}
		})
	}
}

// TestSharedPartsWithinMemory: what a part keeps counts while the expressions are computed.
func TestSharedPartsWithinMemory(t *testing.T) {
	list, layout := planned(t, "length(lpad(s, 100000, 'x')), strpos(lpad(s, 100000, 'x'), 'y')")
	env := function.SessionEnv(session)
	pool := memory.NewPool(1 << 20)
	env.Memory = pool.Account("an expression")
	together, err := expr.CompileList(list, layout, env)
	require.NoError(t, err)
	_, err = together.Eval(fixtureBatch(t, false))
	require.Error(t, err)
	require.Zero(t, env.Memory.UsedBytes())
}

// TestListOfEveryExpression computes the expressions of TestEveryEncodingAndSelectionGivesTheRowsAnswer, and whether
// each is NULL, as one list.
func TestListOfEveryExpression(t *testing.T) {
	texts := slices.Clone(expressions)
	for _, text := range expressions {
		texts = append(texts, "("+text+") IS NOT NULL")
	}
	list, layout := planned(t, strings.Join(texts, ", "))
	together, err := expr.CompileList(list, layout, statementEnv())
	require.NoError(t, err)
	require.Len(t, list, len(texts))
	for _, sel := range [][]int32{nil, {2, 3, 9}, {0, 1, 3, 4, 6, 7, 8}} {
		b := fixtureBatch(t, len(sel) == 3)
		b.Sel = sel
		got, err := together.Eval(b)
		require.NoError(t, err)
		for i, text := range texts {
			e, typ := compile(t, text)
			want, err := e.Eval(b)
			require.NoError(t, err)
			require.Equal(t, values(typ, want, b.Live()), values(typ, got[i], b.Live()), text)
		}
	}
}
