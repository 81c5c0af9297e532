//go:build !unix

package catalog

import "errors"

// lockFolder fails: without a lock nothing may be removed.
func lockFolder(string) (unlock func() error, err error) {
	return nil, errors.ErrUnsupported
}

// heldText would tell a lock that is held from one that cannot be had.
const heldText = ""
