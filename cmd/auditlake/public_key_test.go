package main

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// signedResult is a folder of a result file with an event and the sign file beside it, signed with a key (nil: without a signature).
func signedResult(t *testing.T, key *rsa.PrivateKey) map[string]string {
	t.Helper()
	result := "eventjson\n\"" + strings.ReplaceAll(shapedEvent("a"), `"`, `""`) + "\"\n"
	sum := sha256.Sum256([]byte(result))
	listed := hex.EncodeToString(sum[:])
	signature := ""
	if key != nil {
		hash := sha256.Sum256([]byte(listed))
		signed, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, hash[:])
		require.NoError(t, err)
		signature = hex.EncodeToString(signed)
	}
	sign := fmt.Sprintf(`{"version":"1.0","region":"eu-west-1","files":[{"fileHashValue":%q,"fileName":"result_1.csv"}],"hashAlgorithm":"SHA-256",`+
		`"signatureAlgorithm":"SHA256withRSA","queryCompleteTime":"2026-01-31T10:00:00Z","hashSignature":%q,"publicKeyFingerprint":"f1"}`, listed, signature)
	return map[string]string{"result_1.csv": result, "result_sign.json": sign}
}

// TestPublicKey: with --public-key a result file is taken in only if one of the keys has signed the sign file beside it; without, the
// summary says that nobody checked the signature.
func TestPublicKey(t *testing.T) {
	own, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	value := func(key *rsa.PrivateKey) string {
		return base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PublicKey(&key.PublicKey))
	}
	list, err := json.Marshal(map[string]any{"PublicKeyList": []any{map[string]any{"Value": value(other)}, map[string]any{"Value": value(own), "Fingerprint": "f1"}}})
	require.NoError(t, err)
	keys := filepath.Join(t.TempDir(), "keys.json")
	writeFiles(t, filepath.Dir(keys), map[string]string{"keys.json": string(list), "note.txt": "no key"})
	notListed := signedResult(t, own)
	notListed["result_2.csv"] = notListed["result_1.csv"]
	changed := signedResult(t, own)
	changed["result_1.csv"] += "\n"
	unsigned := signedResult(t, nil)
	alone := map[string]string{"result_1.csv": unsigned["result_1.csv"]}
	const imported = "imported 1 event from 1 file "
	for _, tt := range []struct {
		name  string
		files map[string]string
		keys  []string
		code  int
		want  []string
	}{
		{"no key", signedResult(t, own), nil, exitDone,
			[]string{imported, "1 result file verified by the hashes in result_sign.json; its signature was not checked (pass --public-key)\n"}},
		{"no key and no sign file", alone, nil, exitDone, []string{imported, "1 result file not verified: there is no result_sign.json\n"}},
		{"its key", signedResult(t, own), []string{value(own)}, exitDone, []string{imported, "1 result file verified: hashes and signature of result_sign.json\n"}},
		{"one of two", signedResult(t, own), []string{value(other), value(own)}, exitDone, []string{"1 result file verified: hashes and signature"}},
		{"a file of keys", signedResult(t, own), []string{keys}, exitDone, []string{"1 result file verified: hashes and signature"}},
		{"another key", signedResult(t, own), []string{value(other)}, exitFailed,
			[]string{`result_1.csv: NOT_SIGNED: result_sign.json: the signature is not valid: none of the given public keys verifies it; it names the key "f1"`}},
		{"no signature", unsigned, []string{value(own)}, exitFailed, []string{"NOT_SIGNED: result_sign.json: the signature is not valid"}},
		{"no sign file", alone, []string{value(own)}, exitFailed, []string{"NOT_SIGNED: there is no result_sign.json beside it, and a signature was asked for"}},
		{"a file that is not in the list", notListed, []string{value(own)}, exitFailed, []string{"result_2.csv: HASH_MISMATCH: result_sign.json does not list the file"}},
		{"a changed file", changed, []string{value(own)}, exitFailed, []string{"HASH_MISMATCH: the file is not what result_sign.json lists"}},
		{"no key in a file", signedResult(t, own), []string{filepath.Join(filepath.Dir(keys), "note.txt")}, exitUsage, []string{"note.txt: not an RSA public key"}},
		{"no such file", signedResult(t, own), []string{"nokey.pem"}, exitUsage, []string{"--public-key must be a base64 key or a readable file: open nokey.pem"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			lake, folder := filepath.Join(t.TempDir(), "lake"), t.TempDir()
			writeFiles(t, folder, tt.files)
			args := []string{"--lake", lake, "import", folder}
			for _, key := range tt.keys {
				args = append(args, "--public-key", key)
			}
			got := command(t, args...)
			require.Equal(t, tt.code, got.code, got.out+got.err)
			for _, want := range tt.want {
				require.Contains(t, got.out+got.err, want)
			}
		})
	}
}

// TestPublicKeyOfWhatWasImported: who gives a key later learns about the files that are in the store by then.
func TestPublicKeyOfWhatWasImported(t *testing.T) {
	own, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	other, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(t, err)
	lake, folder := filepath.Join(t.TempDir(), "lake"), t.TempDir()
	writeFiles(t, folder, signedResult(t, own))
	importing := func(key *rsa.PrivateKey) outcome {
		args := []string{"--lake", lake, "import", folder}
		if key != nil {
			args = append(args, "--public-key", base64.StdEncoding.EncodeToString(x509.MarshalPKCS1PublicKey(&key.PublicKey)))
		}
		return command(t, args...)
	}
	require.Contains(t, importing(nil).out, "imported 1 event ")
	got := importing(own)
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "imported 0 events ")
	require.Contains(t, got.out, "1 result file verified: hashes and signature of result_sign.json\n")
	got = importing(other)
	require.Equal(t, exitFailed, got.code)
	require.Contains(t, got.out, "result_1.csv: NOT_SIGNED: ")
	got = importing(own)
	require.Equal(t, exitDone, got.code, got.err)
	require.Contains(t, got.out, "1 result file verified: hashes and signature of result_sign.json\n")
	rows := command(t, "--lake", lake, "query", "--format", "csv", "SELECT count(*) FROM main")
	require.Equal(t, "_col0\n1\n", rows.out)
}
