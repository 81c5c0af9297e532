package storage

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// The lake's signing key: an Ed25519 private key as PKCS #8 in PEM, readable by its owner only.
const (
	keyFile     = "chain.key"
	keyPEMType  = "PRIVATE KEY"
	maxKeyBytes = 4 << 10
)

// openKey reads the lake's signing key, or makes one.
func (l *Lake) openKey() (ed25519.PrivateKey, error) {
	path := filepath.Join(l.dir, keyFile)
	info, err := l.fs.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return l.newKey(path)
	}
	if err != nil {
		return nil, err
	}
	if info.Size() > maxKeyBytes {
		return nil, fmt.Errorf("%s has %d bytes: not a key", path, info.Size())
	}
	content, err := l.readSmallFile(path, maxKeyBytes)
	if err != nil {
		return nil, err
	}
	return parseKey(path, content)
}

func parseKey(path string, content []byte) (ed25519.PrivateKey, error) {
	block, _ := pem.Decode(content)
	if block == nil || block.Type != keyPEMType {
		return nil, fmt.Errorf("%s is not a private key in PEM", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s holds a %T instead of an Ed25519 key", path, parsed)
	}
	return key, nil
}

// newKey makes a key and writes it durably.
func (l *Lake) newKey(path string) (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	return key, l.putFile(path, pem.EncodeToMemory(&pem.Block{Type: keyPEMType, Bytes: der}))
}
