//go:build !unix

package catalog

import "errors"

// lockFolder fails: without a lock nothing may be removed.
func lockFolder(string) (unlock func() error, err error) {
	return nil, errors.ErrUnsupported
}
