package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/internal/material"
)

// importedInHalves is a lake with the sample log files, which were imported in two halves.
var importedInHalves material.Made

// halvesLake returns a lake of the sample log files, of which days have several segments.
func halvesLake(t *testing.T) *engine.Lake {
	t.Helper()
	now := time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)
	return openLake(t, importedInHalves.Copy(t, func(dir string) {
		lake := openLake(t, dir, now)
		importInHalves(t, lake)
		require.NoError(t, lake.Close())
	}), now)
}

func importInHalves(t *testing.T, lake *engine.Lake) {
	t.Helper()
	var files []string
	require.NoError(t, filepath.WalkDir(logsFolder(t), func(path string, entry os.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			files = append(files, path)
		}
		return err
	}))
	for i := range 2 {
		var half []string
		for j := i; j < len(files); j += 2 {
			half = append(half, files[j])
		}
		r, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Paths: half})
		require.NoError(t, err)
		require.Positive(t, r.Events)
	}
}

func TestCompactKeepsAnswers(t *testing.T) {
	lake := halvesLake(t)
	questions := []string{
		"SELECT count(*), min(eventtime), max(eventtime), count(DISTINCT eventid) FROM main",
		"SELECT eventname, count(*) FROM main GROUP BY 1 ORDER BY 2 DESC, 1",
		"SELECT * FROM main ORDER BY eventtime, eventid",
		"SELECT date(eventtime), sum(length(eventjson)) FROM main GROUP BY 1 ORDER BY 1",
	}
	var before [][]string
	for _, sql := range questions {
		before = append(before, answerOf(t, lake, sql))
	}
	d, err := lake.Stores().Describe(context.Background(), "main")
	require.NoError(t, err)
	done, err := lake.Compact(context.Background())
	require.NoError(t, err)
	require.Positive(t, done.Merged)
	after, err := lake.Stores().Describe(context.Background(), "main")
	require.NoError(t, err)
	require.EqualValues(t, after.Days, after.Segments)
	require.EqualValues(t, d.Segments-after.Segments, done.Merged-done.Written)
	require.Equal(t, d.Events, after.Events)
	require.Less(t, done.BytesAfter, done.BytesBefore)
	for i, sql := range questions {
		require.Equal(t, before[i], answerOf(t, lake, sql), sql)
	}
	again, err := lake.Compact(context.Background())
	require.NoError(t, err)
	require.Zero(t, again)
}
