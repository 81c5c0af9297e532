package exec

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/auditlake/auditlake/engine/batch"
)

// meter measures an operator for EXPLAIN ANALYZE: the rows it returns, their time, and its processor time. That is
// the time of the goroutine inside Next, without the meters below it, plus that of the operator's workers.
type meter struct {
	Operator
	all   *Stats
	stats *NodeStats
}

// metered is one call of a meter's Next. The operators below find it in their context.
type metered struct {
	meter *meter
	inner atomic.Int64 // nanoseconds of processor time of the meters called meanwhile
}

type meteredKey struct{}

func meteredOf(ctx context.Context) *metered {
	m, _ := ctx.Value(meteredKey{}).(*metered)
	return m
}

func (m *meter) Next(ctx context.Context) (b *batch.Batch, err error) {
	call := &metered{meter: m}
	start, stop := time.Now(), processorTime()
	defer func() {
		took := stop()
		if outer := meteredOf(ctx); outer != nil {
			outer.inner.Add(int64(took))
		}
		m.all.mu.Lock()
		defer m.all.mu.Unlock()
		m.stats.Time += time.Since(start)
		m.stats.CPU += max(0, took-time.Duration(call.inner.Load()))
		if b != nil {
			m.stats.Rows += int64(b.Live())
		}
	}()
	return m.Operator.Next(context.WithValue(ctx, meteredKey{}, call))
}

// atWork adds to the operator of ctx the processor time that the calling goroutine, one of its workers, takes until
// it calls done.
func atWork(ctx context.Context) (done func()) {
	call := meteredOf(ctx)
	if call == nil {
		return func() {}
	}
	stop := processorTime()
	return func() {
		took := stop()
		call.meter.all.mu.Lock()
		call.meter.stats.CPU += took
		call.meter.all.mu.Unlock()
	}
}

// processorTime begins to measure the calling goroutine's processor time. The goroutine stays on its thread until
// it calls stop.
func processorTime() (stop func() time.Duration) {
	runtime.LockOSThread()
	start := threadTime()
	return func() time.Duration {
		defer runtime.UnlockOSThread()
		return threadTime() - start
	}
}
