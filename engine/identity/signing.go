package identity

import (
	"context"
	"crypto"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/auditlake/auditlake/storage/catalog"
)

const (
	signingKeyBits = 2048
	// signingKeyTime is how long a key signs.
	signingKeyTime = 30 * 24 * time.Hour
)

// PublicKey is the public half of a key that signs, or has signed, delivered results. It is kept forever, as
// signatures may be checked at any time.
type PublicKey struct {
	Fingerprint string // names the key: the MD5 of DER, lower-case hex
	DER         []byte // RSA, PKCS #1
	// ValidFrom and ValidUntil are when the key signs.
	ValidFrom, ValidUntil time.Time
}

// Signature is the lake's signature of a text.
type Signature struct {
	Bytes       []byte // RSASSA-PKCS1-v1_5 with SHA-256
	Fingerprint string // of the key
	At          time.Time
}

// Sign signs a text with the key that is valid now. The first text after a key's time is signed with a new key,
// whose public half is durable before Sign returns.
func (k *Keys) Sign(ctx context.Context, text []byte) (*Signature, error) {
	now := k.now()
	record, private, err := k.signingKey(ctx, now)
	if err != nil {
		return nil, err
	}
	hash := sha256.Sum256(text)
	signed, err := rsa.SignPKCS1v15(nil, private, crypto.SHA256, hash[:])
	if err != nil {
		return nil, fmt.Errorf("signing key %s: %w", record.Fingerprint, err)
	}
	return &Signature{Bytes: signed, Fingerprint: record.Fingerprint, At: now}, nil
}

// PublicKeys returns the keys that were valid at some time from one instant to another, the oldest first.
func (k *Keys) PublicKeys(from, to time.Time) ([]*PublicKey, error) {
	records, err := k.signingKeys()
	if err != nil {
		return nil, err
	}
	var keys []*PublicKey
	for _, r := range records {
		if !r.ValidFrom.After(to) && r.ValidUntil.After(from) {
			keys = append(keys, publicKeyOf(r))
		}
	}
	return keys, nil
}

// CurrentPublicKey returns the key that is valid now, and makes one if there is none.
func (k *Keys) CurrentPublicKey(ctx context.Context) (*PublicKey, error) {
	record, _, err := k.signingKey(ctx, k.now())
	if err != nil {
		return nil, err
	}
	return publicKeyOf(record), nil
}

func publicKeyOf(r *catalog.SigningKey) *PublicKey {
	return &PublicKey{Fingerprint: r.Fingerprint, DER: r.PublicKey, ValidFrom: r.ValidFrom, ValidUntil: r.ValidUntil}
}

func (k *Keys) signingKeys() (records []*catalog.SigningKey, err error) {
	err = k.storage.Catalog().View(func(tx *catalog.Tx) error {
		records, err = tx.SigningKeys()
		return err
	})
	return records, err
}

// signingKey returns the key that is valid at an instant. If there is none whose private half can be read, it makes
// one. It then removes the private halves of keys that are no longer valid.
func (k *Keys) signingKey(ctx context.Context, at time.Time) (*catalog.SigningKey, *rsa.PrivateKey, error) {
	k.signing.Lock()
	defer k.signing.Unlock()
	records, err := k.signingKeys()
	if err != nil {
		return nil, nil, err
	}
	for _, r := range records {
		if at.Before(r.ValidFrom) || !at.Before(r.ValidUntil) || r.SealedPrivateKey == nil {
			continue
		}
		private, err := k.unsealSigningKey(r)
		if !errors.Is(err, ErrSealed) {
			return r, private, err
		}
	}
	made, private, err := k.draftSigningKey(at)
	if err != nil {
		return nil, nil, err
	}
	return made, private, k.storage.Catalog().Update(ctx, func(tx *catalog.Tx) error {
		for _, r := range records {
			if r.SealedPrivateKey == nil || at.Before(r.ValidUntil) {
				continue
			}
			r.SealedPrivateKey = nil
			if err := tx.PutSigningKey(r); err != nil {
				return err
			}
		}
		return tx.PutSigningKey(made)
	})
}

func (k *Keys) unsealSigningKey(r *catalog.SigningKey) (*rsa.PrivateKey, error) {
	der, err := k.unsealBytes(signingKeyContext, unsealedSigningKey(r), r.SealedPrivateKey)
	if err != nil {
		return nil, fmt.Errorf("signing key %s: %w", r.Fingerprint, err)
	}
	return x509.ParsePKCS1PrivateKey(der)
}

// draftSigningKey returns a new key and its record. It is valid from the second of an instant on: signed files give
// times by the second.
func (k *Keys) draftSigningKey(at time.Time) (*catalog.SigningKey, *rsa.PrivateKey, error) {
	private, err := rsa.GenerateKey(rand.Reader, signingKeyBits)
	if err != nil {
		return nil, nil, err
	}
	from := at.Truncate(time.Second)
	public := x509.MarshalPKCS1PublicKey(&private.PublicKey)
	fingerprint := md5.Sum(public)
	r := &catalog.SigningKey{
		Fingerprint: hex.EncodeToString(fingerprint[:]), PublicKey: public, ValidFrom: from, ValidUntil: from.Add(signingKeyTime),
	}
	r.SealedPrivateKey, err = k.sealBytes(signingKeyContext, unsealedSigningKey(r), x509.MarshalPKCS1PrivateKey(private))
	return r, private, err
}

func unsealedSigningKey(r *catalog.SigningKey) catalog.SigningKey {
	rest := *r
	rest.SealedPrivateKey = nil
	return rest
}
