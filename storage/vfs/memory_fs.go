package vfs

import (
	"bytes"
	"errors"
	"io"
	"io/fs"
	"math"
	"path/filepath"
	"time"
)

// Create implements FS.
func (m *Memory) Create(path string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.stepLocked(OpCreate, path); err != nil {
		return nil, err
	}
	folder, name, err := m.folderLocked(OpCreate, path)
	if err != nil {
		return nil, err
	}
	node := folder.entries[name]
	switch {
	case node == nil:
		node = &memoryNode{}
		folder.change(entryChange{name: name, node: node})
	case node.isDir:
		return nil, pathError(OpCreate, path, errors.New("is a folder"))
	default:
		node.content, node.synced, node.over = nil, 0, nil
	}
	return &memoryFile{m: m, path: path, node: node, life: m.life}, nil
}

// Reopen implements FS.
func (m *Memory) Reopen(path string) (File, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.aliveLocked(OpReopen, path); err != nil {
		return nil, err
	}
	node := m.findLocked(path)
	if node == nil || node.isDir {
		return nil, pathError(OpReopen, path, fs.ErrNotExist)
	}
	return &memoryFile{m: m, path: path, node: node, life: m.life}, nil
}

// Open implements FS.
func (m *Memory) Open(path string) (ReadFile, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.aliveLocked(OpOpen, path); err != nil {
		return nil, err
	}
	node := m.findLocked(path)
	if node == nil {
		return nil, pathError(OpOpen, path, fs.ErrNotExist)
	}
	return &memoryFile{m: m, path: path, node: node, life: m.life}, nil
}

// Rename implements FS. A file that moves to another folder is never lost: a crash removes its old name only if the
// new one is durable.
func (m *Memory) Rename(from, to string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.stepLocked(OpRename, from); err != nil {
		return err
	}
	folder, name, err := m.folderLocked(OpRename, from)
	if err != nil {
		return err
	}
	node := folder.entries[name]
	if node == nil {
		return pathError(OpRename, from, fs.ErrNotExist)
	}
	target, newName, err := m.folderLocked(OpRename, to)
	if err != nil {
		return err
	}
	switch {
	case from == to:
	case target == folder:
		folder.change(entryChange{name: newName, node: node, from: name})
	default:
		target.change(entryChange{name: newName, node: node})
		folder.change(entryChange{name: name, movedTo: target, movedName: newName, moved: node})
	}
	return nil
}

// Remove implements FS.
func (m *Memory) Remove(path string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.stepLocked(OpRemove, path); err != nil {
		return err
	}
	folder, name, err := m.folderLocked(OpRemove, path)
	if err != nil {
		return err
	}
	node := folder.entries[name]
	if node == nil {
		return pathError(OpRemove, path, fs.ErrNotExist)
	}
	if len(node.entries) > 0 {
		return pathError(OpRemove, path, errors.New("the folder is not empty"))
	}
	folder.change(entryChange{name: name})
	return nil
}

// MkdirAll implements FS.
func (m *Memory) MkdirAll(path string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.stepLocked(OpMkdirAll, path); err != nil {
		return err
	}
	n := m.root
	for _, name := range pathNames(path) {
		if n.entries[name] == nil {
			n.change(entryChange{name: name, node: newMemoryDir()})
		}
		if n = n.entries[name]; !n.isDir {
			return pathError(OpMkdirAll, path, errors.New("is a file"))
		}
	}
	return nil
}

// SyncDir implements FS.
func (m *Memory) SyncDir(path string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.stepLocked(OpSyncDir, path); err != nil {
		return err
	}
	n := m.findLocked(path)
	if n == nil || !n.isDir {
		return pathError(OpSyncDir, path, fs.ErrNotExist)
	}
	for _, change := range n.pending {
		if change.movedTo != nil { // both names change together
			change.movedTo.durable[change.movedName] = change.moved
		}
		change.apply(n.durable)
	}
	n.pending = nil
	return nil
}

// ReadDir implements FS.
func (m *Memory) ReadDir(path string) ([]fs.DirEntry, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.aliveLocked(OpReadDir, path); err != nil {
		return nil, err
	}
	n := m.findLocked(path)
	if n == nil || !n.isDir {
		return nil, pathError(OpReadDir, path, fs.ErrNotExist)
	}
	var list []fs.DirEntry
	for _, name := range sortedNames(n.entries) {
		list = append(list, fs.FileInfoToDirEntry(memoryInfo{name, n.entries[name].isDir, int64(len(n.entries[name].content))}))
	}
	return list, nil
}

// Stat implements FS.
func (m *Memory) Stat(path string) (fs.FileInfo, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if err := m.aliveLocked(OpStat, path); err != nil {
		return nil, err
	}
	n := m.findLocked(path)
	if n == nil {
		return nil, pathError(OpStat, path, fs.ErrNotExist)
	}
	return memoryInfo{filepath.Base(path), n.isDir, int64(len(n.content))}, nil
}

// FreeBytes implements FS: there is always enough.
func (m *Memory) FreeBytes(path string) (int64, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return math.MaxInt64, m.stepLocked(OpStat, path)
}

// memoryFile is an open file.
type memoryFile struct {
	m    *Memory
	path string
	node *memoryNode
	life int
	pos  int64 // of Write
}

func (f *memoryFile) aliveLocked(op Op) error {
	if f.life != f.m.life {
		return pathError(op, f.path, ErrCrashed)
	}
	return f.m.aliveLocked(op, f.path)
}

// Write implements io.Writer.
func (f *memoryFile) Write(p []byte) (int, error) {
	n, err := f.WriteAt(p, f.pos)
	f.pos += int64(n)
	return n, err
}

// WriteAt implements io.WriterAt.
func (f *memoryFile) WriteAt(p []byte, offset int64) (int, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := errors.Join(f.aliveLocked(OpWrite), f.m.stepLocked(OpWrite, f.path)); err != nil {
		return 0, err
	}
	n, at := f.node, int(offset)
	if missing := at + len(p) - len(n.content); missing > 0 {
		n.content = append(n.content, make([]byte, missing)...)
	}
	if at < n.synced {
		over := p[:min(len(p), n.synced-at)]
		n.over = append(n.over, overwriting{at, bytes.Clone(n.content[at : at+len(over)]), bytes.Clone(over)})
	}
	copy(n.content[at:], p)
	return len(p), nil
}

// Sync implements File.
func (f *memoryFile) Sync() error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := errors.Join(f.aliveLocked(OpSync), f.m.stepLocked(OpSync, f.path)); err != nil {
		return err
	}
	f.node.synced, f.node.over = len(f.node.content), nil
	return nil
}

// ReadAt implements io.ReaderAt.
func (f *memoryFile) ReadAt(p []byte, offset int64) (int, error) {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if err := f.aliveLocked(OpRead); err != nil {
		return 0, err
	}
	if len(p) == 0 {
		return 0, nil
	}
	if offset < 0 || offset > int64(len(f.node.content)) {
		return 0, io.EOF
	}
	return bytes.NewReader(f.node.content).ReadAt(p, offset)
}

// Close implements io.Closer.
func (f *memoryFile) Close() error { return nil }

// memoryInfo implements fs.FileInfo.
type memoryInfo struct {
	name  string
	isDir bool
	size  int64
}

// Name implements fs.FileInfo.
func (i memoryInfo) Name() string { return i.name }

// Size implements fs.FileInfo.
func (i memoryInfo) Size() int64 { return i.size }

// Mode implements fs.FileInfo.
func (i memoryInfo) Mode() fs.FileMode {
	if i.isDir {
		return fs.ModeDir | dirPerm
	}
	return filePerm
}

// ModTime implements fs.FileInfo. The time is not stored.
func (i memoryInfo) ModTime() time.Time { return time.Time{} }

// IsDir implements fs.FileInfo.
func (i memoryInfo) IsDir() bool { return i.isDir }

// Sys implements fs.FileInfo.
func (i memoryInfo) Sys() any { return nil }
