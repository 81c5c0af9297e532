package catalog

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// openReadOnly opens a copy of the catalog in dir and writes nothing there. Badger writes whenever it opens a
// database, and moves what logs of a killed process hold into tables. Meanwhile the folder stays locked against
// writers; other readers may open it, too.
func openReadOnly(dir string, opts Options) (_ *Catalog, err error) {
	unlock, err := lockFolderShared(dir)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, unlock())
		}
	}()
	temp, err := os.MkdirTemp("", "auditlake-catalog-")
	if err != nil {
		return nil, fmt.Errorf("temporary copy of the catalog: %w", err)
	}
	remove := func() error { return errors.Join(os.RemoveAll(temp), unlock()) }
	defer func() {
		if err != nil {
			_ = os.RemoveAll(temp)
		}
	}()
	if err := copyCatalog(dir, temp); err != nil {
		return nil, fmt.Errorf("temporary copy of the catalog: %w", err)
	}
	ofCopy := Options{New: opts.New, ChainEntries: opts.ChainEntries}
	c, err := openFolder(temp, ofCopy)
	damage := inFolder(err, temp, dir)
	if isLogDamage(err) { // Badger cuts the log off in the copy
		ofCopy.acceptsLogs = true
		c, err = openFolder(temp, ofCopy)
	} else {
		damage = nil
	}
	if err != nil {
		return nil, errors.Join(damage, inFolder(err, temp, dir))
	}
	c.opts, c.damage = opts, damage
	c.readOnly, c.release = true, remove
	return c, nil
}

// inFolder turns an error about a copied file into one about the original.
func inFolder(err error, copied, dir string) error {
	var damaged *DamagedError
	if !errors.As(err, &damaged) {
		return err
	}
	if name, relErr := filepath.Rel(copied, damaged.Path); relErr == nil {
		return &DamagedError{Path: filepath.Join(dir, name), Err: damaged.Err}
	}
	return err
}

// copyCatalog copies the files of a catalog.
func copyCatalog(from, to string) error {
	entries, err := os.ReadDir(from)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !e.Type().IsRegular() || e.Name() == lockFileName {
			continue
		}
		if err := copyFile(filepath.Join(from, e.Name()), filepath.Join(to, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

// lockFileName is the file in which Badger notes the process that has a folder.
const lockFileName = "LOCK"

// copyBlockBytes is how much of a file is copied at once. Blocks of zeros are skipped: Badger's logs are much
// larger than their content.
const copyBlockBytes = 64 << 10

var zeroBlock [copyBlockBytes]byte

func copyFile(from, to string) (err error) {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := os.OpenFile(to, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, out.Close()) }()
	block := make([]byte, copyBlockBytes)
	for offset := int64(0); ; {
		n, err := io.ReadFull(in, block)
		if n > 0 && !bytes.Equal(block[:n], zeroBlock[:n]) {
			if _, err := out.WriteAt(block[:n], offset); err != nil {
				return err
			}
		}
		offset += int64(n)
		if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
			return out.Truncate(offset)
		}
		if err != nil {
			return err
		}
	}
}

// openDamaged opens a catalog with a damaged log for reading only, from a temporary copy, because Badger would cut
// the log off. First it copies the folder as found to one beside it, unless such a copy exists.
func openDamaged(dir string, opts Options, damage error) (*Catalog, error) {
	c, err := openReadOnly(dir, opts)
	if err != nil {
		return nil, err
	}
	kept, err := keepDamaged(dir)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("%w; it cannot be copied: %w", damage, err), c.Close())
	}
	c.damage = fmt.Errorf("%w (%s is unchanged; %s is a copy of it)", damage, dir, kept)
	return c, nil
}

// damagedInfix stands between the name of a catalog's folder and the time of a copy of it.
const damagedInfix = ".damaged-"

// keepDamaged copies the folder of a catalog to one beside it, and returns its path. An existing copy with the same
// logs is enough.
func keepDamaged(dir string) (string, error) {
	earlier, err := filepath.Glob(dir + damagedInfix + "*")
	if err != nil {
		return "", err
	}
	for _, copied := range earlier {
		isSame, err := hasSameLogs(dir, copied)
		if err != nil {
			return "", err
		}
		if isSame {
			return copied, nil
		}
	}
	kept := dir + damagedInfix + time.Now().UTC().Format("20060102T150405.000Z")
	if err := os.Mkdir(kept, 0o700); err != nil {
		return "", err
	}
	return kept, copyCatalog(dir, kept)
}

// hasSameLogs reports whether two folders have the same logs, byte for byte.
func hasSameLogs(a, b string) (bool, error) {
	sums := [2]string{}
	for i, dir := range []string{a, b} {
		logs, err := filepath.Glob(filepath.Join(dir, "*.mem"))
		if err != nil {
			return false, err
		}
		values, err := filepath.Glob(filepath.Join(dir, "*.vlog"))
		if err != nil {
			return false, err
		}
		for _, path := range append(logs, values...) {
			content, err := os.ReadFile(path)
			if err != nil {
				return false, err
			}
			sums[i] += fmt.Sprintf("%s %x\n", filepath.Base(path), sha256.Sum256(content))
		}
	}
	return sums[0] == sums[1], nil
}
