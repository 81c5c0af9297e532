package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTableCommands(t *testing.T) {
	lake := filepath.Join(t.TempDir(), "lake")
	path := filepath.Join(t.TempDir(), "owners.csv")
	require.NoError(t, os.WriteFile(path, []byte("account,owner\n111122223333,Payments\n"), 0o600))
	for _, step := range []struct {
		args []string
		code int
		want string // in either stream
	}{
		{[]string{"table", "create", "owners"}, exitUsage, "--from FILE"},
		{[]string{"table", "create", "owners", "--from", path + ".txt"}, exitUsage, "the name must end with"},
		{[]string{"table", "create", "owners", "--from", path}, exitDone, "created table owners: 1 row"},
		{[]string{"table", "create", "OWNERS", "--from", path}, exitFailed, "exists"},
		{[]string{"table", "create", "owners", "--from", path}, exitFailed, "pass --replace to replace it"},
		{[]string{"table", "create", "Owners", "--from", path, "--replace"}, exitDone, "replaced table owners: 1 row"},
		{[]string{"table", "create", "fresh", "--from", path, "--replace"}, exitDone, "created table fresh: 1 row"},
		{[]string{"store", "create", "main"}, exitDone, "main"},
		{[]string{"table", "create", "main", "--from", path, "--replace"}, exitFailed, "main"},
		{[]string{"table", "create", "typed", "--from", path, "--schema", "account bigint, owner char(10)"}, exitDone, "account bigint, owner char(10)"},
		{[]string{"table", "create", "wrong", "--from", path, "--schema", "owner date"}, exitFailed, "owners.csv: line 2: column owner: "},
		{[]string{"table", "list"}, exitDone, "account varchar, owner varchar"},
		{[]string{"describe", "OWNERS"}, exitDone, "owners: 1 row, "},
		{[]string{"describe", "owners"}, exitDone, "such as Payments"},
		{[]string{"describe", "typed", "--profile"}, exitDone, "100.0 %"},
		{[]string{"describe", "nothing"}, exitFailed, "not found: nothing"},
		{[]string{"query", "--format", "csv", "SELECT o.owner, t.account FROM owners o JOIN typed t ON o.account = CAST(t.account AS varchar)"}, exitDone, "Payments,111122223333"},
		{[]string{"query", "--stats", "time", "SELECT 1"}, exitDone, "1 row, "},
		{[]string{"query", "--stats", "much", "SELECT 1"}, exitUsage, "--stats must be all, time, cost, none"},
		{[]string{"table", "drop", "owners"}, exitDone, "dropped table owners"},
		{[]string{"table", "drop", "owners"}, exitFailed, "reference table not found: owners"},
	} {
		got := command(t, append([]string{"--lake", lake}, step.args...)...)
		require.Equal(t, step.code, got.code, "%v: %s", step.args, got.err)
		require.Contains(t, got.out+got.err, step.want, "%v", step.args)
	}
}

func TestShellRunsAScript(t *testing.T) {
	lake := sampleLake(t)
	var out, err bytes.Buffer
	code := run(context.Background(), []string{"--lake", lake, "shell"},
		streams{in: strings.NewReader("SELECT count(*) AS events FROM main;\n\\d\nSELECT nope FROM main;\nSELECT 2;"), out: &out, err: &err})
	require.Equal(t, exitUsage, code)
	require.Contains(t, out.String(), "events\n------\n  3000\n")
	require.Contains(t, out.String(), "main")
	require.Contains(t, err.String(), "error: COLUMN_NOT_FOUND at 3:8: Column 'nope' cannot be resolved\n  SELECT nope FROM main\n         ^\n")
}

// TestShellNamesTheLineOfAScript: an error of a script or of a file has its place in there, whatever kind it is.
func TestShellNamesTheLineOfAScript(t *testing.T) {
	lake := sampleLake(t)
	file := filepath.Join(t.TempDir(), "a.sql")
	require.NoError(t, os.WriteFile(file, []byte("SELECT 1;\n-- what for\nSELECT nope\nFROM main"), 0o600))
	for _, test := range []struct{ script, want string }{
		{"SELECT 1;\nSELECT 2; SELECT\n  nope FROM main;", "COLUMN_NOT_FOUND at 3:3: Column 'nope' cannot be resolved\n    nope FROM main\n    ^\n"},
		{"SELECT 1;\n\nSELECT 1 / (n - 1) FROM (VALUES 1) t (n);", "the statement at line 3: DIVISION_BY_ZERO"},
		{"SELECT 1;\n\\nope\n", "line 2: unknown command \\nope"},
		{"SELECT 1;\nSELECT 2;\nSELEC 3", "SYNTAX_ERROR at 3:1: "},
		{"\n\\i " + file, file + ": COLUMN_NOT_FOUND at 3:8: "},
	} {
		var out, err bytes.Buffer
		code := run(context.Background(), []string{"--lake", lake, "shell"}, streams{in: strings.NewReader(test.script), out: &out, err: &err})
		require.NotEqual(t, exitDone, code)
		require.Contains(t, err.String(), "error: "+test.want, test.script)
	}
}
