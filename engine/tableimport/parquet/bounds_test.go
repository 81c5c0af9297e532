package parquet

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"testing"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
)

// TestDecompressIsBounded: a page that gives more, or less, than it says is
// refused.
func TestDecompressIsBounded(t *testing.T) {
	text := bytes.Repeat([]byte("a"), 1<<20)
	var zipped, brown bytes.Buffer
	w := gzip.NewWriter(&zipped)
	_, err := w.Write(text)
	require.NoError(t, err)
	require.NoError(t, w.Close())
	b := brotli.NewWriter(&brown)
	_, err = b.Write(text)
	require.NoError(t, err)
	require.NoError(t, b.Close())
	z, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	snappyOf1GiB := binary.AppendUvarint(nil, 1<<30)
	tests := []struct {
		name   string
		codec  int64
		stored []byte
		size   int64
		fails  bool
	}{
		{"gzip", codecGzip, zipped.Bytes(), 1 << 20, false},
		{"gzip of more", codecGzip, zipped.Bytes(), 1000, true},
		{"gzip of less", codecGzip, zipped.Bytes(), 1<<20 + 1, true},
		{"brotli", codecBrotli, brown.Bytes(), 1 << 20, false},
		{"brotli of more", codecBrotli, brown.Bytes(), 1000, true},
		{"zstd", codecZstd, z.EncodeAll(text, nil), 1 << 20, false},
		{"zstd of more", codecZstd, z.EncodeAll(text, nil), 1000, true},
		{"snappy of more", codecSnappy, snappyOf1GiB, 1000, true},
		{"snappy that lies", codecSnappy, snappyOf1GiB[:1], 0, true},
		{"none", codecNone, text, 1 << 20, false},
		{"none of more", codecNone, text, 1000, true},
		{"LZO", 3, text, 1 << 20, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			out, err := decompress(tt.codec, tt.stored, tt.size)
			require.Equal(t, tt.fails, err != nil, "%v", err)
			if !tt.fails {
				require.True(t, bytes.Equal(text, out))
			}
		})
	}
}

// TestEncodingsAreBounded: numbers of values and lengths that the bytes cannot
// hold are errors, without memory for them.
func TestEncodingsAreBounded(t *testing.T) {
	// 1,000 differences of 0 behind a first number, in blocks without widths.
	differences := func(first int64) []byte {
		b := binary.AppendUvarint(nil, 1024)
		b = binary.AppendUvarint(b, 1)
		b = binary.AppendUvarint(b, 1001)
		b = binary.AppendVarint(b, first)
		return append(b, 0, 0) // least difference, width
	}
	texts := leafType{physical: physicalBytes}
	t.Run("too many differences", func(t *testing.T) {
		_, err := openDeltas(differences(1), 1000)
		require.ErrorContains(t, err, "impossible size")
	})
	t.Run("prefixes that grow", func(t *testing.T) {
		// Each text is the one before, whatever its length is said to be.
		v, err := openDeltaBytes(append(differences(1<<30), differences(0)...), 2000, texts)
		require.NoError(t, err)
		_, err = v.next()
		require.ErrorContains(t, err, "repeats more of the text before it")
	})
	t.Run("a text longer than its page", func(t *testing.T) {
		v, err := openValues(encodingPlain, texts, []byte{0xFF, 0xFF, 0xFF, 0xFF, 'a'}, 1, nil)
		require.NoError(t, err)
		_, err = v.next()
		require.ErrorIs(t, err, errEndsEarly)
	})
	t.Run("a dictionary of more than there is", func(t *testing.T) {
		d, err := newDictionary(leafType{physical: physicalInt64}, make([]byte, 16), 1<<40)
		require.NoError(t, err)
		require.Equal(t, 2, d.count)
		_, err = d.at(2)
		require.ErrorContains(t, err, "outside of its dictionary")
	})
	t.Run("a run longer than its bytes", func(t *testing.T) {
		r := runs{width: 8, rest: append(binary.AppendUvarint(nil, 1<<40|1), 5)}
		_, err := r.next()
		require.ErrorIs(t, err, errEndsEarly)
	})
}

// TestMetadataIsBounded: lists, texts and nesting that the bytes cannot hold.
func TestMetadataIsBounded(t *testing.T) {
	t.Run("a list", func(t *testing.T) {
		r := &thrift{rest: append([]byte{0xFC}, binary.AppendUvarint(nil, 1<<40)...)}
		r.readList(thriftList, r.skipItem)
		require.ErrorContains(t, r.err, "ends early")
	})
	t.Run("a text", func(t *testing.T) {
		r := &thrift{rest: binary.AppendUvarint(nil, 1<<40)}
		r.readBinary(thriftBinary)
		require.ErrorContains(t, r.err, "ends early")
	})
	t.Run("structures", func(t *testing.T) {
		r := &thrift{rest: bytes.Repeat([]byte{1<<4 | thriftStruct}, 1<<20)}
		r.skipValue(thriftStruct)
		require.ErrorContains(t, r.err, "nested more than")
	})
	t.Run("lists in lists", func(t *testing.T) {
		r := &thrift{rest: bytes.Repeat([]byte{1<<4 | thriftList}, 1<<20)}
		r.skipValue(thriftList)
		require.ErrorContains(t, r.err, "nested more than")
	})
	t.Run("groups", func(t *testing.T) {
		deep := []element{{isGroup: true, children: 1}}
		for range 1000 {
			deep = append(deep, element{isGroup: true, children: 1, name: "g"})
		}
		_, err := (&schemaTree{rest: deep}).readRoot()
		require.ErrorContains(t, err, "nested more than")
	})
	t.Run("a group of more children than there are", func(t *testing.T) {
		_, err := (&schemaTree{rest: []element{{isGroup: true, children: 1 << 40}, {physical: physicalInt32, name: "a"}}}).readRoot()
		require.ErrorContains(t, err, "ends early")
	})
}

// FuzzFile: a file of any bytes gives rows of its columns, or an error.
func FuzzFile(f *testing.F) {
	files, err := filepath.Glob("testdata/*.parquet")
	require.NoError(f, err)
	require.NotEmpty(f, files)
	for _, path := range files {
		data, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, err := Open(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		for range 10_000 {
			row, err := file.NextRow()
			if err != nil {
				return
			}
			require.Len(t, row, len(file.Columns()))
		}
	})
}
