package engine_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
	"github.com/auditlake/auditlake/storage"
	"github.com/auditlake/auditlake/storage/catalog"
)

// writeEvents writes a log file with an event at each time; event i has the id "e<i>".
func writeEvents(t testing.TB, path string, times ...string) {
	var records []string
	for i, at := range times {
		records = append(records, fmt.Sprintf(
			`{"eventVersion":"1.08","eventTime":%q,"eventName":"N%d","eventSource":"s3.amazonaws.com","awsRegion":"eu-west-1","eventID":"e%d"}`, at, i, i))
	}
	require.NoError(t, os.WriteFile(path, []byte(`{"Records":[`+strings.Join(records, ",")+`]}`), 0o644))
}

// TestEventsAgeOut: an event past retention is gone from the next query,
// whether statistics or rows answer it, and whether it was deleted or not.
func TestEventsAgeOut(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "events.json")
	writeEvents(t, path, "2026-01-01T00:00:00Z", "2026-01-01T12:00:00Z", "2026-01-01T12:00:01Z", "2026-01-02T00:00:00Z", "2026-01-05T00:00:00Z")
	c := clock.New(time.Date(2026, 1, 8, 0, 0, 0, 0, time.UTC))
	lake := openLakeAt(t, t.TempDir(), c)
	createStore(t, lake, "main", 7)
	imported, err := lake.Imports().Run(ctx, engine.ImportOptions{Store: "main", Paths: []string{path}})
	require.NoError(t, err)
	require.EqualValues(t, 5, imported.Events)

	const sql = "SELECT count(*), min(eventtime), max(eventtime), min(eventid), count(DISTINCT eventname), count(*) FILTER (WHERE length(eventjson) > 0) FROM main"
	steps := []struct {
		name string
		now  time.Time
		want string
	}{
		{"all at the horizon or younger", time.Date(2026, 1, 8, 0, 0, 0, 0, time.UTC), "5|2026-01-01 00:00:00.000|2026-01-05 00:00:00.000|e0|5|5"},
		{"a millisecond later", time.Date(2026, 1, 8, 0, 0, 0, 1e6, time.UTC), "4|2026-01-01 12:00:00.000|2026-01-05 00:00:00.000|e1|4|4"},
		{"in the middle of a day", time.Date(2026, 1, 8, 12, 0, 0, 5e8, time.UTC), "3|2026-01-01 12:00:01.000|2026-01-05 00:00:00.000|e2|3|3"},
		{"a whole day", time.Date(2026, 1, 9, 0, 0, 0, 0, time.UTC), "2|2026-01-02 00:00:00.000|2026-01-05 00:00:00.000|e3|2|2"},
		{"all but one", time.Date(2026, 1, 12, 0, 0, 0, 0, time.UTC), "1|2026-01-05 00:00:00.000|2026-01-05 00:00:00.000|e4|1|1"},
		{"all", time.Date(2026, 2, 1, 0, 0, 0, 0, time.UTC), "0|NULL|NULL|NULL|0|0"},
	}
	for _, s := range steps {
		t.Run(s.name, func(t *testing.T) {
			c.Set(s.now)
			require.Equal(t, []string{s.want}, answerOf(t, lake, sql))
			require.Equal(t, []string{strings.SplitN(s.want, "|", 2)[0]}, answerOf(t, lake, "SELECT count(*) FROM main"))
		})
	}
	removed, err := lake.Expire(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 5, removed.Events)
	require.EqualValues(t, 3, removed.Segments)
	require.Equal(t, []string{"0"}, answerOf(t, lake, "SELECT count(*) FROM main"))
	removed, err = lake.Expire(ctx)
	require.NoError(t, err)
	require.Zero(t, removed)
}

// TestExpireKeepsWhatIsWithinRetention: days that reach into retention stay whole.
func TestExpireKeepsWhatIsWithinRetention(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.json")
	writeEvents(t, path, "2026-01-01T23:00:00Z", "2026-01-02T00:00:00Z", "2026-01-02T23:00:00Z")
	c := clock.New(time.Date(2026, 1, 8, 0, 0, 0, 0, time.UTC))
	lake := openLakeAt(t, t.TempDir(), c)
	createStore(t, lake, "main", 7)
	_, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Store: "main", Paths: []string{path}})
	require.NoError(t, err)

	c.Set(time.Date(2026, 1, 9, 12, 0, 0, 0, time.UTC))
	removed, err := lake.Expire(context.Background())
	require.NoError(t, err)
	require.Equal(t, engine.Removed{Segments: 1, Events: 1, Bytes: removed.Bytes}, removed)
	require.Positive(t, removed.Bytes)
	require.Equal(t, []string{"e2"}, answerOf(t, lake, "SELECT eventid FROM main"))
}

// TestAnAnswerKeepsItsInstant: an answer being read is neither cut by the
// clock nor by an expiry.
func TestAnAnswerKeepsItsInstant(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.json")
	writeEvents(t, path, "2026-01-01T00:00:00Z", "2026-01-05T00:00:00Z")
	c := clock.New(time.Date(2026, 1, 8, 0, 0, 0, 0, time.UTC))
	lake := openLakeAt(t, t.TempDir(), c)
	createStore(t, lake, "main", 7)
	_, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Store: "main", Paths: []string{path}})
	require.NoError(t, err)

	rows, err := lake.Query(context.Background(), "SELECT eventid, now() FROM main")
	require.NoError(t, err)
	defer rows.Close()
	c.Set(time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC))
	_, err = lake.Expire(context.Background())
	require.NoError(t, err)
	var seen int64
	for rows.Next() {
		seen += rows.Record().NumRows()
	}
	require.NoError(t, rows.Err())
	require.EqualValues(t, 2, seen)
	require.Equal(t, []string{"0"}, answerOf(t, lake, "SELECT count(*) FROM main"))
}

func TestShorterRetentionHidesAtOnce(t *testing.T) {
	lake := logsLake(t)
	_, err := lake.Stores().Update(context.Background(), "main", engine.StoreUpdate{RetentionDays: 7})
	require.NoError(t, err)
	require.Equal(t, []string{"true|true"}, answerOf(t, lake,
		"SELECT count(*) BETWEEN 1 AND 1999, min(eventtime) >= timestamp '2025-12-25 00:00:00' FROM main"))
}

// TestExpiredEventsCanBeImportedAgain once the store keeps events for longer.
func TestExpiredEventsCanBeImportedAgain(t *testing.T) {
	ctx := context.Background()
	path := filepath.Join(t.TempDir(), "events.json")
	writeEvents(t, path, "2026-01-01T00:00:00Z", "2026-01-20T00:00:00Z")
	lake := openLake(t, t.TempDir(), time.Date(2026, 1, 21, 0, 0, 0, 0, time.UTC))
	createStore(t, lake, "main", 366)
	steps := []struct {
		name      string
		retention int
		events    int64
		stored    string
	}{
		{"all are kept", 366, 2, "2"},
		{"one is too old", 7, 0, "1"},
		{"it is not any more", 366, 1, "2"},
		{"nothing is missing", 366, 0, "2"},
	}
	for _, s := range steps {
		t.Run(s.name, func(t *testing.T) {
			_, err := lake.Stores().Update(ctx, "main", engine.StoreUpdate{RetentionDays: s.retention})
			require.NoError(t, err)
			_, err = lake.Expire(ctx)
			require.NoError(t, err)
			r, err := lake.Imports().Run(ctx, engine.ImportOptions{Paths: []string{path}})
			require.NoError(t, err)
			require.Equal(t, s.events, r.Events)
			require.Equal(t, []string{s.stored}, answerOf(t, lake, "SELECT count(eventjson) FROM main"))
		})
	}
}

// TestANewStoreKnowsNothingOfADeletedOne with the same name.
func TestANewStoreKnowsNothingOfADeletedOne(t *testing.T) {
	if testing.Short() {
		t.Skip("one step after the other; the unit stage runs it")
	}
	ctx := context.Background()
	c := clock.New(newYear)
	lake := openLakeAt(t, t.TempDir(), c)
	for range 2 {
		_, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: "main", TerminationProtected: off()})
		require.NoError(t, err)
		r, err := lake.Imports().Run(ctx, engine.ImportOptions{Paths: []string{logsFolder(t)}})
		require.NoError(t, err)
		require.EqualValues(t, 2000, r.Events)
		require.NoError(t, lake.Stores().Delete(ctx, "main"))
		c.Set(c.Now().Add(7 * 24 * time.Hour))
		removed, err := lake.Expire(ctx)
		require.NoError(t, err)
		require.EqualValues(t, 2000, removed.Events)
	}
	left, err := filepath.Glob(filepath.Join(lake.Dir(), "stores/*/*/*"))
	require.NoError(t, err)
	require.Empty(t, left)
}

// TestInterruptedDeletionGoesOn: the process ended when the store's record was gone, and nothing else.
func TestInterruptedDeletionGoesOn(t *testing.T) {
	if testing.Short() {
		t.Skip("one step after the other; the unit stage runs it")
	}
	ctx := context.Background()
	dir := t.TempDir()
	lake := openLake(t, dir, newYear)
	ids := map[string]string{}
	for _, store := range []string{"kept", "dropped"} {
		createStore(t, lake, store, 366)
		s, err := lake.Stores().Get(ctx, store)
		require.NoError(t, err)
		ids[store] = s.ID
		_, err = lake.Imports().Run(ctx, engine.ImportOptions{Store: store, Paths: []string{logsFolder(t)}})
		require.NoError(t, err)
	}
	require.NoError(t, lake.Close())
	data, err := storage.Open(ctx, dir, storage.Options{})
	require.NoError(t, err)
	require.NoError(t, data.Catalog().Update(ctx, func(tx *catalog.Tx) error { return tx.DeleteStore(ids["dropped"]) }))
	require.NoError(t, data.Close())

	lake = openLake(t, dir, newYear)
	file, err := filepath.Glob(filepath.Join(dir, "stores", ids["dropped"], "*/*.orc"))
	require.NoError(t, err)
	require.Len(t, file, 30)
	require.NoError(t, os.Truncate(file[0], 1))
	v, err := lake.Verify(ctx, engine.VerifyOptions{})
	require.NoError(t, err)
	require.EqualValues(t, 60, v.Segments, "also those that no store has")
	require.Len(t, v.Problems, 1)

	removed, err := lake.Expire(ctx)
	require.NoError(t, err)
	require.EqualValues(t, 2000, removed.Events)
	require.NoDirExists(t, filepath.Join(dir, "stores", ids["dropped"]))
	require.DirExists(t, filepath.Join(dir, "stores", ids["kept"]))
	removed, err = lake.Expire(ctx)
	require.NoError(t, err)
	require.Zero(t, removed)
	v, err = lake.Verify(ctx, engine.VerifyOptions{})
	require.NoError(t, err)
	require.Empty(t, v.Problems)
}

// TestPurge: what was imported into a deleted store, pushed into segments and pushed alone, is there until its seven days
// are over, and then gone.
func TestPurge(t *testing.T) {
	ctx, c, dir := context.Background(), clock.New(newYear), t.TempDir()
	lake, err := engine.Open(ctx, dir, engine.Options{Now: c.Now, Elapsed: c.Elapsed})
	require.NoError(t, err)
	defer func() { require.NoError(t, lake.Close()) }()
	s, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: "main", TerminationProtected: off()})
	require.NoError(t, err)
	push := func(id string) {
		event := fmt.Sprintf(`{"eventTime":%q,"eventID":%q,"eventCategory":"Management"}`, newYear.Add(-time.Hour).Format(time.RFC3339), id)
		results, err := lake.Push(ctx, "main", [][]byte{[]byte(event)})
		require.NoError(t, err)
		require.Empty(t, results[0].Code)
	}
	push("flushed")
	require.NoError(t, lake.Flush(ctx))
	push("in the log")
	require.NoError(t, lake.Stores().Delete(ctx, "main"))
	c.Pass(7*24*time.Hour - time.Second)
	_, err = lake.Expire(ctx)
	require.NoError(t, err)
	_, err = lake.Stores().Restore(ctx, "main")
	require.NoError(t, err)
	require.Equal(t, []string{"2"}, answerOf(t, lake, "SELECT count(*) FROM main"))

	require.NoError(t, lake.Stores().Delete(ctx, "main"))
	c.Pass(7 * 24 * time.Hour)
	_, err = lake.Expire(ctx)
	require.NoError(t, err)
	_, err = lake.Stores().Get(ctx, "main")
	require.ErrorIs(t, err, engine.ErrStoreNotFound)
	require.NoError(t, lake.Flush(ctx))
	require.NoDirExists(t, filepath.Join(dir, "stores", s.ID))
	_, err = lake.Stores().Create(ctx, engine.StoreOptions{Name: "main"})
	require.NoError(t, err)
	require.Equal(t, []string{"0"}, answerOf(t, lake, "SELECT count(*) FROM main"))
}
