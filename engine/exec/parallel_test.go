package exec

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/processors"
)

func TestInParallel(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	standing := func() time.Time { return time.Time{} }
	for _, workers := range []int{1, 2, 7} {
		for _, n := range []int{0, 1, 2, 100} {
			for name, ctx := range map[string]context.Context{"not bound": t.Context(), "ended": ended,
				"two processors": processors.With(t.Context(), processors.NewPool(2, standing).NewQuery().NewTurn())} {
				require.NoError(t, processors.Of(ctx).Take(t.Context()))
				done := make([]atomic.Int64, n)
				inParallel(ctx, workers, n, func(i int) { done[i].Add(1) })
				for i := range done {
					require.EqualValues(t, 1, done[i].Load(), "piece %d of %d with %d workers, %s", i, n, workers, name)
				}
				if n > 2 {
					require.PanicsWithValue(t, "the third", func() {
						inParallel(ctx, workers, n, func(i int) {
							if i == 2 {
								panic("the third")
							}
						})
					})
				}
				processors.Of(ctx).Give()
			}
		}
	}
}
