//go:build linux

package main_test

import (
	"crypto/tls"
	"debug/elf"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/internal/material"
)

// maxProgramBytes is the most that the stripped program may have.
const maxProgramBytes = 75_000_000

// image is what the Dockerfile says of the image.
type image struct {
	build, folders string // commands that fill the root folder, which they call /root-of-image
	env            []string
	user           uint32
	entrypoint     string
}

// readImage reads the Dockerfile.
func readImage(t *testing.T) image {
	text, err := os.ReadFile(filepath.Join(material.Module(t), "Dockerfile"))
	require.NoError(t, err)
	lines := strings.ReplaceAll(string(text), "\\\n", "")
	find := func(pattern string) string {
		found := regexp.MustCompile("(?m)^"+pattern+"$").FindAllStringSubmatch(lines, -1)
		require.Len(t, found, 1, pattern)
		return found[0][1]
	}
	user, err := strconv.ParseUint(find(`USER (\d+):\d+`), 10, 32)
	require.NoError(t, err)
	require.Positive(t, user, "root")
	require.Equal(t, "/root-of-image /", find(`COPY --from=build (.*)`))
	return image{
		build: find(`RUN (CGO_ENABLED=0 go build .*)`), folders: find(`RUN (mkdir .*)`),
		env: strings.Fields(find(`ENV (.*)`)), user: uint32(user), entrypoint: find(`ENTRYPOINT \["(.*)"\]`),
	}
}

// TestBareSystem: the program as it is released, on a file system that holds what the Dockerfile copies and log files only, as the user of
// the image.
func TestBareSystem(t *testing.T) {
	if os.Getenv("CGO_ENABLED") != "0" {
		t.Skip("without CGO_ENABLED=0 all packages would be compiled once more, as for a release")
	}
	root, image := t.TempDir(), readImage(t)
	program := filepath.Join(root, "usr", "bin", "auditlake")
	step := func(command string) {
		// With other flags all packages would be compiled once more.
		cmd := exec.Command("sh", "-ec", strings.NewReplacer("/root-of-image", root, "-trimpath ", "").Replace(command))
		cmd.Dir, cmd.Env = material.Module(t), append(os.Environ(), "VERSION=v1.2.3")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
	}
	step(image.build)
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

	const certificates = "/etc/ssl/certs/ca-certificates.crt"
	if _, err := os.Stat(certificates); err != nil {
		t.Skip("the machine has no certificates of public authorities: what follows was not run")
	}
	step(image.folders)
	require.FileExists(t, filepath.Join(root, certificates))
	require.NoError(t, os.Chmod(root, 0o755))
	require.NoError(t, os.CopyFS(filepath.Join(root, "logs"), os.DirFS(material.Own(t, "logs"))))
	inImage := func(args ...string) *exec.Cmd {
		command := exec.Command(image.entrypoint, args...)
		command.Dir, command.Env = "/", image.env
		command.SysProcAttr = &syscall.SysProcAttr{Chroot: root, Credential: &syscall.Credential{Uid: image.user, Gid: image.user}}
		return command
	}
	for _, step := range []struct {
		args []string
		want string
	}{
		{[]string{"version"}, "auditlake v1.2.3\n"},
		{[]string{"import", "/logs"}, "imported 2,000 events"},
		{[]string{"query", "--format", "csv", "SELECT count(*) FROM main"}, "_col0\n2000\n"},
		{[]string{"--read-only", "query", "--format", "csv", "SELECT hour(TIMESTAMP '2026-07-01 12:00:00 UTC' AT TIME ZONE 'Europe/Berlin')"}, "_col0\n14\n"},
		{[]string{"verify"}, "no problem found"},
	} {
		got := execute(t, inImage(step.args...))
		require.Zero(t, got.code, "%v: %s", step.args, got.err)
		require.Contains(t, got.out, step.want, "%v", step.args)
	}
	got := execute(t, inImage("serve", "--listen", "0.0.0.0:0"))
	require.Equal(t, 2, got.code, "others' addresses are listened on by choice: %s", got.err)
	address := startServer(t, inImage("serve", "--listen", "0.0.0.0:0", "--require-keys", "--tls-self-signed"))
	_, port, err := net.SplitHostPort(strings.SplitN(address, "/", 2)[0])
	require.NoError(t, err)
	client := http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	answer, err := client.Get("https://127.0.0.1:" + port + "/health")
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	require.Equal(t, http.StatusOK, answer.StatusCode)
}
