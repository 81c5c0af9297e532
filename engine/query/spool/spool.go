// Package spool keeps the results of queries in files of the lake, one file a query. Any page of a result can be
// read at once and by row number, long after the query. docs/formats/spool.md describes the files.
//
// A result appears whole or not at all: it is written under a temporary name. Opening the folder removes what a
// killed process has left of one.
package spool

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage/vfs"
)

const (
	defaultMaxResultBytes = 1 << 30
	defaultMaxLakeBytes   = 20 << 30
	// freeShare is the part of the free disk that results take if nothing is set: one
	// in freeShare bytes.
	freeShare = 10

	resultSuffix = ".result"
	tempPrefix   = "."
	tempSuffix   = resultSuffix + ".tmp"
)

// Options sets how a folder of results is opened.
type Options struct {
	FS  vfs.FS // nil: the real file system
	Dir string // it is made with the first result
	// ReadOnly opens the folder without changing it.
	ReadOnly bool
	// MaxResultBytes is how long the file of one result may be; 0: 1 GiB.
	MaxResultBytes int64
	// MaxLakeBytes is how long all files may be together; 0: 20 GiB, or a tenth of the
	// disk that is free or taken by results if that is less.
	MaxLakeBytes int64
}

// Folder is the kept results of a lake. It is safe for concurrent use; one process
// has it open for writing.
type Folder struct {
	fs             vfs.FS
	dir            string
	readOnly       bool
	maxResultBytes int64
	maxLakeBytes   int64 // 0: follows the free disk

	mu        sync.Mutex
	bytes     map[string]int64 // mu: of finished results, by the query's id
	usedBytes int64            // mu: of finished results and of those being written
}

// Open opens a folder, which need not exist, and removes the unfinished results of a killed process.
func Open(o Options) (*Folder, error) {
	if o.FS == nil {
		o.FS = vfs.OS
	}
	if o.MaxResultBytes <= 0 {
		o.MaxResultBytes = defaultMaxResultBytes
	}
	f := &Folder{
		fs: o.FS, dir: o.Dir, readOnly: o.ReadOnly, maxResultBytes: o.MaxResultBytes, maxLakeBytes: max(0, o.MaxLakeBytes),
		bytes: map[string]int64{},
	}
	entries, err := f.fs.ReadDir(f.dir)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open kept results: %w", err)
	}
	for _, entry := range entries {
		if err := f.take(entry.Name()); err != nil {
			return nil, fmt.Errorf("open kept results: %w", err)
		}
	}
	return f, nil
}

// take notes a finished result and removes an unfinished one. Files with other
// names are left alone.
func (f *Folder) take(name string) error {
	if id, ok := strings.CutSuffix(name, resultSuffix); ok && isID(id) {
		info, err := f.fs.Stat(f.resultPath(id))
		if err != nil {
			return err
		}
		f.bytes[id] = info.Size()
		f.usedBytes += info.Size()
		return nil
	}
	id, ok := strings.CutSuffix(strings.TrimPrefix(name, tempPrefix), tempSuffix)
	if !ok || !isID(id) || f.readOnly {
		return nil
	}
	return f.fs.Remove(filepath.Join(f.dir, name))
}

// isID reports whether a query can have the id: a UUID as text, in small letters.
func isID(id string) bool {
	parsed, err := uuid.Parse(id)
	return err == nil && parsed.String() == id
}

func (f *Folder) resultPath(id string) string { return filepath.Join(f.dir, id+resultSuffix) }

func (f *Folder) tempPath(id string) string { return filepath.Join(f.dir, tempPrefix+id+tempSuffix) }

// Bytes returns how long the file of a query's result is, and whether there is one.
func (f *Folder) Bytes(id string) (bytes int64, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	bytes, ok = f.bytes[id]
	return bytes, ok
}

// UsedBytes is what results take on disk, including those being written.
func (f *Folder) UsedBytes() int64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.usedBytes
}

// Remove removes the result of a query, which need not have one. A reader that has it open can continue where the
// operating system allows that.
func (f *Folder) Remove(id string) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	bytes, ok := f.bytes[id]
	if !ok {
		return nil
	}
	if err := f.fs.Remove(f.resultPath(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the kept result of query %s: %w", id, err)
	}
	delete(f.bytes, id)
	f.usedBytes -= bytes
	return nil
}

// RemoveOthers removes the results of all queries that isKnown does not know.
func (f *Folder) RemoveOthers(isKnown func(id string) bool) error {
	f.mu.Lock()
	var others []string
	for id := range f.bytes {
		if !isKnown(id) {
			others = append(others, id)
		}
	}
	f.mu.Unlock()
	var all error
	for _, id := range others {
		all = errors.Join(all, f.Remove(id))
	}
	return all
}

// limitBytes is how much all results may take now.
func (f *Folder) limitBytes() (int64, error) {
	if f.maxLakeBytes > 0 {
		return f.maxLakeBytes, nil
	}
	free, err := f.fs.FreeBytes(filepath.Dir(f.dir))
	if err != nil {
		return 0, fmt.Errorf("keep the result: %w", err)
	}
	return min(defaultMaxLakeBytes, free/freeShare+f.UsedBytes()/freeShare), nil
}

// reserve takes bytes of the limit of all results for a result, or fails and takes nothing. Older
// results are never removed to make room.
func (f *Folder) reserve(bytes, limitBytes int64) error {
	if used, ok := f.takeRoom(bytes, limitBytes); !ok {
		return types.Errorf(types.InsufficientResources, types.Pos{},
			"The result cannot be kept: the lake keeps %s of results already and may keep %s; a result goes when its query leaves the history",
			memory.FormatBytes(used), memory.FormatBytes(limitBytes))
	}
	return nil
}

// takeRoom takes bytes of the limit of all results; false: not enough are left. usedBytes is what was taken before.
func (f *Folder) takeRoom(bytes, limitBytes int64) (usedBytes int64, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	usedBytes = f.usedBytes
	if bytes > limitBytes-usedBytes {
		return usedBytes, false
	}
	f.usedBytes += bytes
	return usedBytes, true
}

// release gives bytes back that were reserved.
func (f *Folder) release(bytes int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.usedBytes -= bytes
}

// finished notes a result whose file is there; its bytes are reserved already.
func (f *Folder) finished(id string, bytes int64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.bytes[id] = bytes
}
