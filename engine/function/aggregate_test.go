package function_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/decimal128"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// calls lists one call per aggregate family and argument type.
var calls = []string{
	"count()", "count(bigint)", "count_if(boolean)", "sum(bigint)", "sum(double)", "sum(real)", "sum(decimal(10,2))",
	"avg(bigint)", "avg(double)", "avg(decimal(10,2))", "min(bigint)", "max(varchar)", "min(double)", "max(decimal(10,2))",
	"max(boolean)", "min(date)", "max(array(bigint))", "min(varchar,constant)", "max(double,constant)",
	"min_by(varchar,bigint)", "max_by(bigint,double)", "max_by(varchar,bigint,constant)", "arbitrary(varchar)",
	"array_agg(varchar)", "map_agg(varchar,bigint)", "multimap_agg(bigint,varchar)", "map_union(map(varchar,bigint))",
	"histogram(varchar)", "bool_and(boolean)", "bool_or(boolean)", "every(boolean)", "bitwise_and_agg(bigint)",
	"bitwise_xor_agg(bigint)", "variance(double)", "stddev_pop(bigint)", "skewness(double)", "kurtosis(double)",
	"corr(double,double)", "covar_samp(double,double)", "regr_slope(double,double)", "geometric_mean(bigint)",
	"approx_distinct(varchar)", "approx_percentile(bigint,fraction)", "approx_percentile(real,fractions)", "checksum(varchar)",
	"approx_most_frequent(constant,varchar,constant)",
}

// argument makes a column of an argument's type, with NULLs.
func argument(t *testing.T, name string, rows int, random *rand.Rand) (*types.Type, batch.Vector) {
	switch name {
	case "constant":
		return constantOf(t, types.BigIntType, int64(3))
	case "fraction":
		return constantOf(t, types.DoubleType, 0.5)
	case "fractions":
		return constantOf(t, types.ArrayOf(types.DoubleType), []types.Value{{Type: types.DoubleType, V: 0.1}, {Type: types.DoubleType, V: 0.9}})
	}
	parsed, err := types.ParseType(name)
	require.NoError(t, err)
	values := make([]types.Value, rows)
	for i := range values {
		values[i] = types.Null(parsed)
		if random.IntN(4) > 0 {
			values[i].V = randomValue(parsed, random)
		}
	}
	a, err := function.ArrayOf(parsed, values)
	require.NoError(t, err)
	return parsed, batch.Vector{Array: a}
}

func constantOf(t *testing.T, ty *types.Type, v any) (*types.Type, batch.Vector) {
	c, err := function.Constant(types.Value{Type: ty, V: v})
	require.NoError(t, err)
	return ty, c
}

func randomValue(t *types.Type, random *rand.Rand) any {
	switch t.Kind {
	case types.Boolean:
		return random.IntN(3) > 0
	case types.Double:
		if random.IntN(10) == 0 {
			return math.NaN()
		}
		return float64(random.IntN(50)) / 4
	case types.Real:
		return float32(random.IntN(50)) / 4
	case types.Decimal:
		return decimal128.FromI64(random.Int64N(20000) - 10000)
	case types.Varchar:
		return fmt.Sprint("text ", random.IntN(12))
	case types.Array:
		return []types.Value{{Type: t.Elem, V: randomValue(t.Elem, random)}}
	case types.Map:
		return types.MapValue{Keys: []types.Value{{Type: t.Key, V: randomValue(t.Key, random)}},
			Values: []types.Value{{Type: t.Elem, V: randomValue(t.Elem, random)}}}
	}
	return int64(random.IntN(20) + 1)
}

// argumentNames splits "f(a, b(c,d))" at the commas outside parentheses.
func argumentNames(call string) (name string, args []string) {
	open := 0
	for open < len(call) && call[open] != '(' {
		open++
	}
	depth, start := 0, open+1
	for i := open + 1; i < len(call); i++ {
		switch {
		case call[i] == '(':
			depth++
		case call[i] == ')' && depth > 0:
			depth--
		case (call[i] == ',' || call[i] == ')') && depth == 0:
			if i > start {
				args = append(args, call[start:i])
			}
			start = i + 1
		}
	}
	return call[:open], args
}

func resolve(t *testing.T, name string, args []*types.Type) (*types.Resolved, func() function.Accumulator) {
	list := make([]types.Arg, len(args))
	for i, a := range args {
		list[i].Type = a
	}
	fn, err := function.New().Resolve(name, list)
	require.NoError(t, err)
	env := function.SessionEnv(&metadata.Session{Now: time.Unix(0, 0)})
	return fn, func() function.Accumulator { return fn.Impl.(*function.AggregateImpl).New(fn, env, nil) }
}

func part(args []batch.Vector, from, to int) []batch.Vector {
	rows := make([]int32, 0, to-from)
	for i := from; i < to; i++ {
		rows = append(rows, int32(i))
	}
	out := make([]batch.Vector, len(args))
	for i, a := range args {
		out[i] = batch.TakeVector(a, rows)
	}
	return out
}

// TestMerge adds rows to one accumulator, and in two halves to two that are
// merged: the results agree.
func TestMerge(t *testing.T) {
	const rows, groups = 400, 7
	for _, call := range calls {
		t.Run(call, func(t *testing.T) {
			random := rand.New(rand.NewPCG(7, 7))
			name, names := argumentNames(call)
			var argTypes []*types.Type
			var args []batch.Vector
			for _, n := range names {
				ty, v := argument(t, n, rows, random)
				argTypes, args = append(argTypes, ty), append(args, v)
			}
			fn, newOne := resolve(t, name, argTypes)
			ids := make([]int32, rows)
			for i := range ids {
				ids[i] = int32(random.IntN(groups - 1)) // the last group stays empty
			}
			whole, first, second := newOne(), newOne(), newOne()
			whole.Resize(groups)
			require.NoError(t, whole.Add(ids, args, rows))
			first.Resize(groups)
			require.NoError(t, first.Add(ids[:150], part(args, 0, 150), 150))
			second.Resize(groups)
			mirrored := make([]int32, 250) // the second half numbers its groups the other way round
			for i, id := range ids[150:] {
				mirrored[i] = groups - 1 - id
			}
			require.NoError(t, second.Add(mirrored, part(args, 150, rows), 250))
			mapping := make([]int32, groups)
			for i := range mapping {
				mapping[i] = int32(groups - 1 - i)
			}
			require.NoError(t, first.Merge(second, mapping))
			want, err := whole.Result()
			require.NoError(t, err)
			got, err := first.Result()
			require.NoError(t, err)
			require.Equal(t, groups, got.Len())
			require.True(t, arrow.TypeEqual(arrowtype.Of(fn.Return), batch.Decode(got).DataType()), got.DataType())
			if function.MergesExactly(whole) {
				require.Equal(t, fmt.Sprint(want), fmt.Sprint(got))
			}
			for g := range groups {
				a, b := function.ValueAt(fn.Return, want, g), function.ValueAt(fn.Return, got, g)
				require.True(t, near(a, b) || batch.Sameness(fn.Return, want, got)(g, g) == batch.True, "group %d: %v and %v", g, a, b)
			}
		})
	}
}

// TestRunsOfOneGroup adds rows of one group at once and one by one, where some loops are for many rows: the results agree.
func TestRunsOfOneGroup(t *testing.T) {
	const rows = 150
	for _, call := range []string{"count()", "count(bigint)", "count_if(boolean)", "sum(bigint)", "sum(interval day to second)"} {
		for _, withNulls := range []bool{true, false} {
			random := rand.New(rand.NewPCG(8, 8))
			name, names := argumentNames(call)
			var argTypes []*types.Type
			var args []batch.Vector
			for _, n := range names {
				ty, v := argument(t, n, rows, random)
				if !withNulls {
					v = batch.TakeVector(v, arrowdata.AppendSetBits(nil, arrowdata.Validity(v.Array), rows))
				}
				argTypes, args = append(argTypes, ty), append(args, v)
			}
			many := rows
			if len(args) > 0 {
				many = args[0].Array.Len()
			}
			fn, newOne := resolve(t, name, argTypes)
			together, apart := newOne(), newOne()
			together.Resize(1)
			require.NoError(t, together.Add(make([]int32, many), args, many))
			apart.Resize(2) // the other group stays empty
			for i := range many {
				require.NoError(t, apart.Add([]int32{0}, part(args, i, i+1), 1))
			}
			got, err := together.Result()
			require.NoError(t, err)
			want, err := apart.Result()
			require.NoError(t, err)
			require.Equal(t, function.ValueAt(fn.Return, want, 0), function.ValueAt(fn.Return, got, 0), call)
		}
	}
	_, v := constantOf(t, types.BooleanType, true)
	_, newOne := resolveCall(t, "count_if(boolean)")
	counted := newOne()
	counted.Resize(2)
	require.NoError(t, counted.Add([]int32{0, 1, 1}, []batch.Vector{v}, 3))
	result, err := counted.Result()
	require.NoError(t, err)
	require.Equal(t, "[1 2]", fmt.Sprint(result))
}

// TestSumOverflow ends a run of values where one after another would have ended.
func TestSumOverflow(t *testing.T) {
	for _, values := range [][]int64{{1, math.MaxInt64, -5}, {-1, math.MinInt64}, {math.MinInt64, 3, -4, 9}} {
		a := batch.FromValues(arrow.PrimitiveTypes.Int64, values, nil)
		_, newOne := resolveCall(t, "sum(bigint)")
		together, apart := newOne(), newOne()
		together.Resize(1)
		err := together.Add(make([]int32, len(values)), []batch.Vector{{Array: a}}, len(values))
		require.Equal(t, types.NumericValueOutOfRange, types.ErrorName(err))
		apart.Resize(2)
		require.EqualError(t, apart.Add(make([]int32, len(values)), []batch.Vector{{Array: a}}, len(values)), err.Error())
	}
}

func TestMergesExactly(t *testing.T) {
	for call, want := range map[string]bool{
		"count()": true, "count(bigint)": true, "count_if(boolean)": true, "min(bigint)": true, "max(varchar)": true, "min(date)": true,
		"bool_or(boolean)": true, "max(decimal(10,2))": true, "bitwise_xor_agg(bigint)": true,
		"sum(double)": false, "avg(bigint)": false, "min(double)": false, "max(real)": false, "arbitrary(varchar)": false,
		"sum(bigint)": false, "array_agg(varchar)": false, "min_by(varchar,bigint)": false,
	} {
		_, newOne := resolveCall(t, call)
		require.Equal(t, want, function.MergesExactly(newOne()), call)
	}
	for call, want := range map[string]bool{
		"max_by(varchar,bigint,constant)": true, "min(double,constant)": true, "max(array(bigint),constant)": false, "count()": true,
		"min_by(varchar,bigint)": false,
	} {
		_, newOne := resolveCall(t, call)
		require.Equal(t, want, function.MergesInOrder(newOne(), func(int) bool { return true }), call)
	}
	_, extremes := resolveCall(t, "max_by(varchar,bigint,constant)")
	require.False(t, function.MergesInOrder(extremes(), func(argument int) bool { return argument != 2 }), "n may differ between the parts")
	for call, want := range map[string]int{
		"approx_distinct(varchar)": 1, "approx_distinct(bigint)": 1, "approx_distinct(double)": 0, "count(bigint)": 0,
		"approx_set(varchar)": 1, "approx_set(bigint)": 1, "approx_set(double)": 0,
		"map_agg(varchar,bigint)": 1, "multimap_agg(varchar,bigint)": 0, "array_agg(varchar)": 0,
	} {
		_, newOne := resolveCall(t, call)
		require.Equal(t, want, function.RepeatArguments(newOne()), call)
	}
}

func resolveCall(t *testing.T, call string) (*types.Resolved, func() function.Accumulator) {
	name, names := argumentNames(call)
	var argTypes []*types.Type
	for _, n := range names {
		argType, _ := argument(t, n, 1, rand.New(rand.NewPCG(7, 7)))
		argTypes = append(argTypes, argType)
	}
	return resolve(t, name, argTypes)
}

// near compares doubles, whose sums depend on the order of additions.
func near(a, b types.Value) bool {
	x, ok := a.V.(float64)
	y, ok2 := b.V.(float64)
	if f, isReal := a.V.(float32); isReal && b.V != nil {
		x, ok = float64(f), true
		y, ok2 = float64(b.V.(float32)), true
	}
	return ok && ok2 && (math.Abs(x-y) <= 1e-9*math.Abs(x) || math.IsNaN(x) && math.IsNaN(y))
}

func TestApproxDistinctIsNearAndStable(t *testing.T) {
	_, newOne := resolve(t, "approx_distinct", []*types.Type{types.BigIntType})
	for _, n := range []int{10, 4096, 100_000} {
		values := make([]int64, n)
		for i := range values {
			values[i] = int64(i) * 7
		}
		column := []batch.Vector{{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, values, nil)}}
		acc := newOne()
		acc.Resize(1)
		require.NoError(t, acc.Add(make([]int32, n), column, n))
		require.NoError(t, acc.Add(make([]int32, n), column, n))
		result, err := acc.Result()
		require.NoError(t, err)
		got := function.ValueAt(types.BigIntType, result, 0).V.(int64)
		require.InDelta(t, n, got, 3*0.023*float64(n))
		if n == 10 {
			require.EqualValues(t, n, got)
		}
	}
}

func TestSumOverflows(t *testing.T) {
	_, newOne := resolve(t, "sum", []*types.Type{types.BigIntType})
	acc := newOne()
	acc.Resize(1)
	err := acc.Add([]int32{0, 0}, []batch.Vector{{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, []int64{math.MaxInt64, 1}, nil)}}, 2)
	require.Equal(t, types.NumericValueOutOfRange, types.ErrorName(err))
}
