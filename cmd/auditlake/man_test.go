package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestManualPages: each command has a page, which names its flags.
func TestManualPages(t *testing.T) {
	folder := t.TempDir()
	got := command(t, "man", folder)
	require.Equal(t, exitDone, got.code, got.err)
	for page, wants := range map[string][]string{
		"auditlake.1":              {`.TH "AUDITLAKE" "1"`, "SQL over years of audit events", `\fB--read-only\fP`, `\fBauditlake-query(1)\fP`},
		"auditlake-store-create.1": {`\fB--retention\fP`, `\fBauditlake-store(1)\fP`},
	} {
		text, err := os.ReadFile(filepath.Join(folder, page))
		require.NoError(t, err)
		for _, want := range wants {
			require.Contains(t, strings.ReplaceAll(string(text), `\-`, "-"), want, page)
		}
		require.NotContains(t, string(text), "HISTORY")
	}
	pages, err := filepath.Glob(filepath.Join(folder, "*.1"))
	require.NoError(t, err)
	require.Greater(t, len(pages), 40)

	got = command(t, "man", filepath.Join(folder, "none"))
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.err, "write manual pages: open ")
	require.Equal(t, exitUsage, command(t, "man").code)
}
