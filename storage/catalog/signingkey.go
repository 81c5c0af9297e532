package catalog

import "time"

// SigningKey is a key that signs delivered results.
type SigningKey struct {
	Fingerprint string `json:"Fingerprint"` // of the public key, lower-case hex
	PublicKey   []byte `json:"PublicKey"`   // RSA, PKCS #1 DER
	// ValidFrom and ValidUntil are when it signs.
	ValidFrom  time.Time `json:"ValidFrom"`
	ValidUntil time.Time `json:"ValidUntil"`
	// SealedPrivateKey is the private key in PKCS #1 DER, encrypted with the lake's sealing key; absent once
	// another key has replaced it.
	SealedPrivateKey []byte `json:"SealedPrivateKey,omitempty"`
}

// PutSigningKey writes a signing key, new or changed.
func (tx *Tx) PutSigningKey(k *SigningKey) error { return put(tx, signingKeyKey(k), k) }

// SigningKeys lists all signing keys, the oldest first.
func (tx *Tx) SigningKeys() ([]*SigningKey, error) {
	return collect(scan[SigningKey](tx, signingKeyPrefix, ""))
}
