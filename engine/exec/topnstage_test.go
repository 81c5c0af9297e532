package exec

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/internal/process"
)

// TestWorkersDropRows: what workers leave of batches, in whatever order they come to them, has the first rows of all, equal ones in their order.
func TestWorkersDropRows(t *testing.T) {
	const rows, batchRows, workers = 12_000, 400, 3
	random := rand.New(rand.NewPCG(8, 1))
	next := int64(0)
	ids := batch.FromValues(arrow.PrimitiveTypes.Int64, filled(rows, func() int64 { next++; return next }), nil)
	columns := orderedColumns(rows, random)
	for i, column := range columns {
		if process.UnderRace && i%5 > 0 {
			continue // types differ in what is compared, not in who does it
		}
		other := columns[random.IntN(len(columns))]
		all := &table{rows: rows, columns: []arrow.Array{column.values, other.values, ids}}
		keys := []sortKey{column.order(0, random), other.order(1, random)}[:1+i%2]
		for _, c := range []struct {
			offset, count int64
			withTies      bool
		}{{0, 1, false}, {0, 5, true}, {3, 60, false}, {90, 10, true}, {0, 300, false}} {
			t.Run(fmt.Sprintf("%s %d+%d %t", column.name, c.offset, c.count, c.withTies), func(t *testing.T) {
				pool := memory.NewPool(1 << 20)
				top := &topN{keys: keys, offset: c.offset, count: c.count, withTies: c.withTies}
				stage := &topNStage{top: top, memory: &account{pool.Account("test")}}
				left := make([]*batch.Batch, rows/batchRows)
				var at atomic.Int64
				var wait sync.WaitGroup
				for range workers {
					wait.Go(func() {
						for n := at.Add(1) - 1; n < int64(len(left)); n = at.Add(1) - 1 {
							b := all.take(iota32(rows)[n*batchRows : (n+1)*batchRows])
							if n%2 == 1 {
								b.Sel = iota32(batchRows)[:batchRows-7] // the others are no rows
							}
							left[n], _ = stage.apply(b)
						}
					})
				}
				wait.Wait()
				stage.memory.close()
				require.Zero(t, pool.UsedBytes())

				var of, kept []*batch.Batch
				for n, b := range left {
					whole := all.take(iota32(rows)[n*batchRows : (n+1)*batchRows-7*(n%2)])
					of = append(of, whole)
					if b != nil {
						kept = append(kept, compact(b))
					}
				}
				first := func(from []*batch.Batch) []string {
					plain := &topN{input: &tableScan{rows: &tableReader{table: joinBatches(from)}}, memory: &account{memory.NewPool(1 << 30).Account("rows")}, keys: keys, offset: c.offset, count: c.count, withTies: c.withTies}
					return rowsOf(t, plain)
				}
				require.Equal(t, first(of), first(kept))
				if c.count == 1 {
					require.Less(t, joinBatches(kept).rows, joinBatches(of).rows/10)
				}
			})
		}
	}
}
