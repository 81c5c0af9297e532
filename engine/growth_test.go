package engine_test

import (
	"context"
	"io/fs"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/bench/gen"
	"github.com/auditlake/auditlake/engine"
)

// grownLake has some events of each day before February 2024, taken in by some imports of a part of the files each, and compacted if
// there were several. It was opened again, so that nothing of it is in memory.
func grownLake(t *testing.T, days, imports int) *engine.Lake {
	t.Helper()
	ctx, end, logs := context.Background(), time.Date(2024, 2, 1, 0, 0, 0, 0, time.UTC), t.TempDir()
	_, err := gen.Write(logs, gen.Options{Seed: 6, Events: int64(days) * 1000, Days: days, EventsPerFile: 50, End: end})
	require.NoError(t, err)
	var files []string
	require.NoError(t, filepath.WalkDir(logs, func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, path)
		}
		return err
	}))
	dir := t.TempDir()
	lake := openLake(t, dir, end)
	for part := range slices.Chunk(files, (len(files)+imports-1)/imports) {
		_, err := lake.Imports().Run(ctx, engine.ImportOptions{Paths: part})
		require.NoError(t, err)
	}
	if imports > 1 {
		done, err := lake.Compact(ctx)
		require.NoError(t, err)
		require.Positive(t, done.Merged)
	}
	store, err := lake.Stores().Describe(ctx, "main")
	require.NoError(t, err)
	require.EqualValues(t, days*1000, store.Events)
	require.Equal(t, days, int(store.Segments), "one segment for each day")
	require.NoError(t, lake.Close())
	return openLake(t, dir, end)
}

// cost is what a question took: what it read, and how many parts of segments it asked the cache for, and had decoded.
type cost struct {
	engine.Stats
	lookedUp, decoded int64
}

func costOf(t *testing.T, lake *engine.Lake, sql string) cost {
	t.Helper()
	before, err := lake.Figures(context.Background())
	require.NoError(t, err)
	_, stats, err := ask(context.Background(), lake, sql)
	require.NoError(t, err)
	after, err := lake.Figures(context.Background())
	require.NoError(t, err)
	decoded := after.CacheMisses - before.CacheMisses
	return cost{stats, after.CacheHits - before.CacheHits + decoded, decoded}
}

// growthQuestions should cost the same however many days a store has.
func growthQuestions(t *testing.T, lake *engine.Lake) map[string]string {
	return map[string]string{
		"count":     "SELECT count(*) FROM main",
		"last day":  "SELECT eventname, count(*) FROM main WHERE eventtime >= TIMESTAMP '2024-01-31 00:00:00' GROUP BY 1",
		"latest":    "SELECT * FROM main ORDER BY eventtime DESC LIMIT 100",
		"one event": "SELECT * FROM main WHERE eventid = '" + answerOf(t, lake, "SELECT max_by(eventid, eventtime) FROM main WHERE eventtime < TIMESTAMP '2024-01-31 00:00:00'")[0] + "'",
	}
}

// TestQuestionsDoNotGrowWithSegments: what a question looks up and decodes, the first time and once it is warm, depends on the segments
// that it touches. One event is looked for in a filter of each segment, which is in memory once it was read.
func TestQuestionsDoNotGrowWithSegments(t *testing.T) {
	if testing.Short() {
		t.Skip("the counts of many segments take long under the race detector, and are of one question at a time")
	}
	const few, many = 5, 40 // days, each a segment
	small, large := grownLake(t, few, 1), grownLake(t, many, 1)
	ofLarge := growthQuestions(t, large)
	for name, sql := range growthQuestions(t, small) {
		for _, times := range []string{"first", "warm"} {
			want, got := costOf(t, small, sql), costOf(t, large, ofLarge[name])
			perSegment := int64(0)
			if name == "one event" {
				if perSegment = 4; times == "first" {
					perSegment = 12
				}
			}
			t.Logf("%s, %s: %d and %d looked up, %d and %d decoded, %d and %d bytes", name, times, want.lookedUp, got.lookedUp, want.decoded, got.decoded, want.BytesScanned, got.BytesScanned)
			require.LessOrEqual(t, got.lookedUp, want.lookedUp*3/2+10+perSegment*(many-few), "%s, %s", name, times)
			if times == "warm" {
				perSegment = 0
			}
			require.LessOrEqual(t, got.decoded, want.decoded*3/2+10+perSegment*(many-few), "%s, %s", name, times)
			if name == "count" {
				require.Zero(t, got.lookedUp+got.BytesScanned, times)
				continue
			}
			require.LessOrEqual(t, got.EventsScanned, int64(many*1000/8), "%s, %s", name, times)
			require.LessOrEqual(t, got.BytesScanned, want.BytesScanned*3/2, "%s, %s", name, times)
		}
	}
}

// TestImportsLeaveNoCosts: days that came in many imports cost, once they are compacted, what they cost after one.
func TestImportsLeaveNoCosts(t *testing.T) {
	if testing.Short() {
		t.Skip("the counts of many imports take long under the race detector, and are of one question at a time")
	}
	once, often := grownLake(t, 5, 1), grownLake(t, 5, 20)
	for name, sql := range growthQuestions(t, once) {
		want, got := costOf(t, once, sql), costOf(t, often, sql)
		t.Logf("%s: %d and %d looked up, %d and %d decoded, %d and %d bytes", name, want.lookedUp, got.lookedUp, want.decoded, got.decoded, want.BytesScanned, got.BytesScanned)
		require.Equal(t, want.Pruned, got.Pruned, name)
		require.Equal(t, want.EventsScanned, got.EventsScanned, name)
		require.InDelta(t, want.BytesScanned, got.BytesScanned, float64(want.BytesScanned)/20+100, name)
		require.LessOrEqual(t, got.lookedUp, want.lookedUp*6/5+10, name)
		require.LessOrEqual(t, got.decoded, want.decoded*6/5+10, name)
	}
}
