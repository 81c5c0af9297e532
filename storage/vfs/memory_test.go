package vfs

import (
	"io/fs"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMemoryIsAFileSystem(t *testing.T) {
	m := NewMemory()
	require.NoError(t, m.MkdirAll("/lake"))
	require.NoError(t, use(m, "/lake"))
	write(t, m, "/lake/x", "one")
	write(t, m, "/lake/x", "2")
	require.Equal(t, "2", read(t, m, "/lake/x"), "Create empties the file")
	write(t, m, "/lake/y", "replaced")
	require.NoError(t, m.Rename("/lake/x", "/lake/y"))
	require.Equal(t, "2", read(t, m, "/lake/y"))
	entries, err := m.ReadDir("/lake")
	require.NoError(t, err)
	require.Len(t, entries, 2)
	require.Equal(t, "sub", entries[0].Name())
	require.True(t, entries[0].IsDir())
	info, err := entries[1].Info()
	require.NoError(t, err)
	require.EqualValues(t, 1, info.Size())

	require.Error(t, m.Remove("/lake"), "not empty")
	require.Error(t, m.MkdirAll("/lake/y/z"))
	_, err = m.Create("/lake/sub")
	require.Error(t, err)
	for _, err := range []error{
		m.Remove("/lake/none"), m.Rename("/lake/none", "/lake/y"), m.SyncDir("/none"), func() error { _, err := m.Open("/lake/none"); return err }(),
		func() error { _, err := m.Create("/none/x"); return err }(), func() error { _, err := m.ReadDir("/lake/y"); return err }(),
	} {
		require.ErrorIs(t, err, fs.ErrNotExist)
	}
}

func TestPowerCut(t *testing.T) {
	for _, tt := range []struct {
		name string
		do   func(t *testing.T, m *Memory) // after /lake/a with "old" and all of it is durable
		want map[string]string             // files left
	}{
		{"nothing done", func(*testing.T, *Memory) {}, map[string]string{"/lake/a": "old"}},
		{"file synced, its folder not", func(t *testing.T, m *Memory) { write(t, m, "/lake/b", "new") }, map[string]string{"/lake/a": "old"}},
		{"folder synced, its file not", func(t *testing.T, m *Memory) {
			f, err := m.Create("/lake/b")
			require.NoError(t, err)
			_, err = f.Write([]byte("new"))
			require.NoError(t, err)
			require.NoError(t, m.SyncDir("/lake"))
		}, map[string]string{"/lake/a": "old", "/lake/b": ""}},
		{"both synced", func(t *testing.T, m *Memory) {
			write(t, m, "/lake/b", "new")
			require.NoError(t, m.SyncDir("/lake"))
		}, map[string]string{"/lake/a": "old", "/lake/b": "new"}},
		{"renamed", func(t *testing.T, m *Memory) { require.NoError(t, m.Rename("/lake/a", "/lake/b")) }, map[string]string{"/lake/a": "old"}},
		{"renamed and synced", func(t *testing.T, m *Memory) {
			require.NoError(t, m.Rename("/lake/a", "/lake/b"))
			require.NoError(t, m.SyncDir("/lake"))
		}, map[string]string{"/lake/b": "old"}},
		{"removed", func(t *testing.T, m *Memory) { require.NoError(t, m.Remove("/lake/a")) }, map[string]string{"/lake/a": "old"}},
		{"folder above not synced", func(t *testing.T, m *Memory) {
			require.NoError(t, m.MkdirAll("/lake/sub/deep"))
			write(t, m, "/lake/sub/deep/b", "new")
			require.NoError(t, m.SyncDir("/lake/sub/deep"))
			require.NoError(t, m.SyncDir("/lake/sub"))
		}, map[string]string{"/lake/a": "old"}},
		{"emptied", func(t *testing.T, m *Memory) {
			_, err := m.Create("/lake/a")
			require.NoError(t, err)
		}, map[string]string{"/lake/a": ""}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := newSyncedMemory(t)
			tt.do(t, m)
			m.Restart(nil)
			require.Equal(t, tt.want, files(t, m, "/lake"))
		})
	}
}

func newSyncedMemory(t *testing.T) *Memory {
	t.Helper()
	m := NewMemory()
	require.NoError(t, m.MkdirAll("/lake"))
	write(t, m, "/lake/a", "old")
	require.NoError(t, m.SyncDir("/lake"))
	require.NoError(t, m.SyncDir("/"))
	return m
}

// files reads all files below a folder.
func files(t *testing.T, m *Memory, folder string) map[string]string {
	t.Helper()
	found := map[string]string{}
	entries, err := m.ReadDir(folder)
	require.NoError(t, err)
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		if !e.IsDir() {
			found[path] = read(t, m, path)
			continue
		}
		for path, text := range files(t, m, path) {
			found[path] = text
		}
	}
	return found
}

// With a source of chance some of what was not synced survives, never anything else.
func TestPowerCutThatSparesSome(t *testing.T) {
	seen := map[string]bool{}
	for seed := range uint64(200) {
		m := newSyncedMemory(t)
		f, err := m.Create("/lake/b")
		require.NoError(t, err)
		_, err = f.Write([]byte("xy"))
		require.NoError(t, err)
		require.NoError(t, m.Rename("/lake/b", "/lake/c"))
		m.Restart(rand.New(rand.NewPCG(seed, 0)))
		left := files(t, m, "/lake")
		require.Equal(t, "old", left["/lake/a"])
		delete(left, "/lake/a")
		require.LessOrEqual(t, len(left), 1)
		for path, text := range left {
			seen[path+" "+text] = true
		}
		if len(left) == 0 {
			seen["none"] = true
		}
	}
	for _, name := range []string{"b", "c"} {
		for _, text := range []string{"", "x", "xy", "\x00", "\x00\x00"} {
			require.True(t, seen["/lake/"+name+" "+text], "%s %q", name, text)
		}
	}
	require.True(t, seen["none"])
	require.Len(t, seen, 11)
}

// Of what was written over each sector holds what was there before, or what was written.
func TestPowerCutWhileWritingOver(t *testing.T) {
	old, written := strings.Repeat("o", 3*sectorBytes), strings.Repeat("n", 2*sectorBytes)
	seen := map[string]bool{}
	for seed := range uint64(100) {
		m := NewMemory()
		write(t, m, "/a", old)
		require.NoError(t, m.SyncDir("/"))
		f, err := m.Reopen("/a")
		require.NoError(t, err)
		_, err = f.WriteAt([]byte(written), sectorBytes/2)
		require.NoError(t, err)
		if seed == 0 {
			m.Restart(nil)
			require.Equal(t, old, read(t, m, "/a"))
			continue
		}
		m.Restart(rand.New(rand.NewPCG(seed, 0)))
		left := read(t, m, "/a")
		require.Len(t, left, len(old))
		require.Equal(t, left[0], byte('o'))
		require.Equal(t, left[len(left)-1], byte('o'))
		seen[string([]byte{left[sectorBytes/2], left[sectorBytes], left[2*sectorBytes]})] = true
	}
	require.Len(t, seen, 8)

	m := NewMemory()
	write(t, m, "/a", old)
	require.NoError(t, m.SyncDir("/"))
	f, err := m.Reopen("/a")
	require.NoError(t, err)
	_, err = f.Write([]byte(written))
	require.NoError(t, err)
	require.NoError(t, f.Sync())
	m.Restart(nil)
	require.Equal(t, written+old[:sectorBytes], read(t, m, "/a"))
}

func TestCrashAfterSteps(t *testing.T) {
	m := newSyncedMemory(t)
	m.CrashAfter(-1)
	require.NoError(t, use(m, "/lake"))
	steps := m.Steps()
	require.Positive(t, steps)
	for after := range steps {
		m := newSyncedMemory(t)
		open, err := m.Open("/lake/a")
		require.NoError(t, err)
		m.CrashAfter(after)
		require.ErrorIs(t, use(m, "/lake"), ErrCrashed)
		require.True(t, m.Crashed())
		_, err = m.Stat("/lake/a")
		require.ErrorIs(t, err, ErrCrashed)
		_, err = m.FreeBytes("/lake")
		require.ErrorIs(t, err, ErrCrashed)
		m.Restart(nil)
		require.False(t, m.Crashed())
		_, err = open.ReadAt(make([]byte, 1), 0)
		require.ErrorIs(t, err, ErrCrashed, "files opened before are dead")
		require.NoError(t, use(m, "/lake"))
		require.Equal(t, "old", read(t, m, "/lake/a"))
	}
}
