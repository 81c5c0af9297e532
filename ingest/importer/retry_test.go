package importer

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
)

// states are the failures of an import with what became of them.
func (l *testLake) states(t *testing.T, id string) map[string]catalog.FailureStatus {
	t.Helper()
	all := map[string]catalog.FailureStatus{}
	require.NoError(t, l.Catalog().View(func(tx *catalog.Tx) error {
		for f, err := range tx.Failures(id) {
			require.NoError(t, err)
			all[f.File+" "+f.Code] = f.Status
		}
		return nil
	}))
	return all
}

func (l *testLake) record(t *testing.T, id string) *catalog.Import {
	t.Helper()
	var i *catalog.Import
	require.NoError(t, l.Catalog().View(func(tx *catalog.Tx) (err error) {
		i, err = tx.Import(id)
		return err
	}))
	return i
}

// TestRetry: a run that goes on with an import reads what failed, and no other file; what came of it each failure says.
func TestRetry(t *testing.T) {
	l := newLake(t, 100)
	good := logFile(event("1", 1), event("2", 2))
	contents := map[string]string{
		"logs/2025/03/08/good.json":   good,
		"logs/2025/03/08/bad.json":    logFile(event("3", 1), `{"eventTime":"never"}`),
		"logs/2025/03/08/future.json": logFile(event("4", 1), event("soon", -3)),
		"logs/2025/03/09/broken.json": good[:len(good)/2],
		"logs/2025/03/09/gone.json":   "no log file",
	}
	begun := &catalog.Import{ID: uuid.NewString(), Sources: []string{"s3://b/logs/"}, S3: &catalog.S3Source{URI: "s3://b/logs/"}, StartedAt: now.Add(-time.Minute)}
	o := func() Options { return Options{ID: begun.ID, Begun: begun} }
	first, _ := l.run(t, objects(contents), o())
	require.Equal(t, catalog.ImportFailed, first.Import.Status)
	require.Equal(t, begun.StartedAt, first.Import.StartedAt)
	require.Equal(t, begun.S3, first.Import.S3)
	require.EqualValues(t, 2, first.Import.Counts.Prefixes)
	require.EqualValues(t, 2, first.Import.Counts.PrefixesDone)
	require.Len(t, l.states(t, begun.ID), 4)
	for name, status := range l.states(t, begun.ID) {
		require.Equal(t, catalog.FailureStands, status, name)
	}

	// Nothing has changed: what failed is read again, and fails again.
	begun = l.record(t, begun.ID)
	again, files := l.run(t, objects(contents), o())
	require.Equal(t, []string{"logs/2025/03/08/bad.json", "logs/2025/03/08/future.json", "logs/2025/03/09/broken.json", "logs/2025/03/09/gone.json"}, readFiles(files))
	require.Equal(t, first.Import.Counts.Events, again.Import.Counts.Events)
	require.Equal(t, first.Import.Counts.FailedRecords, again.Import.Counts.FailedRecords)
	require.Equal(t, first.Import.Counts.FilesFailed, again.Import.Counts.FilesFailed)
	require.Equal(t, first.Import.Counts.Files, again.Import.Counts.Files)
	require.EqualValues(t, first.Import.Run+1, again.Import.Run)
	require.Len(t, l.states(t, begun.ID), 4)

	// The rest of a file has come, a day has passed, one file is gone.
	contents["logs/2025/03/09/broken.json"] = logFile(event("1", 1), event("5", 2))
	delete(contents, "logs/2025/03/09/gone.json")
	begun = l.record(t, begun.ID)
	later := o()
	later.Now = now.Add(49 * time.Hour)
	changed := objects(contents)
	changed.touched = later.Now
	third, _ := l.run(t, changed, later)
	require.Equal(t, catalog.ImportFailed, third.Import.Status)
	require.EqualValues(t, 1, third.Import.Counts.FailedRecords)
	require.EqualValues(t, 1, third.Import.Counts.FilesFailed, "the one that is gone")
	require.Equal(t, sorted(event("1", 1), event("1", 1), event("2", 2), event("3", 1), event("4", 1), event("5", 2), event("soon", -3)), l.texts(t))
	states := l.states(t, begun.ID)
	require.Equal(t, catalog.FailureStands, states["logs/2025/03/08/bad.json BAD_EVENT_TIME"])
	require.Equal(t, catalog.FailureSucceeded, states["logs/2025/03/08/future.json IN_FUTURE"])
	require.Equal(t, catalog.FailureSucceeded, states["logs/2025/03/09/broken.json TRUNCATED_JSON"])
	require.Equal(t, catalog.FailureStands, states["logs/2025/03/09/gone.json NOT_A_LOG_FILE"])

	contents["logs/2025/03/08/bad.json"] = logFile(event("3", 1), event("6", 1))
	contents["logs/2025/03/09/gone.json"] = logFile(event("7", 1))
	begun = l.record(t, begun.ID)
	later.Begun = begun
	changed = objects(contents)
	changed.touched = later.Now.Add(time.Hour)
	last, _ := l.run(t, changed, later)
	require.Equal(t, catalog.ImportCompleted, last.Import.Status)
	for name, status := range l.states(t, begun.ID) {
		require.Equal(t, catalog.FailureSucceeded, status, name)
	}
}

// readFiles are the keys of the files that a run has read.
func readFiles(files []FileResult) (keys []string) {
	for _, f := range files {
		if !f.Unchanged {
			keys = append(keys, f.Object.Key)
		}
	}
	slices.Sort(keys)
	return keys
}

// TestRunFailure: what ends a run is listed, and succeeded once a run goes through. An interrupted one stays IN_PROGRESS.
func TestRunFailure(t *testing.T) {
	l := newLake(t, 100)
	begun := &catalog.Import{ID: uuid.NewString(), Sources: []string{"s3://b/logs/"}, S3: &catalog.S3Source{}, StartedAt: now}
	contents := map[string]string{"logs/a.json": logFile(event("1", 1))}
	failing := objects(contents)
	failing.listErr = errors.New("no list today")
	_, _, err := l.tryRun(t, t.Context(), failing, Options{ID: begun.ID, Begun: begun})
	require.ErrorContains(t, err, "no list today")
	require.Equal(t, map[string]catalog.FailureStatus{"s3://b/logs/ RUN_FAILED": catalog.FailureStands}, l.states(t, begun.ID))
	begun = l.record(t, begun.ID)
	require.Equal(t, catalog.ImportFailed, begun.Status)

	ctx, stop := context.WithCancelCause(t.Context())
	interrupted := objects(contents)
	interrupted.onOpen = func(int64) { stop(ErrInterrupted) }
	_, _, err = l.tryRun(t, ctx, interrupted, Options{ID: begun.ID, Begun: begun})
	require.Error(t, err)
	begun = l.record(t, begun.ID)
	require.Equal(t, catalog.ImportInProgress, begun.Status)
	require.Zero(t, begun.EndedAt)

	r, _ := l.run(t, objects(contents), Options{ID: begun.ID, Begun: begun})
	require.Equal(t, catalog.ImportCompleted, r.Import.Status)
	require.Empty(t, r.Import.Error)
	require.Equal(t, []string{event("1", 1)}, l.texts(t))
	require.Equal(t, map[string]catalog.FailureStatus{"s3://b/logs/ RUN_FAILED": catalog.FailureSucceeded}, l.states(t, begun.ID))
}
