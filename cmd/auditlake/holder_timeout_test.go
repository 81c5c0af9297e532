package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestHolderTimeoutWithoutSocket: each command gives up after --holder-timeout where the holder has no socket, and names the holder.
func TestHolderTimeoutWithoutSocket(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "lake")
	lake, err := engine.Open(t.Context(), dir, engine.Options{})
	require.NoError(t, err)
	defer lake.Close()
	for _, line := range []string{
		"query|SELECT 1", "store|list", "store|create|other", "import|../../testdata/logs", "queries|list", "verify", "keys|list", "lookup",
	} {
		code, _, log := runHere(append([]string{"--lake", dir, "--holder-timeout", "10ms"}, strings.Split(line, "|")...)...)
		require.Equal(t, 1, code, line)
		require.Contains(t, log, fmt.Sprintf("error: gave up after 10ms: process %d holds the lake in %s and does not answer at %s; ",
			os.Getpid(), dir, filepath.Join(dir, "attach.sock")), line)
	}
}
