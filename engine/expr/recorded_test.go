package expr_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/enginetest/conformance"
	"github.com/auditlake/auditlake/engine/expr"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/internal/material"
	"github.com/auditlake/auditlake/planner/analyze"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/parse"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// recordedCases are the recorded Trino answers of expressions.
func recordedCases(t *testing.T) []*conformance.Case {
	dir := material.Own(t, "trino")
	cases, err := conformance.ReadFile(filepath.Join(dir, "expr.jsonl.gz"))
	require.NoError(t, err)
	require.NotEmpty(t, cases)
	return cases
}

type noTables struct{}

func (noTables) Table(_ context.Context, name string) (*metadata.Table, error) {
	return nil, types.Errorf(types.TableNotFound, types.Pos{}, "Table '%s' does not exist", name)
}
func (noTables) Tables(context.Context) ([]*metadata.Table, error) { return nil, nil }

var session = conformance.Session()

// evaluateSQL runs SELECT expression: parse, analyse, compile, evaluate.
func evaluateSQL(sql string) (types_ []string, values []string, err error) {
	stmt, err := parse.Statement(sql)
	if err != nil {
		return nil, nil, err
	}
	node, err := analyze.Statement(context.Background(), stmt, noTables{}, function.New(), session)
	if err != nil {
		return nil, nil, err
	}
	b, layout, err := run(node)
	if err != nil {
		return nil, nil, err
	}
	for _, c := range node.Columns() {
		v := b.Columns[layout[c.ID]]
		types_ = append(types_, c.Type.Display())
		values = append(values, string(answer.AppendJSON(nil, c.Type, batch.Decode(v.Array), 0)))
	}
	return types_, values, nil
}

// run executes the plans that a SELECT without FROM has.
func run(n plan.Node) (*batch.Batch, map[int]int, error) {
	switch n := n.(type) {
	case *plan.Output:
		return run(n.Input)
	case *plan.Values:
		b := &batch.Batch{Len: len(n.Rows)}
		layout := map[int]int{}
		for i, c := range n.Cols {
			v, err := evaluate(n.Rows[0][i], &batch.Batch{Len: 1}, nil)
			if err != nil {
				return nil, nil, err
			}
			layout[c.ID] = i
			b.Columns = append(b.Columns, v)
		}
		return b, layout, nil
	case *plan.Project:
		in, layout, err := run(n.Input)
		if err != nil {
			return nil, nil, err
		}
		out, columns := &batch.Batch{Len: in.Len}, map[int]int{}
		for i, item := range n.Items {
			v, err := evaluate(item.Expr, in, layout)
			if err != nil {
				return nil, nil, err
			}
			columns[item.Column.ID] = i
			out.Columns = append(out.Columns, v)
		}
		return out, columns, nil
	}
	return nil, nil, fmt.Errorf("test: no execution of %T", n)
}

func evaluate(e plan.Expr, b *batch.Batch, layout map[int]int) (batch.Vector, error) {
	c, err := expr.Compile(e, layout, function.SessionEnv(session))
	if err != nil {
		return batch.Vector{}, err
	}
	return c.Eval(b)
}
