package exec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
)

// firstsOfPartitions are statements that keep the first rows of each partition.
var firstsOfPartitions = []string{
	"SELECT count(*), array_agg(row(many, id)) FROM (SELECT many, id, row_number() OVER (PARTITION BY many ORDER BY n, id) r FROM grouped) WHERE r = 1",
	"SELECT array_agg(row(s, id, r)) FROM (SELECT s, id, rank() OVER (PARTITION BY s ORDER BY n DESC) r FROM (SELECT *, CAST(id / 3 AS varchar) s FROM grouped)) WHERE r <= 2",
	"SELECT array_agg(row(a, b, id)) FROM (SELECT many a, id / 5 b, id, row_number() OVER (PARTITION BY many, id / 5 ORDER BY d, id DESC) r FROM grouped) WHERE r <= 3",
	"SELECT array_agg(row(k, id, r)) FROM (SELECT k, id, dense_rank() OVER (PARTITION BY k ORDER BY n NULLS FIRST) r FROM (SELECT *, if(id % 11 > 0, id * 7919 % 4001) k FROM grouped)) WHERE r <= 2",
	"SELECT array_agg(row(id, many)) FROM (SELECT id, many, row_number() OVER (PARTITION BY many) r FROM grouped) WHERE r <= 4",
	"SELECT count(*), sum(id) FROM (SELECT id, row_number() OVER (PARTITION BY CAST(id AS varchar) ORDER BY at) r FROM grouped WHERE id % 2000 < 100 OR id > 9000) WHERE r = 1",
	"SELECT count(*) FROM (SELECT id, row_number() OVER (PARTITION BY many ORDER BY at) r FROM grouped WHERE id < 0) WHERE r = 1",
	"SELECT array_agg(row(k, id)) FROM (SELECT k, id, row_number() OVER (PARTITION BY k ORDER BY id) r FROM (SELECT *, concat('k', CAST(id % 9 AS varchar)) k FROM grouped)) WHERE r <= 2",
}

// TestFirstsOfPartitionsReadAhead: the rows kept are those of one worker, in their order, also when they soon have to be taken one batch after
// another, or put off, for lack of memory.
func TestFirstsOfPartitionsReadAhead(t *testing.T) {
	source := grouped(t, 12_000)
	ways := []readAhead{{2000, false, 7, 0}, {1200, true, 2, 32 << 20}, {1100, false, 7, 16 << 20}, {1500, true, 2, 8 << 20}, {1500, true, 2, 0}, {300, true, 2, 0},
		{4000, true, 2, 64 << 20}, {1200, false, 2, 48 << 20}, {1200, false, 2, 24 << 20}, {1500, false, 2, 12 << 20}}
	if testing.Short() {
		ways = ways[:4]
	}
	for _, sql := range firstsOfPartitions {
		source.GroupRows, source.Dictionaries = 12_000, false
		want, _, err := limitedQuery{memory: memory.NewPool(0), workers: 1}.run(t.Context(), t, source, sql)
		require.NoError(t, err, sql)
		for _, q := range ways {
			source.GroupRows, source.Dictionaries = q.groupRows, q.dictionaries
			got, _, err := limitedQuery{memory: memory.NewPool(q.limitBytes), workers: q.workers, inScans: true}.run(t.Context(), t, source, sql)
			require.NoError(t, err, "%s: %+v", sql, q)
			require.Equal(t, want, got, "%s: %+v", sql, q)
		}
	}
}

// TestFirstsOfPartitionsReadAheadErrors: an error is that of the input.
func TestFirstsOfPartitionsReadAheadErrors(t *testing.T) {
	source := grouped(t, 24_000)
	source.GroupRows, source.Dictionaries = 2000, true
	const sql = "SELECT count(*) FROM (SELECT row_number() OVER (PARTITION BY id ORDER BY at) r FROM grouped WHERE CAST(if(id = 9000, 'x', '1') AS bigint) = 1) WHERE r = 1"
	for range 5 {
		for _, workers := range []int{1, 2, 7} {
			_, _, err := limitedQuery{memory: memory.NewPool(0), workers: workers, inScans: true}.run(t.Context(), t, source, sql)
			require.Equal(t, types.InvalidCastArgument, types.ErrorName(err), "%d workers: %v", workers, err)
		}
	}
}
