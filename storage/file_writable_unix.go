//go:build unix

package storage

import (
	"path/filepath"

	"golang.org/x/sys/unix"
)

// IsWritable reports whether this process may create files in the folder of a lake and in that of its catalog.
func IsWritable(dir string) bool {
	for _, path := range []string{dir, filepath.Join(dir, catalogFolder)} {
		if unix.Access(path, unix.W_OK|unix.X_OK) != nil {
			return false
		}
	}
	return true
}
