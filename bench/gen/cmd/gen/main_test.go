package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/process"
)

// generate runs the program with arguments.
func generate(t *testing.T, args ...string) (printed string, err error) {
	t.Helper()
	before, flags := os.Args, flag.CommandLine
	defer func() { os.Args, flag.CommandLine = before, flags }()
	os.Args, flag.CommandLine = append([]string{"gen"}, args...), flag.NewFlagSet("gen", flag.ContinueOnError)
	printed = process.Printed(t, func() { err = run() })
	return printed, err
}

func TestLines(t *testing.T) {
	text, err := generate(t, "-events", "7", "-days", "2", "-end", "2026-02-01", "-seed", "3")
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(text), "\n")
	require.Len(t, lines, 7)
	for _, line := range lines {
		require.Regexp(t, `"eventTime":"2026-01-3[01]T`, line)
	}
	again, err := generate(t, "-events", "7", "-days", "2", "-end", "2026-02-01", "-seed", "3")
	require.NoError(t, err)
	require.Equal(t, text, again)
}

func TestFolder(t *testing.T) {
	out := filepath.Join(t.TempDir(), "logs")
	text, err := generate(t, "-events", "30", "-per-file", "10", "-out", out)
	require.NoError(t, err)
	require.Empty(t, text)
	require.DirExists(t, filepath.Join(out, "AWSLogs"))
}

func TestRefusals(t *testing.T) {
	for _, tt := range []struct {
		name, reason string
		args         []string
	}{
		{"argument", `unexpected argument "more"`, []string{"more"}},
		{"no events", "must be at least 1", []string{"-events", "0"}},
		{"no accounts", "must be at least 1", []string{"-accounts", "0"}},
		{"end", "-end: ", []string{"-end", "tomorrow"}},
		{"folder", "not a directory", []string{"-events", "1", "-out", "/dev/null/x"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := generate(t, tt.args...)
			require.ErrorContains(t, err, tt.reason)
		})
	}
}
