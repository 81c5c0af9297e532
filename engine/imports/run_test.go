package imports_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/bench/gen"
	"github.com/auditlake/auditlake/engine"
)

func requireListed(t *testing.T, lake *engine.Lake, r *engine.ImportResult) {
	var listed int64
	for f, err := range lake.Imports().Failures(context.Background(), r.ImportID) {
		require.NoError(t, err)
		require.NotEmpty(t, f.Code)
		require.NotEmpty(t, f.Message)
		require.FileExists(t, f.File)
		listed++
	}
	require.Equal(t, r.FailedRecords+r.FilesFailed, listed)
}

func zipped(t *testing.T, text string) []byte {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

const goodEvent = `{"eventVersion":"1.08","eventTime":"2025-12-30T10:00:00Z","eventName":"GetObject","eventID":"good"}`

// TestDamagedFiles: what can be read is taken in, what cannot is listed.
func TestDamagedFiles(t *testing.T) {
	whole := zipped(t, `{"Records":[`+goodEvent+`]}`)
	cases := []struct {
		name, file   string
		content      []byte
		events       int64
		filesFailed  int64
		failedRecord int64
		problem      string
	}{
		{"good", "a.json.gz", whole, 1, 0, 0, ""},
		{"cut gzip", "a.json.gz", whole[:len(whole)-6], -1, 1, 0, "could not be read completely"},
		{"not gzip", "a.json.gz", []byte("what is this"), 0, 1, 0, "could not be read completely"},
		{"cut JSON", "a.json", []byte(`{"Records":[` + goodEvent + `,{"eventTime":"2025`), 1, 1, 0, "could not be read completely"},
		{"a record without time", "a.json", []byte(`{"Records":[` + goodEvent + `,{"eventID":"x"}]}`), 1, 0, 1, "1 of 2 records could not be imported (BAD_EVENT_TIME: 1)"},
		{"only records without time", "a.json", []byte(`{"Records":[{"eventID":"x"}]}`), 0, 0, 1, "BAD_EVENT_TIME: 1"},
		{"empty file", "a.json", nil, 0, 0, 0, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), c.file)
			require.NoError(t, os.WriteFile(path, c.content, 0o644))
			lake := openLake(t, t.TempDir(), newYear)
			r, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Paths: []string{path}})
			require.NoError(t, err)
			if c.events >= 0 {
				require.Equal(t, c.events, r.Events)
			}
			require.Equal(t, c.filesFailed, r.FilesFailed)
			require.Equal(t, c.failedRecord, r.FailedRecords)
			requireListed(t, lake, r)
			requireStoredIn(t, lake, r.Events)
			if c.problem == "" {
				require.NoError(t, r.Problem())
				return
			}
			require.ErrorContains(t, r.Problem(), c.problem)
		})
	}
}

func TestImportWindow(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.json")
	writeEvents(t, path, "2025-12-01T00:00:00Z", "2025-12-02T00:00:00Z", "2025-12-03T00:00:00Z", "2025-12-04T00:00:00Z")
	lake := openLake(t, t.TempDir(), newYear)
	day := func(d int) time.Time { return time.Date(2025, 12, d, 0, 0, 0, 0, time.UTC) }
	steps := []struct {
		name           string
		from, to       time.Time
		events, window int64
		known          int64
	}{
		{"two days", day(2), day(4), 2, 2, 0},
		{"one of them", day(3), day(4), 0, 2, 2},
		{"open start", time.Time{}, day(3), 1, 1, 2},
		{"no bounds", time.Time{}, time.Time{}, 1, 0, 3},
		{"no bounds again", time.Time{}, time.Time{}, 0, 0, 4},
	}
	for _, s := range steps {
		t.Run(s.name, func(t *testing.T) {
			r, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Paths: []string{path}, From: s.from, To: s.to})
			require.NoError(t, err)
			require.Equal(t, []int64{s.events, s.window, s.known}, []int64{r.Events, r.SkippedWindow, r.SkippedKnown})
		})
	}
	require.Equal(t, []string{"e0", "e1", "e2", "e3"}, answerOf(t, lake, "SELECT eventid FROM main ORDER BY 1"))
}

func TestDryRunChangesNothing(t *testing.T) {
	lake := openLake(t, t.TempDir(), newYear)
	r, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Paths: []string{generatedLogs}, DryRun: true})
	require.NoError(t, err)
	require.EqualValues(t, 2000, r.Events)
	stores, err := lake.Stores().List(context.Background())
	require.NoError(t, err)
	require.Empty(t, stores)
	imports, err := lake.Imports().List(context.Background())
	require.NoError(t, err)
	require.Empty(t, imports)
}

func TestImportIntoAnEmptyLakeMakesTheStoreMain(t *testing.T) {
	lake := openLake(t, t.TempDir(), newYear)
	imported, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Paths: []string{generatedLogs}})
	require.NoError(t, err)
	require.EqualValues(t, 2000, imported.Events)
	s, err := lake.Stores().Get(context.Background(), "")
	require.NoError(t, err)
	require.Equal(t, "main", s.Name)
	require.Equal(t, engine.MaxRetentionDays, s.RetentionDays)
}

func TestImportRefuses(t *testing.T) {
	ctx := context.Background()
	lake := openLake(t, t.TempDir(), newYear)
	createStore(t, lake, "main", 366)
	createStore(t, lake, "second", 366)
	_, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: "configuration", Category: "ConfigurationItem"})
	require.NoError(t, err)
	cases := []struct {
		name    string
		options engine.ImportOptions
		want    error
	}{
		{"no such store", engine.ImportOptions{Store: "other", Paths: []string{generatedLogs}}, engine.ErrStoreNotFound},
		{"no store named", engine.ImportOptions{Paths: []string{generatedLogs}}, engine.ErrStoreNeeded},
		{"another kind of URL", engine.ImportOptions{Store: "main", Paths: []string{"gs://bucket/prefix"}}, engine.ErrInvalidParameter},
		{"ARN of a bucket", engine.ImportOptions{Store: "main", Paths: []string{"arn:aws-cn:s3:::bucket/prefix"}}, engine.ErrInvalidParameter},
		{"bucket's server", engine.ImportOptions{Store: "main", Paths: []string{"s3://bucket/prefix"}, Storage: engine.ObjectStorage{EndpointURL: "host"}}, engine.ErrInvalidParameter},
		{"a window of nothing", engine.ImportOptions{Store: "main", Paths: []string{generatedLogs}, From: newYear, To: newYear.AddDate(0, 0, -1)}, engine.ErrInvalidParameter},
		{"no such path", engine.ImportOptions{Store: "main", Paths: []string{"/nowhere/at/all"}}, os.ErrNotExist},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := lake.Imports().Run(ctx, c.options)
			require.ErrorIs(t, err, c.want)
		})
	}
}

// TestLakeBesideLogs: of a folder that holds the lake, too, an import takes the rest.
func TestLakeBesideLogs(t *testing.T) {
	folder := t.TempDir()
	lake := openLake(t, filepath.Join(folder, "lake"), newYear)
	createStore(t, lake, "main", 366)
	require.NoError(t, os.WriteFile(filepath.Join(folder, "a.json"), []byte(`{"Records":[{"eventTime":"2025-12-30T10:00:00Z","eventID":"a"}]}`), 0o600))
	r, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Paths: []string{folder}})
	require.NoError(t, err)
	require.NoError(t, r.Problem())
	require.Equal(t, []int64{1, 1, 0}, []int64{r.Events, r.Files, r.FilesOther})
}

// TestStoreBeingImportedInto cannot be changed, and takes no second import.
func TestStoreBeingImportedInto(t *testing.T) {
	ctx := context.Background()
	lake := openLake(t, t.TempDir(), newYear)
	_, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: "main", TerminationProtected: off()})
	require.NoError(t, err)
	createStore(t, lake, "other", 366)
	asked := 0
	_, err = lake.Imports().Run(ctx, engine.ImportOptions{Store: "main", Paths: []string{generatedLogs}, FileDone: func(engine.ImportedFile) {
		asked++
		_, err := lake.Stores().Update(ctx, "main", engine.StoreUpdate{RetentionDays: 30})
		require.ErrorIs(t, err, engine.ErrStoreHasImport)
		require.ErrorIs(t, lake.Stores().Delete(ctx, "main"), engine.ErrStoreHasImport)
		_, err = lake.Imports().Run(ctx, engine.ImportOptions{Store: "other", Paths: []string{generatedLogs}})
		require.ErrorIs(t, err, engine.ErrStoreHasImport)
		_, err = lake.Stores().Update(ctx, "other", engine.StoreUpdate{RetentionDays: 30})
		require.NoError(t, err)
	}})
	require.NoError(t, err)
	require.Equal(t, 53, asked)
	require.NoError(t, lake.Stores().Delete(ctx, "main"))
}

// TestCancelledImportResumes: what a stopped import left is taken in by the next.
func TestCancelledImportResumes(t *testing.T) {
	const events = 6000
	logs := t.TempDir()
	made, err := gen.Write(logs, gen.Options{Seed: 3, Events: events, Accounts: 2, EventsPerFile: 10})
	require.NoError(t, err)
	require.Greater(t, made.Files, int64(400))
	lake := openLake(t, t.TempDir(), newYear)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	first, err := lake.Imports().Run(ctx, engine.ImportOptions{Paths: []string{logs}, FileDone: func(engine.ImportedFile) { cancel() }})
	require.ErrorIs(t, err, context.Canceled)
	require.NotNil(t, first)
	require.Less(t, first.Events, int64(events))
	requireStoredIn(t, lake, first.Events)

	second, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Paths: []string{logs}})
	require.NoError(t, err)
	require.EqualValues(t, events, first.Events+second.Events)
	require.Equal(t, first.Events, second.SkippedKnown)
	require.Equal(t, []string{"6000|6000"}, answerOf(t, lake, "SELECT count(*), count(DISTINCT eventid) FROM main"))

	imports, err := lake.Imports().List(context.Background())
	require.NoError(t, err)
	require.Len(t, imports, 2)
	var states []string
	for _, i := range imports {
		states = append(states, string(i.Status))
	}
	require.ElementsMatch(t, []string{"COMPLETED", "STOPPED"}, states)
	found, err := lake.Imports().Get(context.Background(), second.ImportID)
	require.NoError(t, err)
	require.Equal(t, second.Events, found.Counts.Events)
	_, err = lake.Imports().Get(context.Background(), "none")
	require.ErrorIs(t, err, engine.ErrImportNotFound)
	for _, err := range lake.Imports().Failures(context.Background(), "none") {
		require.ErrorIs(t, err, engine.ErrImportNotFound)
	}
}

func TestImportTellsWhatRetentionWouldKeep(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.json")
	writeEvents(t, path, "2025-11-01T00:00:00Z", "2025-12-30T00:00:00Z", "2025-10-01T12:00:00Z")
	lake := openLake(t, t.TempDir(), newYear)
	createStore(t, lake, "main", 7)
	var warnings []string
	r, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Paths: []string{path}, Progress: func(p engine.ImportProgress) {
		warnings = append(warnings, p.Warning)
	}})
	require.NoError(t, err)
	require.EqualValues(t, 1, r.Events)
	require.EqualValues(t, 2, r.SkippedRetention)
	require.Contains(t, strings.Join(warnings, ""), "older than the 7 days that store main keeps; about 63 days would keep them")

	_, err = lake.Stores().Update(context.Background(), "main", engine.StoreUpdate{RetentionDays: r.RetentionDaysNeeded - 1})
	require.NoError(t, err)
	almost, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Paths: []string{path}})
	require.NoError(t, err)
	require.EqualValues(t, 1, almost.SkippedRetention)
	_, err = lake.Stores().Update(context.Background(), "main", engine.StoreUpdate{RetentionDays: r.RetentionDaysNeeded})
	require.NoError(t, err)
	all, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Paths: []string{path}})
	require.NoError(t, err)
	require.Zero(t, all.SkippedRetention)
	require.EqualValues(t, 1, all.Events)
}

// TestImportWithoutCredentials: the error of a bucket without credentials says what to set, and blames no parameter.
func TestImportWithoutCredentials(t *testing.T) {
	for name, value := range map[string]string{
		"HOME": t.TempDir(), "AWS_EC2_METADATA_DISABLED": "true", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": "", "AWS_SHARED_CREDENTIALS_FILE": "", "AWS_WEB_IDENTITY_TOKEN_FILE": "",
		"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "",
	} {
		t.Setenv(name, value)
	}
	lake := openLake(t, t.TempDir(), newYear)
	createStore(t, lake, "main", 366)
	_, err := lake.Imports().Run(t.Context(), engine.ImportOptions{Store: "main", Paths: []string{"s3://trail/AWSLogs/"}})
	require.ErrorContains(t, err, "no credentials for object storage: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE")
	require.NotErrorIs(t, err, engine.ErrInvalidParameter)
}
