//go:build !unix

package vfs

import "math"

// FreeBytes is not known on this system.
func (osFS) FreeBytes(string) (int64, error) { return math.MaxInt64, nil }
