package main_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/material"
)

// unitFolder copies packaging/systemd with the paths of a test in place of the installed ones.
func unitFolder(t *testing.T, program, lake string) string {
	t.Helper()
	from, to := filepath.Join(material.Module(t), "packaging", "systemd"), t.TempDir()
	entries, err := os.ReadDir(from)
	require.NoError(t, err)
	for _, entry := range entries {
		text, err := os.ReadFile(filepath.Join(from, entry.Name()))
		require.NoError(t, err)
		text = []byte(strings.NewReplacer("/usr/local/bin/auditlake", program, "/var/lib/auditlake", lake).Replace(string(text)))
		require.NoError(t, os.WriteFile(filepath.Join(to, entry.Name()), text, 0o600))
	}
	return to
}

// unitCommand is the command line of a unit's directive.
func unitCommand(t *testing.T, folder, unit, directive string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(folder, unit))
	require.NoError(t, err)
	line := regexp.MustCompile(`(?m)^` + directive + `=(.+)$`).FindSubmatch(text)
	require.NotNil(t, line, "%s has no %s", unit, directive)
	return string(line[1])
}

// TestSystemdUnits: the command lines of the units make a lake, fill it, and fill it again; the import finds the server, which has the lake.
func TestSystemdUnits(t *testing.T) {
	program, lake := buildProgram(t), filepath.Join(t.TempDir(), "lake")
	units := unitFolder(t, program, lake)
	shell := func(unit, directive string) *exec.Cmd {
		cmd := exec.Command("sh", "-c", unitCommand(t, units, unit, directive))
		cmd.Env = append(os.Environ(), "AUDITLAKE_DIR="+lake, "AUDITLAKE_SERVE_FLAGS=--listen 127.0.0.1:0", "AUDITLAKE_STORE=main", "AUDITLAKE_IMPORT="+material.Own(t, "logs"))
		return cmd
	}
	pause, err := time.ParseDuration(unitCommand(t, units, "auditlake.service", "RestartSec"))
	require.NoError(t, err)
	require.Greater(t, pause, 2*time.Second, "systemd gives up after five starts in ten seconds, while an import may hold the lake for longer")
	for range 2 { // at each start
		got := execute(t, shell("auditlake.service", "ExecStartPre"))
		require.Zero(t, got.code, got.err)
	}
	server := shell("auditlake.service", "ExecStart")
	server.Args[2] = "exec " + server.Args[2] // the shell becomes the server, which the test's end stops
	startServer(t, server)
	for i, want := range []string{"imported 2,000 events", "imported 0 events"} {
		// The import goes on when others make stores.
		got := execute(t, exec.Command(program, "--lake", lake, "store", "create", fmt.Sprint("other", i)))
		require.Zero(t, got.code, got.err)
		got = execute(t, shell("auditlake-import.service", "ExecStart"))
		require.Zero(t, got.code, got.err)
		require.Contains(t, got.out, want)
	}

	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("no systemd-analyze on this machine: the units' directives were not checked")
	}
	files, err := filepath.Glob(filepath.Join(units, "*"))
	require.NoError(t, err)
	require.Len(t, files, 3)
	got := execute(t, exec.Command(analyze, append([]string{"verify", "--man=no"}, files...)...))
	require.Zero(t, got.code, got.err)
	for line := range strings.Lines(got.err) { // of the machine's own units it says things, too
		require.NotContains(t, line, units, line)
	}
}
