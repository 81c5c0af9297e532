package storage

import (
	"errors"
	"io/fs"
	"path/filepath"
)

// keysRequiredFile marks that the lake had an access key besides the root's, so every caller must show a key. It
// lies next to the catalog: a lake that loses its catalog, and the keys with it, stays closed.
const keysRequiredFile = "keys-required"

const keysRequiredText = "This lake has had access keys: callers without a key are refused, also after a rebuild.\n" +
	"To let programs on this machine in without a key again: auditlake keys reopen\n"

// KeysRequired reports whether the file exists that closes the lake to callers without a key.
func (l *Lake) KeysRequired() (bool, error) {
	_, err := l.fs.Stat(l.keysRequiredPath())
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// RequireKeys creates the file of KeysRequired. After a nil error it is durable.
func (l *Lake) RequireKeys() error {
	if err := l.checkChangeable(); err != nil {
		return err
	}
	return l.putFile(l.keysRequiredPath(), []byte(keysRequiredText))
}

// RequireNoKeys removes the file of KeysRequired. After a nil error it is durably gone.
func (l *Lake) RequireNoKeys() error {
	if err := l.checkChangeable(); err != nil {
		return err
	}
	if err := l.fs.Remove(l.keysRequiredPath()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return l.fs.SyncDir(l.dir)
}

func (l *Lake) keysRequiredPath() string { return filepath.Join(l.dir, keysRequiredFile) }
