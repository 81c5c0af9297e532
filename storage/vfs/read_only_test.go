package vfs_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/auditlake/auditlake/storage/vfs"
)

// A read-only file system reads, and every change fails with its reason and changes nothing.
func TestReadOnly(t *testing.T) {
	reason := errors.New("evidence")
	dir := t.TempDir()
	path := filepath.Join(dir, "a")
	require.NoError(t, os.WriteFile(path, []byte("text"), 0o600))
	files := vfs.ReadOnly(vfs.OS, reason)
	for name, change := range map[string]func() error{
		"create":   func() error { _, err := files.Create(path); return err },
		"reopen":   func() error { _, err := files.Reopen(path); return err },
		"rename":   func() error { return files.Rename(path, path+"b") },
		"remove":   func() error { return files.Remove(path) },
		"mkdir":    func() error { return files.MkdirAll(filepath.Join(dir, "sub")) },
		"sync dir": func() error { return files.SyncDir(dir) },
	} {
		require.ErrorIs(t, change(), reason, name)
	}
	file, err := files.Open(path)
	require.NoError(t, err)
	content := make([]byte, 4)
	_, err = file.ReadAt(content, 0)
	require.NoError(t, err)
	require.Equal(t, "text", string(content))
	require.NoError(t, file.Close())
	entries, err := files.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
}

func TestDamagedError(t *testing.T) {
	cause := errors.New("cut")
	err := error(&vfs.DamagedError{Path: "/lake/a.orc", Err: cause})
	require.EqualError(t, err, "damaged file /lake/a.orc: cut")
	require.ErrorIs(t, err, cause)
}

// Folders are made with their parents; a file in the place of one is named, and stays.
func TestMkdirAllOverAFile(t *testing.T) {
	dir := t.TempDir()
	deep := filepath.Join(dir, "a", "b", "c")
	require.NoError(t, vfs.OS.MkdirAll(deep))
	require.NoError(t, vfs.OS.MkdirAll(deep), "it is there already")
	file := filepath.Join(dir, "file")
	require.NoError(t, os.WriteFile(file, []byte("text"), 0o600))
	for _, path := range []string{file, filepath.Join(file, "sub")} {
		err := vfs.OS.MkdirAll(path)
		require.Error(t, err)
		require.ErrorContains(t, err, file)
	}
	content, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "text", string(content))
	require.ErrorIs(t, vfs.OS.SyncDir(filepath.Join(dir, "none")), fs.ErrNotExist)
}

// The file system in memory reports what a real one would of files and folders.
func TestMemoryInfo(t *testing.T) {
	disk := vfs.NewMemory()
	require.NoError(t, disk.MkdirAll("/d"))
	file, err := disk.Create("/d/f")
	require.NoError(t, err)
	_, err = file.Write([]byte("text"))
	require.NoError(t, err)
	folder, err := disk.Stat("/d")
	require.NoError(t, err)
	require.True(t, folder.IsDir())
	require.True(t, folder.Mode().IsDir())
	info, err := disk.Stat("/d/f")
	require.NoError(t, err)
	require.True(t, info.Mode().IsRegular())
	require.Equal(t, "f", info.Name())
	require.EqualValues(t, 4, info.Size())
	require.Equal(t, time.Time{}, info.ModTime())
	require.Nil(t, info.Sys())
	require.Error(t, disk.Rename("/d/none", "/d/g"))
	require.Error(t, disk.Rename("/none/f", "/d/g"))
	require.Error(t, disk.Rename("/d/f", "/none/g"))
	require.NoError(t, disk.Rename("/d/f", "/d/f"))
	_, err = disk.Reopen("/d/none")
	require.ErrorIs(t, err, fs.ErrNotExist)
	_, err = disk.Stat("/none/f")
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.Error(t, disk.Remove("/d"), "it is not empty")
}
