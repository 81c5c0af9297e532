package storage

import (
	"errors"
	"fmt"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/hotlog"
)

var (
	// ErrLocked: another process holds the lake.
	ErrLocked = catalog.ErrLocked
	// ErrTooLarge: a commit's records, besides its rows, do not fit one transaction; commit fewer files at a time.
	ErrTooLarge = catalog.ErrTooLarge
	// ErrClosed: the lake, writer or snapshot was closed.
	ErrClosed = catalog.ErrClosed
	// ErrNoLake: the folder holds nothing of a lake.
	ErrNoLake = catalog.ErrNoLake
	// ErrReadOnly: the lake was opened for reading only.
	ErrReadOnly = catalog.ErrReadOnly
)

// DamagedError means that the file of a segment, of pushed events, of a reference table or of the catalog is
// missing, or does not hold what was written. Its cause may be an *orc.CorruptError or a *CorruptLogError.
type DamagedError = catalog.DamagedError

// CorruptLogError says where a log of pushed events is damaged. It is the cause of a DamagedError, which names the
// file.
type CorruptLogError = hotlog.CorruptError

// UnknownPathError means that a store's table has no such column or field.
type UnknownPathError struct{ Category, Path string }

func (e *UnknownPathError) Error() string {
	return fmt.Sprintf("events of category %s have no column %s", e.Category, e.Path)
}

func isNotFound(err error) bool { return errors.Is(err, catalog.ErrNotFound) }
