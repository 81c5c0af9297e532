package engine_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/planner/types"
)

// endless would take hours: 10^16 pairs of pairs.
const endless = "SELECT count(*) FROM UNNEST(sequence(1, 10000)) a (x), UNNEST(sequence(1, 10000)) b (y), UNNEST(sequence(1, 10000)) c (z), UNNEST(sequence(1, 10000)) d (w) WHERE x + y + z + w < 0"

func TestTimeout(t *testing.T) {
	lake := openLake(t, t.TempDir(), newYear)
	_, _, err := ask(context.Background(), lake, endless, engine.Timeout(50*time.Millisecond))
	require.Equal(t, types.ExceededTimeLimit, types.ErrorName(err))
	require.ErrorContains(t, err, "50ms")
}

// TestCancel: a cancelled query ends; it would run for longer than a test may.
func TestCancel(t *testing.T) {
	lake := logsLake(t)
	for _, sql := range []string{
		endless,
		"SELECT count(*) FROM main a, main b, main c, main d WHERE a.eventid > b.eventid AND c.eventid > d.eventid AND a.eventname < d.eventname",
		"SELECT a.eventid FROM main a, main b, main c, main d ORDER BY b.eventid, c.eventid, d.eventid DESC LIMIT 5",
	} {
		t.Run(sql, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			done := make(chan error, 1)
			go func() {
				_, _, err := ask(ctx, lake, sql)
				done <- err
			}()
			time.Sleep(100 * time.Millisecond) // most often it runs by then; the answer is the same if not
			cancel()
			require.ErrorIs(t, <-done, context.Canceled)
		})
	}
}

func TestCancelledBeforeItStarts(t *testing.T) {
	lake := logsLake(t)
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, _, err := ask(ctx, lake, "SELECT count(DISTINCT eventname) FROM main")
	require.ErrorIs(t, err, context.Canceled)
}

func TestMemoryLimit(t *testing.T) {
	dir := t.TempDir()
	lake, err := engine.Open(context.Background(), dir, engine.Options{Now: func() time.Time { return newYear }, MemoryLimitBytes: 1 << 20, SpillLimitBytes: -1})
	require.NoError(t, err)
	defer lake.Close()
	_, err = lake.Imports().Run(context.Background(), engine.ImportOptions{Paths: []string{logsFolder(t)}})
	require.NoError(t, err)
	for _, sql := range []string{
		"SELECT eventjson FROM main ORDER BY length(eventjson), eventid",
		"SELECT eventjson, count(*) FROM main GROUP BY 1",
		"SELECT count(*) FROM main a JOIN main b ON a.eventjson = b.eventjson",
		"SELECT array_agg(eventjson) FROM main",
		"SELECT DISTINCT eventjson FROM main",
	} {
		_, stats, err := ask(context.Background(), lake, sql)
		require.Equal(t, types.ExceededMemoryLimit, types.ErrorName(err), "%s: %v", sql, err)
		require.LessOrEqual(t, stats.PeakMemoryBytes, int64(1<<20), sql)
	}
	// The others go on.
	rows, _, err := ask(context.Background(), lake, "SELECT count(*) FROM main")
	require.NoError(t, err)
	require.Equal(t, []string{"2000"}, rows)
}

// TestClosedAnswerHoldsNoMemory: what an answer was computed from is garbage once it is closed, whoever still knows of it.
func TestClosedAnswerHoldsNoMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("the detector's memory is not the program's; the unit stage runs it")
	}
	lake := logsLake(t)
	live := func() int64 {
		runtime.GC()
		runtime.GC() // a pool's buffers outlive one collection
		var stats runtime.MemStats
		runtime.ReadMemStats(&stats)
		return int64(stats.HeapAlloc)
	}
	const texts = 32 << 20
	var closed []*engine.Rows
	statements := []string{
		"SELECT n, cardinality(array_agg(eventjson || CAST(n AS varchar))) FROM main CROSS JOIN UNNEST(sequence(1, 30)) AS u(n) GROUP BY n",
		"EXPLAIN ANALYZE SELECT n, array_agg(eventjson || CAST(n AS varchar)) FROM main CROSS JOIN UNNEST(sequence(1, 30)) AS u(n) GROUP BY n",
		"SELECT eventjson || CAST(n AS varchar) FROM main CROSS JOIN UNNEST(sequence(1, 30)) AS u(n) ORDER BY 1",
	}
	ask := func() {
		for _, sql := range statements {
			rows, err := lake.Query(context.Background(), sql)
			require.NoError(t, err)
			require.True(t, rows.Next(), "%v", rows.Err())
			require.GreaterOrEqual(t, rows.Stats().PeakMemoryBytes, int64(texts), sql)
			require.NoError(t, rows.Close())
			closed = append(closed, rows)
		}
	}
	ask() // fills the caches, which stay
	before := live()
	ask()
	require.Less(t, live()-before, int64(texts/2))
	runtime.KeepAlive(closed)
}

// TestQueriesDuringAnImport: each sees one snapshot, in which all its parts agree.
func TestQueriesDuringAnImport(t *testing.T) {
	lake := openLake(t, t.TempDir(), newYear)
	createStore(t, lake, "main", 366)
	folder := t.TempDir()
	var files []string
	for i := range 20 {
		path := filepath.Join(folder, fmt.Sprintf("%02d.json", i))
		writeEvents(t, path, fmt.Sprintf("2025-12-%02dT00:00:00Z", i+1), fmt.Sprintf("2025-12-%02dT01:00:00Z", i+2), fmt.Sprintf("2025-12-%02dT00:00:%02dZ", i+3, i))
		files = append(files, path)
	}

	imported := make(chan struct{})
	problems := make(chan error, 16)
	go func() {
		defer close(imported)
		for _, path := range files {
			if _, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Store: "main", Paths: []string{path}}); err != nil {
				problems <- err
				return
			}
		}
	}()
	const sql = `SELECT (SELECT count(*) FROM main), count(eventjson), count(DISTINCT eventjsonchecksum), count(*) % 3
		FROM main WHERE eventtime IN (SELECT eventtime FROM main)`
	var readers sync.WaitGroup
	for range 3 {
		readers.Go(func() {
			last := ""
			for running := true; running; {
				select {
				case <-imported:
					running = false
				default:
				}
				rows, _, err := ask(context.Background(), lake, sql)
				if err != nil {
					problems <- err
					return
				}
				var all, texts, sums, rest int
				if _, err := fmt.Sscanf(rows[0], "%d|%d|%d|%d", &all, &texts, &sums, &rest); err != nil || all != texts || all != sums || rest != 0 {
					problems <- errors.Join(err, fmt.Errorf("one query saw %s", rows[0]))
					return
				}
				last = rows[0]
			}
			if last != "60|60|60|0" {
				problems <- fmt.Errorf("after the import a query saw %s", last)
			}
		})
	}
	readers.Wait()
	<-imported
	close(problems)
	for err := range problems {
		require.NoError(t, err)
	}
}

func TestClosedLake(t *testing.T) {
	lake := logsLake(t)
	require.NoError(t, lake.Close())
	_, err := lake.Query(context.Background(), "SELECT count(*) FROM main")
	require.ErrorIs(t, err, engine.ErrClosed)
	_, err = lake.Imports().Run(context.Background(), engine.ImportOptions{Paths: []string{logsFolder(t)}})
	require.ErrorIs(t, err, engine.ErrClosed)
	_, err = lake.Stores().List(context.Background())
	require.ErrorIs(t, err, engine.ErrClosed)
}

// TestDamagedSegment: an answer is whole or ends with an error that names the file.
func TestDamagedSegment(t *testing.T) {
	dir := logsLakeFolder(t)
	segments, err := filepath.Glob(filepath.Join(dir, "stores/*/eventday=2025-12-15/*.orc"))
	require.NoError(t, err)
	require.NotEmpty(t, segments)
	flipBits(t, segments[0])

	lake := openLake(t, dir, newYear)
	_, _, err = ask(context.Background(), lake, "SELECT * FROM main")
	require.ErrorContains(t, err, filepath.Base(segments[0]))
	rows, _, err := ask(context.Background(), lake, "SELECT count(eventjson) > 0 FROM main WHERE eventtime < '2025-12-15'")
	require.NoError(t, err)
	require.Equal(t, []string{"true"}, rows)
}

// flipBits damages the first half of a file, where its values are.
func flipBits(t *testing.T, path string) {
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	for i := 3; i < len(content)/2; i += 100 {
		content[i] ^= 0x55
	}
	require.NoError(t, os.WriteFile(path, content, 0o644))
}
