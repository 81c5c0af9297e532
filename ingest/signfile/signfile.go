// Package signfile reads and writes sign files: the list of result files with their hashes, and the signature of
// that list. They lie next to the result files that the managed service or a lake delivers.
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

// The versions and algorithms of a sign file; there are no others so far.
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
	QueryCompleteTime  string `json:"queryCompleteTime"` // of the delivery; verifiers find the public key by it
	HashSignature      string `json:"hashSignature"`     // hex
	Fingerprint        string `json:"publicKeyFingerprint"`
}

// File is a result file in the list.
type File struct {
	SHA256 string `json:"fileHashValue"` // of its stored, compressed bytes; lower-case hex
	Name   string `json:"fileName"`
}

// SignedText returns the text that is signed for a list of files.
func SignedText(files []File) []byte {
	hashes := make([]string, len(files))
	for i, f := range files {
		hashes[i] = f.SHA256
	}
	return []byte(strings.Join(hashes, " "))
}

// Encode returns the text of a sign file. The signature is that of SignedText, made at the time at, with the key
// that has the fingerprint.
func Encode(region string, files []File, signature []byte, fingerprint string, at time.Time) ([]byte, error) {
	text, err := json.MarshalIndent(SignFile{
		Version: version, Region: region, Files: files, HashAlgorithm: hashAlgorithm, SignatureAlgorithm: signatureAlgorithm,
		QueryCompleteTime: at.UTC().Format(time.RFC3339), HashSignature: hex.EncodeToString(signature), Fingerprint: fingerprint,
	}, "", "  ")
	return append(text, '\n'), err
}

// Parse parses the text of a sign file. It does not check the signature.
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

// SHA256Of returns the listed hash of the file called name, and false if the file is not listed.
func (s *SignFile) SHA256Of(name string) (string, bool) {
	for _, f := range s.Files {
		if f.Name == name {
			return f.SHA256, true
		}
	}
	return "", false
}

// ErrSignature means that none of the public keys has signed the list.
var ErrSignature = errors.New("the signature is not valid")

// Verify checks that one of the public keys has signed the list of files. Otherwise it returns ErrSignature.
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
