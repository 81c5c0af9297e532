package main_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestLostCatalog is the drill of operations: lose the catalog, rebuild, verify.
func TestLostCatalog(t *testing.T) {
	program := buildProgram(t)
	lake := filepath.Join(t.TempDir(), "lake")
	auditlake := func(args ...string) (string, error) {
		out, err := exec.Command(program, append([]string{"--lake", lake}, args...)...).CombinedOutput()
		return string(out), err
	}
	must := func(args ...string) string {
		t.Helper()
		cmd := exec.Command(program, append([]string{"--lake", lake}, args...)...)
		cmd.Stderr = os.Stderr
		out, err := cmd.Output() // statistics go to standard error
		require.NoError(t, err)
		return string(out)
	}
	const count = "SELECT count(*), count(DISTINCT eventid), min(eventtime), max(eventtime) FROM main"
	logs := filepath.Join("..", "..", "testdata", "logs")
	must("import", logs)
	want := must("query", "--format", "csv", count)
	head := must("verify")
	require.NoError(t, os.RemoveAll(filepath.Join(lake, "catalog")))

	out, err := auditlake("query", "--format", "csv", count)
	require.Error(t, err)
	require.Contains(t, out, "rebuild")
	require.NotContains(t, out, "no lake here")
	require.Contains(t, must("rebuild"), "missing")
	require.Equal(t, want, must("query", "--format", "csv", count))
	require.Equal(t, head, must("verify"), "the same chain, the same segments")
	must("import", logs)
	require.Equal(t, want, must("query", "--format", "csv", count), "the ledger knows the files")
}
