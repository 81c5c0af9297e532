package exec

import (
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
)

// TestNothingIsDoneAheadWithoutRoom: where little of the query's memory is left no stage is tried ahead, and the batch waits for the consumer.
func TestNothingIsDoneAheadWithoutRoom(t *testing.T) {
	const limitBytes = 1 << 20
	numbers := batch.FromValues(arrow.PrimitiveTypes.Int64, make([]int64, batch.Rows), nil)
	for _, c := range []struct {
		name      string
		usedBytes int64
		isReady   bool
	}{
		{"much is left", limitBytes / 8, true},
		{"little is left", limitBytes / 4 * 3, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			pool := memory.NewPool(limitBytes)
			require.NoError(t, pool.Account("GROUP BY").Reserve(c.usedBytes))
			stages := &pieceStages{memory: &account{pool.Account("OVER")}}
			piece := stages.begin()
			piece.from = &oneBatch{&batch.Batch{Columns: []batch.Vector{{Array: numbers}}, Len: batch.Rows}}
			stages.workAhead(t.Context(), piece, maxReadyBytes)
			require.Equal(t, c.isReady, len(piece.ready) == 1)
			require.Equal(t, c.isReady, piece.waiting == nil)
			stages.drop(piece)
			require.Equal(t, c.usedBytes, pool.UsedBytes())
		})
	}
}
