// Package spill writes what operators cannot keep in memory to files of the lake's
// temporary folder, and reads it again. docs/formats/spill.md describes the files.
//
// A lake has one Space, a query one Query of it, an operator one Spiller of that. How an
// operator spills:
//
//	if account.ShouldSpill(bytes) && have rows, or Reserve(bytes) fails and memory.IsFull(err):
//	    run, err := spiller.NewRun()
//	    err = run.Write(batch)          // as often as needed; any batch, columns may differ in their encoding
//	    err = run.Finish()
//	    forget the rows, and release their memory
//	…
//	reader, err := run.Reader()         // any number of readers, one after the other or at once
//	for b, err := reader.Next(); b != nil; …
//	reader.Close(); run.Close()         // the file is gone
//
// The rows of a run come back in their order, in other batches than they were written in. Small batches make small
// records, which compress badly: an operator that divides rows among runs gathers some thousand rows for each.
//
// Writing and reading reserve their memory in the operator's account, which is why ShouldSpill leaves a part of a
// query's memory alone. Several goroutines may use the runs of one spiller, but each run and reader only one at a
// time.
//
// Closing the query closes everything that is left of it, so an operator that fails need not. Closing twice does
// nothing.
//
// Answers must not depend on whether anything was spilled. Where the order of rows in the answer follows the order
// of the input (of equal rows, of groups), rows are spilled with their number. The operator then returns them in
// the order of these numbers.
package spill

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"sync"

	"github.com/auditlake/auditlake/engine/memory"
	"github.com/auditlake/auditlake/planner/types"
	"github.com/auditlake/auditlake/storage/vfs"
)

const (
	// defaultLimitBytes is what all runs of a lake may take if nothing is set, or
	// half of the disk that is free or taken by runs if that is less.
	defaultLimitBytes = 20 << 30
	fileSuffix        = ".spill"
)

// Options sets how a space is opened.
type Options struct {
	FS  vfs.FS // nil: the real file system
	Dir string // it is made with the first run, and belongs to the space alone
	// LimitBytes is how much all runs may take together; 0: 20 GiB, or half of the
	// disk that is free or taken by runs if that is less.
	LimitBytes int64
}

// Space is where the queries of a lake spill to. It is safe for concurrent use; one
// process has it open.
type Space struct {
	fs         vfs.FS
	dir        string
	limitBytes int64 // 0: follows the free disk

	mu        sync.Mutex
	usedBytes int64 // mu
	files     int64 // mu: made so far, the number of the next one's name
	made      bool  // mu: the folder
}

// Open opens a space, and removes what a process that was killed has left there.
func Open(o Options) (*Space, error) {
	if o.FS == nil {
		o.FS = vfs.OS
	}
	s := &Space{fs: o.FS, dir: o.Dir, limitBytes: max(0, o.LimitBytes)}
	entries, err := s.fs.ReadDir(s.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("open the folder of spilled rows: %w", err)
	}
	for _, entry := range entries {
		if !strings.HasSuffix(entry.Name(), fileSuffix) {
			continue
		}
		if err := s.fs.Remove(filepath.Join(s.dir, entry.Name())); err != nil {
			return nil, fmt.Errorf("remove spilled rows of a process that has ended: %w", err)
		}
	}
	return s, nil
}

// UsedBytes is what runs take on disk now, none of a nil Space.
func (s *Space) UsedBytes() int64 {
	if s == nil {
		return 0
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.usedBytes
}

// Close removes the folder. Queries are closed before. A nil Space does nothing.
func (s *Space) Close() {
	if s != nil {
		_ = s.fs.Remove(s.dir) // it may not be there
	}
}

// newFile returns the path of a new file, whose folder is there, and how much all
// runs may take while it grows.
func (s *Space) newFile() (path string, limitBytes int64, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.made {
		if err := s.fs.MkdirAll(s.dir); err != nil {
			return "", 0, err
		}
		s.made = true
	}
	limitBytes = s.limitBytes
	if limitBytes == 0 {
		free, err := s.fs.FreeBytes(s.dir)
		if err != nil {
			return "", 0, err
		}
		limitBytes = min(defaultLimitBytes, free/2+s.usedBytes/2)
	}
	s.files++
	return filepath.Join(s.dir, fmt.Sprint(s.files, fileSuffix)), limitBytes, nil
}

// reserve takes bytes of the limit before they are written, or fails and takes nothing.
func (s *Space) reserve(bytes, limitBytes int64) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if bytes > limitBytes-s.usedBytes {
		return types.Errorf(types.ExceededSpillLimit, types.Pos{},
			memory.Exhausted+"Query exceeded local spill limit of %s: the queries of the lake have spilled %s (--spill-limit sets the limit, --memory how much is kept in memory)",
			memory.FormatBytes(limitBytes), memory.FormatBytes(s.usedBytes))
	}
	s.usedBytes += bytes
	return nil
}

func (s *Space) release(bytes int64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.usedBytes -= bytes
}
