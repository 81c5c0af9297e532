package exec

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/engine/memory"
)

// TestPartitionsNumberedInScans: partitions have the numbers that they have when nobody numbers the texts of a batch before, whatever its texts
// come as.
func TestPartitionsNumberedInScans(t *testing.T) {
	random := rand.New(rand.NewPCG(8, 8))
	const texts, rows = 90, 400
	var plain, numbered []*batch.Batch
	stage := &partitionNumbers{by: 1}
	for i := range 40 {
		valid, names, codes := arrowdata.FullValidity(rows), make([]string, texts), make([]int32, rows)
		for n := range names {
			names[n] = fmt.Sprint("text ", random.IntN(texts)) // some more than once
		}
		for row := range codes {
			if codes[row] = int32(random.IntN(texts)); random.IntN(20) == 0 {
				arrowdata.ClearBit(valid, row)
			}
		}
		entries, err := batch.FromStrings(arrow.BinaryTypes.String, names, nil)
		require.NoError(t, err)
		v := batch.Vector{Array: batch.FromCodes(codes, valid, entries)}
		switch i % 5 {
		case 1:
			v.Array = batch.Decode(v.Array)
		case 2:
			v = batch.Vector{Array: batch.Take(v.Array, []int32{int32(random.IntN(rows))}), Const: true}
		}
		b := &batch.Batch{Columns: []batch.Vector{{Array: batch.FromValues(arrow.PrimitiveTypes.Int64, make([]int64, rows), nil)}, v}, Len: rows}
		if i%3 == 0 {
			for row := range int32(rows) {
				if random.IntN(3) > 0 {
					b.Sel = append(b.Sel, row)
				}
			}
		}
		plain = append(plain, b)
		with, err := stage.apply(b)
		require.NoError(t, err)
		require.Len(t, with.Columns, 3)
		require.Equal(t, i%5 == 1 || i%5 == 2, with.Columns[2].Const)
		numbered = append(numbered, with)
	}
	numbers := func(batches []*batch.Batch, isNumbered bool) (out [][]int32) {
		pool := memory.NewPool(0)
		p := newPartitioner(&givenBatches{batches}, []int{1}, []arrow.DataType{arrow.BinaryTypes.String}, nil, &account{pool.Account("partitions")}, nil)
		defer p.close()
		p.isNumbered = isNumbered
		for {
			b, ids, err := p.nextBatch(t.Context())
			require.NoError(t, err)
			if b == nil {
				return out
			}
			require.Len(t, b.Columns, 2)
			require.Len(t, ids, b.Live())
			out = append(out, slices.Clone(ids))
		}
	}
	require.Equal(t, numbers(plain, false), numbers(numbered, true))
}
