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

// heldText distinguishes a lock that another process holds from a file system that cannot lock.
const heldText = ""
