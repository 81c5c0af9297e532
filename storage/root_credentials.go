package storage

import "path/filepath"

// RootCredentialsFile holds the root key for those who start the server without a terminal.
const RootCredentialsFile = "root-credentials"

// The files of the certificate that the server makes for itself, and of its private key, in PEM.
const (
	TLSCertificateFile = "tls.pem"
	TLSKeyFile         = "tls-key.pem"
)

// PutRootCredentials writes the file of the root key, durably, and returns its path. Only its owner can read it.
func (l *Lake) PutRootCredentials(content []byte) (path string, err error) {
	if err := l.checkChangeable(); err != nil {
		return "", err
	}
	path = filepath.Join(l.dir, RootCredentialsFile)
	return path, l.putFile(path, content)
}
