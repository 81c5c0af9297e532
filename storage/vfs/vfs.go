// Package vfs is the seam between storage and the file system: every operation on segment files goes through an FS,
// so that tests can make any of them fail (Injector), or the machine crash (Memory).
package vfs

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// FS is the file system that storage needs. Paths are those of the operating system. Errors are those of package
// os: errors.Is finds fs.ErrNotExist, syscall.ENOSPC and so on. It is safe for concurrent use.
type FS interface {
	// Create makes an empty file for writing; an existing file is emptied.
	Create(path string) (File, error)
	// Reopen opens an existing file to overwrite its content.
	Reopen(path string) (File, error)
	// Open opens a file for reading.
	Open(path string) (ReadFile, error)
	// Rename moves a file, also to another folder, and replaces an existing one. It is durable after SyncDir of
	// both folders, the new one first.
	Rename(from, to string) error
	// Remove deletes a file or an empty folder.
	Remove(path string) error
	// MkdirAll makes a folder and the missing ones above it. Each is durable after SyncDir of its parent folder.
	MkdirAll(path string) error
	// SyncDir makes the entries of a folder durable: names made, moved and removed in it.
	SyncDir(path string) error
	// ReadDir lists a folder, sorted by name.
	ReadDir(path string) ([]fs.DirEntry, error)
	Stat(path string) (fs.FileInfo, error)
	// FreeBytes is the space left to this process on the file system of path.
	FreeBytes(path string) (int64, error)
}

// File is a file being written. Write continues where the last Write ended, at first at the beginning; WriteAt
// writes anywhere, also past the end. Written data is durable only after Sync, which need not keep the file's
// times. After an error of Sync the file must be given up. A write that fails, or that no Sync followed, may be
// there in part.
type File interface {
	io.WriteCloser
	io.WriterAt
	Sync() error
}

// ReadFile is an open file. It is safe for concurrent use.
type ReadFile interface {
	io.ReaderAt
	io.Closer
}

// Expecter is a ReadFile to which reads can be announced, so that the disk gets many requests at once, not one
// after the other.
type Expecter interface {
	// Expect announces that bytes from offset on will soon be read. It does not wait for them and cannot fail.
	Expect(offset, bytes int64)
}

// CanExpect reports whether the files that fs opens are Expecters.
func CanExpect(fs FS) bool {
	opens, ok := fs.(interface{ OpensExpecters() bool })
	return ok && opens.OpensExpecters()
}

// OS is the real file system. Files are readable and writable by their owner only.
var OS FS = osFS{}

type osFS struct{}

const (
	filePerm = 0o600
	dirPerm  = 0o700
)

// Create implements FS.
func (osFS) Create(path string) (File, error) {
	return openForWriting(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY)
}

// Reopen implements FS.
func (osFS) Reopen(path string) (File, error) { return openForWriting(path, os.O_WRONLY) }

func openForWriting(path string, flags int) (File, error) {
	file, err := os.OpenFile(path, flags, filePerm)
	if err != nil {
		return nil, err
	}
	if flags&os.O_CREATE != 0 {
		if err := setMode(file, filePerm); err != nil {
			return nil, errors.Join(err, file.Close())
		}
	}
	return osFile{file}, nil
}

// setMode gives a new file the mode it was made with. The process's umask may have removed bits that its owner
// needs.
func setMode(file *os.File, mode fs.FileMode) error {
	info, err := file.Stat()
	if err != nil || info.Mode().Perm() == mode {
		return err
	}
	return file.Chmod(mode)
}

// osFile syncs data, and the metadata needed to read it again.
type osFile struct{ *os.File }

// Sync implements File.
func (f osFile) Sync() error { return syncData(f.File) }

// Open implements FS.
func (osFS) Open(path string) (ReadFile, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	return osReadFile{file}, nil
}

// OpensExpecters implements the check of CanExpect.
func (osFS) OpensExpecters() bool { return true }

// osReadFile is an Expecter.
type osReadFile struct{ *os.File }

// Rename implements FS.
func (osFS) Rename(from, to string) error { return os.Rename(from, to) }

// Remove implements FS.
func (osFS) Remove(path string) error { return os.Remove(path) }

// MkdirAll implements FS.
func (f osFS) MkdirAll(path string) error {
	info, err := os.Stat(path)
	switch {
	case err == nil && info.IsDir():
		return nil
	case err == nil:
		return &fs.PathError{Op: "mkdir", Path: path, Err: syscall.ENOTDIR}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if parent := filepath.Dir(path); parent != path {
		if err := f.MkdirAll(parent); err != nil {
			return err
		}
	}
	if err := os.Mkdir(path, dirPerm); errors.Is(err, fs.ErrExist) {
		return nil // another process made it meanwhile
	} else if err != nil {
		return err
	}
	return os.Chmod(path, dirPerm) // whatever the umask
}

// ReadDir implements FS.
func (osFS) ReadDir(path string) ([]fs.DirEntry, error) { return os.ReadDir(path) }

// Stat implements FS.
func (osFS) Stat(path string) (fs.FileInfo, error) { return os.Stat(path) }

// SyncDir implements FS.
func (osFS) SyncDir(path string) error {
	dir, err := os.Open(filepath.Clean(path))
	if err != nil {
		return err
	}
	err = dir.Sync()
	if closeErr := dir.Close(); err == nil {
		err = closeErr
	}
	return err
}
