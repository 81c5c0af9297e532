package engine_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// BenchmarkSelectOne asks the least question there is: what is left is what every statement costs.
func BenchmarkSelectOne(b *testing.B) {
	lake, err := engine.Open(context.Background(), b.TempDir(), engine.Options{})
	require.NoError(b, err)
	defer func() { require.NoError(b, lake.Close()) }()
	for b.Loop() {
		rows, err := lake.Query(context.Background(), "SELECT 1")
		require.NoError(b, err)
		for rows.Next() {
		}
		require.NoError(b, rows.Err())
		require.NoError(b, rows.Close())
	}
}
