package vfs

import "fmt"

// DamagedError says that a file is missing or does not hold what was written.
type DamagedError struct {
	Path string
	Err  error
}

func (e *DamagedError) Error() string { return fmt.Sprintf("damaged file %s: %v", e.Path, e.Err) }

// Unwrap returns the cause, such as an *orc.CorruptError.
func (e *DamagedError) Unwrap() error { return e.Err }
