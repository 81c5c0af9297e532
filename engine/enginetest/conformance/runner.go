package conformance

import (
	"context"
	"fmt"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/exec"
	"github.com/auditlake/auditlake/engine/function"
	"github.com/auditlake/auditlake/planner/analyze"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/optimize"
	"github.com/auditlake/auditlake/planner/parse"
	"github.com/auditlake/auditlake/planner/plan"
)

// Session is the session of the recorded cases. Its instant is ours: the cases
// do not depend on it.
func Session() *metadata.Session {
	return &metadata.Session{Now: time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC), Location: time.UTC, Zone: "UTC",
		User: "corpus", Catalog: "memory", Schema: "default"}
}

// Runner plans and runs statements over tables in memory.
type Runner struct {
	Source *Source
	// Raw leaves the plan as the analyzer made it.
	Raw bool
	// Without is the IDs of the rules that the optimizer leaves out.
	Without []string
	// Env, where set, changes what the operators run with.
	Env func(*exec.Env)
}

// Plan gives the plan of a statement.
func (r *Runner) Plan(ctx context.Context, sql string) (*plan.Output, error) {
	stmt, err := parse.Statement(sql)
	if err != nil {
		return nil, err
	}
	n, err := analyze.Statement(ctx, stmt, r.Source.Catalog(), function.New(), Session())
	if err != nil {
		return nil, err
	}
	if !r.Raw {
		if n, err = optimize.Optimize(ctx, n, function.New(), Session(), r.Without...); err != nil {
			return nil, err
		}
	}
	out, ok := n.(*plan.Output)
	if !ok {
		return nil, fmt.Errorf("conformance: %T is no query", n)
	}
	return out, nil
}

// Build builds the operators of a plan.
func (r *Runner) Build(ctx context.Context, out *plan.Output) (exec.Operator, []*plan.Column, error) {
	env := &exec.Env{Function: function.SessionEnv(Session()), Source: r.Source,
		Memory: exec.Accounted(nil), Stats: exec.NewStats(true)}
	if r.Env != nil {
		r.Env(env)
	}
	return exec.Build(ctx, out, env)
}

// Run runs a statement to its end.
func (r *Runner) Run(ctx context.Context, sql string) (*Answer, error) {
	out, err := r.Plan(ctx, sql)
	if err != nil {
		return nil, err
	}
	o, columns, err := r.Build(ctx, out)
	if err != nil {
		return nil, err
	}
	defer o.Close()
	a := &Answer{Names: out.Names}
	for _, c := range columns {
		a.Types = append(a.Types, c.Type.Display())
	}
	for {
		b, err := o.Next(ctx)
		if err != nil {
			return nil, err
		}
		if b == nil {
			return a, nil
		}
		a.add(b, columns)
	}
}

func (a *Answer) add(b *batch.Batch, columns []*plan.Column) {
	rows := b.Sel
	if rows == nil {
		for i := range b.Len {
			rows = append(rows, int32(i))
		}
	}
	first := len(a.Rows)
	for range rows {
		a.Rows = append(a.Rows, make([]string, len(columns)))
	}
	places := make([]int32, len(rows))
	for i, v := range b.Columns {
		for j, row := range rows {
			places[j] = int32(v.At(int(row)))
		}
		values := batch.Decode(batch.Take(v.Array, places))
		for j := range rows {
			a.Rows[first+j][i] = string(answer.AppendJSON(nil, columns[i].Type, values, j))
		}
	}
}

// Check runs a case and judges the answer. A panic is a wrong answer.
func (r *Runner) Check(ctx context.Context, c *Case) (outcome Outcome, problem string) {
	defer func() {
		if p := recover(); p != nil {
			outcome, problem = Wrong, fmt.Sprintf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	got, err := r.Run(ctx, c.SQL)
	outcome, problem = c.Judge(got, err)
	if outcome == Right && err == nil && strings.Contains(strings.ToLower(c.SQL), "checksum(") {
		return r.checkStable(ctx, c, got)
	}
	return outcome, problem
}

// checkStable demands the same checksums for rows in another order.
func (r *Runner) checkStable(ctx context.Context, c *Case, got *Answer) (Outcome, string) {
	r.Source.Reversed = !r.Source.Reversed
	defer func() { r.Source.Reversed = !r.Source.Reversed }()
	again, err := r.Run(ctx, c.SQL)
	if err != nil {
		return Wrong, fmt.Sprintf("with the rows in another order: %v", err)
	}
	if !c.Ordered {
		sortRows(got.Rows)
		sortRows(again.Rows)
	}
	if was, is := rowsText(got.Rows), rowsText(again.Rows); was != is {
		return Wrong, fmt.Sprintf("rows in another order change %s to %s", was, is)
	}
	return Right, ""
}

func sortRows(rows [][]string) {
	slices.SortFunc(rows, func(a, b []string) int { return slices.Compare(a, b) })
}
