package exec

import (
	"context"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/planner/plan"
)

// readers makes some readers of one table, of which at most maxBytes are kept.
func readers(from Operator, count int, maxBytes int64) (*sharedRows, []*sharedReader) {
	s := &sharedRows{input: from, memory: unlimited(), maxBytes: maxBytes}
	for range count {
		s.readers = append(s.readers, &sharedReader{rows: s, node: &plan.Reuse{}})
	}
	s.open = count
	return s, s.readers
}

func TestSharedRowsReachEveryReader(t *testing.T) {
	everySize(t, func(t *testing.T, input func(*table) *feed, random *rand.Rand) {
		from := sample(50, random)
		want := rowsOf(t, input(from))
		source := input(from)
		s, all := readers(source, 3, maxReusedBytes)
		got := make([][]string, len(all))
		left := []int{0, 1, 2}
		for len(left) > 0 { // in any order, a batch at a time
			at := random.IntN(len(left))
			i := left[at]
			b, err := all[i].Next(context.Background())
			require.NoError(t, err)
			if b == nil {
				left = append(left[:at], left[at+1:]...)
				continue
			}
			b = compact(b)
			for row := range b.Len {
				got[i] = append(got[i], rowText(b.Columns, row))
			}
		}
		for i := range all {
			require.Equal(t, want, got[i])
		}
		require.Empty(t, s.batches, "all have had them")
		require.Zero(t, s.bytes)
		all[0].Close()
		all[1].Close()
		require.False(t, source.closed)
		all[2].Close()
		require.True(t, source.closed)
	})
}

// TestTooManyRowsAreNotKept: who has not begun computes the rows himself.
func TestTooManyRowsAreNotKept(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	from := sample(50, random)
	source := &feed{reader: &tableReader{table: from}, size: 3, random: random}
	s, all := readers(source, 2, 10)
	b, err := all[0].Next(context.Background())
	require.NoError(t, err)
	require.NotNil(t, b)
	require.True(t, s.abandoned)
	require.Empty(t, s.batches)
	rest := rowsOf(t, all[0])
	require.Len(t, rest, 50-b.Live())
	all[1].begun = true
	all[1].own = &feed{reader: &tableReader{table: from}, size: 3, random: random}
	require.Len(t, rowsOf(t, all[1]), 50)
	require.True(t, source.closed)
}

// TestClosedReadersHoldNothing: rows are forgotten when nobody else wants them.
func TestClosedReadersHoldNothing(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	source := &feed{reader: &tableReader{table: sample(50, random)}, size: 3, random: random}
	s, all := readers(source, 2, maxReusedBytes)
	_, err := all[0].Next(context.Background())
	require.NoError(t, err)
	require.Len(t, s.batches, 1)
	all[1].Close()
	require.Empty(t, s.batches)
	require.Len(t, rowsOf(t, all[0]), 47)
	require.True(t, source.closed)
}

// TestReadersOfSomeColumns: a reader has the columns that its place of the plan knows.
func TestReadersOfSomeColumns(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	from := sample(50, random)
	source := func() Operator { return &feed{reader: &tableReader{table: from}, size: 3, random: random} }
	_, all := readers(source(), 2, maxReusedBytes)
	all[0].node = &plan.Reuse{Of: []int{2, 0}}
	require.Equal(t, rowsOf(t, &pick{input: source(), positions: []int{2, 0}}), rowsOf(t, all[0]))
	require.Equal(t, rowsOf(t, source()), rowsOf(t, all[1]))
}
