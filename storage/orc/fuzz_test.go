package orc_test

import (
	"bytes"
	"errors"
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
	wanted, err := orc.NewColumns(everyType, ids(map[string]string{"i64": "1", "who": "2", "who.name": "3"}))
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, file []byte) {
		if err := readEverything(file); err != nil {
			requireRefusal(t, err, "mutated file")
			return
		}
		if err := readAs(file, wanted); err != nil {
			requireRefusal(t, err, "mutated file read as other columns")
		}
	})
}

// readAs reads each wanted column of a file's first row group. A column of another type is refused, the
// others are read.
func readAs(file []byte, wanted *orc.Columns) error {
	r, err := orc.Open(bytes.NewReader(file), int64(len(file)), "test.orc")
	if err != nil || r.NumStripes() == 0 || r.NumRows() == 0 {
		return err
	}
	s, err := r.As(wanted).Stripe(0)
	if err != nil || s.Groups() == 0 {
		return err
	}
	for _, path := range append(columnPaths(everyType), orc.Column("who", "name"), orc.Column("deep", "element", "counts", "element"), orc.Column("tags").Entries("key3")) {
		err := readGroup(s, 0, []orc.Path{path})
		var unsupported *orc.UnsupportedError
		if err != nil && !errors.As(err, &unsupported) {
			return err
		}
	}
	return nil
}
