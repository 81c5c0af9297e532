package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/process"
	"github.com/auditlake/auditlake/storage/orc"
)

// fakePeer writes a program that answers each line as a Python with pyarrow does.
func fakePeer(t *testing.T, answer string) string {
	path := filepath.Join(t.TempDir(), "python")
	require.NoError(t, os.WriteFile(path, []byte("#!/bin/sh\ntest -s \"$1\" && test -s \"$2\" || exit 1\nwhile read column; do echo "+answer+"; done\n"), 0o700))
	return path
}

// TestEveryColumnIsMeasured: each column of the file is written, read to its last row and has its line.
func TestEveryColumnIsMeasured(t *testing.T) {
	profile := filepath.Join(t.TempDir(), "profile")
	var err error
	text := process.Printed(t, func() { err = run("", "", profile, orc.RowGroupRows+7, 1) })
	require.NoError(t, err)
	for _, c := range columns {
		require.Contains(t, text, "| "+c.title+" | ")
	}
	require.Equal(t, 2+len(columns), strings.Count(text, "\n"))
	written, err := os.Stat(profile)
	require.NoError(t, err)
	require.Positive(t, written.Size())
}

func TestOneColumnBesideThePeer(t *testing.T) {
	var err error
	text := process.Printed(t, func() { err = run(fakePeer(t, "1000000"), "number", "", 1000, 2) })
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(text), "\n")
	require.Len(t, lines, 3)
	require.Regexp(t, `^\| int64 below 2²⁰ \| [0-9.]+ \| 1000\.0 \| [0-9.]+ × \|$`, lines[2])
}

func TestRefusals(t *testing.T) {
	process.Printed(t, func() {
		require.ErrorContains(t, run(fakePeer(t, "nothing"), "number", "", 10, 1), `"nothing"`)
		require.ErrorContains(t, run(filepath.Join(t.TempDir(), "absent"), "number", "", 10, 1), "absent")
		require.ErrorContains(t, run(fakePeer(t, "1; read column; exit"), "number", "", 10, 2), "pyarrow: EOF")
		require.ErrorIs(t, run("", "number", filepath.Join(t.TempDir(), "no", "folder"), 10, 1), os.ErrNotExist)
	})
	path := filepath.Join(t.TempDir(), "columns.orc")
	require.NoError(t, writeFile(path, 10))
	_, err := readColumn(path, "number", 11)
	require.EqualError(t, err, "read 10 rows of 11")
	_, err = readColumn(path, "absent", 10)
	require.ErrorContains(t, err, "absent")
	_, err = readColumn(path+".no", "number", 10)
	require.ErrorIs(t, err, os.ErrNotExist)
}
