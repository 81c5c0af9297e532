package main

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestStoreReach: whose events a store is for can be said, shown and changed.
func TestStoreReach(t *testing.T) {
	lake := filepath.Join(t.TempDir(), "lake")
	for _, tt := range []struct {
		name string
		args []string
		want string
	}{
		{"as usual", []string{"create", "main"}, `scope +all regions\n`},
		{"one region", []string{"create", "one", "--single-region"}, `scope +us-east-1 only\n`},
		{"an organization", []string{"create", "all", "--organization"}, `scope +all regions, all accounts of the organization\n`},
		{"changed", []string{"update", "one", "--multi-region", "--organization"}, `scope +all regions, all accounts of the organization\n`},
		{"changed back", []string{"update", "one", "--no-organization"}, `scope +all regions\n`},
		{"changed to one region", []string{"update", "main", "--single-region"}, `scope +us-east-1 only\n`},
		{"something else changed", []string{"update", "main", "--retention", "30d"}, `scope +us-east-1 only\n`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got := command(t, append([]string{"--lake", lake, "store"}, tt.args...)...)
			require.Equal(t, exitDone, got.code, got.err)
			require.Regexp(t, tt.want, got.out)
		})
	}
	got := command(t, "--lake", lake, "store", "update", "main", "--multi-region", "--single-region")
	require.NotEqual(t, exitDone, got.code)
	require.Contains(t, got.err, "multi-region single-region")
}
