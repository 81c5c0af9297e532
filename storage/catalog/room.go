package catalog

import (
	"fmt"
	"os"
	"path/filepath"
)

// openBytes is more than Badger writes, through memory maps, when it opens a catalog.
const openBytes = 128 << 10

// room reports whether the disk has room for changes. It returns an error if there is not even room to open the
// catalog: opening writes what the logs of a killed process hold to tables.
func (o *Options) room(dir string) (forChanges bool, err error) {
	if o.FreeBytes == nil {
		return true, nil
	}
	free, err := o.FreeBytes()
	if err != nil {
		return false, fmt.Errorf("free space of the catalog: %w", err)
	}
	needed := int64(openBytes)
	logs, err := filepath.Glob(filepath.Join(dir, "*.mem"))
	if err != nil {
		return false, err
	}
	for _, path := range logs {
		info, err := os.Stat(path)
		if err != nil {
			return false, err
		}
		needed += writtenBytes(info)
	}
	if free < needed {
		return false, fmt.Errorf("opening the catalog needs %d bytes of free disk space, but only %d are free: %w", needed, free, errNoSpace)
	}
	return free >= MinFreeBytes, nil
}
