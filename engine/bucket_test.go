package engine_test

import (
	"context"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestImportFromBucket: a bucket with the same log files gives the same events as
// a folder, and one day of it no more than that day.
func TestImportFromBucket(t *testing.T) {
	ctx := context.Background()
	t.Setenv("AWS_ACCESS_KEY_ID", "key")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "secret")
	backend := s3mem.New()
	require.NoError(t, backend.CreateBucket("trail"))
	server := httptest.NewServer(gofakes3.New(backend).Server())
	defer server.Close()
	folder := logsFolder(t)
	require.NoError(t, filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		file, err := os.Open(path)
		require.NoError(t, err)
		defer file.Close()
		info, err := file.Stat()
		require.NoError(t, err)
		key, err := filepath.Rel(folder, path)
		require.NoError(t, err)
		_, err = backend.PutObject("trail", "copy/"+filepath.ToSlash(key), map[string]string{}, file, info.Size(), nil)
		return err
	}))

	lake := openLake(t, t.TempDir(), newYear)
	createStore(t, lake, "main", 3653)
	createStore(t, lake, "bucket", 3653)
	options := engine.ImportOptions{Store: "bucket", Paths: []string{"s3://trail/copy/"}, Storage: engine.ObjectStorage{EndpointURL: server.URL, Region: "eu-west-1"}}
	folderResult, err := lake.Imports().Run(ctx, engine.ImportOptions{Store: "main", Paths: []string{folder}})
	require.NoError(t, err)
	day := answerOf(t, lake, "SELECT cast(date(max(eventtime)) AS varchar) FROM main")[0]
	from, err := time.Parse(time.DateOnly, day)
	require.NoError(t, err)
	narrow := options
	narrow.From, narrow.To = from, from.AddDate(0, 0, 1)
	_, err = lake.Imports().Run(ctx, narrow)
	require.NoError(t, err)
	require.Equal(t, answerOf(t, lake, "SELECT eventjson FROM main WHERE date(eventtime) = date '"+day+"' ORDER BY 1"),
		answerOf(t, lake, "SELECT eventjson FROM bucket ORDER BY 1"))

	r, err := lake.Imports().Run(ctx, options)
	require.NoError(t, err)
	require.Equal(t, folderResult.Records, r.Records)
	require.Equal(t, answerOf(t, lake, "SELECT eventjson FROM main ORDER BY 1"), answerOf(t, lake, "SELECT eventjson FROM bucket ORDER BY 1"))
}
