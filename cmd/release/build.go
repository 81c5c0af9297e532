package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// maxProgramBytes bounds a program in an archive.
const maxProgramBytes = 75_000_000

// target is a system that the program is built for.
type target struct {
	goos, goarch string
	// isExperimental: the program is built for it, and the tests do not run there.
	isExperimental bool
}

var targets = []target{
	{goos: "linux", goarch: "amd64"},
	{goos: "linux", goarch: "arm64"},
	{goos: "darwin", goarch: "amd64"},
	{goos: "darwin", goarch: "arm64"},
	{goos: "windows", goarch: "amd64", isExperimental: true},
}

// release is one run.
type release struct {
	// module is the folder of the module, also that of its repository or of a worktree; command is the program's
	// package in it.
	module, command string
	source          string // the folder that is built: a clone of the commit, see clone
	version, out    string
	targets         []target
	say             io.Writer
}

var versionForm = regexp.MustCompile(`^v\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`)

func (r *release) build(ctx context.Context) error {
	if !versionForm.MatchString(r.version) {
		return fmt.Errorf("not a version: %q (v1.2.3 or v1.2.3-rc.1)", r.version)
	}
	if entries, err := os.ReadDir(r.out); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s is not empty", r.out)
	}
	at, err := r.commitTime(ctx)
	if err != nil {
		return err
	}
	work, err := os.MkdirTemp("", "auditlake-release-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(work)
	if err := r.clone(ctx, filepath.Join(work, "source")); err != nil {
		return err
	}
	beside, err := r.filesBeside(ctx, work)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(r.out, 0o777); err != nil {
		return err
	}
	var sums bytes.Buffer
	for _, t := range r.targets {
		name, err := r.buildArchive(ctx, t, work, beside, at)
		if err != nil {
			return fmt.Errorf("%s/%s: %w", t.goos, t.goarch, err)
		}
		content, err := os.ReadFile(filepath.Join(r.out, name))
		if err != nil {
			return err
		}
		fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256(content), name)
		fmt.Fprintf(r.say, "%s: %.1f MB\n", name, float64(len(content))/1e6)
	}
	return os.WriteFile(filepath.Join(r.out, "SHA256SUMS"), sums.Bytes(), 0o666)
}

// commitTime returns when the commit was made that is released. All files of the archives have this time.
func (r *release) commitTime(ctx context.Context) (time.Time, error) {
	changed, err := run(ctx, r.module, nil, "git", "status", "--porcelain")
	if err != nil {
		return time.Time{}, err
	}
	if len(changed) > 0 {
		return time.Time{}, fmt.Errorf("commit first, these files differ from the commit:\n%s", changed)
	}
	text, err := run(ctx, r.module, nil, "git", "show", "-s", "--format=%ct", "HEAD")
	if err != nil {
		return time.Time{}, err
	}
	seconds, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
	if err != nil {
		return time.Time{}, fmt.Errorf("time of the commit: %w", err)
	}
	return time.Unix(seconds, 0).UTC(), nil
}

// clone clones the commit into a folder, which is built: files that git ignores are not in it, and Go finds the
// commit there to name it in the program, which it does not in a worktree.
func (r *release) clone(ctx context.Context, folder string) error {
	module, err := filepath.Abs(r.module)
	if err != nil {
		return err
	}
	r.source = folder
	_, err = run(ctx, module, nil, "git", "clone", "--quiet", module, folder)
	return err
}

// completions are the files of the shells' completions by the shell's name.
var completions = []struct{ shell, file string }{
	{"bash", "auditlake.bash"}, {"zsh", "_auditlake"}, {"fish", "auditlake.fish"}, {"powershell", "auditlake.ps1"},
}

// filesBeside returns what every archive holds besides the program. The program of this machine writes its manual and
// its completions.
func (r *release) filesBeside(ctx context.Context, work string) ([]archived, error) {
	program, err := r.buildProgram(ctx, target{goos: runtime.GOOS, goarch: runtime.GOARCH}, filepath.Join(work, "host"))
	if err != nil {
		return nil, err
	}
	var files []archived
	for _, name := range []string{"LICENSE", "README.md"} {
		content, err := os.ReadFile(filepath.Join(r.source, name))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		files = append(files, archived{name: name, content: content})
	}
	pages := filepath.Join(work, "man")
	if err := os.Mkdir(pages, 0o777); err != nil {
		return nil, err
	}
	if _, err := run(ctx, r.source, nil, program, "man", pages); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(pages)
	if err != nil {
		return nil, err
	}
	for _, entry := range entries {
		content, err := os.ReadFile(filepath.Join(pages, entry.Name()))
		if err != nil {
			return nil, err
		}
		files = append(files, archived{name: "man/" + entry.Name(), content: content})
	}
	for _, c := range completions {
		content, err := run(ctx, r.source, nil, program, "completion", c.shell)
		if err != nil {
			return nil, err
		}
		files = append(files, archived{name: "completions/" + c.file, content: content})
	}
	return files, nil
}

// buildProgram builds the program for a target. What the environment says of the processor's level, of experiments
// and of flags is not used.
func (r *release) buildProgram(ctx context.Context, t target, path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	module, err := run(ctx, r.source, nil, "go", "list", "-m")
	if err != nil {
		return "", err
	}
	flags := "-s -w -X " + strings.TrimSpace(string(module)) + "/engine/buildinfo.release=" + r.version
	env := []string{"CGO_ENABLED=0", "GOOS=" + t.goos, "GOARCH=" + t.goarch, "GOAMD64=v1", "GOARM64=v8.0", "GOEXPERIMENT=", "GOFLAGS=-mod=readonly"}
	_, err = run(ctx, r.source, env, "go", "build", "-trimpath", "-buildvcs=true", "-ldflags", flags, "-o", path, r.command)
	return path, err
}

// buildArchive writes the archive of a target into the folder of the release, and returns the archive's name.
func (r *release) buildArchive(ctx context.Context, t target, work string, beside []archived, at time.Time) (string, error) {
	program, err := r.buildProgram(ctx, t, filepath.Join(work, t.goos+"-"+t.goarch))
	if err != nil {
		return "", err
	}
	content, err := os.ReadFile(program)
	if err != nil {
		return "", err
	}
	if len(content) > maxProgramBytes {
		return "", fmt.Errorf("the program has %d bytes, more than the %d it may have", len(content), maxProgramBytes)
	}
	folder := "auditlake-" + r.version + "-" + t.goos + "-" + t.goarch
	if t.isExperimental {
		folder += "-experimental"
	}
	file := archived{name: "auditlake", content: content, isProgram: true}
	name, write := folder+".tar.gz", writeTar
	if t.goos == "windows" {
		file.name, name, write = "auditlake.exe", folder+".zip", writeZip
	}
	out, err := os.Create(filepath.Join(r.out, name))
	if err != nil {
		return "", err
	}
	return name, errors.Join(write(out, folder, append([]archived{file}, beside...), at), out.Close(), os.Remove(program))
}

// run runs a program in a folder and returns what it printed; env is added to this process's environment.
func run(ctx context.Context, folder string, env []string, name string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), env...)
	var said bytes.Buffer
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, said.Bytes())
	}
	return out, nil
}
