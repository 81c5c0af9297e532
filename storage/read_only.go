package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/auditlake/auditlake/storage/catalog"
)

// CatalogLostError means that a folder holds a lake's data but no catalog.
type CatalogLostError struct{ Dir string }

func (e *CatalogLostError) Error() string {
	return fmt.Sprintf("the catalog of the lake %s is lost: its folder holds data, but %s is missing or empty; "+
		"put it back from a backup, or make a new one: auditlake --lake %s rebuild",
		e.Dir, filepath.Join(e.Dir, catalogFolder), e.Dir)
}

// Find checks whether there is a lake in dir on the real file system: ErrNoLake if there is nothing of one,
// *CatalogLostError if its catalog is missing, fs.ErrPermission if that cannot be determined.
func Find(dir string) error {
	_, err := os.Stat(filepath.Join(dir, catalogFolder))
	if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for _, name := range []string{storesFolder, hotFolder, tablesFolder, commitsFolder} {
		switch entries, err := os.ReadDir(filepath.Join(dir, name)); {
		case errors.Is(err, fs.ErrPermission):
			return err
		case len(entries) > 0:
			return &CatalogLostError{Dir: dir}
		}
	}
	return catalog.ErrNoLake
}

// checkChangeable returns why the lake cannot be changed, or nil if it can.
func (l *Lake) checkChangeable() error {
	if l.readOnly {
		return fmt.Errorf("lake %s: %w", l.dir, ErrReadOnly)
	}
	if l.unproven != nil {
		return l.unproven
	}
	return nil
}
