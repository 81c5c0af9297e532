package exec

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestInParallelEveryPieceOnce: every piece is done once, and all are done at the end, however many workers there are.
func TestInParallelEveryPieceOnce(t *testing.T) {
	for _, workers := range []int{1, 2, 7} {
		for _, pieces := range []int{0, 1, 2, 100} {
			done := make([]atomic.Int32, pieces)
			inParallel(t.Context(), workers, pieces, func(piece int) { done[piece].Add(1) })
			for piece := range done {
				require.Equal(t, int32(1), done[piece].Load(), "%d workers, piece %d of %d", workers, piece, pieces)
			}
		}
	}
}

// TestInParallelAwaitsNobodyWhoComesLate: a worker that has no processor yet when all pieces are begun is not waited for, and does nothing when
// it has one.
func TestInParallelAwaitsNobodyWhoComesLate(t *testing.T) {
	var done atomic.Int32
	w := newParallelWork(context.Background(), 10, func(int) { done.Add(1) })
	comes, left := make(chan struct{}), make(chan struct{})
	w.claim.Go(func() func() {
		<-comes
		return func() { close(left) }
	}, func() { w.help(context.Background()) })
	w.finish(context.Background(), func() {})
	require.Equal(t, int32(10), done.Load())
	close(comes)
	<-left
	require.Equal(t, int32(10), done.Load())
	require.Zero(t, w.others)
}
