package orc_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/orc"
)

func TestConcurrentReads(t *testing.T) {
	rows := 3000
	if testing.Short() {
		rows = 1500
	}
	rec := randomRecord(rand.New(rand.NewPCG(101, 102)), everyType, rows, 0.1)
	r := open(t, write(t, orc.WriterOptions{RowIndexStride: 300, BlockBytes: 8 << 10}, rec))
	s, err := r.Stripe(0)
	require.NoError(t, err)
	want := make([][]arrow.Array, s.Groups())
	for g := range want {
		want[g], err = s.Read(t.Context(), g, columnPaths(everyType), nil, nil)
		require.NoError(t, err)
	}
	fresh, err := r.Stripe(0)
	require.NoError(t, err)
	var readers sync.WaitGroup
	for worker := range 4 {
		readers.Go(func() {
			for i := range want {
				g := (i + worker*3) % len(want)
				got, err := fresh.Read(context.Background(), g, columnPaths(everyType), nil, &orc.Usage{})
				if err != nil {
					t.Error(err)
					return
				}
				for c := range got {
					if !array.Equal(want[g][c], got[c]) {
						t.Errorf("row group %d of %s differs", g, everyType.Field(c).Name)
					}
				}
			}
		})
	}
	readers.Wait()
}

func TestReadRefuses(t *testing.T) {
	r := open(t, write(t, orc.WriterOptions{}, texts("a", "b")))
	s, err := r.Stripe(0)
	require.NoError(t, err)
	column := []orc.Path{orc.Column("s")}
	for _, c := range []struct {
		name  string
		group int
		paths []orc.Path
		sel   []int32
		want  string
	}{
		{"no such column", 0, []orc.Path{orc.Column("x")}, nil, `no column "x"`},
		{"no such field", 0, []orc.Path{orc.ParsePath("s.x")}, nil, `no column "s.x"`},
		{"empty path", 0, []orc.Path{{}}, nil, "empty column path"},
		{"key of text", 0, []orc.Path{orc.Column("s").Entries("k")}, nil, "not a map with text keys"},
		{"no such group", 1, column, nil, "no row group 1"},
		{"rows out of order", 0, column, []int32{1, 0}, "selected row 0 after 1"},
		{"row twice", 0, column, []int32{1, 1}, "selected row 1 after 1"},
		{"row out of range", 0, column, []int32{2}, "selected row 2"},
		{"negative row", 0, column, []int32{-1}, "selected row -1"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := s.Read(t.Context(), c.group, c.paths, c.sel, nil)
			require.ErrorContains(t, err, c.want)
			var corrupt *orc.CorruptError
			require.False(t, errors.As(err, &corrupt), "the file is not to blame")
		})
	}
	_, err = r.Stripe(1)
	require.ErrorContains(t, err, "no stripe 1")
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.Read(cancelled, 0, column, nil, nil)
	require.ErrorIs(t, err, context.Canceled)
}

// brokenDisk fails after so many reads.
type brokenDisk struct {
	*bytes.Reader
	left int
}

var errBrokenDisk = errors.New("input/output error")

func (d *brokenDisk) ReadAt(p []byte, offset int64) (int, error) {
	if d.left--; d.left < 0 {
		return 0, errBrokenDisk
	}
	return d.Reader.ReadAt(p, offset)
}

func TestBrokenDisk(t *testing.T) {
	file := write(t, orc.WriterOptions{RowIndexStride: 100}, randomRecord(rand.New(rand.NewPCG(103, 104)), everyType, 400, 0.1))
	for reads := range 60 {
		r, err := orc.Open(&brokenDisk{bytes.NewReader(file), reads}, int64(len(file)), "broken.orc")
		if err == nil {
			var s *orc.Stripe
			if s, err = r.Stripe(0); err == nil {
				_, err = s.Read(t.Context(), 1, columnPaths(everyType), nil, nil)
			}
		}
		var corrupt *orc.CorruptError
		require.ErrorIs(t, err, errBrokenDisk)
		require.False(t, errors.As(err, &corrupt))
		require.ErrorContains(t, err, "broken.orc")
	}
}
