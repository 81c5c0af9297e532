package storage

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
)

// BenchmarkCommit writes 50,000 events of two days; MB/s are of the buffered Arrow memory.
func BenchmarkCommit(b *testing.B) {
	l, err := Open(ctx, b.TempDir(), Options{})
	require.NoError(b, err)
	defer l.Close()
	require.NoError(b, l.Catalog().Update(ctx, func(tx *catalog.Tx) error { return tx.PutStore(testStore()) }))
	r := rand.New(rand.NewPCG(1, 2))
	events := make([]event, 50_000)
	for i := range events {
		events[i] = event{
			at:   day(1).Add(time.Duration(r.IntN(2*86400)) * time.Second),
			name: fmt.Sprint("Describe", strings.Repeat("Instances", r.IntN(4)), r.IntN(40)),
			arn:  fmt.Sprintf("arn:aws:iam::%012d:user/%d", r.IntN(50), r.IntN(500)),
			params: map[string]string{"bucketName": fmt.Sprint("bucket-", r.IntN(100)), "key": fmt.Sprintf("%x/%x", r.Uint64(), r.Uint64()),
				"filterSet": strings.Repeat(`{"items":[]}`, r.IntN(20))},
		}
	}
	rec := record(b, events)
	b.ResetTimer()
	b.ReportAllocs()
	for range b.N {
		w, err := l.NewWriter(testStore())
		require.NoError(b, err)
		require.NoError(b, w.Append(rec))
		b.SetBytes(w.BufferedBytes())
		require.NoError(b, w.Commit(ctx, catalog.ImportChange{}))
	}
	b.ReportMetric(float64(len(events)*b.N)/b.Elapsed().Seconds(), "events/s")
}
