package storage

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
)

func TestIsSegmentFile(t *testing.T) {
	name := segmentName(1763596800123, 1<<63+5)
	require.Equal(t, "019a9e8f907b-000000000005", name)
	for _, tt := range []struct {
		file string
		want bool
	}{
		{name + ".orc", true},
		{"." + name + ".orc.tmp", true},
		{"." + name + ".orc", false},
		{name + ".orc.tmp", false},
		{name, false},
		{name + ".orc.bak", false},
		{"data.orc", false},
		{".tmp", false},
		{"019a9ea26a7b_000000000005.orc", false},
		{"019A9EA26A7B-000000000005.orc", false},
		{"", false},
	} {
		require.Equal(t, tt.want, isSegmentFile(tt.file), tt.file)
	}
}

// TestPathsOfSegments: who takes a lake's folder and names apart finds what SegmentPath put together, however the folder was given.
func TestPathsOfSegments(t *testing.T) {
	segment := &catalog.Segment{StoreID: "5f0c2a3e-7a55-4d1f-8f4a-111111111111", Day: catalog.DayOf(1763596800123), Name: "019a9e8f907b-000000000005"}
	for _, dir := range []string{"/lake", "/lake/", "/lake/../lake", "lake", "./lake", "."} {
		l := &Lake{dir: dir}
		day := filepath.Join(dir, "stores", segment.StoreID, "eventday=2025-11-20")
		require.Equal(t, day, l.dayPath(segment.StoreID, segment.Day), dir)
		require.Equal(t, filepath.Join(day, segment.Name+".orc"), l.SegmentPath(segment), dir)
		require.Equal(t, filepath.Join(day, "."+segment.Name+".orc.tmp"), l.tempPath(segment), dir)
	}
}
