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

// sealContext stands before what a sealed secret is bound to.
const sealContext = "auditlake access key 1\n"

// seal puts the secret of a key into its record, encrypted by AES-256-GCM with a random nonce of 12 bytes before it. It is
// bound to all other members of the record: who can write the catalog, but lacks the sealing key, can neither
// move a secret to another key nor give a key other rights.
func (k *Keys) seal(r *catalog.AccessKey, secret string) error {
	aead, err := k.sealer(k.storage.MakeSealingKey)
	if err != nil {
		return err
	}
	bound, err := boundTo(r)
	if err != nil {
		return err
	}
	r.SealedSecret = aead.Seal(nil, nil, []byte(secret), bound)
	return nil
}

// unseal returns the secret of a key: ErrSealed if the sealing key is lost or another one, or the record was changed.
func (k *Keys) unseal(r *catalog.AccessKey) (string, error) {
	aead, err := k.sealer(k.storage.SealingKey)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("access key %s: %w: the lake's sealing key is gone", r.ID, ErrSealed)
	}
	if err != nil {
		return "", err
	}
	bound, err := boundTo(r)
	if err != nil {
		return "", err
	}
	secret, err := aead.Open(nil, nil, r.SealedSecret, bound)
	if err != nil {
		return "", fmt.Errorf("access key %s: %w: the sealing key is another one, or the key's record was changed", r.ID, ErrSealed)
	}
	return string(secret), nil
}

// sealer returns what seals secrets, with the lake's sealing key, which read returns when it is needed first.
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

// boundTo returns what the secret of a record is bound to: its other members.
func boundTo(r *catalog.AccessKey) ([]byte, error) {
	rest := *r
	rest.SealedSecret = nil
	body, err := json.Marshal(rest)
	return append([]byte(sealContext), body...), err
}
