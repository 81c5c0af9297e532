package spool

import (
	"errors"
	"fmt"
)

// ErrNotKept means that a query has no kept result.
var ErrNotKept = errors.New("the result of this query is not kept")

// DamagedError says that the file of a result does not hold what was written.
type DamagedError struct {
	Path   string
	Reason string
}

func (e *DamagedError) Error() string {
	return fmt.Sprintf("damaged file %s: %s; run the query again", e.Path, e.Reason)
}

// VersionError says that the file of a result has a format that this version of the
// program does not read.
type VersionError struct {
	Path    string
	Version uint32
}

func (e *VersionError) Error() string {
	age := "older"
	if e.Version > FormatVersion {
		age = "newer"
	}
	return fmt.Sprintf("the result in %s was kept by a version of auditlake that is %s, in format %d where this one reads %d; run the query again",
		e.Path, age, e.Version, FormatVersion)
}
