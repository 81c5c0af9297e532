package exec

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// BenchmarkWindow moves frames over 60,000 rows with 600 different keys; offsets are 50.
func BenchmarkWindow(b *testing.B) {
	const rows = 60_000
	random := rand.New(rand.NewPCG(1, 1))
	key, x, offset, low, high := make([]int64, rows), make([]int64, rows), make([]int64, rows), make([]int64, rows), make([]int64, rows)
	for i := range rows {
		key[i], x[i], offset[i] = random.Int64N(600), random.Int64N(1000), 50
		low[i], high[i] = key[i]-50, key[i]+50
	}
	var columns []*plan.Column
	t := &table{rows: rows}
	for i, values := range [][]int64{key, x, offset, low, high} {
		columns = append(columns, &plan.Column{ID: i, Type: types.BigIntType})
		t.columns = append(t.columns, batch.FromValues(arrow.PrimitiveTypes.Int64, values, nil))
	}
	between := plan.Frame{Start: plan.Preceding, End: plan.Following, StartOffset: columns[2], EndOffset: columns[2]}
	groups, byRows, ranges := between, between, between
	groups.Unit, byRows.Unit, ranges.Unit = plan.FrameGroups, plan.FrameRows, plan.FrameRange
	ranges.StartRange, ranges.EndRange = plan.RangeBound{Key: columns[0], Value: columns[3]}, plan.RangeBound{Key: columns[0], Value: columns[4]}
	for _, c := range []struct {
		name, function string
		frame          plan.Frame
		distinct       bool
	}{
		{"max of groups", "max", groups, false}, {"sum of a range", "sum", ranges, false}, {"avg of a range", "avg", ranges, false},
		{"sum of rows", "sum", byRows, false}, {"max of rows", "max", byRows, false}, {"stddev of groups", "stddev", groups, false},
		{"count distinct of rows", "count", byRows, true}, {"sum of all rows so far", "sum", plan.Frame{End: plan.CurrentRow}, false},
	} {
		fn, err := function.New().Resolve(c.function, []types.Arg{{Type: types.BigIntType}})
		require.NoError(b, err)
		n := &plan.Window{OrderBy: []plan.SortKey{{Column: columns[0]}}, Calls: []plan.WindowCall{{
			Column: &plan.Column{ID: 9, Type: fn.Return}, Fn: fn, Args: []plan.Expr{&plan.Ref{Column: columns[1]}}, Frame: c.frame, Distinct: c.distinct}}}
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				env := &Env{Function: &function.Env{}, Memory: Accounted(nil), Stats: NewStats(false)}
				o, _, err := (&builder{ctx: context.Background(), env: env}).window(n, &tableScan{rows: &tableReader{table: t}}, columns)
				require.NoError(b, err)
				for {
					batch, err := o.Next(context.Background())
					require.NoError(b, err)
					if batch == nil {
						break
					}
				}
				o.Close()
			}
		})
	}
}
