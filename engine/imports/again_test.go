package imports_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/storage"
)

// TestFailedRecordsCountOnce: records that an import tried again cannot take either are no more records rejected, and those that it
// then takes are taken.
func TestFailedRecordsCountOnce(t *testing.T) {
	ctx := context.Background()
	b := newTrailBucket(t)
	lake := b.open(t, t.TempDir())
	createStore(t, lake, "main", 3653)
	const key = "AWSLogs/111122223333/CloudTrail/eu-west-1/2025/12/30/111122223333_CloudTrail_eu-west-1_20251230T1000Z_abc.json"
	b.put(key, `{"Records":[`+goodEvent+`,{"eventID":"x"},{"eventID":"y"}]}`)
	rejected := func() int64 {
		figures, err := lake.Figures(ctx)
		require.NoError(t, err)
		return figures.Stores[0].Ingested.Rejected
	}
	failed := waitForImport(t, lake, startTrail(t, lake).ID)
	require.Equal(t, engine.ImportFailed, failed.Status)
	require.EqualValues(t, 2, failed.Counts.FailedRecords)
	require.EqualValues(t, 2, rejected())

	_, err := lake.Imports().Retry(ctx, failed.ID)
	require.NoError(t, err)
	again := waitForImport(t, lake, failed.ID)
	require.Equal(t, engine.ImportFailed, again.Status)
	require.EqualValues(t, 2, again.Counts.FailedRecords, "as they stand")
	require.EqualValues(t, 2, rejected())

	b.put(key, `{"Records":[`+goodEvent+`,`+goodEvent+`,{"eventID":"y"}]}`)
	_, err = lake.Imports().Retry(ctx, failed.ID)
	require.NoError(t, err)
	mended := waitForImport(t, lake, failed.ID)
	require.EqualValues(t, 1, mended.Counts.FailedRecords)
	require.EqualValues(t, trailEvents+1+2, mended.Counts.Events, "what changed is another file")
	require.EqualValues(t, 2, rejected())
}

// interruptedImport is the id of an import in the background whose lake was closed while it ran.
func interruptedImport(t *testing.T, b *trailBucket, dir string) (id string) {
	t.Helper()
	lake := b.open(t, dir)
	_, err := lake.Stores().Create(context.Background(), engine.StoreOptions{Name: "main", RetentionDays: 3653, TerminationProtected: off()})
	require.NoError(t, err)
	createStore(t, lake, "other", 3653)
	asked, release := b.holdReads(0)
	started := startTrail(t, lake)
	<-asked
	require.NoError(t, lake.Close())
	release()
	return started.ID
}

// TestResumeWaitsForItsTurn: an interrupted import is gone on with when the one that somebody waits for has ended.
func TestResumeWaitsForItsTurn(t *testing.T) {
	ctx := context.Background()
	b, dir := newTrailBucket(t), t.TempDir()
	id := interruptedImport(t, b, dir)
	lake := b.open(t, dir)
	asked := 0
	_, err := lake.Imports().Run(ctx, engine.ImportOptions{Store: "other", Paths: []string{generatedLogs}, FileDone: func(engine.ImportedFile) {
		if asked++; asked == 1 {
			require.NoError(t, lake.Imports().Resume(ctx))
		}
		waiting, err := lake.Imports().Get(ctx, id)
		require.NoError(t, err)
		require.Equal(t, engine.ImportInProgress, waiting.Status)
		require.Zero(t, waiting.Counts.Events)
	}})
	require.NoError(t, err)
	require.Equal(t, engine.ImportCompleted, waitForImport(t, lake, id).Status)
	requireTrailOnce(t, lake)
}

// TestResumeIsNotNeeded: of interrupted imports, one that is stopped before its turn comes is not gone on with, and the turn of another
// never comes if the lake is closed before.
func TestResumeIsNotNeeded(t *testing.T) {
	ctx := context.Background()
	b, dir := newTrailBucket(t), t.TempDir()
	id := interruptedImport(t, b, dir)
	lake := b.open(t, dir)
	asked := 0
	_, err := lake.Imports().Run(ctx, engine.ImportOptions{Store: "other", Paths: []string{generatedLogs}, FileDone: func(engine.ImportedFile) {
		if asked++; asked > 1 {
			return
		}
		require.NoError(t, lake.Imports().Resume(ctx))
		stopped, err := lake.Imports().Stop(ctx, id)
		require.NoError(t, err)
		require.Equal(t, engine.ImportStopped, stopped.Status)
		require.False(t, stopped.EndedAt.IsZero())
	}})
	require.NoError(t, err)
	require.NoError(t, lake.Close())

	lake = b.open(t, dir)
	stopped, err := lake.Imports().Get(ctx, id)
	require.NoError(t, err)
	require.Equal(t, engine.ImportStopped, stopped.Status)
	requireStoredIn(t, lake, 0)
	_, err = lake.Imports().Stop(ctx, "none")
	require.ErrorIs(t, err, engine.ErrImportNotFound)
	_, err = lake.Imports().Retry(ctx, id)
	require.NoError(t, err)
	require.Equal(t, engine.ImportCompleted, waitForImport(t, lake, id).Status)
	requireTrailOnce(t, lake)
}

// TestResumeIntoADeletedStore: the interrupted import becomes FAILED, and says why.
func TestResumeIntoADeletedStore(t *testing.T) {
	ctx := context.Background()
	b, dir := newTrailBucket(t), t.TempDir()
	id := interruptedImport(t, b, dir)
	lake := b.open(t, dir)
	require.NoError(t, lake.Stores().Delete(ctx, "main"))
	require.NoError(t, lake.Imports().Resume(ctx))
	failed := waitForImport(t, lake, id)
	require.Equal(t, engine.ImportFailed, failed.Status)
	require.Contains(t, failed.Error, engine.ErrStoreInactive.Error())
	_, err := lake.Imports().Retry(ctx, id)
	require.ErrorIs(t, err, engine.ErrStoreInactive)
	_, err = lake.Imports().Run(ctx, engine.ImportOptions{Store: "main", Paths: []string{generatedLogs}})
	require.ErrorIs(t, err, engine.ErrStoreInactive)
}

// TestImportsOfALakeThatOnlyReads: nothing begins and nothing is gone on with; what there is can be read.
func TestImportsOfALakeThatOnlyReads(t *testing.T) {
	ctx := context.Background()
	b, dir := newTrailBucket(t), t.TempDir()
	id := interruptedImport(t, b, dir)
	buckets, err := engine.LoadBuckets(b.file)
	require.NoError(t, err)
	lake, err := engine.Open(ctx, dir, engine.Options{Now: func() time.Time { return newYear }, Buckets: buckets, ReadOnly: true})
	require.NoError(t, err)
	defer lake.Close()
	before := b.intercept(nil)
	require.NoError(t, lake.Imports().Resume(ctx))
	_, err = lake.Imports().Start(ctx, engine.ImportStart{Store: "main", Source: trailSource("")})
	require.ErrorIs(t, err, storage.ErrReadOnly)
	left, err := lake.Imports().Get(ctx, id)
	require.NoError(t, err)
	require.Equal(t, engine.ImportInProgress, left.Status)
	require.Equal(t, before, b.intercept(nil))
}

// TestImportsThatCannotBeTriedAgain in the background: those that somebody waited for.
func TestImportsThatCannotBeTriedAgain(t *testing.T) {
	ctx := context.Background()
	lake := openLake(t, t.TempDir(), newYear)
	path := filepath.Join(t.TempDir(), "a.json")
	require.NoError(t, os.WriteFile(path, []byte(`{"Records":[{"eventID":"x"},{"eventID":"y"}]}`), 0o600))
	r, err := lake.Imports().Run(ctx, engine.ImportOptions{Paths: []string{path}})
	require.NoError(t, err)
	_, err = lake.Imports().Retry(ctx, r.ImportID)
	require.ErrorIs(t, err, engine.ErrImportNotBackground)
	n := 0
	for _, err := range lake.Imports().Failures(ctx, r.ImportID) {
		require.NoError(t, err)
		n++
		break // the caller need not read them all
	}
	require.Equal(t, 1, n)
	for _, err := range lake.Imports().Failures(ctx, "none") {
		require.ErrorIs(t, err, engine.ErrImportNotFound)
		n++
	}
	require.Equal(t, 2, n)
}

// TestImportsThatTakeNothing say why.
func TestImportsThatTakeNothing(t *testing.T) {
	ctx := context.Background()
	for name, c := range map[string]struct {
		file, text, want string
	}{
		"events past the retention": {"a.json", `{"Records":[{"eventTime":"2020-01-01T00:00:00Z","eventID":"x"}]}`, "no event is within the 366-day retention of store main"},
		"aggregated events":         {"AWSLogs/111122223333/CloudTrail-Aggregated/eu-west-1/2025/12/30/111122223333_CloudTrail-Aggregated_eu-west-1_20251230T1000Z_abc.json", `{"Records":[]}`, "found only aggregated events, which are not supported (1 files)"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, filepath.FromSlash(c.file))
			require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o700))
			require.NoError(t, os.WriteFile(path, []byte(c.text), 0o600))
			lake := openLake(t, t.TempDir(), newYear)
			createStore(t, lake, "main", 366)
			r, err := lake.Imports().Run(ctx, engine.ImportOptions{Paths: []string{dir}})
			require.NoError(t, err)
			require.EqualError(t, r.Problem(), c.want)
		})
	}
}

// TestNothingIsImportedIntoTheActivity of the lake itself.
func TestNothingIsImportedIntoTheActivity(t *testing.T) {
	ctx := context.Background()
	lake, err := engine.Open(ctx, t.TempDir(), engine.Options{Now: func() time.Time { return newYear }, Activity: true})
	require.NoError(t, err)
	defer lake.Close()
	_, err = lake.Imports().Run(ctx, engine.ImportOptions{Store: "auditlake_activity", Paths: []string{generatedLogs}})
	require.ErrorIs(t, err, engine.ErrStoreProtected)
}
