package exec

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/batch"
	"github.com/auditlake/auditlake/planner/types"
)

// BenchmarkSort sorts a million rows by a name, of which there are few, a long text and a time.
func BenchmarkSort(b *testing.B) {
	const rows = 1_000_000
	random := rand.New(rand.NewPCG(1, 1))
	names, err := batch.FromStrings(arrow.BinaryTypes.String, filled(400, func() string { return fmt.Sprintf("Describe%x", random.Uint32()) }), nil)
	require.NoError(b, err)
	users, err := batch.FromStrings(arrow.BinaryTypes.String, filled(rows, func() string {
		return fmt.Sprintf("arn:aws:iam::%012d:user/%d", random.IntN(9), random.IntN(20_000))
	}), nil)
	require.NoError(b, err)
	from := &table{rows: rows, columns: []arrow.Array{
		batch.FromCodes(filled(rows, func() int32 { return random.Int32N(400) }), nil, names), users,
		batch.FromValues(arrow.PrimitiveTypes.Int64, filled(rows, func() int64 { return random.Int64N(1 << 32) }), nil)}}
	name, user, time := sortKey{valueType: types.VarcharType}, sortKey{position: 1, valueType: types.VarcharType}, sortKey{position: 2, valueType: types.BigIntType}
	for _, c := range []struct {
		name string
		keys []sortKey
	}{{"name, time", []sortKey{name, time}}, {"time", []sortKey{time}}, {"user, time", []sortKey{user, time}}, {"name, user, time", []sortKey{name, user, time}}} {
		for _, workers := range []int{1, 2} {
			b.Run(fmt.Sprintf("%s/%d workers", c.name, workers), func(b *testing.B) {
				for b.Loop() {
					if _, err := sortedRows(context.Background(), from, c.keys, workers, nil); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
