//go:build unix

package catalog

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// heldText is in Badger's error when another process holds the lock.
var heldText = unix.EWOULDBLOCK.Error()

// lockFolder takes the lock on dir that an open catalog holds.
func lockFolder(dir string) (unlock func() error, err error) { return flock(dir, unix.LOCK_EX) }

// lockFolderShared takes a lock on dir that excludes open catalogs, but not other locks of its kind.
func lockFolderShared(dir string) (unlock func() error, err error) { return flock(dir, unix.LOCK_SH) }

func flock(dir string, kind int) (unlock func() error, err error) {
	folder, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	err = unix.Flock(int(folder.Fd()), kind|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		err = fmt.Errorf("%w: %s", ErrLocked, dir)
	}
	if err != nil {
		return nil, errors.Join(err, folder.Close())
	}
	return folder.Close, nil
}
