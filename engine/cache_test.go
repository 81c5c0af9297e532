package engine_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
)

// cacheQuestions read columns whole and in part, texts, maps and fields of rows, and prune by statistics and filters.
var cacheQuestions = []string{
	"SELECT count(*), count(errorcode), min(eventtime) FROM main",
	"SELECT eventname, count(*) FROM main GROUP BY 1 ORDER BY 2 DESC, 1",
	"SELECT useridentity.arn, sourceipaddress, eventid FROM main WHERE eventname LIKE 'Assume%' ORDER BY eventid",
	"SELECT eventid, eventjson FROM main WHERE errorcode = 'AccessDenied' ORDER BY eventid LIMIT 20",
	"SELECT element_at(requestparameters, 'bucketName'), count(*) FROM main GROUP BY 1 ORDER BY 2 DESC, 1",
	"SELECT * FROM main ORDER BY eventtime DESC, eventid LIMIT 10",
	"SELECT a.eventid FROM main a JOIN main b ON a.sourceipaddress = b.sourceipaddress AND a.eventid < b.eventid WHERE b.readonly ORDER BY 1 LIMIT 30",
	"SELECT count(*) FROM main WHERE eventid = 'no such event'",
	"SELECT eventname, cardinality(resources) FROM main WHERE resources IS NOT NULL ORDER BY eventid LIMIT 20",
}

// tinyCacheBytes is room for some parts of segments, so that a cache always drops one for another.
const tinyCacheBytes = 30 << 10

// cachedLakes opens a lake of the test's log files with several sizes of the cache, one at a time. Its queries may hold
// memoryLimitBytes, 0: as much as is usual.
func cachedLakes(t *testing.T, memoryLimitBytes int64, use func(name string, lake *engine.Lake)) {
	dir, now := logsLakeFolder(t), clock.New(time.Date(2026, 1, 31, 0, 0, 0, 0, time.UTC))
	for _, size := range []struct {
		name  string
		bytes int64
	}{{"none", -1}, {"tiny", tinyCacheBytes}, {"default", 0}} {
		lake, err := engine.Open(context.Background(), dir, engine.Options{Now: now.Now, ReadOnly: true, CacheBytes: size.bytes, MemoryLimitBytes: memoryLimitBytes})
		require.NoError(t, err)
		use(size.name, lake)
		require.NoError(t, lake.Close())
	}
}

// TestCacheChangesNoAnswer asks the same with caches of several sizes, more than once: rows and bytes scanned are the
// same, and what the default one has seen is not read again.
func TestCacheChangesNoAnswer(t *testing.T) {
	if testing.Short() {
		t.Skip("one question after the other; the unit stage runs it")
	}
	type answered struct {
		rows    []string
		scanned int64
	}
	want := map[string]answered{}
	cachedLakes(t, 0, func(name string, lake *engine.Lake) {
		for range 3 {
			for _, sql := range cacheQuestions {
				rows, stats, err := ask(context.Background(), lake, sql)
				require.NoError(t, err, sql)
				got := answered{rows, stats.BytesScanned}
				if _, ok := want[sql]; !ok {
					want[sql] = got
				}
				require.Equal(t, want[sql], got, "%s, cache %s", sql, name)
			}
		}
		figures, err := lake.Figures(context.Background())
		require.NoError(t, err)
		for _, sql := range cacheQuestions {
			_, stats, err := ask(context.Background(), lake, sql)
			require.NoError(t, err)
			switch name {
			case "none":
				require.GreaterOrEqual(t, stats.BytesRead, stats.BytesScanned, sql)
				require.Zero(t, figures.CacheBytes)
			case "default":
				require.LessOrEqual(t, stats.BytesRead, stats.BytesScanned/10, sql)
				require.Positive(t, figures.CacheHits)
			}
		}
		require.LessOrEqual(t, figures.CacheBytes, figures.CacheLimitBytes)
	})
}

// TestCacheOfConcurrentQuestions asks many at once through caches of several sizes.
func TestCacheOfConcurrentQuestions(t *testing.T) {
	want := map[string][]string{}
	cachedLakes(t, 0, func(name string, lake *engine.Lake) {
		if len(want) == 0 {
			for _, sql := range cacheQuestions {
				want[sql] = answerOf(t, lake, sql)
			}
		}
		var askers sync.WaitGroup
		for asker := range 4 {
			askers.Go(func() {
				for i := range cacheQuestions {
					sql := cacheQuestions[(i+asker)%len(cacheQuestions)]
					rows, _, err := ask(context.Background(), lake, sql)
					if err != nil {
						t.Error(name, sql, err)
						return
					}
					if got := want[sql]; len(got) != len(rows) || len(rows) > 0 && got[0] != rows[0] {
						t.Error(name, sql, "answered otherwise")
					}
				}
			})
		}
		askers.Wait()
	})
}

// TestCacheIsAQuarterOfTheMemory: that is its limit if nobody says another.
func TestCacheIsAQuarterOfTheMemory(t *testing.T) {
	for name, c := range map[string]struct{ memory, cache, want int64 }{
		"what nobody set": {400 << 20, 0, 100 << 20},
		"what was set":    {400 << 20, 30 << 20, 30 << 20},
	} {
		t.Run(name, func(t *testing.T) {
			lake, err := engine.Open(t.Context(), logsLakeFolder(t), engine.Options{ReadOnly: true, LakeMemoryBytes: c.memory, CacheBytes: c.cache})
			require.NoError(t, err)
			defer func() { require.NoError(t, lake.Close()) }()
			figures, err := lake.Figures(t.Context())
			require.NoError(t, err)
			require.Equal(t, c.want, figures.CacheLimitBytes)
		})
	}
}
