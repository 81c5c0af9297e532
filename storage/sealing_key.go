package storage

import (
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// The key that seals the secrets in the catalog: 32 random bytes in PEM, readable by its owner only. It lies next
// to the catalog and not in it, so that a copy of the catalog alone reveals nothing.
const (
	sealingKeyFile    = "sealing.key"
	sealingKeyPEMType = "AUDITLAKE SEALING KEY"
	sealingKeyBytes   = 32
)

// SealingKey reads the 32-byte key that seals the lake's secrets. fs.ErrNotExist: nothing was sealed yet, or the
// key is lost, and with it what it sealed.
func (l *Lake) SealingKey() ([]byte, error) {
	path := filepath.Join(l.dir, sealingKeyFile)
	content, err := l.readSmallFile(path, maxKeyBytes)
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(content)
	if block == nil || block.Type != sealingKeyPEMType || len(block.Bytes) != sealingKeyBytes {
		return nil, fmt.Errorf("%s does not hold a sealing key in PEM", path)
	}
	return block.Bytes, nil
}

// MakeSealingKey returns the key that seals the lake's secrets, and makes one if there is none. After a nil error
// the key is durable.
func (l *Lake) MakeSealingKey() ([]byte, error) {
	if err := l.checkChangeable(); err != nil {
		return nil, err
	}
	key, err := l.SealingKey()
	if !errors.Is(err, fs.ErrNotExist) {
		return key, err
	}
	key = make([]byte, sealingKeyBytes)
	rand.Read(key) // it never fails
	text := pem.EncodeToMemory(&pem.Block{Type: sealingKeyPEMType, Bytes: key})
	return key, l.putFile(filepath.Join(l.dir, sealingKeyFile), text)
}
