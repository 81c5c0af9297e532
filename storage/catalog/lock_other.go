//go:build !unix

package catalog

import "errors"

// lockFolder fails: without a lock nothing may be removed.
func lockFolder(string) (unlock func() error, err error) {
	return nil, errors.ErrUnsupported
}

// lockFolderShared locks nothing: reading from a copy removes nothing.
func lockFolderShared(string) (unlock func() error, err error) {
	return func() error { return nil }, nil
}

// heldText would tell a lock that is held from one that cannot be had.
const heldText = ""
