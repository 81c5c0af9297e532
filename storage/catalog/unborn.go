package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// removeUnbornLogs removes the value logs and memtable logs of dir that have no bytes, and so hold nothing: Badger
// creates a log, then gives it a size, and takes the size of one that it needs no more before it removes it. It
// refuses to open the file that a process leaves which was killed between the two. An opening of Badger that fails
// leaves goroutines, so it is not tried. The lock that Badger takes is held meanwhile: ErrLocked if another process
// is at work there.
func removeUnbornLogs(dir string) (err error) {
	unborn, err := unbornLogs(dir)
	if err != nil || len(unborn) == 0 {
		return err
	}
	unlock, err := lockFolder(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	if unborn, err = unbornLogs(dir); err != nil { // those before may have been another process's
		return err
	}
	for _, path := range unborn {
		if err := os.Remove(path); err != nil {
			return fmt.Errorf("remove empty log: %w", err)
		}
	}
	return nil
}

// unbornLogs lists the logs that have no bytes.
func unbornLogs(dir string) (unborn []string, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for _, e := range entries {
		if ext := filepath.Ext(e.Name()); ext != ".vlog" && ext != ".mem" {
			continue
		}
		info, err := e.Info()
		if errors.Is(err, fs.ErrNotExist) { // another process removed it
			continue
		}
		if err != nil {
			return nil, err
		}
		if info.Size() == 0 {
			unborn = append(unborn, filepath.Join(dir, e.Name()))
		}
	}
	return unborn, nil
}
