package difftest

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/answer"
)

// questionsOfEvents is how many questions each lake of TestRandomEvents answers.
const questionsOfEvents = 400

// eventQuestionsInCI are fewer than of others: each query is recorded on disk.
const eventQuestionsInCI = 150

// questionsOfOpening is after how many of them the lake is opened in the next of lakeWays.
const questionsOfOpening = 25

// lakeWays are how a lake is opened: no answer depends on it.
var lakeWays = []struct {
	workers                    int
	cacheBytes, spillFromBytes int64
}{{2, 0, 0}, {2, -1, 1}, {7, 100 << 10, 1}, {1, -1, 100_000}, {2, 100 << 10, 0}, {1, 100 << 10, 1}, {7, -1, 100_000}}

// TestRandomEvents: questions about events in segments of several row groups, in
// small segments, and in none yet.
func TestRandomEvents(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var lake *engine.Lake
	var main, other *relation
	asked := 0
	questions(t, eventQuestionsInCI, func(seed uint64) bool {
		g := newGenerator(seed)
		if asked%questionsOfEvents == 0 {
			if lake != nil {
				require.NoError(t, lake.Close())
			}
			lake, main, other = lakeOf(t, seed/questionsOfEvents)
		}
		if asked%questionsOfOpening == 0 {
			w := lakeWays[asked/questionsOfOpening%len(lakeWays)]
			runtime.GOMAXPROCS(w.workers)
			lake = openedAgain(t, lake, engine.Options{CacheBytes: w.cacheBytes, SpillFromBytes: w.spillFromBytes})
		}
		asked++
		want, ordered := (&nearby{g, main, other}).question()
		got, err := answerOf(lake, want.sql)
		about := fmt.Sprintf("seed %d\n%s", seed, want.sql)
		require.NoError(t, err, about)
		if !ordered {
			slices.Sort(got)
		}
		require.Equal(t, want.lines(t, ordered), got, about)
		return true
	})
	require.NoError(t, lake.Close())
}

// firstEvents is the first day that has events.
var firstEvents = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func openLakeAt(t *testing.T, dir string, options engine.Options) *engine.Lake {
	options.Now, options.FlushAge = func() time.Time { return firstEvents.AddDate(0, 0, 8) }, time.Hour
	lake, err := engine.Open(context.Background(), dir, options)
	require.NoError(t, err)
	t.Cleanup(func() { lake.Close() })
	return lake
}

// openedAgain closes a lake and opens it again.
func openedAgain(t *testing.T, lake *engine.Lake, options engine.Options) *engine.Lake {
	require.NoError(t, lake.Close())
	return openLakeAt(t, lake.Dir(), options)
}

// lakeOf makes a lake of a store with a long day and some short ones, and of another one with less, and the events they have.
func lakeOf(t *testing.T, seed uint64) (lake *engine.Lake, main, other *relation) {
	g := newGenerator(seed)
	ctx := context.Background()
	lake = openLakeAt(t, t.TempDir(), engine.Options{})
	main, other = &relation{sql: "main", columns: eventColumns}, &relation{sql: "other", columns: eventColumns}
	for _, store := range []*relation{main, other} {
		_, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: store.sql, RetentionDays: 366})
		require.NoError(t, err)
	}
	for i, part := range []struct {
		into             *relation
		day, days, count int
	}{{main, 1, 1, 17_000}, {main, 0, 1, 200}, {main, 2, 3, 900}, {other, 1, 3, 400}, {main, 3, 2, 300}, {other, 2, 1, 100}, {main, 3, 1, 100}, {main, 0, 7, 150}} {
		texts, rows := g.someEvents(firstEvents.AddDate(0, 0, part.day), part.days, part.count, len(part.into.rows))
		results, err := lake.Push(ctx, part.into.sql, texts)
		require.NoError(t, err)
		for _, r := range results {
			require.Empty(t, r.Code, r.Message)
		}
		part.into.rows = append(part.into.rows, rows...)
		if i < 7 {
			require.NoError(t, lake.Flush(ctx))
		}
	}
	return lake, main, other
}

func answerOf(lake *engine.Lake, sql string) (lines []string, err error) {
	rows, err := lake.Query(context.Background(), sql)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	lines = []string{}
	for rows.Next() {
		arrays := rows.Arrays()
		for i := range arrays[0].Len() {
			var cells strings.Builder
			for j, c := range rows.Columns() {
				cells.Write(answer.AppendJSON(nil, c.Type, arrays[j], i))
				cells.WriteByte(' ')
			}
			lines = append(lines, positive(cells.String()))
		}
	}
	return lines, rows.Err()
}
