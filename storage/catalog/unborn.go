package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// removeUnbornLogs removes the empty value logs and memtable logs of dir. Badger creates a log, then gives it a
// size, and sets the size of an unused log to zero before it removes it. Badger refuses to open the empty file that
// a process killed in between leaves. A failed opening would leave goroutines, so it is not tried first. The
// function holds Badger's lock: ErrLocked if another process has the catalog open.
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
	if unborn, err = unbornLogs(dir); err != nil { // another process may have had the earlier ones
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
