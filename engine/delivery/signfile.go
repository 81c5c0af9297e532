package delivery

import (
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/auditlake/auditlake/engine/identity"
)

// signFileName is the file that is written last: where it is, the others are.
const signFileName = "result_sign.json"

// file is a file of a result that was written.
type file struct {
	SHA256 string `json:"fileHashValue"` // of its bytes as they are, compressed; lower-case hex
	Name   string `json:"fileName"`
}

// signFile is what aws cloudtrail verify-query-results reads.
type signFile struct {
	Version            string `json:"version"`
	Region             string `json:"region"`
	Files              []file `json:"files"` // in their order, at least one
	HashAlgorithm      string `json:"hashAlgorithm"`
	SignatureAlgorithm string `json:"signatureAlgorithm"`
	QueryCompleteTime  string `json:"queryCompleteTime"` // of the delivery; its key is found by it
	HashSignature      string `json:"hashSignature"`
	Fingerprint        string `json:"publicKeyFingerprint"`
}

// signedText is what the signature of some files is over.
func signedText(files []file) []byte {
	hashes := make([]string, len(files))
	for i, f := range files {
		hashes[i] = f.SHA256
	}
	return []byte(strings.Join(hashes, " "))
}

// encodeSignFile returns the text of the sign file.
func encodeSignFile(region string, files []file, signature *identity.Signature) ([]byte, error) {
	text, err := json.MarshalIndent(signFile{
		Version: "1.0", Region: region, Files: files, HashAlgorithm: "SHA-256", SignatureAlgorithm: "SHA256withRSA",
		QueryCompleteTime: signature.At.UTC().Format(time.RFC3339), HashSignature: hex.EncodeToString(signature.Bytes),
		Fingerprint: signature.Fingerprint,
	}, "", "  ")
	return append(text, '\n'), err
}
