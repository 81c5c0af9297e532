package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// runOnDisk is runHere where the lake's disk has some bytes free.
func runOnDisk(freeBytes int64, args ...string) (code int, stdout, stderr string) {
	var out, failed bytes.Buffer
	p := newProgram(args, streams{in: strings.NewReader(""), out: &out, err: &failed})
	p.background.FreeBytes = func() (int64, error) { return freeBytes, nil }
	code = p.execute(context.Background())
	return code, out.String(), failed.String()
}

// TestQueryOnAFullDisk: the answer stands, whether the lake can be opened for changes or not, and one warning says what is missing.
func TestQueryOnAFullDisk(t *testing.T) {
	lake := sampleLake(t)
	query := []string{"--lake", lake, "query", "--stats", "none", "--format", "csv", "SELECT count(*) AS n FROM main"}
	code, want, log := runHere(query...)
	require.Equal(t, exitDone, code, log)
	for _, test := range []struct {
		name      string
		freeBytes int64
		warning   string
	}{
		{"too little for the history", 10 << 20, "warning: could not record this command, so `queries list` does not show it: "},
		{"none", 0, "warning: the disk of " + lake + " is full: the lake was opened for reading only"},
	} {
		t.Run(test.name, func(t *testing.T) {
			code, got, log := runOnDisk(test.freeBytes, query...)
			require.Equal(t, exitDone, code, log)
			require.Equal(t, want, got)
			require.True(t, strings.HasPrefix(log, test.warning), log)
			require.Equal(t, 1, strings.Count(log, "\n"), log)
			code, _, log = runOnDisk(test.freeBytes, "--lake", lake, "store", "create", "other")
			require.Equal(t, exitFailed, code)
			require.Contains(t, log, "bytes of free disk space", "a change fails, and says why")
		})
	}
}
