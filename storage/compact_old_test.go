package storage

import (
	"fmt"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
)

// goldenLake opens a copy of the golden lake of a format version. Its segments are of an earlier writer.
func goldenLake(t *testing.T, version int) *Lake {
	dir := t.TempDir()
	unpack(t, goldenFile(version), dir)
	l := openLake(t, dir, nil)
	t.Cleanup(func() { l.Close() })
	require.Equal(t, []bool{true, true}, areOld(t, l))
	return l
}

// areOld reports for each segment whether an earlier writer wrote it.
func areOld(t *testing.T, l *Lake) []bool {
	var old []bool
	for _, segment := range segmentsOf(t, l) {
		reader, err := l.readTail(l.cache, l.SegmentPath(segment), segment)
		require.NoError(t, err)
		old = append(old, reader.IsOld())
	}
	return old
}

func TestRewriteOld(t *testing.T) {
	for version := 1; version <= 3; version++ {
		t.Run(fmt.Sprint("golden lake ", version), func(t *testing.T) {
			l := goldenLake(t, version)
			commit(t, l, event{at: day(1).Add(time.Minute), name: "new"})
			commit(t, l, event{at: day(3), name: "new"})
			rows := rowsByTime(t, snapshot(t, l), false)
			done, err := l.RewriteOld(ctx, storeID, ever)
			require.NoError(t, err)
			require.Equal(t, []int64{3, 2, 4}, []int64{int64(done.Merged), int64(done.Written), done.Rows}, "day 1 is merged, day 2 rewritten, day 3 left")
			require.Equal(t, []bool{false, false, false}, areOld(t, l))
			requireRows(t, rows, rowsByTime(t, snapshot(t, l), false))
			require.Empty(t, problems(t, l, ChainTrust{}))

			before := segmentsOf(t, l)
			done, err = l.RewriteOld(ctx, storeID, ever)
			require.NoError(t, err)
			require.Zero(t, done)
			require.Equal(t, before, segmentsOf(t, l))
		})
	}
}

// Compaction leaves an old segment alone unless it merges it.
func TestCompactTakesOldSegmentsAlong(t *testing.T) {
	l := goldenLake(t, 3)
	require.Zero(t, compact(t, l))
	require.Equal(t, []bool{true, true}, areOld(t, l))
	commit(t, l, event{at: day(1).Add(time.Minute), name: "new"})
	compact(t, l)
	require.Equal(t, []bool{false, true}, areOld(t, l))
}

func TestRewriteOldLeavesDamage(t *testing.T) {
	for _, tt := range []struct {
		name   string
		damage func(t *testing.T, path string, s *catalog.Segment)
	}{
		{"a flipped bit", func(t *testing.T, path string, _ *catalog.Segment) {
			content, err := os.ReadFile(path)
			require.NoError(t, err)
			content[20] ^= 1
			require.NoError(t, os.WriteFile(path, content, 0o600))
		}},
		{"no tail", func(t *testing.T, path string, s *catalog.Segment) { require.NoError(t, os.Truncate(path, s.Bytes/2)) }},
		{"gone", func(t *testing.T, path string, _ *catalog.Segment) { require.NoError(t, os.Remove(path)) }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			unpack(t, goldenFile(3), dir)
			l := openLake(t, dir, nil)
			defer l.Close()
			first := segmentsOf(t, l)[0]
			tt.damage(t, l.SegmentPath(first), first)
			done, err := l.RewriteOld(ctx, storeID, ever)
			var damaged *DamagedError
			require.ErrorAs(t, err, &damaged)
			require.Equal(t, l.SegmentPath(first), damaged.Path)
			require.Equal(t, []int{1, 1}, []int{done.Merged, done.Written})
			require.Equal(t, first, segmentsOf(t, l)[0])
		})
	}
}
