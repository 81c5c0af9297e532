package catalog

import (
	"fmt"
	"os"
	"path/filepath"
)

// openBytes is what Badger writes, through memory maps, when it opens a catalog, on the safe side.
const openBytes = 128 << 10

// room tells whether there is room for changes. Its error says that there is not even enough to open the
// catalog: what the logs hold of a process that was killed is written to tables then.
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
