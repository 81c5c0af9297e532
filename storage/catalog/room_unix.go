//go:build unix

package catalog

import (
	"io/fs"
	"syscall"
)

// writtenBytes is what a file takes of the disk: Badger's logs are made larger than what they hold.
func writtenBytes(info fs.FileInfo) int64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return s.Blocks * 512
	}
	return info.Size()
}
