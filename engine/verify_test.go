package engine_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

func TestVerify(t *testing.T) {
	ctx := context.Background()
	lake := halvesLake(t)
	noted, err := lake.Chain(ctx)
	require.NoError(t, err)
	_, err = lake.Compact(ctx)
	require.NoError(t, err)

	var hashed int64
	v, err := lake.Verify(ctx, engine.VerifyOptions{
		Keys: []string{noted.PublicKey}, Head: strings.ToUpper(noted.Head), Progress: func(done, _ int64) { hashed = done },
	})
	require.NoError(t, err)
	require.Empty(t, v.Problems)
	require.Positive(t, v.AfterHead)
	require.Equal(t, noted.Entries+uint64(v.AfterHead), v.Chain.Entries)
	d, err := lake.Stores().Describe(ctx, "main")
	require.NoError(t, err)
	require.EqualValues(t, d.Segments, v.Segments)
	require.Equal(t, d.StoredBytes, v.Bytes)
	require.Equal(t, d.StoredBytes, hashed)

	v, err = lake.Verify(ctx, engine.VerifyOptions{Head: strings.Repeat("0", 64)})
	require.NoError(t, err)
	require.Len(t, v.Problems, 1)

	files, err := filepath.Glob(filepath.Join(lake.Dir(), "stores/*/*/*.orc"))
	require.NoError(t, err)
	flipBits(t, files[3])
	require.NoError(t, os.Remove(files[5]))
	v, err = lake.Verify(ctx, engine.VerifyOptions{Store: "main"})
	require.NoError(t, err)
	require.Len(t, v.Problems, 2)
	require.ErrorContains(t, v.Problems[0], files[3])
	require.ErrorContains(t, v.Problems[1], files[5])

	for name, options := range map[string]engine.VerifyOptions{
		"no hash": {Head: "latest"}, "short hash": {Head: "00"}, "no key": {Keys: []string{"key"}}, "short key": {Keys: []string{"AAAA"}},
	} {
		_, err := lake.Verify(ctx, options)
		require.ErrorIs(t, err, engine.ErrInvalidParameter, name)
	}
	_, err = lake.Verify(ctx, engine.VerifyOptions{Store: "none"})
	require.ErrorIs(t, err, engine.ErrStoreNotFound)
}
