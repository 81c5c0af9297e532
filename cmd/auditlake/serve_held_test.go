package main_test

import (
	"fmt"
	"os/exec"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestServeBesideHolder: a server over a lake that another process holds ends at once, and says who that is.
func TestServeBesideHolder(t *testing.T) {
	program := buildProgram(t)
	lake := t.TempDir()
	require.Zero(t, execute(t, exec.Command(program, "--lake", lake, "store", "create", "main")).code)
	held := startShell(t, program, lake)
	require.Equal(t, "1", held.ask(t, "SELECT 1"))
	got := execute(t, exec.Command(program, "--lake", lake, "serve", "--listen", "127.0.0.1:0"))
	require.Equal(t, 1, got.code)
	require.Empty(t, got.out)
	require.Contains(t, got.err, fmt.Sprintf("error: process %d already holds the lake in %s", held.cmd.Process.Pid, lake))
	held.quit(t)

	silent, err := engine.Open(t.Context(), lake, engine.Options{})
	require.NoError(t, err)
	defer silent.Close()
	got = execute(t, exec.Command(program, "--lake", lake, "serve", "--listen", "127.0.0.1:0"))
	require.Equal(t, 1, got.code)
	require.Empty(t, got.out)
	require.Contains(t, got.err, "error: another process already holds the lake in "+lake, "it does not say who it is")
}
