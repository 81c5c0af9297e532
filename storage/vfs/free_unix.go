//go:build unix

package vfs

import (
	"os"

	"golang.org/x/sys/unix"
)

// FreeBytes implements FS.
func (osFS) FreeBytes(path string) (int64, error) {
	var stat unix.Statfs_t
	if err := unix.Statfs(path, &stat); err != nil {
		return 0, &os.PathError{Op: "statfs", Path: path, Err: err}
	}
	return int64(stat.Bavail) * int64(stat.Bsize), nil
}
