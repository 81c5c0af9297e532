package exec

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestOrderedWork: results come in order, no more pieces are at work or begun than may be, and what nobody takes is dropped once.
func TestOrderedWork(t *testing.T) {
	const pieces, taken = 60, 40
	for _, c := range []struct{ workers, ahead int }{{1, 0}, {1, 2}, {2, 0}, {2, 2}, {7, 0}, {7, 7}} {
		t.Run(fmt.Sprintf("%d workers, %d ahead", c.workers, c.ahead), func(t *testing.T) {
			var atWork, mostAtWork, done atomic.Int32
			dropped := map[int]int{}
			w := &orderedWork[int]{pieces: pieces, workers: c.workers, ahead: c.ahead, drop: func(piece int) { dropped[piece]++ }}
			w.do = func(_ context.Context, piece int) (int, error) {
				now := atWork.Add(1)
				for most := mostAtWork.Load(); now > most && !mostAtWork.CompareAndSwap(most, now); most = mostAtWork.Load() {
				}
				atWork.Add(-1)
				done.Add(1)
				return piece, nil
			}
			for want := range taken {
				got, ok, err := w.take(t.Context())
				require.NoError(t, err)
				require.True(t, ok)
				require.Equal(t, want, got)
				require.LessOrEqual(t, len(w.begun), c.workers+c.ahead)
			}
			w.close()
			w.close()
			require.LessOrEqual(t, int(mostAtWork.Load()), c.workers)
			require.Len(t, dropped, int(done.Load())-taken)
			for piece, times := range dropped {
				require.GreaterOrEqual(t, piece, taken)
				require.Equal(t, 1, times)
			}
			_, ok, err := w.take(t.Context())
			require.NoError(t, err)
			require.False(t, ok, "there is nothing after the end")
		})
	}
}

// TestOrderedWorkThatFails: an error, or a defect, of a piece comes where its result is taken.
func TestOrderedWorkThatFails(t *testing.T) {
	const failing = 9
	for _, workers := range []int{1, 3} {
		for _, panics := range []bool{false, true} {
			w := &orderedWork[int]{pieces: 20, workers: workers, ahead: workers, drop: func(int) {}}
			w.do = func(_ context.Context, piece int) (int, error) {
				switch {
				case piece != failing:
					return piece, nil
				case panics:
					panic("a defect")
				}
				return 0, context.DeadlineExceeded
			}
			for range failing {
				_, _, err := w.take(t.Context())
				require.NoError(t, err)
			}
			if panics {
				require.PanicsWithValue(t, "a defect", func() { _, _, _ = w.take(t.Context()) })
			} else {
				_, _, err := w.take(t.Context())
				require.ErrorIs(t, err, context.DeadlineExceeded)
			}
			w.close()
		}
	}
}
