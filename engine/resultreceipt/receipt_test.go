package resultreceipt

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// aReceipt is one with text that JSON writes in several ways.
func aReceipt(t testing.TB) *Signed {
	at := time.Date(2026, 3, 1, 12, 0, 0, 1000, time.UTC)
	r := &Receipt{
		Version: 1, QueryID: "6a6f6e65-0000-4000-8000-000000000000", Statement: "SELECT '<&\u2028é' AS x -- ?", Arguments: []string{"'a'"}, Asker: "arn:ann",
		Instant: at, EndedAt: at, StoreIDs: []string{"s"}, ChainEntries: 7, ChainHead: strings.Repeat("ab", 32), Columns: []Column{{"x", "varchar(4)"}},
		Rows: 1, RowsSHA256: strings.Repeat("0f", 32), BytesScanned: 9_007_199_254_740_993, IssuedAt: at, IssuedTo: "arn:bob",
	}
	body, err := r.Body()
	require.NoError(t, err)
	return &Signed{Receipt: r, Body: body, Key: make([]byte, keyBytes), Signature: make([]byte, signatureBytes)}
}

// TestFormat: the file is byte for byte what docs/formats/receipt.md says, and what is read is what was written.
func TestFormat(t *testing.T) {
	s := aReceipt(t)
	text, err := Write(s)
	require.NoError(t, err)
	want, err := os.ReadFile("testdata/receipt.json")
	require.NoError(t, err)
	require.Equal(t, string(want), string(text))
	back, err := Parse(text)
	require.NoError(t, err)
	require.Equal(t, s, back)
}

func TestNoReceipts(t *testing.T) {
	text, err := Write(aReceipt(t))
	require.NoError(t, err)
	good := string(text)
	for _, c := range []struct{ name, text, says string }{
		{"nothing", "", "EOF"},
		{"no object", "[]", "cannot unmarshal array"},
		{"no receipt", "{}", "no receipt"},
		{"null", `{"receipt": null}`, "version is 0"},
		{"another version", strings.Replace(good, `"version": 1`, `"version": 2`, 1), "version is 2"},
		{"a member more", strings.Replace(good, `"receipt"`, `"more": 1, "receipt"`, 1), "unknown field"},
		{"a member more inside", strings.Replace(good, `"version"`, `"more": 1, "version"`, 1), "unknown field"},
		{"something after its end", good + "{}", "follows its end"},
		{"a short key", strings.Replace(good, `"key": "AAAA`, `"key": "`, 1), "key is not 32 bytes"},
		{"a signature that is no base64", strings.Replace(good, `"signature": "AAAA`, `"signature": "****`, 1), "signature is not 64 bytes"},
		{"no hash", strings.Replace(good, "0f0f", "zz", 1), "rowsSha256"},
		{"a long text", strings.Repeat(" ", MaxBytes) + good, "the maximum is"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := Parse([]byte(c.text))
			require.ErrorIs(t, err, ErrFormat)
			require.ErrorContains(t, err, c.says)
		})
	}
}

// FuzzParse: no text makes the parser panic, and what it takes it writes in a way that it reads as the same.
func FuzzParse(f *testing.F) {
	text, err := Write(aReceipt(f))
	require.NoError(f, err)
	f.Add(text)
	f.Add([]byte(`{"receipt": null, "key": "", "signature": ""}`))
	f.Add([]byte(`{"receipt":{"version":1,"rows":-1,"instant":"2026-01-01T00:00:00Z"},"receipt":{}}`))
	f.Fuzz(func(t *testing.T, text []byte) {
		s, err := Parse(text)
		if err != nil {
			require.ErrorIs(t, err, ErrFormat)
			return
		}
		written, err := Write(s)
		require.NoError(t, err)
		back, err := Parse(written)
		require.NoError(t, err)
		require.Equal(t, s.Receipt, back.Receipt)
		require.Equal(t, s.Key, back.Key)
		require.Equal(t, s.Signature, back.Signature)
	})
}
