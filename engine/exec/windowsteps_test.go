package exec

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// countedRows is an accumulator that counts the rows it gets.
type countedRows struct {
	function.Accumulator
	rows *int
}

func (c countedRows) Add(groups []int32, args []batch.Vector, rows int) error {
	*c.rows += rows
	return c.Accumulator.Add(groups, args, rows)
}

// withCountedRows makes a call count the rows that its accumulators get.
func withCountedRows(call plan.WindowCall, rows *int) plan.WindowCall {
	fn := *call.Fn
	impl := fn.Impl.(*function.AggregateImpl)
	fn.Impl = &function.AggregateImpl{New: func(fn *types.Resolved, env *function.Env, lambdas []function.Lambda) function.Accumulator {
		return countedRows{impl.New(fn, env, lambdas), rows}
	}}
	call.Fn = &fn
	return call
}

// TestSlidingFramesAddNoRows: over frames that slide no accumulator gets rows anew, frame by frame, which would take as many
// steps as all frames have rows. TestFramesTakeStepsByRow counts those of what follows frames instead.
func TestSlidingFramesAddNoRows(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	s := newWindowSample(600, rand.New(rand.NewPCG(9, 9)))
	keys, far := s.array(s.column("k")), make([]int64, s.rows)
	for i := range far {
		far[i] = 50
	}
	s.addColumn("far", types.BigIntType, batch.FromValues(arrow.PrimitiveTypes.Int64, far, nil))
	for _, direction := range []int64{-1, 1} {
		moved := make([]int64, s.rows)
		for i := range moved {
			moved[i] = batch.Values[int64](keys)[i] + 50*direction
		}
		s.addColumn(fmt.Sprint("far", direction), types.BigIntType, batch.FromValues(arrow.PrimitiveTypes.Int64, moved, nil))
	}
	key := plan.SortKey{Column: s.column("k")}
	distinct := s.resolve(t, "count", s.column("s"))
	distinct.Distinct = true
	calls := []plan.WindowCall{
		s.resolve(t, "count"), distinct, s.resolve(t, "min_by", s.column("s"), s.column("n")), s.resolve(t, "max_by", s.column("s"), s.column("d")),
		s.resolve(t, "bool_and", s.column("b")), s.resolve(t, "bool_or", s.column("b")), s.resolve(t, "count_if", s.column("b")),
	}
	for _, column := range strings.Split("n d r c v y s", " ") {
		for _, name := range []string{"count", "min", "max", "any_value", "sum", "avg"} {
			if column == "s" && (name == "sum" || name == "avg") {
				continue
			}
			calls = append(calls, s.resolve(t, name, s.column(column)))
		}
	}
	calls = append(calls, s.resolve(t, "array_agg", s.column("n"))) // of which each frame has all its rows
	for _, unit := range frameUnits {
		for i, call := range calls {
			rows := 0
			call = withCountedRows(call, &rows)
			call.Frame = s.frame(unit, plan.Preceding, plan.Following, "far", false)
			n := &plan.Window{OrderBy: []plan.SortKey{key}, Calls: []plan.WindowCall{call}}
			input := &feed{reader: &tableReader{table: s.table}, size: 100, random: rand.New(rand.NewPCG(3, 4))}
			require.Len(t, rowsOf(t, windowOf(t, n, input, s.columns, nil)), s.rows)
			if i == len(calls)-1 {
				require.Greater(t, rows, 30*s.rows)
			} else {
				require.Zero(t, rows, "%s of %v, unit %d", call.Fn.Name, call.Fn.Args, unit)
			}
		}
	}
}

// TestBoundsAreFoundNearTheLast: the bounds of a RANGE are found in steps that grow with the rows, however many of them a frame has.
func TestBoundsAreFoundNearTheLast(t *testing.T) {
	random := rand.New(rand.NewPCG(10, 10))
	const rows = 20_000
	keys := make([]int64, rows)
	for i := 1; i < rows; i++ {
		keys[i] = keys[i-1] + random.Int64N(4)
	}
	for _, reach := range []int64{5, 500, 5000} {
		steps, at := 0, int32(0)
		for i := range rows {
			at = searchFrom(at, 0, rows, func(row int32) bool {
				steps++
				return keys[row] > keys[i]+reach
			})
			require.True(t, at == 0 || keys[at-1] <= keys[i]+reach)
			require.True(t, at == rows || keys[at] > keys[i]+reach)
		}
		require.LessOrEqual(t, steps, 6*rows, "%d steps for frames that reach %d", steps, reach)
	}
}
