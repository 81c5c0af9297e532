package storage

import "path/filepath"

// rootCredentialsFile holds the root key for those who start the server without a terminal.
const rootCredentialsFile = "root-credentials"

// PutRootCredentials writes the file of the root key, durably, and returns its path. Only its owner can read it.
func (l *Lake) PutRootCredentials(content []byte) (path string, err error) {
	if err := l.checkChangeable(); err != nil {
		return "", err
	}
	path = filepath.Join(l.dir, rootCredentialsFile)
	return path, l.putFile(path, content)
}
