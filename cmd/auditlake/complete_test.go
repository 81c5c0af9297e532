package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCompletion(t *testing.T) {
	lake := sampleLake(t)
	path := filepath.Join(t.TempDir(), "owners.csv")
	require.NoError(t, os.WriteFile(path, []byte("account\n1\n"), 0o600))
	require.Equal(t, exitDone, command(t, "--lake", lake, "table", "create", "the owners", "--from", path).code)
	for _, test := range []struct {
		args []string
		want string // with the directive for the user's shell: 4 is no files
	}{
		{[]string{"store", "show", ""}, "main :4"},
		{[]string{"describe", "ma"}, "main :4"},
		{[]string{"describe", "main", ""}, ":4"},
		{[]string{"import", "--store", "m"}, "main :4"},
		{[]string{"import", ""}, ":0"},
		{[]string{"table", "drop", ""}, "the owners :4"},
		{[]string{"query", "--format", ""}, "arrow arrow-file auto csv json markdown ndjson parquet table trino vertical :4"},
		{[]string{"keys", "create", "--policy", ""}, "AWSCloudTrail_FullAccess AWSCloudTrail_ReadOnlyAccess AuditlakeOperator :0"},
		{[]string{"store", "create", "other", "--eventjson="}, "rebuilt text :4"},
	} {
		got := command(t, append([]string{"--lake", lake, "__completeNoDesc"}, test.args...)...)
		require.Equal(t, test.want, strings.Join(strings.Fields(got.out), " "), "%v", test.args)
	}
	got := command(t, "--lake", filepath.Join(t.TempDir(), "none"), "__completeNoDesc", "store", "show", "")
	require.Equal(t, ":4\n", got.out, "no lake, no names")
}
