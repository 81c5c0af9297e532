//go:build !unix

package catalog

import "io/fs"

// writtenBytes is the size of a file on the disk.
func writtenBytes(info fs.FileInfo) int64 { return info.Size() }
