package exec

import (
	"context"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/auditlake/auditlake/engine/batch"
)

// meter measures an operator, for EXPLAIN ANALYZE: the rows that it gives out, the time that they take, and its
// processor time, which is that of its goroutine while it is asked for rows, without that of the meters which it
// asks, and that of its workers.
type meter struct {
	Operator
	all   *Stats
	stats *NodeStats
}

// metered is a call of a meter's Next. What runs below finds it in its context.
type metered struct {
	meter *meter
	inner atomic.Int64 // nanoseconds of processor time of the meters that were asked meanwhile
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

// atWork counts the processor time of the goroutine that calls it, a worker of the operator whose context it is,
// until the function that it returns is called.
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

// processorTime begins to measure the processor time of the goroutine that calls it, which stays on its thread until
// it calls the function that is returned.
func processorTime() (stop func() time.Duration) {
	runtime.LockOSThread()
	start := threadTime()
	return func() time.Duration {
		defer runtime.UnlockOSThread()
		return threadTime() - start
	}
}
