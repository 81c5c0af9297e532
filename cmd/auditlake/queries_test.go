package main_test

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// endless runs until somebody ends it.
const endless = "SELECT count(*) FROM UNNEST(sequence(1, 10000)) a (x), UNNEST(sequence(1, 10000)) b (y), UNNEST(sequence(1, 10000)) c (z) WHERE x + y + z < 0"

// endlessQuery starts the program with an endless query, and returns the query's id, which another process was told.
func endlessQuery(t *testing.T, program, lake string) (cmd *exec.Cmd, stderr *bytes.Buffer, id string) {
	t.Helper()
	cmd, stderr = exec.Command(program, "--lake", lake, "query", endless), &bytes.Buffer{}
	cmd.Stderr = stderr
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // has ended, unless the test failed
	require.Eventually(t, func() bool {
		for line := range strings.Lines(printed(t, program, lake, "queries", "list", "--state", "running")) {
			if fields := strings.Fields(line); strings.Contains(line, "RUNNING") {
				id = fields[0]
			}
		}
		return id != ""
	}, time.Minute, 10*time.Millisecond)
	return cmd, stderr, id
}

// printed is what a command prints that must succeed.
func printed(t *testing.T, program, lake string, args ...string) string {
	t.Helper()
	cmd := exec.Command(program, append([]string{"--lake", lake}, args...)...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	require.NoError(t, err, "%v: %s", args, stderr.String())
	return string(out)
}

// TestQueriesOfAnotherProcess: a query is seen, cancelled, and, when its process is killed, known to have failed.
func TestQueriesOfAnotherProcess(t *testing.T) {
	program := buildProgram(t)
	dir := t.TempDir()
	lake := filepath.Join(dir, "lake")
	printed(t, program, lake, "store", "create", "main")

	cmd, stderr, id := endlessQuery(t, program, lake)
	printed(t, program, lake, "queries", "cancel", id)
	require.Error(t, cmd.Wait())
	require.Contains(t, stderr.String(), "USER_CANCELED")
	shown := printed(t, program, lake, "queries", "show", id)
	require.Contains(t, shown, "CANCELLED")
	require.Contains(t, shown, "command")
	require.Contains(t, shown, endless)
	again := exec.Command(program, "--lake", lake, "queries", "cancel", id)
	out, err := again.CombinedOutput()
	require.Error(t, err)
	require.Contains(t, string(out), "has ended")

	cmd, _, killed := endlessQuery(t, program, lake)
	printed(t, program, lake, "usage") // writes what is in memory
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())
	shown = printed(t, program, lake, "queries", "show", killed)
	require.Contains(t, shown, "FAILED")
	require.Contains(t, shown, "INTERRUPTED: interrupted: the process that ran the query ended before it")
	listed := printed(t, program, lake, "queries", "list")
	require.Regexp(t, killed+` .* FAILED `, listed)
	require.Regexp(t, id+` .* CANCELLED `, listed)
	require.NotContains(t, printed(t, program, lake, "queries", "list", "--state", "finished,running"), killed)
}
