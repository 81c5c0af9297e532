package orc_test

import (
	"os"
	"path/filepath"
	"testing"

	"math/rand/v2"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/orc"
)

// FuzzOpen reads mutated files: they are read or refused by a typed error. The corpus in testdata/fuzz
// adds what once went wrong.
func FuzzOpen(f *testing.F) {
	rnd := rand.New(rand.NewPCG(41, 42))
	for _, compression := range []orc.Compression{orc.Zstd, orc.Zlib, orc.Snappy, orc.None} {
		rec := randomRecord(rnd, everyType, 30, 0.2)
		f.Add(write(f, orc.WriterOptions{Compression: compression, RowIndexStride: 10, Bloom: func(string) bool { return true }}, rec))
	}
	files, err := filepath.Glob(filepath.Join("testdata", "examples", "*.orc"))
	require.NoError(f, err)
	for _, path := range files {
		file, err := os.ReadFile(path)
		require.NoError(f, err)
		f.Add(file)
	}
	f.Fuzz(func(t *testing.T, file []byte) {
		if err := readEverything(file); err != nil {
			requireRefusal(t, err, "mutated file")
		}
	})
}
