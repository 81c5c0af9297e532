package engine_test

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
)

// TestReplacedTableIsAlwaysThere: statements that run while a table is replaced see all of its old rows or all of its new ones.
func TestReplacedTableIsAlwaysThere(t *testing.T) {
	ctx := context.Background()
	lake := openLake(t, t.TempDir(), newYear)
	_, before, err := lake.Tables().Replace(ctx, engine.TableOptions{Name: "bad", Path: writeFile(t, "bad.csv", "version,n\n0,1\n")})
	require.NoError(t, err)
	require.Nil(t, before)
	const versions = 20
	done := make(chan struct{})
	var readers sync.WaitGroup
	failed := make(chan error, 2)
	for range 2 {
		readers.Add(1)
		go func() {
			defer readers.Done()
			for {
				select {
				case <-done:
					return
				default:
				}
				rows, _, err := ask(ctx, lake, "SELECT count(DISTINCT version), count(*) = max(version) + 1 FROM bad")
				if err == nil && (len(rows) != 1 || rows[0] != "1|true") {
					err = fmt.Errorf("rows of two versions: %v", rows)
				}
				if err != nil {
					failed <- err
					return
				}
			}
		}()
	}
	for version := 1; version <= versions; version++ {
		text := "version,n\n"
		for n := range version + 1 {
			text += fmt.Sprintf("%d,%d\n", version, n)
		}
		made, before, err := lake.Tables().Replace(ctx, engine.TableOptions{Name: "Bad", Path: writeFile(t, "bad.csv", text)})
		require.NoError(t, err)
		require.EqualValues(t, version+1, made.Rows)
		require.EqualValues(t, version, before.Rows)
	}
	close(done)
	readers.Wait()
	close(failed)
	for err := range failed {
		require.NoError(t, err)
	}
	_, err = lake.Tables().Create(ctx, engine.TableOptions{Name: "bad", Path: writeFile(t, "bad.csv", "n\n1\n")})
	require.ErrorIs(t, err, engine.ErrTableExists)
}
