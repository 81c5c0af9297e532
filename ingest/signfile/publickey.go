package signfile

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
)

// ErrPublicKey means that a text holds no RSA public key.
var ErrPublicKey = errors.New("not an RSA public key")

// ParsePublicKeys parses RSA public keys in any common form: base64 of the key's PKCS #1 bytes, as CloudTrail's
// ListPublicKeys returns it; the whole output of aws cloudtrail list-public-keys; PEM; or the bytes themselves
// (PKCS #1 or PKIX).
func ParsePublicKeys(text []byte) ([]*rsa.PublicKey, error) {
	trimmed := bytes.TrimSpace(text)
	switch {
	case bytes.HasPrefix(trimmed, []byte("{")):
		return parseKeyList(trimmed)
	case bytes.Contains(trimmed, []byte("-----BEGIN ")):
		return parsePEM(trimmed)
	}
	if der, err := base64.StdEncoding.DecodeString(string(trimmed)); err == nil {
		text = der
	}
	return oneKey(parseDER(text))
}

func oneKey(key *rsa.PublicKey, err error) ([]*rsa.PublicKey, error) {
	if err != nil {
		return nil, err
	}
	return []*rsa.PublicKey{key}, nil
}

// parseKeyList parses the answer of ListPublicKeys.
func parseKeyList(text []byte) ([]*rsa.PublicKey, error) {
	var list struct {
		PublicKeyList []struct{ Value []byte }
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPublicKey, err)
	}
	var keys []*rsa.PublicKey
	for _, listed := range list.PublicKeyList {
		key, err := parseDER(listed.Value)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%w: PublicKeyList is empty or missing", ErrPublicKey)
	}
	return keys, nil
}

func parsePEM(text []byte) ([]*rsa.PublicKey, error) {
	var keys []*rsa.PublicKey
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			break
		}
		key, err := parseDER(block.Bytes)
		if err != nil {
			return nil, err
		}
		keys = append(keys, key)
	}
	if len(keys) == 0 {
		return nil, fmt.Errorf("%w: the PEM text is damaged", ErrPublicKey)
	}
	return keys, nil
}

// minKeyBits is the smallest safe key size. The service's keys have 2,048 bits.
const minKeyBits = 2048

func parseDER(der []byte) (*rsa.PublicKey, error) {
	key, err := x509.ParsePKCS1PublicKey(der)
	if err != nil {
		other, pkixErr := x509.ParsePKIXPublicKey(der)
		if pkixErr != nil {
			return nil, fmt.Errorf("%w: neither PKCS #1 nor PKIX", ErrPublicKey)
		}
		var isRSA bool
		if key, isRSA = other.(*rsa.PublicKey); !isRSA {
			return nil, fmt.Errorf("%w: a key of another kind", ErrPublicKey)
		}
	}
	if bits := key.N.BitLen(); bits < minKeyBits {
		return nil, fmt.Errorf("%w: it has %d bits, fewer than %d", ErrPublicKey, bits, minKeyBits)
	}
	return key, nil
}
