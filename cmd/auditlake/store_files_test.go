package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestStoreFiles: the list names exactly the segments of the store.
func TestStoreFiles(t *testing.T) {
	lake := sampleLake(t)
	require.Equal(t, exitDone, command(t, "--lake", lake, "store", "create", "empty").code)
	got := command(t, "--lake", lake, "store", "files", "main")
	require.Equal(t, exitDone, got.code, got.err)
	listed := strings.Fields(got.out)
	found, err := filepath.Glob(filepath.Join(lake, "stores/*/*/*.orc"))
	require.NoError(t, err)
	require.NotEmpty(t, found)
	var absolute []string
	for _, file := range listed {
		absolute = append(absolute, filepath.Join(lake, filepath.FromSlash(file)))
	}
	require.ElementsMatch(t, found, absolute)
	require.Empty(t, command(t, "--lake", lake, "store", "files", "empty").out)

	// A file that is not of the lake, or not of it any more, is none of its segments.
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(found[0]), "other.orc"), []byte("ORC"), 0o600))
	require.Equal(t, got.out, command(t, "--lake", lake, "store", "files", "main").out)
}

func TestStoreTrino(t *testing.T) {
	lake := sampleLake(t)
	id := strings.Split(command(t, "--lake", lake, "store", "files").out, "/")[1]
	got := command(t, "--lake", lake, "store", "trino", "--at", "s3://it's/lake/", "--table", `a"b`)
	require.Equal(t, exitDone, got.code, got.err)
	for _, want := range []string{
		"CREATE TABLE \"a\"\"b\" (\n   \"eventversion\" varchar,\n", "   \"eventtime\" timestamp(3),\n", "   \"requestparameters\" map(varchar, varchar),\n",
		"   eventday date WITH (", "external_location = 's3://it''s/lake/stores/" + id + "',\n", "partitioned_by = ARRAY['eventday'],\n",
	} {
		require.Contains(t, got.out, want)
	}
	require.True(t, strings.HasSuffix(got.out, "\n);\n"))
	got = command(t, "--lake", lake, "store", "trino")
	require.Equal(t, exitUsage, got.code)
	require.Contains(t, got.err, "--at")
}
