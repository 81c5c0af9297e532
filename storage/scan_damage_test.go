package storage

import (
	"errors"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/array"
	"github.com/stretchr/testify/require"
)

// Whichever bit of a segment flips, a scan with and without a predicate ends with an error that
// names the file, or gives the right rows.
func TestFlippedBitsAreErrorsOrHarmless(t *testing.T) {
	t.Parallel() // its lakes are its own
	if testing.Short() {
		t.Skip("too long under the race detector; the unit stage runs it")
	}
	l := newLake(t)
	yes := true
	events := secondsApart(day(1), 9000)
	for i := range events {
		events[i].name = string(rune('a' + i/1024))
		events[i].arn = "arn:aws:iam::000000000001:user/" + events[i].name
		events[i].params = map[string]string{"bucketName": events[i].name}
		events[i].readOnly = &yes
	}
	commit(t, l, events...)
	s := snapshot(t, l)
	segments, err := s.Segments(storeID)
	require.NoError(t, err)
	path := l.SegmentPath(segments[0])
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	want, err := allRowsOf(startScan(t, s, ScanRequest{}))
	require.NoError(t, err)
	needle := ScanRequest{StoreID: storeID, Where: where(equal("eventname", "i"), equal("useridentity.arn", events[8500].arn))}
	wantNeedle := names(t, s, needle)
	require.Equal(t, 9000-8192, len(wantNeedle))

	r := rand.New(rand.NewPCG(3, 4))
	detected := 0
	const flips = 400
	for i := range flips {
		at := r.IntN(len(content))
		if i < flips/4 {
			at = len(content) - 1 - r.IntN(300) // the tail
		}
		flipped := append([]byte(nil), content...)
		flipped[at] ^= 1 << r.IntN(8)
		require.NoError(t, os.WriteFile(path, flipped, 0o600))
		l.forgetTail(path)
		l.files.forget(path)

		got, err := allRowsOf(startScan(t, s, ScanRequest{}))
		if requireDamagedOrNil(t, err, path) {
			detected++
		} else {
			requireSameRows(t, want, got, at)
		}
		list, err := readNames(startScan(t, s, needle))
		if !requireDamagedOrNil(t, err, path) {
			require.True(t, slices.Equal(wantNeedle, list), "byte %d: %d rows", at, len(list))
		}
	}
	require.Greater(t, detected, flips/2)
}

func requireDamagedOrNil(t *testing.T, err error, path string) bool {
	t.Helper()
	if err != nil {
		requireDamaged(t, err, path)
	}
	return err != nil
}

// allRowsOf reads all stored columns, a slice of arrays per row group.
func allRowsOf(sc *Scan) ([][]arrow.Array, error) {
	var paths []string
	for _, c := range sc.table.Stored() {
		paths = append(paths, c.Name)
	}
	var groups [][]arrow.Array
	for {
		g, err := sc.Next(ctx)
		if errors.Is(err, io.EOF) {
			return groups, nil
		}
		if err != nil {
			return nil, err
		}
		arrays, err := g.Read(ctx, paths, nil)
		if err != nil {
			return nil, err
		}
		groups = append(groups, arrays)
	}
}

func requireSameRows(t *testing.T, want, got [][]arrow.Array, at int) {
	t.Helper()
	require.Len(t, got, len(want))
	for i := range want {
		for j := range want[i] {
			require.True(t, array.Equal(want[i][j], got[i][j]), "byte %d changes column %d", at, j)
		}
	}
}
