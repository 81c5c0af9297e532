package identity

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"

	"github.com/auditlake/auditlake/storage/catalog"
)

// What is sealed of a record is bound to one of these, and to the record: who can write the catalog, but lacks the
// sealing key, can neither move a secret to another record nor change what it is good for.
const (
	accessKeyContext  = "auditlake access key 1\n"
	signingKeyContext = "auditlake signing key 1\n"
)

// seal puts the secret of a key into its record, bound to all other members of the record.
func (k *Keys) seal(r *catalog.AccessKey, secret string) (err error) {
	r.SealedSecret, err = k.sealBytes(accessKeyContext, unsealedAccessKey(r), []byte(secret))
	return err
}

// unseal returns the secret of a key: ErrSealed if the sealing key is lost or another one, or the record was changed.
func (k *Keys) unseal(r *catalog.AccessKey) (string, error) {
	secret, err := k.unsealBytes(accessKeyContext, unsealedAccessKey(r), r.SealedSecret)
	if err != nil {
		return "", fmt.Errorf("access key %s: %w", r.ID, err)
	}
	return string(secret), nil
}

func unsealedAccessKey(r *catalog.AccessKey) catalog.AccessKey {
	rest := *r
	rest.SealedSecret = nil
	return rest
}

// sealBytes returns a secret encrypted by AES-256-GCM, after its random nonce of 12 bytes. The result is bound to
// the record, which must be in its final state except for the sealed secret.
func (k *Keys) sealBytes(context string, record any, secret []byte) ([]byte, error) {
	aead, err := k.sealer(k.storage.MakeSealingKey)
	if err != nil {
		return nil, err
	}
	bound, err := json.Marshal(record)
	if err != nil {
		return nil, err
	}
	return aead.Seal(nil, nil, secret, append([]byte(context), bound...)), nil
}

// unsealBytes returns what sealBytes was given: ErrSealed if the sealing key is lost or another one, or the record
// was changed.
func (k *Keys) unsealBytes(context string, record any, sealed []byte) ([]byte, error) {
	aead, err := k.sealer(k.storage.SealingKey)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%w: the lake's sealing key is missing", ErrSealed)
	}
	if err != nil {
		return nil, err
	}
	bound, err := json.Marshal(record)
	if err != nil {
		return nil, err
	}
	secret, err := aead.Open(nil, nil, sealed, append([]byte(context), bound...))
	if err != nil {
		return nil, fmt.Errorf("%w: the sealing key or the key's record was changed", ErrSealed)
	}
	return secret, nil
}

// sealer returns the AEAD with the lake's sealing key. At its first call it gets the key from read.
func (k *Keys) sealer(read func() ([]byte, error)) (cipher.AEAD, error) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.aead != nil {
		return k.aead, nil
	}
	key, err := read()
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	k.aead, err = cipher.NewGCMWithRandomNonce(block)
	return k.aead, err
}
