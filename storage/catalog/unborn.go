package catalog

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// removeUnbornLogs removes the newest value log and memtable log of dir when they have no bytes, and so hold nothing:
// Badger creates its next log, then gives it a size, and refuses to open the file that a process leaves which was killed
// between the two. An opening of Badger that fails leaves goroutines, so it is not tried. The lock that Badger takes is
// held meanwhile: ErrLocked if another process is at work there.
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

// unbornLogs lists the newest logs that have no bytes.
func unbornLogs(dir string) (unborn []string, err error) {
	for _, extension := range []string{".vlog", ".mem"} {
		newest, err := newestLog(dir, extension)
		if err != nil {
			return nil, err
		}
		if newest == "" {
			continue
		}
		info, err := os.Stat(newest)
		if err != nil {
			return nil, err
		}
		if info.Size() == 0 {
			unborn = append(unborn, newest)
		}
	}
	return unborn, nil
}

// newestLog is the log file with the highest number, "" when there is none.
// Names are numbers with leading zeros.
func newestLog(dir, extension string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	var names []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), extension) {
			names = append(names, e.Name())
		}
	}
	if len(names) == 0 {
		return "", nil
	}
	return filepath.Join(dir, slices.Max(names)), nil
}
