// Package signfile knows the sign files that lie beside the result files of the managed service, and beside those
// that a lake delivers: the list of the files with their hashes, and the signature of that list.
package signfile

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Name is the name of every sign file.
const Name = "result_sign.json"

// What a sign file says of how it was made; there is no other way so far.
const (
	version            = "1.0"
	hashAlgorithm      = "SHA-256"
	signatureAlgorithm = "SHA256withRSA"
)

// SignFile is the content of a sign file, as aws cloudtrail verify-query-results reads it.
type SignFile struct {
	Version            string `json:"version"`
	Region             string `json:"region"`
	Files              []File `json:"files"` // in their order
	HashAlgorithm      string `json:"hashAlgorithm"`
	SignatureAlgorithm string `json:"signatureAlgorithm"`
	QueryCompleteTime  string `json:"queryCompleteTime"` // of the delivery; the public key is found by it
	HashSignature      string `json:"hashSignature"`     // hex
	Fingerprint        string `json:"publicKeyFingerprint"`
}

// File is a result file in the list.
type File struct {
	SHA256 string `json:"fileHashValue"` // of its bytes as they are stored, compressed; lower-case hex
	Name   string `json:"fileName"`
}

// SignedText returns the text that the signature of some files is over.
func SignedText(files []File) []byte {
	hashes := make([]string, len(files))
	for i, f := range files {
		hashes[i] = f.SHA256
	}
	return []byte(strings.Join(hashes, " "))
}

// Encode returns the text of a sign file. The signature is that of SignedText, made at an instant with the key of the
// fingerprint.
func Encode(region string, files []File, signature []byte, fingerprint string, at time.Time) ([]byte, error) {
	text, err := json.MarshalIndent(SignFile{
		Version: version, Region: region, Files: files, HashAlgorithm: hashAlgorithm, SignatureAlgorithm: signatureAlgorithm,
		QueryCompleteTime: at.UTC().Format(time.RFC3339), HashSignature: hex.EncodeToString(signature), Fingerprint: fingerprint,
	}, "", "  ")
	return append(text, '\n'), err
}

// Parse reads the text of a sign file. Its signature is not checked.
func Parse(text []byte) (*SignFile, error) {
	var s SignFile
	if err := json.Unmarshal(text, &s); err != nil {
		return nil, fmt.Errorf("it is not valid JSON: %w", err)
	}
	if s.HashAlgorithm != hashAlgorithm {
		return nil, fmt.Errorf("its hash algorithm is %.20q, not %s", s.HashAlgorithm, hashAlgorithm)
	}
	return &s, nil
}

// SHA256Of returns the hash listed for the file of a name, and false if the file is not listed.
func (s *SignFile) SHA256Of(name string) (string, bool) {
	for _, f := range s.Files {
		if f.Name == name {
			return f.SHA256, true
		}
	}
	return "", false
}

// ErrSignature means that the list is not signed by any of the public keys.
var ErrSignature = errors.New("the signature is not valid")

// Verify checks that one of some public keys has signed the list of files. Otherwise the error is ErrSignature.
func (s *SignFile) Verify(keys []*rsa.PublicKey) error {
	if s.SignatureAlgorithm != signatureAlgorithm {
		return fmt.Errorf("%w: its algorithm is %.20q, not %s", ErrSignature, s.SignatureAlgorithm, signatureAlgorithm)
	}
	signature, err := hex.DecodeString(s.HashSignature)
	if err != nil {
		return fmt.Errorf("%w: it is not hexadecimal", ErrSignature)
	}
	hash := sha256.Sum256(SignedText(s.Files))
	for _, key := range keys {
		if rsa.VerifyPKCS1v15(key, crypto.SHA256, hash[:], signature) == nil {
			return nil
		}
	}
	return fmt.Errorf("%w: none of the given public keys verifies it; it names the key %.64q", ErrSignature, s.Fingerprint)
}
