package gunzip

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"math/rand/v2"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/require"
)

func pack(t testing.TB, level int, parts ...[]byte) []byte {
	t.Helper()
	var packed bytes.Buffer
	for _, p := range parts {
		w, err := gzip.NewWriterLevel(&packed, level)
		require.NoError(t, err)
		_, err = w.Write(p)
		require.NoError(t, err)
		require.NoError(t, w.Close())
	}
	return packed.Bytes()
}

func unpack(source io.Reader) ([]byte, error) { return unpackWith(new(Reader), source) }

func unpackWith(r *Reader, source io.Reader) ([]byte, error) {
	if err := r.Reset(source); err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// library is what the standard library makes of packed data.
func library(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// texts are of many kinds, sizes around those of windows and chunks among them.
func texts() map[string][]byte {
	random := rand.New(rand.NewPCG(1, 2))
	noise := make([]byte, 300_000)
	for i := range noise {
		noise[i] = byte(random.Uint32())
	}
	var words strings.Builder
	for words.Len() < 1<<20 {
		words.WriteString([]string{`"eventName":"`, `arn:aws:iam::`, "\n", `}},{`, "aa"}[random.IntN(5)])
		words.WriteByte(byte('a' + random.ExpFloat64()))
	}
	return map[string][]byte{
		"empty":       {},
		"one byte":    {'x'},
		"words":       []byte(words.String()),
		"noise":       noise,
		"zeros":       make([]byte, 1<<20),
		"pattern":     bytes.Repeat([]byte("abc"), 200_000),
		"a chunk":     noise[:chunkBytes],
		"window":      bytes.Repeat(noise[:windowBytes], 5),
		"window + 1":  bytes.Repeat(noise[:windowBytes+1], 5),
		"few symbols": bytes.Repeat([]byte("a"), 5),
	}
}

func TestUnpack(t *testing.T) {
	for name, plain := range texts() {
		t.Run(name, func(t *testing.T) {
			for level := gzip.HuffmanOnly; level <= gzip.BestCompression; level++ {
				packed := pack(t, level, plain)
				got, err := unpack(bytes.NewReader(packed))
				require.NoError(t, err, level)
				require.True(t, bytes.Equal(plain, got), level)
				if len(packed) < 50_000 {
					got, err = unpack(iotest.OneByteReader(bytes.NewReader(packed)))
					require.NoError(t, err, level)
					require.True(t, bytes.Equal(plain, got), level)
				}
			}
		})
	}
}

func TestMembers(t *testing.T) {
	one, two := []byte(strings.Repeat("first ", 1000)), []byte(strings.Repeat("second ", 20_000))
	got, err := unpack(iotest.HalfReader(bytes.NewReader(pack(t, 6, one, nil, two, one))))
	require.NoError(t, err)
	require.Equal(t, string(one)+string(two)+string(one), string(got))
}

func TestHeader(t *testing.T) {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	w.Name, w.Comment, w.Extra = "name", "comment", bytes.Repeat([]byte("extra"), 1000)
	_, err := w.Write([]byte("content"))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	got, err := unpack(&packed)
	require.NoError(t, err)
	require.Equal(t, "content", string(got))

	summed := []byte("\x1f\x8b\x08\x02\x00\x00\x00\x00\x00\xff\x00\x00\x03\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	var r Reader
	right := 0
	for sum := range 1 << 16 {
		summed[10], summed[11] = byte(sum), byte(sum>>8)
		if r.Reset(bytes.NewReader(summed)) == nil {
			right++
			_, err := library(summed)
			require.NoError(t, err)
		}
	}
	require.Equal(t, 1, right)
}

// TestTablesHaveRoom builds tables for complete codes of all kinds.
func TestTablesHaveRoom(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var r Reader
	for range 20_000 {
		lengths := completeCode(random, 3+random.IntN(286))
		require.True(t, build(r.lengths[:], lengthTableBits, lengths, lengthSymbols[:]))
		if len(lengths) <= len(distanceSymbols) {
			require.True(t, build(r.distances[:], distanceTableBits, lengths, distanceSymbols[:]))
		}
		lengths[random.IntN(len(lengths))]--
		require.False(t, build(r.lengths[:], lengthTableBits, lengths, lengthSymbols[:]))
	}
}

// completeCode is the lengths of a code for n symbols: it splits codes, and long
// ones more often.
func completeCode(random *rand.Rand, n int) []uint8 {
	lengths := []uint8{1, 1}
	for len(lengths) < n {
		i := random.IntN(len(lengths))
		if j := random.IntN(len(lengths)); lengths[j] > lengths[i] && lengths[j] < maxCodeBits {
			i = j
		}
		if lengths[i] < maxCodeBits {
			lengths[i]++
			lengths = append(lengths, lengths[i])
		}
	}
	return lengths
}

func TestDamage(t *testing.T) {
	whole := pack(t, 6, []byte(strings.Repeat("some text, ", 1000)))
	with := func(at int, c byte) []byte {
		b := bytes.Clone(whole)
		b[(at+len(b))%len(b)] = c
		return b
	}
	for name, c := range map[string]struct {
		packed []byte
		want   error
	}{
		"other bytes":         {[]byte("no gzip at all, is it?"), ErrHeader},
		"other method":        {with(2, 7), ErrHeader},
		"text behind":         {append(bytes.Clone(whole), "text behind it"...), ErrHeader},
		"a byte behind":       {append(bytes.Clone(whole), 0x1f), io.ErrUnexpectedEOF},
		"wrong checksum":      {with(-5, whole[len(whole)-5]+1), ErrChecksum},
		"wrong size":          {with(-1, 9), ErrChecksum},
		"third kind of block": {with(10, 7), ErrCorrupt},
	} {
		t.Run(name, func(t *testing.T) {
			var r Reader
			_ = r.Reset(bytes.NewReader(c.packed))
			_, err := io.Copy(io.Discard, &r)
			require.ErrorIs(t, err, c.want)
			_, err = r.Read(make([]byte, 1))
			require.ErrorIs(t, err, c.want, "it stays")
		})
	}
	for n := 1; n < len(whole); n++ {
		got, err := unpack(bytes.NewReader(whole[:n]))
		require.ErrorIs(t, err, io.ErrUnexpectedEOF, n)
		require.True(t, strings.HasPrefix(strings.Repeat("some text, ", 1000), string(got)), "no byte that was not packed")
	}
	disk := errors.New("disk on fire")
	_, err := unpack(io.MultiReader(bytes.NewReader(whole[:40]), iotest.ErrReader(disk)))
	require.ErrorIs(t, err, disk)
}

// FuzzUnpack holds the reader to the standard library.
func FuzzUnpack(f *testing.F) {
	for _, level := range []int{gzip.HuffmanOnly, gzip.NoCompression, gzip.BestSpeed, gzip.BestCompression} {
		f.Add(pack(f, level, []byte("{\"Records\":[{\"eventName\":\"a\"},{\"eventName\":\"b\"}]}")))
		f.Add(pack(f, level, bytes.Repeat([]byte("ab"), 300), []byte("second")))
	}
	var r Reader
	f.Fuzz(func(t *testing.T, packed []byte) {
		want, wantErr := library(packed)
		got, err := unpackWith(&r, bytes.NewReader(packed))
		if errors.Is(wantErr, gzip.ErrHeader) && len(packed) > 512 {
			return // the library has a limit to names
		}
		require.Equal(t, wantErr == nil, err == nil, "%v %v", wantErr, err)
		if err == nil {
			require.True(t, bytes.Equal(want, got))
		}
		again, errAgain := unpackWith(&r, iotest.OneByteReader(bytes.NewReader(packed)))
		require.Equal(t, err, errAgain)
		require.True(t, bytes.Equal(got, again))
	})
}
