package storage

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/catalog"
	"github.com/auditlake/auditlake/storage/hotlog"
)

// lived makes a lake that has lived through every kind of change, and closes it.
func lived(t *testing.T, dir string) {
	t.Helper()
	l := withoutBackground(openLake(t, dir, nil))
	putStore(t, l)
	for n := 1; n <= 4; n++ {
		commit(t, l, event{at: day(n), name: "a"}, event{at: day(n).Add(time.Hour), name: "b"})
		commit(t, l, event{at: day(n).Add(time.Minute), name: "c"})
	}
	compact(t, l)
	_, err := l.Expire(ctx, storeID, day(2))
	require.NoError(t, err)
	push(t, l, event{at: day(5), name: "flushed"})
	require.NoError(t, l.Flush(ctx))
	push(t, l, event{at: day(5).Add(time.Hour), name: "pushed"})
	require.NoError(t, l.Catalog().Update(ctx, func(tx *catalog.Tx) error {
		s, err := tx.Store(storeID)
		if err != nil {
			return err
		}
		s.Name = "renamed"
		return tx.PutStore(s)
	}))
	require.NoError(t, l.Close())
}

// stateOfLake is what must be the same after a rebuilding.
func stateOfLake(t *testing.T, l *Lake) (rows []string, stores []*catalog.Store, head catalog.ChainHead) {
	t.Helper()
	require.Nil(t, l.Unproven())
	s := snapshot(t, l)
	defer s.Close()
	rows = names(t, s, ScanRequest{})
	found, err := s.CheckChain(ctx, ChainTrust{})
	require.NoError(t, err)
	require.Empty(t, found.Problems)
	require.NoError(t, l.Catalog().View(func(tx *catalog.Tx) (err error) {
		stores, err = tx.Stores()
		return err
	}))
	return rows, stores, found.Head
}

func TestRebuildFromCommitFiles(t *testing.T) {
	for name, damage := range map[string]func(t *testing.T, catalogOf string){
		"lost": func(t *testing.T, c string) { require.NoError(t, os.RemoveAll(c)) },
		"emptied": func(t *testing.T, c string) {
			require.NoError(t, os.RemoveAll(c))
			require.NoError(t, os.Mkdir(c, 0o700))
		},
		"there": func(*testing.T, string) {},
		"damaged": func(t *testing.T, c string) {
			tables, err := filepath.Glob(filepath.Join(c, "*.sst"))
			require.NoError(t, err)
			require.NotEmpty(t, tables)
			require.NoError(t, os.Truncate(tables[0], 100))
		},
	} {
		if testing.Short() && name != "damaged" {
			continue // what is made anew is the same
		}
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			lived(t, dir)
			l := openLake(t, dir, nil)
			rows, stores, head := stateOfLake(t, l)
			require.NoError(t, l.Close())
			damage(t, filepath.Join(dir, catalogFolder))

			rebuilt, err := Rebuild(ctx, dir, RebuildOptions{})
			require.NoError(t, err)
			require.Equal(t, head.Entries, rebuilt.Entries)
			require.NotEmpty(t, rebuilt.Missing)
			require.NoDirExists(t, filepath.Join(dir, rebuildFolder))
			for _, path := range rebuilt.Replaced {
				require.DirExists(t, path)
			}
			l = openLake(t, dir, nil)
			gotRows, gotStores, gotHead := stateOfLake(t, l)
			require.Equal(t, rows, gotRows)
			require.Equal(t, stores, gotStores)
			require.Equal(t, head, gotHead, "it is the same chain")
			commit(t, l, event{at: day(6), name: "later"})
			require.NoError(t, l.Close())
		})
	}
}

// Without a head file that can be read, the commit files alone say how far the chain goes.
func TestRebuildWithoutAHead(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine does it all; the unit stage runs it")
	}
	for name, damage := range map[string]func(head string) error{
		"missing": os.Remove,
		"damaged": func(head string) error { return os.WriteFile(head, []byte("nothing"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			lived(t, dir)
			l := openLake(t, dir, nil)
			rows, stores, head := stateOfLake(t, l)
			require.NoError(t, l.Close())
			require.NoError(t, damage(filepath.Join(dir, headFile)))

			rebuilt, err := Rebuild(ctx, dir, RebuildOptions{})
			require.NoError(t, err)
			require.Contains(t, strings.Join(rebuilt.Missing, "\n"), "the end of the chain is unknown")
			l = openLake(t, dir, nil)
			gotRows, gotStores, gotHead := stateOfLake(t, l)
			require.NoError(t, l.Close())
			require.Equal(t, rows, gotRows)
			require.Equal(t, stores, gotStores)
			require.Equal(t, head, gotHead)
		})
	}
}

func TestRebuildOfAnOlderCatalogBringsTheNewerBack(t *testing.T) {
	dir := t.TempDir()
	l := openLake(t, dir, nil)
	putStore(t, l)
	commit(t, l, event{at: day(1), name: "old"})
	require.NoError(t, l.Close())
	older := filepath.Join(t.TempDir(), "catalog")
	copyTree(t, filepath.Join(dir, catalogFolder), older)
	l = openLake(t, dir, nil)
	commit(t, l, event{at: day(2), name: "new"})
	require.NoError(t, l.Close())
	require.NoError(t, os.RemoveAll(filepath.Join(dir, catalogFolder)))
	copyTree(t, older, filepath.Join(dir, catalogFolder))

	l = openLake(t, dir, nil)
	require.NotNil(t, l.Unproven())
	require.NoError(t, l.Close())
	_, err := Rebuild(ctx, dir, RebuildOptions{})
	require.NoError(t, err)
	l = openLake(t, dir, nil)
	defer l.Close()
	rows, _, _ := stateOfLake(t, l)
	require.Equal(t, []string{"old", "new"}, rows)
}

// A log whose end file is gone or damaged can be read only, until a rebuilding takes it as it is.
func TestRebuildTakesALogWithoutItsEnd(t *testing.T) {
	if testing.Short() {
		t.Skip("one goroutine does it all; the unit stage runs it")
	}
	for name, damage := range map[string]func(end string) error{
		"missing": os.Remove,
		"damaged": func(end string) error { return os.WriteFile(end, []byte("nothing"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			lived(t, dir)
			l := openLake(t, dir, nil)
			rows, _, _ := stateOfLake(t, l)
			require.Contains(t, rows, "pushed")
			require.NoError(t, l.Close())
			require.NoError(t, damage(filepath.Join(dir, hotFolder, hotlog.EndName)))

			if broken, err := Open(ctx, dir, Options{}); err == nil {
				require.NotNil(t, broken.Unproven())
				require.NoError(t, broken.Close())
			}
			rebuilt, err := Rebuild(ctx, dir, RebuildOptions{})
			require.NoError(t, err)
			require.Contains(t, strings.Join(rebuilt.Missing, "\n"), hotlog.EndName)
			l = openLake(t, dir, nil)
			got, _, _ := stateOfLake(t, l)
			require.Equal(t, rows, got)
			push(t, l, event{at: day(5).Add(2 * time.Hour), name: "later"})
			require.NoError(t, l.Close())
			l = openLake(t, dir, nil)
			got, _, _ = stateOfLake(t, l)
			require.Equal(t, append(rows, "later"), got)
			require.NoError(t, l.Close())
		})
	}
}

func TestRebuildFromSegments(t *testing.T) {
	for name, hasStoreFile := range map[string]bool{"with store.json": true, "without": false} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			lived(t, dir)
			l := openLake(t, dir, nil)
			rows, stores, _ := stateOfLake(t, l)
			require.NoError(t, l.Close())
			for _, lost := range []string{catalogFolder, commitsFolder, headFile} {
				require.NoError(t, os.RemoveAll(filepath.Join(dir, lost)))
			}
			if !hasStoreFile {
				require.NoError(t, os.Remove(filepath.Join(dir, storesFolder, storeID, storeFile)))
			}
			rebuilt, err := Rebuild(ctx, dir, RebuildOptions{})
			require.NoError(t, err)
			require.Zero(t, rebuilt.Entries)
			require.Equal(t, 1, rebuilt.Stores)

			l = openLake(t, dir, nil)
			defer l.Close()
			gotRows, gotStores, _ := stateOfLake(t, l)
			require.Equal(t, rows, gotRows)
			require.Len(t, gotStores, 1)
			require.True(t, gotStores[0].ExpiryHeld)
			require.Equal(t, stores[0].Category, gotStores[0].Category)
			if hasStoreFile {
				require.Equal(t, stores[0].Name, gotStores[0].Name)
				require.Equal(t, stores[0].RetentionDays, gotStores[0].RetentionDays)
				return
			}
			require.Equal(t, rebuiltRetentionDays, gotStores[0].RetentionDays)
			require.Contains(t, gotStores[0].Name, storeID)
		})
	}
}

func TestRebuildRefusesWhatItCannotTrust(t *testing.T) {
	commits := func(dir string) []string {
		files, _ := filepath.Glob(filepath.Join(dir, commitsFolder, "*"+commitSuffix))
		return files
	}
	for name, damage := range map[string]func(t *testing.T, dir string){
		"a commit file is missing": func(t *testing.T, dir string) { require.NoError(t, os.Remove(commits(dir)[3])) },
		"the last commit file is missing": func(t *testing.T, dir string) {
			files := commits(dir)
			require.NoError(t, os.Remove(files[len(files)-1]))
		},
		"a commit file was changed": func(t *testing.T, dir string) {
			content, err := os.ReadFile(commits(dir)[3])
			require.NoError(t, err)
			content[len(content)/2] ^= 1
			require.NoError(t, os.WriteFile(commits(dir)[3], content, 0o600))
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			lived(t, dir)
			damage(t, dir)
			catalogOf := filepath.Join(dir, catalogFolder)
			require.NoError(t, os.RemoveAll(catalogOf))
			_, err := Rebuild(ctx, dir, RebuildOptions{})
			require.Error(t, err)
			require.ErrorContains(t, err, "--from-segments")
			require.NoDirExists(t, catalogOf)
			require.NoDirExists(t, filepath.Join(dir, rebuildFolder))
			rebuilt, err := Rebuild(ctx, dir, RebuildOptions{FromSegments: true})
			require.NoError(t, err)
			require.NotZero(t, rebuilt.Events)
		})
	}
}

func TestRebuildOfNothing(t *testing.T) {
	_, err := Rebuild(ctx, t.TempDir(), RebuildOptions{})
	require.ErrorIs(t, err, ErrNoLake)
	dir := t.TempDir()
	lived(t, dir)
	l := openLake(t, dir, nil)
	_, err = Rebuild(ctx, dir, RebuildOptions{})
	require.True(t, errors.Is(err, ErrLocked), "%v", err)
	require.NoError(t, l.Close())
}
