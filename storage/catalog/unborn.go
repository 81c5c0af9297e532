package catalog

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Badger creates its next log, then gives it a size. A process killed between
// the two leaves a file of no bytes, which Badger refuses to open: its error has
// this text.
const unbornLogError = "Create a new file"

// removeUnbornLogs removes the newest value log and memtable log of dir when
// they have no bytes, and so hold nothing. It takes the lock that Badger takes
// meanwhile: ErrLocked if another process is at work there.
func removeUnbornLogs(dir string) (err error) {
	unlock, err := lockFolder(dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, unlock()) }()
	for _, extension := range []string{".vlog", ".mem"} {
		newest, err := newestLog(dir, extension)
		if err != nil {
			return err
		}
		if newest == "" {
			continue
		}
		info, err := os.Stat(newest)
		if err != nil {
			return err
		}
		if info.Size() > 0 {
			continue
		}
		if err := os.Remove(newest); err != nil {
			return fmt.Errorf("remove empty log: %w", err)
		}
	}
	return nil
}

// newestLog is the log file with the highest number, "" when there is none.
// Names are numbers with leading zeros.
func newestLog(dir, extension string) (string, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
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
