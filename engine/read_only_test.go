package engine_test

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/engine"
	"github.com/auditlake/auditlake/engine/enginetest/clock"
)

// evidence makes a lake with an import and pushed events. closed says whether it is closed; otherwise the folder is as
// a killed process leaves it.
func evidence(t *testing.T, closed bool) (dir string) {
	dir = filepath.Join(t.TempDir(), "lake")
	lake := openLake(t, dir, pushDay)
	createStore(t, lake, "main", 366)
	log := filepath.Join(t.TempDir(), "log.json")
	require.NoError(t, os.WriteFile(log, fmt.Appendf(nil, `{"Records":[%s,%s]}`, pushedEvent(1), pushedEvent(2)), 0o600))
	_, err := lake.Imports().Run(context.Background(), engine.ImportOptions{Paths: []string{log}})
	require.NoError(t, err)
	_, err = lake.Push(context.Background(), "main", [][]byte{pushedEvent(3)})
	require.NoError(t, err)
	if closed {
		require.NoError(t, lake.Close())
		return dir
	}
	killed := filepath.Join(t.TempDir(), "killed")
	require.NoError(t, os.CopyFS(killed, os.DirFS(dir)))
	return killed
}

// stateOf is every file of a folder with its mode, time and content.
func stateOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	state := map[string]string{}
	require.NoError(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		text := fmt.Sprint(info.Mode(), info.ModTime(), info.Size())
		if d.Type().IsRegular() {
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			text += fmt.Sprintf(" %x", sha256.Sum256(content))
		}
		state[path] = text
		return nil
	}))
	return state
}

func openReadOnly(t *testing.T, dir string) *engine.Lake {
	t.Helper()
	lake, err := engine.Open(context.Background(), dir, engine.Options{ReadOnly: true, Now: clock.New(pushDay).Now})
	require.NoError(t, err)
	t.Cleanup(func() { lake.Close() })
	return lake
}

func TestReadOnlyWritesNothing(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	for name, closed := range map[string]bool{"closed": true, "killed": false} {
		t.Run(name, func(t *testing.T) {
			dir := evidence(t, closed)
			before := stateOf(t, dir)
			lake := openReadOnly(t, dir)
			require.True(t, lake.IsReadOnly())
			require.Equal(t, []string{"3|3"}, answerOf(t, lake, "SELECT count(*), count(DISTINCT eventid) FROM main"))
			_, err := lake.Stores().Get(context.Background(), "main")
			require.NoError(t, err)
			v, err := lake.Verify(context.Background(), engine.VerifyOptions{})
			require.NoError(t, err)
			require.Empty(t, v.Problems)
			require.NoError(t, lake.Close())
			require.Equal(t, before, stateOf(t, dir))
		})
	}
	left, err := os.ReadDir(os.Getenv("TMPDIR"))
	require.NoError(t, err)
	require.Empty(t, left, "the copy of the catalog goes")
}

func TestReadOnlyRefusesChanges(t *testing.T) {
	ctx := context.Background()
	dir := evidence(t, true)
	before := stateOf(t, dir)
	lake := openReadOnly(t, dir)
	changes := map[string]func() error{
		"push": func() error { _, err := lake.Push(ctx, "main", [][]byte{pushedEvent(4)}); return err },
		"import": func() error {
			_, err := lake.Imports().Run(ctx, engine.ImportOptions{Paths: []string{filepath.Join(moduleFolder(t), "go.mod")}})
			return err
		},
		"compact":      func() error { _, err := lake.Compact(ctx); return err },
		"expire":       func() error { _, err := lake.Expire(ctx); return err },
		"create store": func() error { _, err := lake.Stores().Create(ctx, engine.StoreOptions{Name: "other"}); return err },
		"delete store": func() error { return lake.Stores().Delete(ctx, "main") },
		"update store": func() error {
			_, err := lake.Stores().Update(ctx, "main", engine.StoreUpdate{RetentionDays: 7})
			return err
		},
		"flush":      func() error { return lake.Flush(ctx) },
		"drop table": func() error { return lake.Tables().Drop(ctx, "owners") },
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) { require.ErrorIs(t, change(), engine.ErrReadOnly) })
	}
	require.NoError(t, lake.Close())
	require.Equal(t, before, stateOf(t, dir))
}

func TestReadersShareALake(t *testing.T) {
	dir := evidence(t, true)
	first, second := openReadOnly(t, dir), openReadOnly(t, dir)
	_, err := engine.Open(context.Background(), dir, engine.Options{})
	require.ErrorIs(t, err, engine.ErrLocked, "a writer would change what they read")
	require.Equal(t, answerOf(t, first, "SELECT count(*) FROM main"), answerOf(t, second, "SELECT count(*) FROM main"))
	require.NoError(t, first.Close())
	require.NoError(t, second.Close())
	writer := openLake(t, dir, pushDay)
	_, err = engine.Open(context.Background(), dir, engine.Options{ReadOnly: true})
	require.ErrorIs(t, err, engine.ErrLocked)
	require.NoError(t, writer.Close())
}

func TestOpenTellsWhatIsMissing(t *testing.T) {
	ctx := context.Background()
	lost := evidence(t, true)
	require.NoError(t, os.RemoveAll(filepath.Join(lost, "catalog")))
	emptied := evidence(t, true)
	require.NoError(t, os.RemoveAll(filepath.Join(emptied, "catalog")))
	require.NoError(t, os.Mkdir(filepath.Join(emptied, "catalog"), 0o700))
	for name, dir := range map[string]string{"without": lost, "empty": emptied} {
		for _, readOnly := range []bool{false, true} {
			t.Run(fmt.Sprintf("catalog %s, read only %t", name, readOnly), func(t *testing.T) {
				before := stateOf(t, filepath.Join(dir, "stores"))
				_, err := engine.Open(ctx, dir, engine.Options{MustExist: true, ReadOnly: readOnly})
				var e *engine.CatalogLostError
				require.ErrorAs(t, err, &e)
				require.ErrorContains(t, err, "rebuild")
				require.Equal(t, before, stateOf(t, filepath.Join(dir, "stores")))
			})
		}
	}
	_, err := engine.Open(ctx, filepath.Join(t.TempDir(), "none"), engine.Options{ReadOnly: true})
	require.ErrorIs(t, err, engine.ErrNoLake)
}
