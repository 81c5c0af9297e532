package engine_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
)

// recordingLake opens a lake that records its activity.
func recordingLake(t *testing.T, dir string, c *clock.Clock) *engine.Lake {
	lake, err := engine.Open(context.Background(), dir, engine.Options{Now: c.Now, Elapsed: c.Elapsed, Activity: true, AccountID: "123456789012"})
	require.NoError(t, err)
	t.Cleanup(func() { _ = lake.Close() })
	return lake
}

// recordedBy asks for what was recorded so far.
func recordedBy(t *testing.T, lake *engine.Lake, sql string) []string {
	require.NoError(t, lake.Activity().Flush(context.Background()))
	return answerOf(t, lake, sql)
}

// TestQueriesAreActivity: each query, whatever becomes of it, is an event with who asked, what it cost and why it failed; so
// is the one that reads the events, but not their writing.
func TestQueriesAreActivity(t *testing.T) {
	ctx, c := context.Background(), clock.New(newYear)
	lake := recordingLake(t, t.TempDir(), c)
	createStore(t, lake, "main", 366)
	_, err := lake.Push(ctx, "main", [][]byte{fmt.Appendf(nil, `{"eventTime":%q,"eventID":"1","eventCategory":"Management"}`, newYear.Add(-time.Hour).Format(time.RFC3339))})
	require.NoError(t, err)

	asker := engine.Asker{KeyID: "AKIA1", Principal: "arn:aws:iam::123456789012:user/ann", AccountID: "123456789012", IP: "10.0.0.1", Program: "trino-cli"}
	_, _, err = ask(ctx, lake, "SELECT eventid FROM main", engine.AskedBy(asker), engine.ThroughDoor("trino"))
	require.NoError(t, err)
	_, _, err = ask(ctx, lake, "SELECT nope FROM main")
	require.Error(t, err)
	_, _, err = ask(ctx, lake, "SELECT 1 FROM main", engine.AskedBy(asker), engine.MayRead(func(engine.QuerySource) error { return fmt.Errorf("no policy") }))
	require.ErrorContains(t, err, "PERMISSION_DENIED")
	require.Equal(t, []string{
		"trino.auditlake|RunQuery|IAMUser|ann|10.0.0.1|trino-cli|null|allowed|FINISHED|SELECT eventid FROM main",
		"library.auditlake|RunQuery|Root|null|null|null|COLUMN_NOT_FOUND|allowed|FAILED|SELECT nope FROM main",
		"library.auditlake|RunQuery|IAMUser|ann|10.0.0.1|trino-cli|PERMISSION_DENIED|denied|FAILED|SELECT 1 FROM main",
	}, recordedBy(t, lake, `SELECT concat_ws('|', eventsource, eventname, useridentity.type, coalesce(useridentity.username, 'null'), coalesce(sourceipaddress, 'null'),
		coalesce(useragent, 'null'), coalesce(errorcode, 'null'), element_at(additionaleventdata, 'decision'), element_at(additionaleventdata, 'state'),
		element_at(requestparameters, 'queryStatement'))
		FROM auditlake_activity ORDER BY element_at(additionaleventdata, 'submitted'), eventsource DESC, errorcode`))
	require.Equal(t, []string{"1"}, recordedBy(t, lake, `SELECT count(*) FROM auditlake_activity WHERE CAST(element_at(additionaleventdata, 'bytesScanned') AS bigint) > 0
		AND resources[1].type = 'AWS::CloudTrail::EventDataStore' AND errorcode IS NULL AND element_at(requestparameters, 'queryStatement') = 'SELECT eventid FROM main'`))
	require.Equal(t, []string{"5"}, recordedBy(t, lake, "SELECT count(*) FROM auditlake_activity"), "reading is an event, writing is none")
	require.Equal(t, []string{"6"}, recordedBy(t, lake, "SELECT count(*) FROM auditlake_activity"))
}

// TestActivityIsProtected: the store has no other purpose, takes nothing from people and cannot be taken away; it is none of
// those that count, and costs nothing.
func TestActivityIsProtected(t *testing.T) {
	ctx, c := context.Background(), clock.New(newYear)
	lake := recordingLake(t, t.TempDir(), c)
	createStore(t, lake, "main", 366)
	found, err := lake.Stores().Get(ctx, "")
	require.NoError(t, err)
	require.Equal(t, "main", found.Name, "the lake's only store")
	name, event := engine.ActivityStoreName, []byte(`{"eventTime":"2025-12-31T23:00:00Z","eventCategory":"Management"}`)
	yes := true
	for what, attempt := range map[string]func() error{
		"delete": func() error { return lake.Stores().Delete(ctx, name) },
		"stop":   func() error { return lake.Stores().StopIngestion(ctx, name) },
		"start":  func() error { return lake.Stores().StartIngestion(ctx, name) },
		"tag":    func() error { return lake.Stores().AddTags(ctx, name, engine.Tag{Key: "a"}) },
		"policy": func() error { return lake.Stores().SetResourcePolicy(ctx, name, "{}") },
		"rename": func() error { _, err := lake.Stores().Update(ctx, name, engine.StoreUpdate{Name: "other"}); return err },
		"unprotect": func() error {
			_, err := lake.Stores().Update(ctx, name, engine.StoreUpdate{TerminationProtected: off(), RetentionDays: 7})
			return err
		},
		"reach": func() error {
			_, err := lake.Stores().Update(ctx, name, engine.StoreUpdate{Organization: &yes})
			return err
		},
		"restore": func() error { _, err := lake.Stores().Restore(ctx, name); return err },
		"push":    func() error { _, err := lake.Push(ctx, name, [][]byte{event}); return err },
		"import": func() error {
			_, err := lake.Imports().Run(ctx, engine.ImportOptions{Store: name, Paths: []string{t.TempDir()}})
			return err
		},
	} {
		require.ErrorIs(t, attempt(), engine.ErrStoreProtected, what)
	}
	_, err = lake.Stores().Update(ctx, "main", engine.StoreUpdate{Name: strings.ToUpper(name)})
	require.ErrorIs(t, err, engine.ErrInvalidParameter)
	changed, err := lake.Stores().Update(ctx, name, engine.StoreUpdate{RetentionDays: 30})
	require.NoError(t, err)
	require.Equal(t, 30, changed.RetentionDays)

	for i := range engine.MaxStores - 1 {
		createStore(t, lake, fmt.Sprint("more-", i), 0)
	}
	_, err = lake.Stores().Create(ctx, engine.StoreOptions{Name: "eleventh"})
	require.ErrorIs(t, err, engine.ErrTooManyStores, "ten besides it")

	require.NoError(t, lake.Activity().Flush(ctx))
	require.NoError(t, lake.Flush(ctx))
	_, stats, err := ask(ctx, lake, "SELECT * FROM auditlake_activity a JOIN main m ON a.eventid <> m.eventid")
	require.NoError(t, err)
	require.Equal(t, stats.BytesScanned, stats.FreeBytes)
	require.Zero(t, stats.Price)
	estimate, err := lake.Estimate(ctx, "SELECT * FROM auditlake_activity")
	require.NoError(t, err)
	require.Zero(t, estimate.HighPrice)
	usage, err := lake.Usage(ctx, "")
	require.NoError(t, err)
	for _, row := range append(usage.Days, usage.Totals...) {
		require.NotEqual(t, name, row.Store)
	}
}

// TestActivityExpires: retention holds for it as for every store.
func TestActivityExpires(t *testing.T) {
	ctx, c := context.Background(), clock.New(newYear)
	lake := recordingLake(t, t.TempDir(), c)
	_, err := lake.Stores().Update(ctx, engine.ActivityStoreName, engine.StoreUpdate{RetentionDays: 7})
	require.NoError(t, err)
	_, _, err = ask(ctx, lake, "SELECT 'old'")
	require.NoError(t, err)
	require.Equal(t, []string{"1"}, recordedBy(t, lake, "SELECT count(*) FROM auditlake_activity"))
	require.NoError(t, lake.Flush(ctx))
	c.Pass(9 * 24 * time.Hour)
	_, err = lake.Expire(ctx)
	require.NoError(t, err)
	require.Equal(t, []string{"0"}, recordedBy(t, lake, "SELECT count(*) FROM auditlake_activity"))
}

// TestActivityOfAnInterruptedProcess: what was noted a second before a kill is there, and that something may be missing is
// an event; so is each query that ran. After an end in order nothing is missing.
func TestActivityOfAnInterruptedProcess(t *testing.T) {
	ctx, c, dir := context.Background(), clock.New(newYear), t.TempDir()
	lake := recordingLake(t, dir, c)
	_, _, err := ask(ctx, lake, "SELECT 'before'")
	require.NoError(t, err)
	running, err := lake.Queries().Submit(ctx, "SELECT 'interrupted'", engine.User("arn:aws:iam::123456789012:user/ann"), engine.ThroughDoor("trino"), engine.Durable())
	require.NoError(t, err)
	require.NoError(t, lake.Activity().Flush(ctx))
	killed := t.TempDir()
	require.NoError(t, os.CopyFS(killed, os.DirFS(dir)))
	running.Cancel(engine.ErrQueryCancelled)
	require.NoError(t, lake.Close())

	const events = `SELECT concat_ws('|', eventname, coalesce(errorcode, 'null'), coalesce(useridentity.arn, useridentity.type), element_at(requestparameters, 'queryStatement'))
		FROM auditlake_activity WHERE eventname <> 'RunQuery' OR element_at(requestparameters, 'queryStatement') LIKE 'SELECT ''%' ORDER BY 1`
	ofQueries := []string{"RunQuery|INTERRUPTED|arn:aws:iam::123456789012:user/ann|SELECT 'interrupted'", "RunQuery|null|Root|SELECT 'before'"}
	after := recordingLake(t, killed, c)
	require.Equal(t, append([]string{"ActivityLost|Interrupted|Root"}, ofQueries...), recordedBy(t, after, events))
	require.NoError(t, after.Close())

	inOrder := recordingLake(t, dir, c)
	require.Equal(t, []string{"RunQuery|USER_CANCELED|Root|SELECT 'interrupted'", "RunQuery|null|Root|SELECT 'before'"}, recordedBy(t, inOrder, events))
}

// TestNoActivityUnlessAsked: a library records nothing, nor does a lake that is read only; what was recorded stays readable.
func TestNoActivityUnlessAsked(t *testing.T) {
	ctx, c, dir := context.Background(), clock.New(newYear), t.TempDir()
	lake := openLakeAt(t, dir, c)
	require.Nil(t, lake.Activity())
	_, _, err := ask(ctx, lake, "SELECT 1 FROM auditlake_activity")
	require.ErrorContains(t, err, "TABLE_NOT_FOUND")
	_, err = lake.Stores().Create(ctx, engine.StoreOptions{Name: "AuditLake_Activity"})
	require.ErrorIs(t, err, engine.ErrInvalidParameter, "the name is kept free")
	require.NoError(t, lake.Close())

	recording := recordingLake(t, dir, c)
	require.Equal(t, []string{"0"}, recordedBy(t, recording, "SELECT count(*) FROM auditlake_activity"))
	require.NoError(t, recording.Close())
	readOnly, err := engine.Open(ctx, dir, engine.Options{Now: c.Now, ReadOnly: true, Activity: true})
	require.NoError(t, err)
	defer readOnly.Close()
	require.Nil(t, readOnly.Activity())
	require.Equal(t, []string{"1"}, answerOf(t, readOnly, "SELECT count(*) FROM auditlake_activity"))
}
