package storage

import (
	"testing"

	"github.com/stretchr/testify/require"
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
