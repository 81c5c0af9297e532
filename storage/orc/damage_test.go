package orc_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/orc"
)

// readEverything opens a file and reads all of it, with statistics and filters.
func readEverything(file []byte) error {
	r, err := orc.Open(bytes.NewReader(file), int64(len(file)), "test.orc")
	if err != nil {
		return err
	}
	paths := columnPaths(r.Schema())
	for _, f := range r.Schema().Fields() {
		switch t := f.Type.(type) {
		case *arrow.MapType:
			paths = append(paths, orc.Column(f.Name, "value"))
			if t.KeyType().ID() == arrow.STRING {
				paths = append(paths, orc.Column(f.Name).Entries("key3"), orc.Column(f.Name).Entries())
			}
		case *arrow.ListType:
			paths = append(paths, orc.Column(f.Name, "element"))
		case *arrow.StructType:
			for _, field := range t.Fields() {
				paths = append(paths, orc.Column(f.Name, field.Name))
			}
		}
	}
	for i := range r.NumStripes() {
		s, err := r.Stripe(i)
		if err != nil {
			return err
		}
		for g := range min(s.Groups(), 3) {
			if err := readGroup(s, g, paths); err != nil {
				return err
			}
		}
	}
	return nil
}

func readGroup(s *orc.Stripe, g int, paths []orc.Path) error {
	usage := &orc.Usage{}
	for _, path := range paths {
		if _, err := s.Statistics(g, path, usage); err != nil {
			return err
		}
		if _, err := s.MayContain(g, path, []string{"x"}, usage); err != nil {
			return err
		}
	}
	if _, err := s.Read(context.Background(), g, paths, []int32{0}, usage); err != nil {
		return err
	}
	_, err := s.Read(context.Background(), g, paths, nil, usage)
	return err
}

// requireRefusal accepts the two kinds of error that a bad file may give.
func requireRefusal(t testing.TB, err error, what string) {
	var corrupt *orc.CorruptError
	var unsupported *orc.UnsupportedError
	require.True(t, errors.As(err, &corrupt) || errors.As(err, &unsupported), "%s: %v", what, err)
	require.NotContains(t, err.Error(), "decoding failed", "a panic was caught: %s", what)
}

func TestDamagedFiles(t *testing.T) {
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	rnd := rand.New(rand.NewPCG(11, 12))
	for _, compression := range []orc.Compression{orc.Zstd, orc.Zlib, orc.Snappy, orc.None} {
		rec := randomRecord(rnd, everyType, 600, 0.1)
		file := write(t, orc.WriterOptions{Compression: compression, RowIndexStride: 200, Bloom: func(string) bool { return true }}, rec)
		require.NoError(t, readEverything(file))
		t.Run(fmt.Sprintf("%v/cut", compression), func(t *testing.T) {
			for n := 0; n < len(file); n += 1 + len(file)/100 {
				requireRefusal(t, readEverything(file[:n]), fmt.Sprintf("cut to %d bytes", n))
			}
		})
		t.Run(fmt.Sprintf("%v/changed", compression), func(t *testing.T) {
			for range 150 {
				damaged := bytes.Clone(file)
				at := rnd.IntN(len(file))
				damaged[at] ^= byte(1 + rnd.IntN(255))
				if err := readEverything(damaged); err != nil {
					requireRefusal(t, err, fmt.Sprintf("byte %d changed", at))
				}
			}
		})
	}
}

func TestZstdDamageIsAlwaysSeen(t *testing.T) {
	if testing.Short() {
		t.Skip("a single goroutine: nothing for the race detector; the unit stage runs it")
	}
	rec := randomRecord(rand.New(rand.NewPCG(13, 14)), everyType, 2000, 0.1)
	file := write(t, orc.WriterOptions{}, rec)
	want := readAll(t, open(t, file), columnPaths(everyType))
	for at := 0; at < len(file); at += 1 + len(file)/200 {
		damaged := bytes.Clone(file)
		damaged[at] ^= 0x10
		r, err := orc.Open(bytes.NewReader(damaged), int64(len(damaged)), "test.orc")
		if err != nil || readEverything(damaged) != nil {
			continue
		}
		for c, got := range readAll(t, r, columnPaths(everyType)) {
			requireSame(t, want[c], got, fmt.Sprintf("byte %d changed unnoticed, column %d", at, c))
		}
	}
}
