//go:build !unix

package catalog

import "io/fs"

// writtenBytes is what a file takes of the disk.
func writtenBytes(info fs.FileInfo) int64 { return info.Size() }
