package storage

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/orc"
	"github.com/auditlake/auditlake/storage/predicate"
	"github.com/auditlake/auditlake/storage/schema"
)

// FuzzScan scans mutated segments: pruning, the horizon, whole columns, fields, and entries and keys of
// maps. Damage is a *DamagedError, what the codec cannot read an *orc.UnsupportedError.
func FuzzScan(f *testing.F) {
	l, err := Open(ctx, f.TempDir(), Options{})
	require.NoError(f, err)
	require.NoError(f, l.Catalog().Update(ctx, func(tx *catalog.Tx) error { return tx.PutStore(testStore()) }))
	events := secondsApart(day(1), 40)
	for i := range events {
		events[i].name, events[i].arn = strings.Repeat("n", i%3+1), "arn"
		events[i].params = map[string]string{"bucketName": "b", "key": strings.Repeat("k", i)}
	}
	w, err := l.NewWriter(testStore())
	require.NoError(f, err)
	require.NoError(f, w.Append(record(f, events)))
	require.NoError(f, w.Commit(ctx, catalog.ImportChange{}))
	s, err := l.Snapshot(ctx)
	require.NoError(f, err)
	segments, err := s.Segments(storeID)
	require.NoError(f, err)
	path := l.SegmentPath(segments[0])
	file, err := os.ReadFile(path)
	require.NoError(f, err)
	s.Close()
	require.NoError(f, l.Close()) // the catalog's goroutines would look like new coverage
	f.Add(file)
	f.Fuzz(func(t *testing.T, file []byte) {
		reader, err := orc.Open(bytes.NewReader(file), int64(len(file)), path)
		if err != nil || reader.NumRows() != segments[0].Rows {
			return // refused when opened; package orc fuzzes that
		}
		l.forgetTail(path)
		keepTail(l.cache, path, reader)
		if err := scanEverything(s, segments); err != nil {
			var damaged *DamagedError
			var unsupported *orc.UnsupportedError
			require.True(t, errors.As(err, &damaged) || errors.As(err, &unsupported), "%v", err)
			require.NotContains(t, err.Error(), "decoding failed", "a panic was caught")
		}
	})
}

// scanEverything reads all columns of the row groups of segments, with and without a predicate.
func scanEverything(s *Snapshot, segments []*catalog.Segment) error {
	table, _ := schema.ForCategory("Management")
	paths := []string{"useridentity.arn", "requestparameters['bucketName']", "requestparameters[]", "requestparameters.key", "requestparameters.value"}
	for _, c := range table.Stored() {
		paths = append(paths, c.Name)
	}
	key := "bucketName"
	horizon := day(1).Add(20e9).UnixMilli()
	for _, p := range []predicate.Predicate{{}, where(equal("eventname", "nn")),
		where(predicate.Domain{Path: "requestparameters", MapKey: &key, Ranges: []predicate.Range{point("b")}})} {
		checks, err := newChecks(table, p, horizon)
		if err != nil {
			return err
		}
		sc := &Scan{snapshot: s, table: table, horizon: horizon, checks: checks, segments: segments, pruning: &orc.Usage{}}
		for {
			g, err := sc.Next(ctx)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				return err
			}
			if err := readRows(g, paths); err != nil {
				return err
			}
		}
	}
	return nil
}

// readRows estimates and reads the live rows of a row group, and its first one.
func readRows(g *RowGroup, paths []string) error {
	stored, err := storedPaths(g.scan.table, paths)
	if err != nil {
		return err
	}
	if err := g.stripe.Cost(g.group, stored, &orc.Usage{}); err != nil {
		return readError(g.path, err)
	}
	live, err := g.Live(ctx)
	if err != nil {
		return err
	}
	for _, sel := range [][]int32{live, {0}} {
		if _, err := g.Read(ctx, paths, sel); err != nil {
			return err
		}
	}
	return nil
}
