package imports_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestImportInBackground: an import that nobody waits for goes through its states; only one runs, and its store cannot be
// deleted meanwhile; when it has ended the next one may begin at once.
func TestImportInBackground(t *testing.T) {
	ctx := context.Background()
	b := newTrailBucket(t)
	lake := b.open(t, t.TempDir())
	for _, name := range []string{"main", "other"} {
		_, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: name, RetentionDays: 3653, TerminationProtected: off()})
		require.NoError(t, err)
	}
	asked, release := b.holdReads(0)
	caller, leave := context.WithCancel(ctx)
	started, err := lake.Imports().Start(caller, engine.ImportStart{Store: "main", Source: trailSource("")})
	require.NoError(t, err)
	leave() // the import does not care
	<-asked
	running, err := lake.Imports().Get(ctx, started.ID)
	require.NoError(t, err)
	require.Equal(t, engine.ImportInProgress, running.Status)
	require.Positive(t, running.Counts.Prefixes)
	require.Zero(t, running.Counts.PrefixesDone)
	require.Equal(t, trailSource(""), *running.Source)
	for _, name := range []string{"main", "other"} {
		_, err = lake.Imports().Start(ctx, engine.ImportStart{Store: name, Source: trailSource("")})
		require.ErrorIs(t, err, engine.ErrStoreHasImport)
	}
	_, err = lake.Imports().Retry(ctx, started.ID)
	require.ErrorIs(t, err, engine.ErrStoreHasImport)
	require.ErrorIs(t, lake.Stores().Delete(ctx, "main"), engine.ErrStoreHasImport)
	release()
	done := waitForImport(t, lake, started.ID)
	require.Equal(t, engine.ImportCompleted, done.Status)
	require.EqualValues(t, trailEvents, done.Counts.Events)
	require.Equal(t, done.Counts.Prefixes, done.Counts.PrefixesDone)
	require.Equal(t, running.Counts.Prefixes, done.Counts.Prefixes)
	requireTrailOnce(t, lake)
	_, err = lake.Imports().Retry(ctx, started.ID)
	require.ErrorIs(t, err, engine.ErrImportNothingToDo)

	before := b.intercept(nil)
	second := waitForImport(t, lake, startTrail(t, lake).ID)
	require.Equal(t, engine.ImportCompleted, second.Status)
	require.Zero(t, second.Counts.Events)
	require.Equal(t, done.Counts.Files, second.Counts.Files)
	require.Equal(t, before, b.intercept(nil), "nothing is read again")
	require.NoError(t, lake.Stores().Delete(ctx, "main"))
}

// TestBackgroundImportGoesOn: an import that was stopped is tried again under its id, one whose lake was closed is gone on with by the
// next process; nothing is lost and nothing comes twice.
func TestBackgroundImportGoesOn(t *testing.T) {
	ctx := context.Background()
	b := newTrailBucket(t)
	dir := t.TempDir()
	lake := b.open(t, dir)
	createStore(t, lake, "main", 3653)
	asked, release := b.holdReads(20)
	started := startTrail(t, lake)
	<-asked
	stopped, err := lake.Imports().Stop(ctx, started.ID)
	require.NoError(t, err)
	release()
	require.Equal(t, engine.ImportStopped, stopped.Status)
	require.Less(t, stopped.Counts.Events, int64(trailEvents))

	asked, release = b.holdReads(10)
	again, err := lake.Imports().Retry(ctx, started.ID)
	require.NoError(t, err)
	require.Equal(t, started.ID, again.ID)
	require.Equal(t, engine.ImportInitializing, again.Status)
	require.Equal(t, stopped.Counts.Events, again.Counts.Events)
	<-asked
	require.NoError(t, lake.Close())
	release()

	lake = b.open(t, dir)
	left, err := lake.Imports().Get(ctx, started.ID)
	require.NoError(t, err)
	require.Equal(t, engine.ImportInProgress, left.Status)
	require.NoError(t, lake.Imports().Resume(ctx))
	done := waitForImport(t, lake, started.ID)
	require.Equal(t, engine.ImportCompleted, done.Status)
	require.EqualValues(t, trailEvents, done.Counts.Events, "of all runs")
	require.Equal(t, started.StartedAt, done.StartedAt)
	require.Equal(t, done.Counts.Prefixes, done.Counts.PrefixesDone)
	requireTrailOnce(t, lake)
	all, err := lake.Imports().List(ctx)
	require.NoError(t, err)
	require.Len(t, all, 1)
}

// TestResumeThatCannot: an import that the next process cannot go on with is FAILED, with the reason, and can be tried again
// where it can.
func TestResumeThatCannot(t *testing.T) {
	ctx := context.Background()
	b := newTrailBucket(t)
	dir := t.TempDir()
	lake := b.open(t, dir)
	createStore(t, lake, "main", 3653)
	asked, release := b.holdReads(20)
	started := startTrail(t, lake)
	<-asked
	require.NoError(t, lake.Close())
	release()
	lake = openLake(t, dir, newYear) // which knows no buckets
	require.NoError(t, lake.Imports().Resume(ctx))
	failed := waitForImport(t, lake, started.ID)
	require.Equal(t, engine.ImportFailed, failed.Status)
	require.Contains(t, failed.Error, "bucket not found")
	n := 0
	for f, err := range lake.Imports().Failures(ctx, started.ID) {
		require.NoError(t, err)
		require.Equal(t, "s3://trail/", f.File)
		require.Contains(t, f.Message, "bucket not found")
		n++
	}
	require.Equal(t, 1, n)
	require.NoError(t, lake.Close())

	lake = b.open(t, dir)
	_, err := lake.Imports().Retry(ctx, started.ID)
	require.NoError(t, err)
	require.Equal(t, engine.ImportCompleted, waitForImport(t, lake, started.ID).Status)
	requireTrailOnce(t, lake)
	for f, err := range lake.Imports().Failures(ctx, started.ID) {
		require.NoError(t, err)
		require.Equal(t, engine.FailureSucceeded, f.Status)
	}
}

// TestDeniedFiles: files that may not be read are listed as such; the import that is tried again reads those alone.
func TestDeniedFiles(t *testing.T) {
	ctx := context.Background()
	b := newTrailBucket(t)
	lake := b.open(t, t.TempDir())
	createStore(t, lake, "main", 3653)
	var mu sync.Mutex
	denied := map[string]bool{}
	b.intercept(func(w http.ResponseWriter, r *http.Request) bool {
		mu.Lock()
		defer mu.Unlock()
		if len(denied) == 3 && !denied[r.URL.Path] {
			return false
		}
		denied[r.URL.Path] = true
		w.WriteHeader(http.StatusForbidden)
		fmt.Fprint(w, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>")
		return true
	})
	failed := waitForImport(t, lake, startTrail(t, lake).ID)
	require.Equal(t, engine.ImportFailed, failed.Status)
	require.EqualValues(t, 3, failed.Counts.FilesFailed)
	n := 0
	for f, err := range lake.Imports().Failures(ctx, failed.ID) {
		require.NoError(t, err)
		require.Equal(t, "ACCESS_DENIED", f.Code)
		require.True(t, denied[strings.TrimPrefix(f.File, "s3:/")], f.File)
		n++
	}
	require.Equal(t, 3, n)

	before := b.intercept(nil)
	_, err := lake.Imports().Retry(ctx, failed.ID)
	require.NoError(t, err)
	done := waitForImport(t, lake, failed.ID)
	require.Equal(t, engine.ImportCompleted, done.Status)
	require.EqualValues(t, trailEvents, done.Counts.Events)
	require.Equal(t, before+3, b.intercept(nil))
	requireTrailOnce(t, lake)
}

// TestKeyDates: the window of an import in the background chooses files by the dates in their keys, and takes these whole.
func TestKeyDates(t *testing.T) {
	b := newTrailBucket(t)
	const folder = "dated/AWSLogs/111122223333/CloudTrail/eu-west-1/2025/12/"
	record := func(id, at string) string {
		return fmt.Sprintf(`{"Records":[{"eventTime":%q,"eventID":%q}]}`, at, id)
	}
	b.put(folder+"09/111122223333_CloudTrail_eu-west-1_20251209T2355Z_a.json", record("day before", "2025-12-10T00:00:00Z"))
	b.put(folder+"10/111122223333_CloudTrail_eu-west-1_20251210T0005Z_a.json", record("first", "2025-12-09T23:59:00Z"))
	b.put(folder+"11/111122223333_CloudTrail_eu-west-1_20251211T2355Z_a.json", record("last", "2025-12-12T00:01:00Z"))
	b.put(folder+"12/111122223333_CloudTrail_eu-west-1_20251212T0005Z_a.json", record("day after", "2025-12-11T23:59:00Z"))
	b.put("dated/copies/111122223333_CloudTrail_eu-west-1_20251210T1200Z_b.json", record("by name", "2025-11-01T00:00:00Z"))
	b.put("dated/copies/x.json", record("undated", "2025-12-10T12:00:00Z"))
	for _, tt := range []struct {
		name     string
		from, to string
		want     []string
	}{
		{"both", "2025-12-10T23:00:00Z", "2025-12-11T01:00:00Z", []string{"by name", "first", "last"}},
		{"from", "2025-12-11T01:00:00Z", "", []string{"day after", "last"}},
		{"to", "", "2025-12-09T00:00:00Z", []string{"day before"}},
		{"none", "", "", []string{"by name", "day after", "day before", "first", "last", "undated"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			lake := b.open(t, t.TempDir())
			createStore(t, lake, "main", 3653)
			start := engine.ImportStart{Store: "main", Source: trailSource("dated/")}
			for text, to := range map[string]*time.Time{tt.from: &start.From, tt.to: &start.To} {
				if text != "" {
					var err error
					*to, err = time.Parse(time.RFC3339, text)
					require.NoError(t, err)
				}
			}
			started, err := lake.Imports().Start(context.Background(), start)
			require.NoError(t, err)
			done := waitForImport(t, lake, started.ID)
			require.Equal(t, engine.ImportCompleted, done.Status, done.Error)
			require.True(t, start.From.Equal(done.From) && start.To.Equal(done.To))
			require.Equal(t, tt.want, answerOf(t, lake, "SELECT eventid FROM main ORDER BY 1"))
		})
	}
}

// TestImportSources: what cannot be imported from or into is refused before anything begins.
func TestImportSources(t *testing.T) {
	ctx := context.Background()
	b := newTrailBucket(t)
	lake := b.open(t, t.TempDir())
	createStore(t, lake, "main", 3653)
	_, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: "deleted", TerminationProtected: off()})
	require.NoError(t, err)
	require.NoError(t, lake.Stores().Delete(ctx, "deleted"))
	_, err = lake.Stores().Create(ctx, engine.StoreOptions{Name: "activity", Category: "ActivityAuditLog"})
	require.NoError(t, err)
	source := func(change func(*engine.S3Source)) engine.ImportStart {
		s := trailSource("")
		change(&s)
		return engine.ImportStart{Store: "main", Source: s}
	}
	for _, tt := range []struct {
		name  string
		start engine.ImportStart
		want  error
	}{
		{"no URL", source(func(s *engine.S3Source) { s.URI = "trail/x" }), engine.ErrImportSource},
		{"a file", source(func(s *engine.S3Source) { s.URI = "file:///etc" }), engine.ErrImportSource},
		{"a long URL", source(func(s *engine.S3Source) { s.URI += strings.Repeat("x", 1<<20) }), engine.ErrImportSource},
		{"no bucket", source(func(s *engine.S3Source) { s.URI = "s3://nosuchbucket/x" }), engine.ErrNoSuchBucket},
		{"no folder", source(func(s *engine.S3Source) { s.URI = "s3://local-etc/" }), engine.ErrNoSuchBucket},
		{"nothing there", source(func(s *engine.S3Source) { s.URI = "s3://trail/nothing/" }), engine.ErrImportSource},
		{"no region", source(func(s *engine.S3Source) { s.Region = "here" }), engine.ErrImportSource},
		{"no role", source(func(s *engine.S3Source) { s.RoleARN = "me" }), engine.ErrImportSource},
		{"no store", engine.ImportStart{Store: "nothing", Source: trailSource("")}, engine.ErrStoreNotFound},
		{"a deleted store", engine.ImportStart{Store: "deleted", Source: trailSource("")}, engine.ErrStoreInactive},
		{"other events", engine.ImportStart{Store: "activity", Source: trailSource("")}, engine.ErrStoreNotOfTrails},
		{"a window without days", engine.ImportStart{Store: "main", Source: trailSource(""), From: newYear, To: newYear.Add(-1)}, engine.ErrInvalidParameter},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := lake.Imports().Start(ctx, tt.start)
			require.ErrorIs(t, err, tt.want)
		})
	}
	all, err := lake.Imports().List(ctx)
	require.NoError(t, err)
	require.Empty(t, all)
	_, err = lake.Imports().Retry(ctx, "11111111-2222-3333-4444-555555555555")
	require.ErrorIs(t, err, engine.ErrImportNotFound)
}
