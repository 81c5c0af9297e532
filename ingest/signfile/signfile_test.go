package signfile

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

var testKeys = sync.OnceValue(func() (keys [2]*rsa.PrivateKey) {
	for i := range keys {
		key, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			panic(err)
		}
		keys[i] = key
	}
	return keys
})

func signed(t *testing.T, key *rsa.PrivateKey, files ...File) []byte {
	t.Helper()
	hash := sha256.Sum256(SignedText(files))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, hash[:])
	require.NoError(t, err)
	text, err := Encode("eu-west-1", files, signature, "f1", time.Date(2026, 11, 20, 6, 30, 0, 0, time.UTC))
	require.NoError(t, err)
	return text
}

var twoFiles = []File{{SHA256: strings.Repeat("0a", 32), Name: "result_1.csv.gz"}, {SHA256: strings.Repeat("0b", 32), Name: "result_2.csv.gz"}}

func TestVerify(t *testing.T) {
	own, other := testKeys()[0], testKeys()[1]
	require.Equal(t, strings.Repeat("0a", 32)+" "+strings.Repeat("0b", 32), string(SignedText(twoFiles)))
	for _, tt := range []struct {
		name   string
		change func(*SignFile)
		keys   []*rsa.PublicKey
		want   string // an error; "": none
	}{
		{"as it was signed", func(*SignFile) {}, []*rsa.PublicKey{&own.PublicKey}, ""},
		{"one of several keys", func(*SignFile) {}, []*rsa.PublicKey{&other.PublicKey, &own.PublicKey}, ""},
		{"the signature in capitals", func(s *SignFile) { s.HashSignature = strings.ToUpper(s.HashSignature) }, []*rsa.PublicKey{&own.PublicKey}, ""},
		{"another key", func(*SignFile) {}, []*rsa.PublicKey{&other.PublicKey}, `the signature is not valid: none of the given public keys verifies it; it names the key "f1"`},
		{"no key", func(*SignFile) {}, nil, "none of the given public keys"},
		{"a changed hash", func(s *SignFile) { s.Files[1].SHA256 = strings.Repeat("0c", 32) }, []*rsa.PublicKey{&own.PublicKey}, "none of the given public keys"},
		{"another order", func(s *SignFile) { s.Files[0], s.Files[1] = s.Files[1], s.Files[0] }, []*rsa.PublicKey{&own.PublicKey}, "none of the given public keys"},
		{"a file less", func(s *SignFile) { s.Files = s.Files[:1] }, []*rsa.PublicKey{&own.PublicKey}, "none of the given public keys"},
		{"no signature", func(s *SignFile) { s.HashSignature = "" }, []*rsa.PublicKey{&own.PublicKey}, "none of the given public keys"},
		{"no hexadecimal", func(s *SignFile) { s.HashSignature = "xyz" }, []*rsa.PublicKey{&own.PublicKey}, "the signature is not valid: it is not hexadecimal"},
		{"another algorithm", func(s *SignFile) { s.SignatureAlgorithm = "none" }, []*rsa.PublicKey{&own.PublicKey}, `the signature is not valid: its algorithm is "none", not SHA256withRSA`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Parse(signed(t, own, twoFiles...))
			require.NoError(t, err)
			tt.change(s)
			err = s.Verify(tt.keys)
			if tt.want == "" {
				require.NoError(t, err)
				return
			}
			require.ErrorIs(t, err, ErrSignature)
			require.ErrorContains(t, err, tt.want)
		})
	}
}

func TestParse(t *testing.T) {
	s, err := Parse(signed(t, testKeys()[0], twoFiles...))
	require.NoError(t, err)
	require.Equal(t, "2026-11-20T06:30:00Z", s.QueryCompleteTime)
	sum, ok := s.SHA256Of("result_2.csv.gz")
	require.True(t, ok)
	require.Equal(t, strings.Repeat("0b", 32), sum)
	_, ok = s.SHA256Of("result_3.csv.gz")
	require.False(t, ok)
	_, err = Parse([]byte("{"))
	require.ErrorContains(t, err, "it is not valid JSON: ")
	_, err = Parse([]byte(`{"hashAlgorithm":"MD5"}`))
	require.ErrorContains(t, err, `its hash algorithm is "MD5", not SHA-256`)
}

func TestParsePublicKeys(t *testing.T) {
	own, other := &testKeys()[0].PublicKey, &testKeys()[1].PublicKey
	pkcs1 := x509.MarshalPKCS1PublicKey(own)
	pkix, err := x509.MarshalPKIXPublicKey(own)
	require.NoError(t, err)
	list, err := json.Marshal(map[string]any{"PublicKeyList": []any{
		map[string]any{"Value": pkcs1, "Fingerprint": "f1", "ValidityStartTime": 1.7e9},
		map[string]any{"Value": x509.MarshalPKCS1PublicKey(other), "ValidityEndTime": "2026-01-31T10:00:00+00:00"},
	}})
	require.NoError(t, err)
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	notRSA, err := x509.MarshalPKIXPublicKey(&curve.PublicKey)
	require.NoError(t, err)
	weak, err := rsa.GenerateKey(rand.Reader, 1024)
	require.NoError(t, err)
	for _, tt := range []struct {
		name, text string
		want       []*rsa.PublicKey
		err        string
	}{
		{"base64", base64.StdEncoding.EncodeToString(pkcs1), []*rsa.PublicKey{own}, ""},
		{"base64 in a file", base64.StdEncoding.EncodeToString(pkcs1) + "\n", []*rsa.PublicKey{own}, ""},
		{"list-public-keys", "\n" + string(list), []*rsa.PublicKey{own, other}, ""},
		{"PKCS #1", string(pkcs1), []*rsa.PublicKey{own}, ""},
		{"PKIX", string(pkix), []*rsa.PublicKey{own}, ""},
		{"PEM", string(pem.EncodeToMemory(&pem.Block{Type: "RSA PUBLIC KEY", Bytes: pkcs1})) + string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: pkix})), []*rsa.PublicKey{own, own}, ""},
		{"empty", "", nil, "not an RSA public key: neither PKCS #1 nor PKIX"},
		{"words", "result_sign.json", nil, "neither PKCS #1 nor PKIX"},
		{"an empty list", `{"PublicKeyList":[]}`, nil, "PublicKeyList is empty or missing"},
		{"broken JSON", "{", nil, "not an RSA public key: unexpected end of JSON input"},
		{"damaged PEM", "-----BEGIN PUBLIC KEY-----\nx", nil, "the PEM text is damaged"},
		{"another kind", string(notRSA), nil, "a key of another kind"},
		{"weak", string(x509.MarshalPKCS1PublicKey(&weak.PublicKey)), nil, "it has 1024 bits, fewer than 2048"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			keys, err := ParsePublicKeys([]byte(tt.text))
			if tt.err != "" {
				require.ErrorIs(t, err, ErrPublicKey)
				require.ErrorContains(t, err, tt.err)
				return
			}
			require.NoError(t, err)
			require.Len(t, keys, len(tt.want))
			for i, key := range keys {
				require.True(t, tt.want[i].Equal(key))
			}
		})
	}
}
