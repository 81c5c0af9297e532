package logfile

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"unicode/utf16"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/ingest"
)

func zstdOf(t *testing.T, text string) []byte {
	t.Helper()
	var out bytes.Buffer
	w, err := zstd.NewWriter(&out)
	require.NoError(t, err)
	_, err = io.WriteString(w, text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.Bytes()
}

// utf16Of is text in UTF-16 behind a mark.
func utf16Of(text string, big bool) []byte {
	var out []byte
	for _, unit := range append([]uint16{0xfeff}, utf16.Encode([]rune(text))...) {
		low, high := byte(unit), byte(unit>>8)
		if big {
			low, high = high, low
		}
		out = append(out, low, high)
	}
	return out
}

// bzip2Text is a log file of two records of the ids 1 and 2, packed with bzip2; no package writes such files.
const bzip2Text = "QlpoOTFBWSZTWZLvXmcAABOfgBAEMBAEIBAKDgGdCiAAISpD0J6gNH5QoGmhkZMSCphUtd3oSI1mMLtliD5pkEpbjyLuSKcKEhJd68zg"

// TestPackings: a file is read alike however it is packed and encoded, and its hash is that of its text.
func TestPackings(t *testing.T) {
	plain := `{"Records":[` + rec(1) + `,{"eventID":"2","name":"José 😀 日本"}]}`
	want := []string{rec(1), `{"eventID":"2","name":"José 😀 日本"}`}
	sum := sha256.Sum256([]byte(plain))
	r := NewReader(DefaultLimits())
	for name, stored := range map[string][]byte{
		"plain": []byte(plain), "zstd": zstdOf(t, plain), "zstd, two frames": append(zstdOf(t, plain[:20]), zstdOf(t, plain[20:])...),
		"UTF-16, little": utf16Of(plain, false), "UTF-16, big": utf16Of(plain, true), "UTF-16 in gzip": packed(string(utf16Of(plain, false))),
		"gzip, padded": append(packed(plain), make([]byte, 1000)...),
		"gzip in gzip": packed(string(packed(plain))), "gzip in gzip, four members": append(packed(string(packed(plain[:20]))), packed(string(packed(plain[20:30])), string(packed(plain[30:])))...),
		"gzip in zstd": zstdOf(t, string(packed(plain))), "UTF-16 in gzip in gzip": packed(string(packed(string(utf16Of(plain, true))))),
		"UTF-16 without a mark, little": utf16Of(plain, false)[2:], "UTF-16 without a mark, big": utf16Of(plain, true)[2:],
		"UTF-16 without a mark in gzip": packed(string(utf16Of(plain, true)[2:])),
		"UTF-16 in zstd":                zstdOf(t, string(utf16Of(plain, true))),
	} {
		t.Run(name, func(t *testing.T) {
			for _, from := range []io.Reader{bytes.NewReader(stored), iotest.OneByteReader(bytes.NewReader(stored)), iotest.DataErrReader(bytes.NewReader(stored))} {
				r.Open(from)
				require.Equal(t, want, drain(t, r, nil))
				sha, n := r.Digest()
				require.Equal(t, hex.EncodeToString(sum[:]), sha)
				require.EqualValues(t, len(plain), n)
			}
			text, err := Unpack(bytes.NewReader(stored))
			require.NoError(t, err)
			all, err := io.ReadAll(text)
			require.NoError(t, err)
			require.Equal(t, plain, string(all))
		})
	}
	stored, err := base64.StdEncoding.DecodeString(bzip2Text)
	require.NoError(t, err)
	r.Open(bytes.NewReader(stored))
	require.Equal(t, []string{`{"eventID":"1"}`, `{"eventID":"2"}`}, drain(t, r, nil))
	r.Open(strings.NewReader("\xef\xbb\xbf" + plain))
	require.Equal(t, want, drain(t, r, nil), "UTF-8 with a mark")

	r.Open(bytes.NewReader(utf16Of(rec(1)+"\n"+rec(2)+"\n", false)))
	require.Equal(t, []string{rec(1), rec(2)}, drain(t, r, nil), "lines")
	r.Open(strings.NewReader("\xff\xfe{\x00\"\x00\x00\xd8")) // half a pair
	require.Equal(t, []string{"file:TRUNCATED_JSON"}, drain(t, r, nil))
	r.Open(strings.NewReader("\xff\xfe{\x00\"\x00a")) // half a unit
	require.Equal(t, []string{"file:UNREADABLE"}, drain(t, r, nil))
	r.Open(strings.NewReader("\xff\xfe"))
	require.Empty(t, drain(t, r, nil))
	r.Open(strings.NewReader("{\x00}\x00"))
	require.Equal(t, []string{"file:NOT_A_LOG_FILE"}, drain(t, r, nil), "without a mark")
	r.Open(bytes.NewReader(utf16Of("eventjson\n"+rec(1)+"\n", true)[2:]))
	require.Equal(t, []string{rec(1)}, drain(t, r, nil), "rows without a mark")
	tar := append(append(append([]byte("a"), make([]byte, tarMagicAt-1)...), "ustar"...), make([]byte, 250)...)
	r.Open(bytes.NewReader(tar))
	require.Equal(t, []string{"file:NOT_A_LOG_FILE"}, drain(t, r, nil), "an archive of a file a")
}

// TestPackedTwice: of what lies in two packings the limits are those of one, and a third is named.
func TestPackedTwice(t *testing.T) {
	plain := `{"Records":[` + rec(1) + `]}`
	twice := packed(string(packed(plain)))
	limits := DefaultLimits()
	limits.FileBytes = 1 << 20
	for name, c := range map[string]struct {
		stored  []byte
		reason  ingest.Reason
		message string
	}{
		"three times":             {packed(string(twice)), ingest.NotALogFile, "packed more than twice"},
		"zstd inside":             {packed(string(zstdOf(t, plain))), ingest.NotALogFile, "the second time with zstd"},
		"bzip2 inside":            {packed("BZh9x"), ingest.NotALogFile, "the second time with bzip2"},
		"cut off":                 {twice[:len(twice)-10], ingest.CorruptGzip, "ends early"},
		"cut off inside":          {packed(string(packed(plain)[:20])), ingest.CorruptGzip, "ends early"},
		"text behind":             {append(packed(plain), "garbage!"...), ingest.CorruptGzip, "bytes after the end of the gzip data"},
		"text behind padding":     {append(packed(plain), "\x00\x00x"...), ingest.CorruptGzip, "bytes after the end of the gzip data"},
		"cut off in a header":     {append(packed(plain), "\x1f\x8b\x08"...), ingest.CorruptGzip, "ends early"},
		"no header inside":        {packed("\x1f\x8b hello, hello"), ingest.CorruptGzip, "no gzip data"},
		"large":                   {packed(string(packed(strings.Repeat(" ", 2<<20)))), ingest.FileTooLarge, "more than 1048576 bytes"},
		"large, of empty members": {packed(strings.Repeat(string(packed("")), 100_000)), ingest.FileTooLarge, "more than 1048576 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			r := readerOf(bytes.NewReader(c.stored), limits)
			var f *ingest.Failure
			for {
				_, err := r.Next()
				if err == io.EOF {
					break
				}
				_ = errors.As(err, &f)
			}
			require.NotNil(t, f)
			require.Equal(t, c.reason, f.Reason)
			require.Contains(t, f.Message, c.message)
		})
	}
}

// TestDamagedPackings: what can be unpacked of a damaged file is read, and the failure says what is damaged.
func TestDamagedPackings(t *testing.T) {
	var lines strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&lines, "{\"eventID\":\"%d\",\"at\":%d}\n", i, i*7919)
	}
	stored := zstdOf(t, lines.String())
	r := NewReader(DefaultLimits())
	r.Open(bytes.NewReader(stored[:len(stored)/2]))
	got := drain(t, r, nil)
	require.Greater(t, len(got), 1000)
	require.Equal(t, "file:CORRUPT_COMPRESSION", got[len(got)-1])
	stored[len(stored)/2] ^= 0xff
	r.Open(bytes.NewReader(stored))
	got = drain(t, r, nil)
	require.Equal(t, "file:CORRUPT_COMPRESSION", got[len(got)-1])
	r.Open(strings.NewReader("BZh9 this is none"))
	require.Equal(t, []string{"file:CORRUPT_COMPRESSION"}, drain(t, r, nil))

	limits := DefaultLimits()
	limits.FileBytes = 1000
	bounded := NewReader(limits)
	bounded.Open(bytes.NewReader(zstdOf(t, lines.String())))
	got = drain(t, bounded, nil)
	require.Equal(t, "file:FILE_TOO_LARGE", got[len(got)-1])
}
