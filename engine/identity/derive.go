package identity

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"io/fs"
)

// DeriveKey returns the lake's key of 32 bytes for a purpose, such as signing page tokens. The key stays the same
// as long as the sealing key, which DeriveKey makes if there is none. It reveals nothing about the sealing key or
// the keys of other purposes.
func (k *Keys) DeriveKey(purpose string) ([]byte, error) {
	sealing, err := k.storage.SealingKey()
	if errors.Is(err, fs.ErrNotExist) {
		sealing, err = k.storage.MakeSealingKey()
	}
	if err != nil {
		return nil, err
	}
	h := hmac.New(sha256.New, sealing)
	h.Write([]byte("auditlake derived key 1\n" + purpose)) // never an error
	return h.Sum(nil), nil
}
