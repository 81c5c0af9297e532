package expr_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/analyze"
	"github.com/auditlake/auditlake/planner/parse"
	"github.com/auditlake/auditlake/planner/plan"
)

// TestCallsOverColumns runs the recorded expressions whose answer is right over
// columns: the arguments of the outermost function become columns in which the
// value stands several times between NULLs. Each row must have the answer that
// the constants have.
func TestCallsOverColumns(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine")
	}
	checked := 0
	for _, c := range recordedCases(t) {
		if c.Error != nil {
			continue
		}
		call, ok := outermostCall(c.SQL)
		if !ok || call.Fn.NonDeterministic || call.Fn.Name == "concat" && len(call.Args) == 1 { // an error unless NULL
			continue
		}
		want, err := evaluate(call, &batch.Batch{Len: 1}, nil)
		if err != nil {
			continue
		}
		for _, encoded := range []bool{false, true} {
			b, layout, asColumns, err := columnsOf(call, encoded)
			require.NoError(t, err, c.SQL)
			got, err := evaluate(asColumns, b, layout)
			if !assertNoError(t, err, c) {
				continue
			}
			for _, row := range []int{0, 2, 4} {
				wantText := string(answer.AppendJSON(nil, call.Type(), batch.Decode(want.Array), 0))
				gotText := string(answer.AppendJSON(nil, call.Type(), batch.Decode(got.Array), got.At(row)))
				if wantText != gotText {
					t.Errorf("%s %s: row %d of a column (encoded %v): want %s, got %s", c.ID, c.SQL, row, encoded, wantText, gotText)
				}
			}
			checked++
		}
	}
	require.Greater(t, checked, 1000)
}

func assertNoError(t *testing.T, err error, c *conformance.Case) bool {
	if err != nil {
		t.Errorf("%s %s: over columns: %v", c.ID, c.SQL, err)
	}
	return err == nil
}

// outermostCall is the function call that a SELECT consists of.
func outermostCall(sql string) (*plan.Call, bool) {
	stmt, err := parse.Statement(sql)
	if err != nil {
		return nil, false
	}
	node, err := analyze.Statement(context.Background(), stmt, noTables{}, function.New(), session)
	if err != nil {
		return nil, false
	}
	if out, ok := node.(*plan.Output); ok {
		node = out.Input
	}
	project, ok := node.(*plan.Project)
	if !ok || len(project.Items) != 1 {
		return nil, false
	}
	call, ok := project.Items[0].Expr.(*plan.Call)
	return call, ok
}

// columnsOf turns the arguments of call into columns of five rows: the value,
// NULL, the value, NULL, the value.
func columnsOf(call *plan.Call, encoded bool) (*batch.Batch, map[int]int, *plan.Call, error) {
	b, layout := &batch.Batch{Len: 5}, map[int]int{}
	args := make([]plan.Expr, len(call.Args))
	for i, arg := range call.Args {
		args[i] = arg
		if _, ok := arg.(*plan.Lambda); ok {
			continue
		}
		v, err := evaluate(arg, &batch.Batch{Len: 1}, nil)
		if err != nil {
			return nil, nil, nil, fmt.Errorf("argument %d: %w", i, err)
		}
		id := 1_000_000 + i
		layout[id] = len(b.Columns)
		b.Columns = append(b.Columns, batch.Vector{Array: spaced(v.Array, encoded)})
		args[i] = &plan.Ref{Column: &plan.Column{ID: id, Name: "a", Type: arg.Type()}}
	}
	return b, layout, &plan.Call{Fn: call.Fn, Args: args, Pos: call.Pos}, nil
}

func spaced(a arrow.Array, encoded bool) arrow.Array {
	column := batch.Take(a, []int32{0, -1, 0, -1, 0})
	if text, ok := column.(*array.String); ok && encoded && !a.IsNull(0) {
		return batch.FromCodes([]int32{0, 0, 0, 0, 0}, arrowdata.Validity(text), a)
	}
	return column
}
