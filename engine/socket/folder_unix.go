//go:build unix

package socket

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
)

// FolderID is equal for two paths that lead to one folder: a socket link that was
// copied with a lake must not lead to the holder of the original.
func FolderID(path string) (string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", err
	}
	stat, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return "", fmt.Errorf("%s: no file number", path)
	}
	return fmt.Sprintf("%d:%d", stat.Dev, stat.Ino), nil
}

// isOwn reports whether a file is this process's user's.
func isOwn(info fs.FileInfo) bool {
	stat, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(stat.Uid) == os.Getuid()
}
