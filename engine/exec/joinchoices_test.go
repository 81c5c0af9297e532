package exec

import (
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// randomChoices is a condition of some alternatives, each with an equality or two of the columns that have one key, and perhaps more.
func randomChoices(t *testing.T, left, right []*plan.Column, random *rand.Rand) plan.Expr {
	or := &plan.Special{Form: plan.Or, T: types.BooleanType}
	for range 2 + random.IntN(3) {
		and := &plan.Special{Form: plan.And, T: types.BooleanType}
		for range 1 + random.IntN(2) {
			column := []int{0, 1, 3}[random.IntN(3)]
			a, b := plan.Expr(&plan.Ref{Column: left[column]}), plan.Expr(&plan.Ref{Column: right[column]})
			if random.IntN(2) == 0 {
				a, b = b, a
			}
			and.Args = append(and.Args, calling(t, types.OpEqual, a, b))
		}
		and.Args = append(and.Args, randomBounds(t, left, right, random)[:random.IntN(2)]...)
		if len(and.Args) == 1 {
			or.Args = append(or.Args, and.Args[0])
		} else {
			or.Args = append(or.Args, and)
		}
	}
	return or
}

// TestJoinsByAlternatives compares joins that look the alternatives of their condition up with looking at each pair: the pairs, and that a left
// row has its build rows in their order.
func TestJoinsByAlternatives(t *testing.T) {
	joins := 30
	if testing.Short() {
		joins = 8
	}
	everySize(t, func(t *testing.T, input func(*table) *feed, random *rand.Rand) {
		leftColumns, rightColumns := sampleColumns(1), sampleColumns(5)
		both := append(append([]*plan.Column{}, leftColumns...), rightColumns...)
		b := &builder{env: &Env{Function: &function.Env{}}}
		for range joins {
			left, right := sample(random.IntN(40), random), sample(random.IntN(40), random)
			join := &plan.Join{Kind: plan.InnerJoin, Left: &plan.Values{Cols: leftColumns}, Right: &plan.Values{Cols: rightColumns}}
			join.Residual = randomChoices(t, leftColumns, rightColumns, random)
			condition, err := b.joinCondition(join, leftColumns, rightColumns)
			require.NoError(t, err)
			require.NotEmpty(t, condition.choices)
			whole, err := expr.Compile(join.Residual, layout(both), b.env.Function)
			require.NoError(t, err)
			pairs := pairsWhere(t, left, right, nil, whole)
			for _, kind := range []plan.JoinKind{plan.InnerJoin, plan.LeftJoin, plan.RightJoin, plan.FullJoin} {
				joined := func(condition joinCondition) []string {
					return rowsOf(t, &hashJoin{kind: kind, left: input(left), right: input(right), leftColumns: leftColumns, rightColumns: rightColumns,
						condition: condition, memory: unlimited(), out: unlimited()})
				}
				got := joined(condition)
				require.Equal(t, sorted(naiveJoin(kind, left, right, pairs)), sorted(got), plan.FormatExpr(join.Residual))
				plain := condition
				plain.choices, plain.bounds = nil, nil
				require.Equal(t, joined(plain), got, "the order")
			}
		}
	})
}
