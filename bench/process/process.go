// Package process runs programs to their end and says what they took.
package process

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// Usage is what a process took. Memory is the peak of its resident pages.
type Usage struct {
	Wall, CPU time.Duration
	PeakBytes int64
}

// Run runs a command with text on its standard input, and returns its standard output. An error carries its
// standard error.
func Run(stdin, name string, args ...string) (Usage, []byte, error) {
	return RunIn(nil, stdin, name, args...)
}

// RunIn is Run with more variables in the environment, each name=value.
func RunIn(environment []string, stdin, name string, args ...string) (Usage, []byte, error) {
	cmd := exec.Command(name, args...)
	cmd.Env = append(os.Environ(), environment...)
	var out, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(stdin), &out, &stderr
	start := time.Now()
	err := cmd.Run()
	u := Usage{Wall: time.Since(start)}
	if err != nil {
		return u, nil, fmt.Errorf("%s: %w\n%s", name, err, stderr.Bytes())
	}
	u.CPU = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if r, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		u.PeakBytes = r.Maxrss << 10 // KiB on Linux
	}
	return u, out.Bytes(), nil
}

// FolderBytes is the size of all files below a folder.
func FolderBytes(dir string) (int64, error) {
	var total int64
	err := filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		total += info.Size()
		return nil
	})
	return total, err
}
