//go:build linux

package main_test

import (
	"debug/elf"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/material"
)

// maxProgramBytes is the most that the stripped program may have.
const maxProgramBytes = 75_000_000

// TestBareSystem: the program as it is released, on a file system that holds it, certificates and log files only, as another user than root,
// as the Dockerfile makes it.
func TestBareSystem(t *testing.T) {
	if os.Getenv("CGO_ENABLED") != "0" {
		t.Skip("without CGO_ENABLED=0 all packages would be compiled once more, as for a release")
	}
	root := t.TempDir()
	program := filepath.Join(root, "usr", "bin", "auditlake")
	build := exec.Command("go", "build", "-ldflags", "-s -w", "-o", program, ".")
	out, err := build.CombinedOutput()
	require.NoError(t, err, string(out))
	info, err := os.Stat(program)
	require.NoError(t, err)
	t.Logf("%.1f MB", float64(info.Size())/1e6)
	require.LessOrEqual(t, info.Size(), int64(maxProgramBytes))
	binary, err := elf.Open(program)
	require.NoError(t, err)
	defer binary.Close()
	for _, part := range binary.Progs {
		require.NotEqual(t, elf.PT_INTERP, part.Type, "the program needs a loader and libraries")
	}
	if os.Geteuid() != 0 {
		t.Skip("only root may change the root folder of a process: what follows was not run")
	}

	const user = 65532
	require.NoError(t, os.Chmod(root, 0o755))
	require.NoError(t, os.CopyFS(filepath.Join(root, "logs"), os.DirFS(material.Own(t, "logs"))))
	certificates, err := os.ReadFile("/etc/ssl/certs/ca-certificates.crt")
	if err == nil {
		require.NoError(t, os.MkdirAll(filepath.Join(root, "etc", "ssl", "certs"), 0o755))
		require.NoError(t, os.WriteFile(filepath.Join(root, "etc", "ssl", "certs", "ca-certificates.crt"), certificates, 0o644))
	}
	for _, folder := range []string{"lake", "tmp"} {
		require.NoError(t, os.Mkdir(filepath.Join(root, folder), 0o700))
		require.NoError(t, os.Chown(filepath.Join(root, folder), user, user))
	}
	run := func(args ...string) ended {
		command := exec.Command("/usr/bin/auditlake", args...)
		command.Dir = "/"
		command.Env = []string{"AUDITLAKE_DIR=/lake", "PATH=/usr/bin"}
		command.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: user, Gid: user}}
		return execute(t, command)
	}
	for _, step := range []struct {
		args []string
		want string
	}{
		{[]string{"version"}, "formats  catalog and manifest "},
		{[]string{"import", "/logs"}, "imported 2,000 events"},
		{[]string{"query", "--format", "csv", "SELECT count(*) FROM main"}, "_col0\n2000\n"},
		{[]string{"--read-only", "query", "--format", "csv", "SELECT hour(TIMESTAMP '2026-07-01 12:00:00 UTC' AT TIME ZONE 'Europe/Berlin')"}, "_col0\n14\n"},
		{[]string{"verify"}, "no problem found"},
	} {
		got := run(step.args...)
		require.Zero(t, got.code, "%v: %s", step.args, got.err)
		require.Contains(t, got.out, step.want, "%v", step.args)
	}
}
