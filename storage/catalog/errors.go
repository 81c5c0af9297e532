package catalog

import (
	"errors"
	"fmt"
	"syscall"

	"github.com/auditlake/auditlake/storage/vfs"
)

var (
	// ErrLocked: another process has the catalog open.
	ErrLocked = errors.New("the lake is in use by another process")
	// ErrTooLarge: the changes do not fit one transaction.
	ErrTooLarge = errors.New("too many changes for one commit")
	// ErrNotFound matches every NotFoundError.
	ErrNotFound = errors.New("not found")
	// ErrNameTaken: another store or table has the name.
	ErrNameTaken = errors.New("a store or table with this name already exists")

	// ErrClosed: the lake, or a part of it, was closed before.
	ErrClosed = errors.New("used after the lake was closed")

	// ErrNoLake: the folder holds no lake.
	ErrNoLake = errors.New("no lake here")
	// ErrReadOnly: the lake was opened for reading only.
	ErrReadOnly = errors.New("the lake is read-only")

	errNoSpace error = syscall.ENOSPC
)

// DamagedError says that a file is missing or does not hold what was written.
type DamagedError = vfs.DamagedError

// NotFoundError says that there is no such record. errors.Is(err, ErrNotFound) holds.
type NotFoundError struct{ Kind, Key string }

func (e *NotFoundError) Error() string { return fmt.Sprintf("%s %q not found", e.Kind, e.Key) }

// Is makes every NotFoundError an ErrNotFound.
func (e *NotFoundError) Is(target error) bool { return target == ErrNotFound }

// VersionError says that the catalog was written by a newer program.
type VersionError struct{ Found, Known uint32 }

func (e *VersionError) Error() string {
	return fmt.Sprintf("the lake has format version %d, this program knows versions up to %d: use a newer program", e.Found, e.Known)
}

// CommitError says that a transaction may or may not have become durable.
type CommitError struct{ Err error }

func (e *CommitError) Error() string { return "catalog commit: " + e.Err.Error() }

// Unwrap returns the cause.
func (e *CommitError) Unwrap() error { return e.Err }
