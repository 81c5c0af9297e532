package exec

import (
	"context"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/plan"
	"github.com/auditlake/auditlake/planner/types"
)

// recursion runs a base, then a step over the rows of the step before, until a step returns none. Each step is a
// new operator, built over the table it reads.
type recursion struct {
	builder *builder
	node    *plan.Recursion
	base    Operator
	memory  *account

	steps   int // that returned rows
	done    bool
	results *tableReader // rows of the last step
}

func (b *builder) recursion(n *plan.Recursion) (Operator, []*plan.Column, error) {
	base, columns, err := b.build(n.Base)
	if err != nil {
		return nil, nil, err
	}
	positions, err := positionsOf(columns, n.BaseCols)
	if err != nil {
		return nil, nil, err
	}
	return &recursion{builder: b, node: n, base: &pick{input: base, positions: positions}, memory: b.account("WITH RECURSIVE")}, n.Cols, nil
}

func (r *recursion) Next(ctx context.Context) (*batch.Batch, error) {
	for !r.done {
		if r.results == nil {
			if err := r.take(ctx, r.base); err != nil {
				return nil, err
			}
		}
		if b := r.results.next(); b != nil {
			return b, ctx.Err()
		}
		if err := r.step(ctx); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// take reads the rows of the base or of a step.
func (r *recursion) take(ctx context.Context, from Operator) error {
	t, err := drain(ctx, from, r.node.Cols, r.memory)
	if err != nil {
		return err
	}
	r.results, r.done = &tableReader{table: t}, t.rows == 0
	return nil
}

func (r *recursion) step(ctx context.Context) error {
	b := &builder{ctx: ctx, env: r.builder.env, budget: r.builder.budget, working: map[*plan.WorkingRows]*table{}}
	for n, t := range r.builder.working {
		b.working[n] = t
	}
	b.working[r.node.Working] = r.results.table
	o, columns, err := b.build(r.node.Step)
	if err != nil {
		b.closeLeaves()
		return err
	}
	defer o.Close()
	positions, err := positionsOf(columns, r.node.StepCols)
	if err != nil {
		return err
	}
	if err := r.take(ctx, &pick{input: o, positions: positions}); err != nil || r.done {
		return err
	}
	if r.steps++; r.steps > r.node.MaxSteps {
		return types.Errorf(types.NotSupported, types.Pos{}, "Recursion depth limit exceeded (%d)", r.node.MaxSteps)
	}
	return nil
}

func (r *recursion) Close() {
	r.memory.close()
	r.base.Close()
}

// tableScan returns the rows of a table.
type tableScan struct{ rows *tableReader }

func (s *tableScan) Next(ctx context.Context) (*batch.Batch, error) {
	return s.rows.next(), ctx.Err()
}

func (s *tableScan) Close() {}
