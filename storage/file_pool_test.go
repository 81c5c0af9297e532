package storage

import (
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/vfs"
)

func TestFilePoolBoundsHandles(t *testing.T) {
	dir := t.TempDir()
	counting := vfs.NewInjector(vfs.OS)
	pool := newFilePool(counting, 3)
	path := func(i int) string { return filepath.Join(dir, fmt.Sprint(i)) }
	for i := range 10 {
		require.NoError(t, os.WriteFile(path(i), []byte{byte(i)}, 0o600))
	}
	read := func(i int) byte {
		var b [1]byte
		_, err := (&pooledFile{pool: pool, path: path(i)}).ReadAt(b[:], 0)
		require.NoError(t, err)
		return b[0]
	}
	for i := range 10 {
		require.EqualValues(t, i, read(i))
		require.LessOrEqual(t, len(pool.handles), 3)
	}
	read(9)
	require.Equal(t, 10, counting.Seen(vfs.OpOpen), "the last used handle is kept")
	read(0)
	require.Equal(t, 11, counting.Seen(vfs.OpOpen), "the first was given up")

	pool.forget(path(0))
	require.NoError(t, os.WriteFile(path(0), []byte{77}, 0o600))
	require.EqualValues(t, 77, read(0))
	require.NoError(t, pool.close())
	require.Empty(t, pool.handles)
}

func TestFilePoolConcurrently(t *testing.T) {
	dir := t.TempDir()
	pool := newFilePool(vfs.OS, 2)
	for i := range 5 {
		require.NoError(t, os.WriteFile(filepath.Join(dir, fmt.Sprint(i)), []byte{byte(i)}, 0o600))
	}
	var done sync.WaitGroup
	for worker := range 4 {
		done.Add(1)
		go func() {
			defer done.Done()
			for n := range 200 {
				i := (worker + n) % 5
				path := filepath.Join(dir, fmt.Sprint(i))
				if n%50 == 0 {
					pool.forget(path)
				}
				var b [1]byte
				if _, err := (&pooledFile{pool: pool, path: path}).ReadAt(b[:], 0); err != nil || b[0] != byte(i) {
					t.Errorf("read %d: %d, %v", i, b[0], err)
				}
			}
		}()
	}
	done.Wait()
	require.LessOrEqual(t, len(pool.handles), 2)
	require.NoError(t, pool.close())
}
