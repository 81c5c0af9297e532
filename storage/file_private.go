package storage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// others are the permission bits of all but a file's owner.
const others = fs.FileMode(0o077)

// makePrivate removes other users' access to the lake's secrets: the signing key, the key that seals secrets, the
// root key, the server's TLS key, the catalog and the kept results of queries. It returns a warning for each file
// that was more widely accessible. The lake's folder and its segments may be shared with a group: their bits stay.
func makePrivate(lakeDir string) (warnings []string, err error) {
	for _, name := range []string{keyFile, sealingKeyFile, RootCredentialsFile, TLSKeyFile, catalogFolder, resultsFolder} {
		warning, err := takeFromOthers(filepath.Join(lakeDir, name))
		if err != nil {
			return nil, err
		}
		if warning != "" {
			warnings = append(warnings, warning)
		}
	}
	return warnings, nil
}

// takeFromOthers restricts a file or folder to its owner. It returns a warning, or "" if access was restricted
// already or the file does not exist. If the file system refuses, or the file is another user's, the lake still
// opens.
func takeFromOthers(path string) (warning string, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	mode := info.Mode().Perm()
	if mode&others == 0 {
		return "", nil
	}
	was := fmt.Sprintf("%s was open to other users (mode %#o)", path, mode)
	if err := os.Chmod(path, mode&^others); err != nil {
		return was + " and still is: " + err.Error(), nil
	}
	return was + "; now only its owner can use it", nil
}

// narrowCatalogFiles restricts the files that Badger made with the process's umask. They lie in a private folder,
// so they cause no warning.
func narrowCatalogFiles(folder string) error {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return err
	}
	for _, entry := range entries {
		if _, err := takeFromOthers(filepath.Join(folder, entry.Name())); err != nil {
			return err
		}
	}
	return nil
}
