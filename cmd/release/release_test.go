package main

import (
	"archive/tar"
	"archive/zip"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"debug/buildinfo"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// program stands in for auditlake: building that for a release takes minutes.
const program = `package main

import (
	"fmt"
	"os"

	"example.com/small/engine/buildinfo"
)

func main() {
	if os.Args[1] == "man" {
		if err := os.WriteFile(os.Args[2]+"/auditlake.1", []byte("a page"), 0o600); err != nil {
			panic(err)
		}
		return
	}
	fmt.Println(os.Args[2], buildinfo.Release())
}
`

// repository makes a committed module whose folder and files' times are its own.
func repository(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod": "module example.com/small\n\ngo 1.26.0\n", "README.md": "read", "cmd/auditlake/main.go": program,
		"engine/buildinfo/buildinfo.go": "package buildinfo\n\nvar release string\n\nfunc Release() string { return release }\n",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o777))
		require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"-c", "user.name=x", "-c", "user.email=x@example.com", "commit", "-qm", "first"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GIT_AUTHOR_DATE=2026-01-31T10:00:00Z", "GIT_COMMITTER_DATE=2026-01-31T10:00:00Z")
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
	}
	return dir
}

// TestReleaseOfWorktree: a release of a worktree is that of the repository; the program names the commit, and files that git ignores
// are not built.
func TestReleaseOfWorktree(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git: a release is made of a commit")
	}
	module, worktree := repository(t), filepath.Join(t.TempDir(), "worktree")
	git := exec.Command("git", "worktree", "add", "-q", "--detach", worktree)
	git.Dir = module
	out, err := git.CombinedOutput()
	require.NoError(t, err, string(out))
	require.NoError(t, os.WriteFile(filepath.Join(module, ".git", "info", "exclude"), []byte("ignored.go\n"), 0o666))
	require.NoError(t, os.WriteFile(filepath.Join(worktree, "cmd", "auditlake", "ignored.go"), []byte("no Go"), 0o666))
	first, err := built(t, module)
	require.NoError(t, err)
	second, err := built(t, worktree)
	require.NoError(t, err)
	name := "auditlake-v1.2.3-" + runtime.GOOS + "-" + runtime.GOARCH
	archive, err := os.ReadFile(filepath.Join(first.out, name+".tar.gz"))
	require.NoError(t, err)
	again, err := os.ReadFile(filepath.Join(second.out, name+".tar.gz"))
	require.NoError(t, err)
	require.True(t, bytes.Equal(archive, again))
	info, err := buildinfo.Read(strings.NewReader(untar(t, again)[name+"/auditlake"]))
	require.NoError(t, err)
	require.Contains(t, info.Settings, debug.BuildSetting{Key: "vcs.time", Value: "2026-01-31T10:00:00Z"})
	require.Contains(t, info.Settings, debug.BuildSetting{Key: "vcs.modified", Value: "false"})
}

func built(t *testing.T, module string) (release, error) {
	t.Helper()
	r := release{module: module, command: "./cmd/auditlake", version: "v1.2.3", out: filepath.Join(t.TempDir(), "out"), say: io.Discard,
		targets: []target{{goos: runtime.GOOS, goarch: runtime.GOARCH}}}
	return r, r.build(context.Background())
}

// TestSameCommitSameBytes: two clones of one commit make the same archive, which holds what a release has.
func TestSameCommitSameBytes(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("no git: a release is made of a commit")
	}
	first, err := built(t, repository(t))
	require.NoError(t, err)
	second, err := built(t, repository(t))
	require.NoError(t, err)
	sums, err := os.ReadFile(filepath.Join(first.out, "SHA256SUMS"))
	require.NoError(t, err)
	again, err := os.ReadFile(filepath.Join(second.out, "SHA256SUMS"))
	require.NoError(t, err)
	require.Equal(t, string(sums), string(again))

	folder := "auditlake-v1.2.3-" + runtime.GOOS + "-" + runtime.GOARCH
	archive, err := os.ReadFile(filepath.Join(first.out, folder+".tar.gz"))
	require.NoError(t, err)
	require.Equal(t, fmt.Sprintf("%x  %s.tar.gz\n", sha256.Sum256(archive), folder), string(sums))
	files := untar(t, archive)
	require.Equal(t, "read", files[folder+"/README.md"])
	require.Equal(t, "a page", files[folder+"/man/auditlake.1"])
	for _, c := range completions {
		require.Equal(t, c.shell+" v1.2.3\n", files[folder+"/completions/"+c.file])
	}
	require.NotEmpty(t, files[folder+"/auditlake"])
	require.Len(t, files, 3+len(completions))
}

func untar(t *testing.T, archive []byte) map[string]string {
	t.Helper()
	unzipped, err := gzip.NewReader(bytes.NewReader(archive))
	require.NoError(t, err)
	files := map[string]string{}
	for in := tar.NewReader(unzipped); ; {
		header, err := in.Next()
		if err == io.EOF {
			return files
		}
		require.NoError(t, err)
		require.Equal(t, time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC), header.ModTime.UTC())
		mode := int64(0o644)
		if strings.HasSuffix(header.Name, "/auditlake") {
			mode = 0o755
		}
		require.Equal(t, mode, header.Mode, header.Name)
		content, err := io.ReadAll(in)
		require.NoError(t, err)
		files[header.Name] = string(content)
	}
}

func TestZip(t *testing.T) {
	at := time.Date(2026, 1, 31, 10, 0, 0, 0, time.UTC)
	files := []archived{{name: "auditlake.exe", content: []byte("MZ"), isProgram: true}, {name: "man/auditlake.1", content: []byte("page")}}
	var first, second bytes.Buffer
	require.NoError(t, writeZip(&first, "a", files, at))
	require.NoError(t, writeZip(&second, "a", files, at))
	require.Equal(t, first.Bytes(), second.Bytes())
	in, err := zip.NewReader(bytes.NewReader(first.Bytes()), int64(first.Len()))
	require.NoError(t, err)
	require.Len(t, in.File, 2)
	require.Equal(t, "a/auditlake.exe", in.File[0].Name)
	require.True(t, at.Equal(in.File[1].Modified))
	require.EqualValues(t, 0o755, in.File[0].Mode())
}

func TestRefusals(t *testing.T) {
	for _, version := range []string{"", "1.2.3", "v1.2", "v1.2.3 -X x=y", "v1.2.3-"} {
		r := release{version: version, out: t.TempDir(), module: t.TempDir(), say: io.Discard}
		require.ErrorContains(t, r.build(context.Background()), "not a version", version)
	}
	full := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(full, "x"), nil, 0o666))
	r := release{version: "v1.2.3", out: full, say: io.Discard}
	require.ErrorContains(t, r.build(context.Background()), "is not empty")
	if _, err := exec.LookPath("git"); err != nil {
		return
	}
	changed := repository(t)
	require.NoError(t, os.WriteFile(filepath.Join(changed, "README.md"), []byte("changed"), 0o666))
	_, err := built(t, changed)
	require.ErrorContains(t, err, "commit first, these files differ from the commit:\n M README.md")
}
