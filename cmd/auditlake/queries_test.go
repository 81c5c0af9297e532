package main_test

import (
	"bytes"
	"io"
	"os"
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
	require.Regexp(t, `planned +nothing \(reads no store\)\n`, shown)
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

// TestKilledWhileItKeeps: of a process that is killed while it keeps an answer nothing is left but the query, which has
// failed; what others kept can be read.
func TestKilledWhileItKeeps(t *testing.T) {
	program := buildProgram(t)
	lake := heldLake(t, program)
	const counted = "SELECT eventname, count(*) AS n FROM main GROUP BY 1 ORDER BY 1"
	asked := execute(t, exec.Command(program, "--lake", lake, "query", "--keep", "--format", "csv", counted))
	require.Zero(t, asked.code, asked.err)
	_, after, found := strings.Cut(asked.err, "queries results ")
	require.True(t, found, asked.err)
	kept := strings.Fields(after)[0]
	require.Regexp(t, `planned +(not estimated: the query ended too soon|[1-9].*B)\n`, printed(t, program, lake, "queries", "show", kept), "a slow machine makes the estimate")
	limited := execute(t, exec.Command(program, "--lake", lake, "query", "--max-bytes", "1GB", "--keep", counted))
	require.Zero(t, limited.code, limited.err)
	_, after, found = strings.Cut(limited.err, "queries results ")
	require.True(t, found, limited.err)
	limitedID := strings.Fields(after)[0]
	require.Regexp(t, `planned +[1-9].*B\n`, printed(t, program, lake, "queries", "show", limitedID), "for the limit it is made before the query begins")

	const long = "SELECT a.eventjson FROM main a, main b"
	cmd := exec.Command(program, "--lake", lake, "query", "--keep", "--format", "ndjson", long)
	answer, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() { _ = cmd.Process.Kill() }) // has ended, unless the test failed
	_, err = io.CopyN(io.Discard, answer, 4<<20)
	require.NoError(t, err)
	unfinished, err := filepath.Glob(filepath.Join(lake, "results", ".*.result.tmp"))
	require.NoError(t, err)
	require.Len(t, unfinished, 1)
	info, err := os.Stat(unfinished[0])
	require.NoError(t, err)
	require.Positive(t, info.Size(), "a part of the result is in the file")
	killed := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(unfinished[0]), "."), ".result.tmp")
	require.Contains(t, printed(t, program, lake, "queries", "show", killed), "RUNNING", "asked of its process")
	printed(t, program, lake, "usage") // writes what is in memory
	require.NoError(t, cmd.Process.Kill())
	require.Error(t, cmd.Wait())

	shown := printed(t, program, lake, "queries", "show", killed)
	require.Contains(t, shown, "FAILED")
	require.Contains(t, shown, "INTERRUPTED: interrupted: the process that ran the query ended before it")
	left, err := os.ReadDir(filepath.Join(lake, "results"))
	require.NoError(t, err)
	require.Len(t, left, 2, "%v", left)
	for _, file := range left {
		require.Contains(t, []string{kept + ".result", limitedID + ".result"}, file.Name())
	}
	require.Equal(t, asked.out, printed(t, program, lake, "queries", "results", kept, "--format", "csv"))
	refused := execute(t, exec.Command(program, "--lake", lake, "queries", "results", killed))
	require.Equal(t, 1, refused.code)
	require.Contains(t, refused.err, "is FAILED")
}
