package engine

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/auditlake/auditlake/engine/query"
	"github.com/auditlake/auditlake/storage/vfs"
)

// HistoryError means that what was answered stands, but the history of queries could not be written: the queries are
// listed nowhere. Lake.Close returns it, as it is, if nothing else failed.
type HistoryError = query.HistoryError

// IsDiskFull reports whether err says that the disk, or the user's quota of it, has no room. The same call succeeds
// once there is room again.
func IsDiskFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// files is the file system of the lake.
func (o *Options) files() vfs.FS {
	if o.FreeBytes == nil {
		return nil
	}
	return measuredFS{vfs.OS, o.FreeBytes}
}

// measuredFS is a file system whose free space is measured by a function. Writes that have no room fail as those to a
// full disk do.
type measuredFS struct {
	vfs.FS
	freeBytes func() (int64, error)
}

// OpensExpecters is for vfs.CanExpect.
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

// measuredFile is a file that grows while there is room for it.
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
