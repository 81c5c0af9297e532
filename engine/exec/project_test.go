package exec

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// projectionOf computes columns of what sample makes.
func projectionOf(t *testing.T, input Operator, workers int, pool *memory.Pool) *project {
	columns := sampleColumns(1)
	text := &plan.Const{Value: types.Value{Type: types.VarcharType, V: "none"}}
	items, err := expr.CompileList([]plan.Expr{
		&plan.Special{Form: plan.Coalesce, Args: []plan.Expr{&plan.Ref{Column: columns[1]}, text}, T: types.VarcharType},
		&plan.Special{Form: plan.IsNull, Args: []plan.Expr{&plan.Ref{Column: columns[0]}}, T: types.BooleanType},
		&plan.Ref{Column: columns[3]},
	}, layout(columns), &function.Env{})
	require.NoError(t, err)
	return &project{input: input, items: items, memory: unlimited(), workers: workers, madeAhead: &account{pool.Account("test")}}
}

// TestProjectShared: columns of shared rows that workers compute are those that one goroutine computes, also where there is no room for what they
// made, and nothing is held at the end.
func TestProjectShared(t *testing.T) {
	everySize(t, func(t *testing.T, input func(*table) *feed, random *rand.Rand) {
		from := sample(60, random)
		want := rowsOf(t, projectionOf(t, input(from), 1, memory.NewPool(0)))
		for _, workers := range []int{1, 2, 7} {
			for name, limitBytes := range map[string]int64{"with room": 0, "without": 100} {
				for reader := range 2 {
					pool := memory.NewPool(limitBytes)
					_, both := readers(input(from), 2, maxReusedBytes)
					if reader == 1 {
						rowsOf(t, both[0])
					}
					p := projectionOf(t, both[reader], workers, pool)
					readToEnd(p)
					require.Equal(t, want, rowsOf(t, p), "%d workers, %s, reader %d", workers, name, reader)
					require.Equal(t, workers > 1, p.ahead != nil)
					require.Zero(t, pool.UsedBytes())
				}
			}
		}
	})
}

// TestProjectAhead: workers compute what any operator gives where all of it is read anyway, and nothing ahead where it may not be.
func TestProjectAhead(t *testing.T) {
	everySize(t, func(t *testing.T, input func(*table) *feed, random *rand.Rand) {
		from := sample(60, random)
		want := rowsOf(t, projectionOf(t, input(from), 1, memory.NewPool(0)))
		for _, workers := range []int{1, 2, 7} {
			for name, limitBytes := range map[string]int64{"with room": 0, "without": 100} {
				for _, isReadToEnd := range []bool{false, true} {
					pool := memory.NewPool(limitBytes)
					p := projectionOf(t, input(from), workers, pool)
					if isReadToEnd {
						readToEnd(p)
					}
					require.Equal(t, want, rowsOf(t, p), "%d workers, %s, read to its end: %t", workers, name, isReadToEnd)
					require.Equal(t, workers > 1 && isReadToEnd, p.ahead != nil)
					require.Zero(t, pool.UsedBytes())
				}
			}
		}
	})
}
