package vfs

import (
	"io/fs"
	"os"
	"sync"
)

// Op is a kind of operation that an Injector can make fail.
type Op string

// The operations of FS and its files.
const (
	OpCreate   Op = "create"
	OpReopen   Op = "reopen"
	OpOpen     Op = "open"
	OpRead     Op = "read"
	OpWrite    Op = "write"
	OpSync     Op = "sync"
	OpClose    Op = "close"
	OpRename   Op = "rename"
	OpRemove   Op = "remove"
	OpMkdirAll Op = "mkdirall"
	OpSyncDir  Op = "syncdir"
	OpReadDir  Op = "readdir"
	OpStat     Op = "stat"
	OpFree     Op = "freebytes" // which comes before a transaction of the catalog
)

// Ops are all kinds.
var Ops = []Op{OpCreate, OpReopen, OpOpen, OpRead, OpWrite, OpSync, OpClose, OpRename, OpRemove, OpMkdirAll, OpSyncDir, OpReadDir, OpStat, OpFree}

// Fault makes operations fail: those of kind Op from the After-th on (0 is the first), Times of them (0: all). An
// operation that fails changes nothing, except writes with Torn.
type Fault struct {
	Op    Op
	After int
	Times int
	Err   error // such as syscall.ENOSPC; returned inside an *fs.PathError
	Torn  bool  // a write that fails has written the first half
	Panic bool  // an operation that fails panics with the error
}

// Injector is an FS that makes operations fail as its Fault says. It is safe for concurrent use.
type Injector struct {
	FS

	mu       sync.Mutex
	fault    *Fault     // mu
	seen     map[Op]int // mu: operations since the fault was set
	injected int        // mu
}

// NewInjector wraps an FS; nothing fails until Set.
func NewInjector(under FS) *Injector { return &Injector{FS: under, seen: map[Op]int{}} }

// Set replaces the fault and counts operations from zero; nil: nothing fails any more.
func (j *Injector) Set(fault *Fault) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.fault, j.seen, j.injected = fault, map[Op]int{}, 0
}

// Injected is the number of operations that have failed since Set.
func (j *Injector) Injected() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.injected
}

// Seen is the number of operations of a kind since Set, failed ones included.
func (j *Injector) Seen(op Op) int {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.seen[op]
}

func (j *Injector) check(op Op, path string) error {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := j.seen[op]
	j.seen[op]++
	f := j.fault
	if f == nil || f.Op != op || n < f.After || f.Times > 0 && n >= f.After+f.Times {
		return nil
	}
	j.injected++
	err := &os.PathError{Op: string(op), Path: path, Err: f.Err}
	if f.Panic {
		panic(err)
	}
	return err
}

// Create implements FS.
func (j *Injector) Create(path string) (File, error) {
	if err := j.check(OpCreate, path); err != nil {
		return nil, err
	}
	f, err := j.FS.Create(path)
	if err != nil {
		return nil, err
	}
	return &faultyFile{File: f, path: path, injector: j}, nil
}

// Reopen implements FS.
func (j *Injector) Reopen(path string) (File, error) {
	if err := j.check(OpReopen, path); err != nil {
		return nil, err
	}
	f, err := j.FS.Reopen(path)
	if err != nil {
		return nil, err
	}
	return &faultyFile{File: f, path: path, injector: j}, nil
}

// Open implements FS.
func (j *Injector) Open(path string) (ReadFile, error) {
	if err := j.check(OpOpen, path); err != nil {
		return nil, err
	}
	f, err := j.FS.Open(path)
	if err != nil {
		return nil, err
	}
	return &faultyReadFile{ReadFile: f, path: path, injector: j}, nil
}

// Rename implements FS.
func (j *Injector) Rename(from, to string) error {
	if err := j.check(OpRename, from); err != nil {
		return err
	}
	return j.FS.Rename(from, to)
}

// Remove implements FS.
func (j *Injector) Remove(path string) error {
	if err := j.check(OpRemove, path); err != nil {
		return err
	}
	return j.FS.Remove(path)
}

// MkdirAll implements FS.
func (j *Injector) MkdirAll(path string) error {
	if err := j.check(OpMkdirAll, path); err != nil {
		return err
	}
	return j.FS.MkdirAll(path)
}

// SyncDir implements FS.
func (j *Injector) SyncDir(path string) error {
	if err := j.check(OpSyncDir, path); err != nil {
		return err
	}
	return j.FS.SyncDir(path)
}

// ReadDir implements FS.
func (j *Injector) ReadDir(path string) ([]fs.DirEntry, error) {
	if err := j.check(OpReadDir, path); err != nil {
		return nil, err
	}
	return j.FS.ReadDir(path)
}

// Stat implements FS.
func (j *Injector) Stat(path string) (fs.FileInfo, error) {
	if err := j.check(OpStat, path); err != nil {
		return nil, err
	}
	return j.FS.Stat(path)
}

// FreeBytes implements FS.
func (j *Injector) FreeBytes(path string) (int64, error) {
	if err := j.check(OpFree, path); err != nil {
		return 0, err
	}
	return j.FS.FreeBytes(path)
}

// torn does half of a failing write, if the fault says so.
func (j *Injector) torn(p []byte, write func([]byte) (int, error)) int {
	j.mu.Lock()
	torn := j.fault != nil && j.fault.Torn
	j.mu.Unlock()
	if !torn {
		return 0
	}
	n, _ := write(p[:len(p)/2])
	return n
}

type faultyFile struct {
	File
	path     string
	injector *Injector
}

// Write implements io.Writer.
func (f *faultyFile) Write(p []byte) (int, error) {
	if err := f.injector.check(OpWrite, f.path); err != nil {
		return f.injector.torn(p, f.File.Write), err
	}
	return f.File.Write(p)
}

// WriteAt implements io.WriterAt.
func (f *faultyFile) WriteAt(p []byte, offset int64) (int, error) {
	if err := f.injector.check(OpWrite, f.path); err != nil {
		return f.injector.torn(p, func(half []byte) (int, error) { return f.File.WriteAt(half, offset) }), err
	}
	return f.File.WriteAt(p, offset)
}

// Sync implements File.
func (f *faultyFile) Sync() error {
	if err := f.injector.check(OpSync, f.path); err != nil {
		return err
	}
	return f.File.Sync()
}

// Close closes the file even when it reports a fault.
func (f *faultyFile) Close() error {
	err := f.injector.check(OpClose, f.path)
	if closeErr := f.File.Close(); err == nil {
		err = closeErr
	}
	return err
}

type faultyReadFile struct {
	ReadFile
	path     string
	injector *Injector
}

// ReadAt implements io.ReaderAt.
func (f *faultyReadFile) ReadAt(p []byte, offset int64) (int, error) {
	if err := f.injector.check(OpRead, f.path); err != nil {
		return 0, err
	}
	return f.ReadFile.ReadAt(p, offset)
}
