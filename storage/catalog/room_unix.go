//go:build unix

package catalog

import (
	"io/fs"
	"syscall"
)

// writtenBytes is the size of a file on the disk: Badger's logs have a larger nominal size.
func writtenBytes(info fs.FileInfo) int64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Blocks * 512
	}
	return info.Size()
}
