package exec

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// calling is a call of an operator on two expressions of one type.
func calling(t *testing.T, operator string, a, b plan.Expr) plan.Expr {
	fn, err := function.New().Resolve(operator, []types.Arg{{Type: a.Type()}, {Type: b.Type()}})
	require.NoError(t, err)
	return &plan.Call{Fn: fn, Args: []plan.Expr{a, b}}
}

var boundOperators = []string{types.OpLess, types.OpLessEqual, types.OpGreater, types.OpGreaterEq}

// randomBounds are conjuncts that compare columns of two samples.
func randomBounds(t *testing.T, left, right []*plan.Column, random *rand.Rand) []plan.Expr {
	pick := func() int { return []int{0, 0, 1, 2, 3}[random.IntN(5)] }
	first := pick()
	var terms []plan.Expr
	for range 1 + random.IntN(3) {
		column := first
		if random.IntN(3) == 0 {
			column = pick()
		}
		a, b := plan.Expr(&plan.Ref{Column: left[column]}), plan.Expr(&plan.Ref{Column: right[column]})
		if left[column].Type == types.BigIntType && random.IntN(2) == 0 {
			a = calling(t, types.OpAdd, a, &plan.Const{Value: types.Value{Type: types.BigIntType, V: random.Int64N(4)}})
		}
		if random.IntN(2) == 0 {
			a, b = b, a
		}
		terms = append(terms, calling(t, boundOperators[random.IntN(4)], a, b))
	}
	return terms
}

// TestJoinsWithinBounds compares joins that find their pairs by windows of ordered rows
// with looking at each pair.
func TestJoinsWithinBounds(t *testing.T) {
	everySize(t, func(t *testing.T, input func(*table) *feed, random *rand.Rand) {
		env := &function.Env{}
		leftColumns, rightColumns := sampleColumns(1), sampleColumns(5)
		both := append(append([]*plan.Column{}, leftColumns...), rightColumns...)
		b := &builder{env: &Env{Function: env}}
		for try := range 150 {
			left, right := sample(random.IntN(40), random), sample(random.IntN(40), random)
			keys := [][]int{{}, {0}, {1}, {2}, {0, 1}}[random.IntN(5)]
			join := &plan.Join{Kind: plan.InnerJoin, Left: &plan.Values{Cols: leftColumns}, Right: &plan.Values{Cols: rightColumns}}
			terms := randomBounds(t, leftColumns, rightColumns, random)
			join.Residual = terms[0]
			if len(terms) > 1 {
				join.Residual = &plan.Special{Form: plan.And, Args: terms, T: types.BooleanType}
			}
			condition, err := b.joinCondition(join, leftColumns, rightColumns)
			require.NoError(t, err)
			require.NotEmpty(t, condition.bounds)
			whole, err := expr.Compile(join.Residual, layout(both), env)
			require.NoError(t, err)
			pairs := pairsWhere(t, left, right, keys, whole)
			about := fmt.Sprintf("try %d, keys %v, %s", try, keys, plan.FormatExpr(join.Residual))
			for _, kind := range []plan.JoinKind{plan.InnerJoin, plan.LeftJoin, plan.RightJoin, plan.FullJoin} {
				j := &hashJoin{kind: kind, left: input(left), right: input(right), leftColumns: leftColumns, rightColumns: rightColumns,
					leftKeys: keys, rightKeys: keys, condition: condition, memory: unlimited(), out: unlimited()}
				require.Equal(t, sorted(naiveJoin(kind, left, right, pairs)), sorted(rowsOf(t, j)), about)
			}
			s := &semiJoin{left: input(left), right: input(right), rightColumns: rightColumns, leftKeys: keys, rightKeys: keys,
				condition: condition, memory: unlimited()}
			met := map[int]bool{}
			for _, p := range pairs {
				met[p[0]] = true
			}
			want := []string{}
			for l := range left.rows {
				want = append(want, fmt.Sprintf("%s|%t", rowText(left.vectors(), l), met[l]))
			}
			require.Equal(t, want, rowsOf(t, s), about)
		}
	})
}

// pairsWhere lists the pairs of rows with equal keys that meet a condition, looking at each.
func pairsWhere(t *testing.T, left, right *table, keys []int, condition expr.Evaluator) [][2]int {
	var met [][2]int
	for _, p := range pairsOf(left, right, keys, false) {
		b := right.take([]int32{int32(p[1])})
		b.Columns = append(left.take([]int32{int32(p[0])}).Columns, b.Columns...)
		sel, err := condition.Filter(b)
		require.NoError(t, err)
		if sel == nil || len(sel) > 0 {
			met = append(met, p)
		}
	}
	return met
}

// TestWindowsAnswerBounds looks at which terms are left to be evaluated on pairs.
func TestWindowsAnswerBounds(t *testing.T) {
	left, right := sampleColumns(1), sampleColumns(5)
	ref := func(c *plan.Column) plan.Expr { return &plan.Ref{Column: c} }
	join := &plan.Join{Left: &plan.Values{Cols: left}, Right: &plan.Values{Cols: right}}
	terms := []plan.Expr{
		calling(t, types.OpLess, ref(right[3]), ref(left[3])),      // id alone is bounded on one side
		calling(t, types.OpGreaterEq, ref(left[0]), ref(right[0])), // n on both
		calling(t, types.OpGreaterEq, ref(right[0]), ref(left[3])),
		calling(t, types.OpNotEqual, ref(right[0]), ref(left[3])),
	}
	join.Residual = &plan.Special{Form: plan.And, Args: terms, T: types.BooleanType}
	condition, err := (&builder{env: &Env{Function: &function.Env{}}}).joinCondition(join, left, right)
	require.NoError(t, err)
	numbers := func(values ...int64) arrow.Array { return batch.FromValues(arrow.PrimitiveTypes.Int64, values, nil) }
	for _, c := range []struct {
		name string
		n    arrow.Array // id goes up
		open []plan.Expr
	}{
		{"both values have one order", numbers(1, 1, 2, 5), terms[3:]},
		{"the orders differ", numbers(2, 1, 5, 1), []plan.Expr{terms[0], terms[3]}},
	} {
		t.Run(c.name, func(t *testing.T) {
			rows := sample(4, rand.New(rand.NewPCG(1, 2)))
			rows.columns[0] = c.n
			table, err := newJoinTable(rows, nil, unlimited())
			require.NoError(t, err)
			w, err := newJoinWindow(context.Background(), table, condition.bounds, unlimited())
			require.NoError(t, err)
			require.Equal(t, c.open, w.unanswered(terms))
		})
	}
}
