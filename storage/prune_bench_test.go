package storage

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/predicate"
	"github.com/auditlake/auditlake/storage/schema"
)

// BenchmarkPruneManifest starts scans of one day over manifests that grow.
func BenchmarkPruneManifest(b *testing.B) {
	table, ok := schema.ForCategory("Management")
	require.True(b, ok)
	for _, days := range []int{30, 300, 3000} {
		var segments []*catalog.Segment
		for d := range days {
			from := day(1).AddDate(0, 0, d)
			for range 3 {
				segments = append(segments, &catalog.Segment{Day: catalog.DayOf(from.UnixMilli()), Rows: 1000, Bytes: 1,
					MinTime: from.UnixMilli(), MaxTime: from.Add(24*time.Hour - 1).UnixMilli()})
			}
		}
		checks, err := newChecks(table, predicate.Predicate{Domains: []predicate.Domain{between(day(10), day(11))}}, 0)
		require.NoError(b, err)
		b.Run(fmt.Sprint(len(segments), " segments"), func(b *testing.B) {
			for b.Loop() {
				sc := &Scan{checks: checks}
				sc.pruneManifest(segments, nil)
			}
		})
	}
}
