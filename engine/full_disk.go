package engine

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/auditlake/auditlake/engine/query"
	"github.com/auditlake/auditlake/storage/vfs"
)

// HistoryError means that answers stand but the history of queries could not be written, so those queries are not
// listed. Lake.Close returns it, unwrapped, if nothing else failed.
type HistoryError = query.HistoryError

// IsDiskFull reports whether err says that the disk, or the user's quota, is full. The same call succeeds once
// there is room again.
func IsDiskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// files returns the lake's file system.
func (o *Options) files() vfs.FS {
	if o.FreeBytes == nil {
		return nil
	}
	return measuredFS{vfs.OS, o.FreeBytes}
}

// measuredFS is a file system whose free space a function measures. A write for which there is no room fails as on
// a full disk.
type measuredFS struct {
	vfs.FS
	freeBytes func() (int64, error)
}

// OpensExpecters implements the interface that vfs.CanExpect checks.
func (m measuredFS) OpensExpecters() bool { return vfs.CanExpect(m.FS) }

// Create implements vfs.FS.
func (m measuredFS) Create(path string) (vfs.File, error) { return m.measured(m.FS.Create(path)) }

// Reopen implements vfs.FS.
func (m measuredFS) Reopen(path string) (vfs.File, error) { return m.measured(m.FS.Reopen(path)) }

func (m measuredFS) measured(f vfs.File, err error) (vfs.File, error) {
	if err != nil {
		return nil, err
	}
	return measuredFile{f, m.freeBytes}, nil
}

// measuredFile is a file that can grow while there is room.
type measuredFile struct {
	vfs.File
	freeBytes func() (int64, error)
}

// Write implements vfs.File.
func (f measuredFile) Write(p []byte) (int, error) {
	if err := f.room(len(p)); err != nil {
		return 0, err
	}
	return f.File.Write(p)
}

// WriteAt implements vfs.File.
func (f measuredFile) WriteAt(p []byte, offset int64) (int, error) {
	if err := f.room(len(p)); err != nil {
		return 0, err
	}
	return f.File.WriteAt(p, offset)
}

func (f measuredFile) room(bytes int) error {
	free, err := f.freeBytes()
	if err == nil && free < int64(bytes) {
		err = fmt.Errorf("write: %w", syscall.ENOSPC)
	}
	return err
}

// FreeBytes implements vfs.FS.
func (m measuredFS) FreeBytes(string) (int64, error) { return m.freeBytes() }
