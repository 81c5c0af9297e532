package storage

import (
	"errors"
	"io"
	"path/filepath"
)

// putFile writes a small file durably: under a temporary name, synced, renamed, its folder synced. An existing file
// is replaced completely or not at all.
func (l *Lake) putFile(path string, content []byte) error {
	folder, name := filepath.Split(path)
	temp := filepath.Join(folder, tempPrefix+name+".tmp")
	file, err := l.fs.Create(temp)
	if err != nil {
		return err
	}
	_, err = file.Write(content)
	if err == nil {
		err = file.Sync()
	}
	if err = errors.Join(err, file.Close()); err == nil {
		err = l.fs.Rename(temp, path)
	}
	if err != nil {
		return errors.Join(err, l.fs.Remove(temp))
	}
	return l.fs.SyncDir(filepath.Clean(folder))
}

// errTooLong: a file is longer than any of its kind.
var errTooLong = errors.New("the file is too long")

// readSmallFile reads a file of at most limit bytes.
func (l *Lake) readSmallFile(path string, limit int64) ([]byte, error) {
	info, err := l.fs.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Size() > limit {
		return nil, &DamagedError{Path: path, Err: errTooLong}
	}
	file, err := l.fs.Open(path)
	if err != nil {
		return nil, err
	}
	content := make([]byte, info.Size())
	n, err := file.ReadAt(content, 0)
	if errors.Is(err, io.EOF) {
		err = nil
	}
	return content[:n], errors.Join(err, file.Close())
}
