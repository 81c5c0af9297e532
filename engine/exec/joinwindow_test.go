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
	"github.com/auditlake/auditlake/internal/process"
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
	if process.UnderRace {
		t.Skip("one goroutine does it all; the unit stage runs it")
	}
	everySize(t, func(t *testing.T, input func(*table) *feed, random *rand.Rand) {
		env := &function.Env{}
		leftColumns, rightColumns := sampleColumns(1), sampleColumns(5)
		both := append(append([]*plan.Column{}, leftColumns...), rightColumns...)
		b := &builder{env: &Env{Function: env}}
		for try := range 150 {
			// Without keys all right rows are of one; of many they are all sorted together.
			left, right := sample(random.IntN(40), random), sample(random.IntN([]int{40, 40, 40, 3 * membersSortedAlone}[try%4]), random)
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
			table, err := gathering{}.newJoinTable(t.Context(), rows, nil, unlimited())
			require.NoError(t, err)
			w, err := newJoinWindow(context.Background(), table, condition.bounds, unlimited())
			require.NoError(t, err)
			require.Equal(t, c.open, w.unanswered(terms))
		})
	}
}

// countingFilter is a condition that counts the pairs it is asked about.
type countingFilter struct {
	asked  int
	passes bool
	after  func() // called with each batch of pairs
}

func (f *countingFilter) Eval(*batch.Batch) (batch.Vector, error) { panic("not asked") }

func (f *countingFilter) Filter(b *batch.Batch) ([]int32, error) {
	f.asked += b.Len
	if f.after != nil {
		f.after()
	}
	if f.passes {
		return nil, nil
	}
	return []int32{}, nil
}

// oneKey is a table of which all rows have the same n.
func oneKey(rows int) *table {
	t := sample(rows, rand.New(rand.NewPCG(1, 2)))
	t.columns[0] = batch.FromValues(arrow.PrimitiveTypes.Int64, make([]int64, rows), nil)
	return t
}

// TestJoinOfOneKeyStops joins 40,000 rows with as many of the same key: it ends after
// no more than a few batches of pairs when its statement does, or when nobody wants more.
func TestJoinOfOneKeyStops(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	const rows = 40_000
	input := func() *feed {
		return &feed{reader: &tableReader{table: oneKey(rows)}, size: batch.Rows, random: rand.New(rand.NewPCG(3, 4))}
	}
	const fewPairs = (maxLooks + 1) * batch.Rows
	t.Run("cancelled while no pair matches", func(t *testing.T) {
		filter := &countingFilter{}
		condition := joinCondition{whole: &pairFilter{condition: filter}}
		for name, o := range map[string]Operator{
			"join": &hashJoin{kind: plan.InnerJoin, left: input(), right: input(), leftColumns: sampleColumns(1), rightColumns: sampleColumns(5),
				leftKeys: []int{0}, rightKeys: []int{0}, condition: condition, memory: unlimited(), out: unlimited()},
			"exists": &semiJoin{left: input(), right: input(), rightColumns: sampleColumns(5), leftKeys: []int{0}, rightKeys: []int{0},
				condition: condition, memory: unlimited()},
		} {
			ctx, cancel := context.WithCancel(context.Background())
			filter.asked, filter.after = 0, cancel
			_, err := o.Next(ctx)
			require.ErrorIs(t, err, context.Canceled, name)
			require.LessOrEqual(t, filter.asked, fewPairs, name)
			o.Close()
		}
	})
	t.Run("limited", func(t *testing.T) {
		filter := &countingFilter{passes: true}
		l := &limit{count: 10, input: &hashJoin{kind: plan.FullJoin, left: input(), right: input(), leftColumns: sampleColumns(1), rightColumns: sampleColumns(5),
			leftKeys: []int{0}, rightKeys: []int{0}, condition: joinCondition{whole: &pairFilter{condition: filter}}, memory: unlimited(), out: unlimited()}}
		require.Len(t, rowsOf(t, l), 10)
		require.LessOrEqual(t, filter.asked, fewPairs)
	})
}

// BenchmarkJoin joins 200,000 rows with as many: by numbers, by texts, and within
// bounds of a number.
func BenchmarkJoin(b *testing.B) {
	const rows = 200_000
	random := rand.New(rand.NewPCG(1, 2))
	n, text := make([]int64, rows), make([]string, rows)
	for i := range rows {
		n[i], text[i] = random.Int64N(rows), fmt.Sprintf("key-%d", random.IntN(rows))
	}
	texts, err := batch.FromStrings(arrow.BinaryTypes.String, text, nil)
	require.NoError(b, err)
	t := sample(rows, random)
	t.columns[0], t.columns[1] = batch.FromValues(arrow.PrimitiveTypes.Int64, n, nil), texts
	left, right := sampleColumns(1), sampleColumns(5)
	bounded := &plan.Join{Left: &plan.Values{Cols: left}, Right: &plan.Values{Cols: right}}
	fn := func(operator string) *types.Resolved {
		fn, err := function.New().Resolve(operator, []types.Arg{{Type: types.BigIntType}, {Type: types.BigIntType}})
		require.NoError(b, err)
		return fn
	}
	nearby := &plan.Call{Fn: fn(types.OpAdd), Args: []plan.Expr{&plan.Ref{Column: left[3]}, &plan.Const{Value: types.Value{Type: types.BigIntType, V: int64(1)}}}}
	bounded.Residual = &plan.Special{Form: plan.And, T: types.BooleanType, Args: []plan.Expr{
		&plan.Call{Fn: fn(types.OpGreaterEq), Args: []plan.Expr{&plan.Ref{Column: right[3]}, &plan.Ref{Column: left[3]}}},
		&plan.Call{Fn: fn(types.OpLessEqual), Args: []plan.Expr{&plan.Ref{Column: right[3]}, nearby}},
	}}
	within, err := (&builder{env: &Env{Function: &function.Env{}}}).joinCondition(bounded, left, right)
	require.NoError(b, err)
	for _, c := range []struct {
		name      string
		keys      []int
		condition joinCondition
	}{{"numbers", []int{0}, joinCondition{}}, {"texts", []int{1}, joinCondition{}}, {"both", []int{0, 1}, joinCondition{}}, {"bounds", nil, within}} {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				j := &hashJoin{kind: plan.InnerJoin, left: &tableScan{rows: &tableReader{table: t}}, right: &tableScan{rows: &tableReader{table: t}},
					leftColumns: left, rightColumns: right, leftKeys: c.keys, rightKeys: c.keys, condition: c.condition, memory: unlimited(), out: unlimited()}
				for {
					got, err := j.Next(context.Background())
					require.NoError(b, err)
					if got == nil {
						break
					}
				}
			}
		})
	}
}
