package function

import (
	"context"
	"fmt"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/metadata"
	"github.com/auditlake/auditlake/planner/types"
)

// Limits of what is computed during planning, when the statement's memory is not accounted yet. Longer constants
// are computed at run time.
const (
	maxFoldedBytes      = 64 << 10
	maxFoldScratchBytes = 8 << 20
)

// Fold implements metadata.Functions: it runs a scalar function on one row. It does not fold functions that take
// lambdas, nor results longer than both 64 KiB and the longest argument.
func (r *Registry) Fold(fn *types.Resolved, args []types.Value, session *metadata.Session) (types.Value, error) {
	return foldWithin(memory.NewPool(maxFoldScratchBytes), fn, args, session)
}

func foldWithin(pool *memory.Pool, fn *types.Resolved, args []types.Value, session *metadata.Session) (value types.Value, err error) {
	defer batch.Recover(&err)
	impl, ok := fn.Impl.(*Impl)
	if !ok || len(args) != len(fn.Args) {
		return types.Value{}, fmt.Errorf("function: %s cannot be folded", fn.Name)
	}
	vectors := make([]batch.Vector, len(args))
	longest := int64(0)
	for i, a := range args {
		if a.IsNull() && !fn.NullCalled {
			return types.Null(fn.Return), nil
		}
		v, err := Constant(a)
		if err != nil {
			return types.Value{}, err
		}
		vectors[i] = v
		longest = max(longest, batch.DecodedBytes(v, 1))
	}
	env := SessionEnv(session)
	env.Memory, env.Limits = pool.Account(fn.Name), memory.Limits{MaxValueBytes: max(maxFoldScratchBytes/4, longest)}
	env = env.Metered()
	defer env.Close()
	out, err := impl.Kernel(env, vectors, make([]Lambda, len(args)), 1)
	if err != nil {
		return types.Value{}, err
	}
	if made := batch.DecodedBytes(out, 1); made > max(maxFoldedBytes, longest) {
		return types.Value{}, fmt.Errorf("function: %s makes a constant of %d bytes, too long to be folded", fn.Name, made)
	}
	return ValueAt(fn.Return, out.Array, 0), nil
}

// Planning returns the library for the planning of one statement. It stops folding once ctx has ended. The caller
// calls end when the plan is complete.
func (r *Registry) Planning(ctx context.Context) (fns metadata.Functions, end func()) {
	p := &planning{Registry: r, pool: memory.NewPool(maxFoldScratchBytes)}
	stop := context.AfterFunc(ctx, func() { p.pool.Stop(ctx.Err()) })
	return p, func() { stop() }
}

type planning struct {
	*Registry
	pool *memory.Pool
}

// Fold implements metadata.Functions.
func (p *planning) Fold(fn *types.Resolved, args []types.Value, session *metadata.Session) (types.Value, error) {
	if err := p.pool.Stopped(); err != nil {
		return types.Value{}, err
	}
	return foldWithin(p.pool, fn, args, session)
}
