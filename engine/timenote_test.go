package engine_test

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestTimeNote: where a statement's time range excludes all events of a store, the statistics say when these begin and end.
func TestTimeNote(t *testing.T) {
	ctx := context.Background()
	lake := openLake(t, t.TempDir(), pushDay)
	createStore(t, lake, "Trail", 366)
	createStore(t, lake, "empty", 366)
	var events [][]byte
	for _, at := range []string{"2025-12-30T10:00:00Z", "2026-01-01T08:30:05Z"} {
		events = append(events, []byte(`{"eventVersion":"1.08","eventTime":"`+at+`","eventID":"e","eventCategory":"Management","eventName":"Get"}`))
	}
	_, err := lake.Push(ctx, "Trail", events)
	require.NoError(t, err)
	const note = "the time range excludes all events of trail, which are of 2025-12-30 10:00:00 to 2026-01-01 08:30:05"
	check := func(t *testing.T) {
		for sql, want := range map[string]string{
			"SELECT eventid FROM trail WHERE eventtime > now() - interval '7' hour":                                   note,
			"SELECT eventid FROM trail WHERE eventtime > '2026-01-01 08:30:05'":                                       note,
			"SELECT eventid FROM trail WHERE eventtime >= '2026-01-01 08:30:05'":                                      "",
			"SELECT eventid FROM trail WHERE eventtime < '2025-12-30 10:00:00'":                                       note,
			"SELECT eventid FROM trail WHERE eventtime BETWEEN '2025-12-01' AND '2025-12-02'":                         note,
			"SELECT count(*) FROM trail WHERE eventtime > '2026-02-01'":                                               note,
			"SELECT eventid FROM trail WHERE eventtime > '2026-02-01' ORDER BY eventtime DESC LIMIT 5":                note,
			"SELECT eventid FROM trail WHERE eventtime < '2025-12-01' OR eventtime > '2026-02-01'":                    note,
			"SELECT eventid FROM trail WHERE eventtime > '2025-12-30 11:00:00' AND eventtime < '2025-12-30 12:00:00'": "",
			"SELECT eventid FROM trail WHERE eventname = 'Put'":                                                       "",
			"SELECT eventid FROM empty WHERE eventtime > '2026-02-01'":                                                "",
			"SELECT a.eventid FROM trail a LEFT JOIN trail b ON a.eventid = b.eventid AND b.eventtime > '2026-02-01'": "",
			"SELECT eventid FROM trail WHERE eventtime > '2026-02-01' UNION ALL SELECT eventid FROM trail":            "",
			"SELECT eventid FROM trail WHERE eventtime > '2026-02-01' UNION ALL SELECT eventid FROM empty":            note,
		} {
			_, stats, err := ask(ctx, lake, sql)
			require.NoError(t, err, sql)
			require.Equal(t, want, stats.TimeNote, sql)
			text, err := json.Marshal(stats)
			require.NoError(t, err)
			require.Equal(t, want != "", json.Valid(text) && len(want) > 0 && containsNote(text, want), sql)
		}
	}
	t.Run("pushed", check)
	require.NoError(t, lake.Flush(ctx))
	t.Run("in segments", check)
}

func containsNote(text []byte, want string) bool {
	var stats struct{ TimeNote string }
	return json.Unmarshal(text, &stats) == nil && stats.TimeNote == want
}

// TestStoredBytesCountOnce: a statement that names a store several times has its stored bytes once, also in its estimate.
func TestStoredBytesCountOnce(t *testing.T) {
	ctx := context.Background()
	lake := openLake(t, t.TempDir(), pushDay)
	stored := int64(0)
	for _, name := range []string{"one", "two"} {
		createStore(t, lake, name, 366)
		_, err := lake.Push(ctx, name, [][]byte{pushedEvent(1), pushedEvent(2)})
		require.NoError(t, err)
	}
	require.NoError(t, lake.Flush(ctx))
	for _, name := range []string{"one", "two"} {
		d, err := lake.Stores().Describe(ctx, name)
		require.NoError(t, err)
		stored += d.StoredBytes
		for _, sql := range []string{
			"SELECT count(*) FROM " + name + " a JOIN " + name + " b ON a.eventid = b.eventid",
			"SELECT max(eventname) FROM " + name + " UNION ALL SELECT max(eventsource) FROM " + name + " WHERE eventtime > '2025-01-01'",
		} {
			requireStoredBytes(t, lake, sql, d.StoredBytes)
		}
	}
	requireStoredBytes(t, lake, "SELECT count(*) FROM one a, two b, one c WHERE a.eventid = b.eventid AND b.eventid = c.eventid", stored)
	text, err := lake.Explain(ctx, "SELECT max(eventname) FROM one", false)
	require.NoError(t, err)
	require.Regexp(t, `would scan \d[\d.]* k?B( to \d[\d.]* k?B)? of \d[\d.]* kB\n`, text)
}

func requireStoredBytes(t *testing.T, lake *engine.Lake, sql string, want int64) {
	t.Helper()
	_, stats, err := ask(context.Background(), lake, sql)
	require.NoError(t, err)
	require.Equal(t, want, stats.BytesStored, sql)
	estimate, err := lake.Estimate(context.Background(), sql)
	require.NoError(t, err)
	require.Equal(t, want, estimate.BytesStored, sql)
	require.Less(t, time.Duration(0), stats.Elapsed)
}
