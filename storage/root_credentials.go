package storage

import "path/filepath"

// RootCredentialsFile holds the root key for a server that is started without a terminal.
const RootCredentialsFile = "root-credentials"

// The files of the certificate that the server generates, and of its private key, in PEM.
const (
	TLSCertificateFile = "tls.pem"
	TLSKeyFile         = "tls-key.pem"
)

// PutRootCredentials durably writes the file of the root key and returns its path. Only its owner can read it.
func (l *Lake) PutRootCredentials(content []byte) (path string, err error) {
	if err := l.checkChangeable(); err != nil {
		return "", err
	}
	path = filepath.Join(l.dir, RootCredentialsFile)
	return path, l.putFile(path, content)
}
