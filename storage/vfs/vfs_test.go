package vfs

import (
	"io/fs"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"
)

func write(t *testing.T, files FS, path, text string) {
	t.Helper()
	f, err := files.Create(path)
	require.NoError(t, err)
	_, err = f.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, f.Sync())
	require.NoError(t, f.Close())
}

func read(t *testing.T, files FS, path string) string {
	t.Helper()
	info, err := files.Stat(path)
	require.NoError(t, err)
	f, err := files.Open(path)
	require.NoError(t, err)
	defer f.Close()
	text := make([]byte, info.Size())
	_, err = f.ReadAt(text, 0)
	require.NoError(t, err)
	return string(text)
}

// use runs every operation once and returns the first error.
func use(files FS, dir string) error {
	path, moved := filepath.Join(dir, "sub", "a"), filepath.Join(dir, "sub", "b")
	var buf [1]byte
	steps := []func() error{
		func() error { return files.MkdirAll(filepath.Join(dir, "sub")) },
		func() error { return writeOnce(files, path) },
		func() error { return overwriteOnce(files, path) },
		func() error { return files.Rename(path, moved) },
		func() error { return files.SyncDir(dir) },
		func() error { _, err := files.ReadDir(dir); return err },
		func() error { _, err := files.Stat(moved); return err },
		func() error {
			f, err := files.Open(moved)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = f.ReadAt(buf[:], 0)
			return err
		},
		func() error { return files.Remove(moved) },
		func() error { _, err := files.FreeBytes(dir); return err },
	}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func writeOnce(files FS, path string) error {
	f, err := files.Create(path)
	if err != nil {
		return err
	}
	if _, err := f.Write([]byte("x")); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Sync(); err != nil {
		_ = f.Close()
		return err
	}
	return f.Close()
}

func overwriteOnce(files FS, path string) error {
	f, err := files.Reopen(path)
	if err != nil {
		return err
	}
	defer f.Close()
	_, err = f.WriteAt([]byte("yz"), 1)
	return err
}

func TestReopen(t *testing.T) {
	for name, files := range map[string]FS{"real": OS, "in memory": NewMemory()} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			require.NoError(t, files.MkdirAll(dir))
			path := filepath.Join(dir, "a")
			_, err := files.Reopen(path)
			require.ErrorIs(t, err, fs.ErrNotExist)
			write(t, files, path, "12345")
			f, err := files.Reopen(path)
			require.NoError(t, err)
			_, err = f.Write([]byte("ab"))
			require.NoError(t, err)
			_, err = f.Write([]byte("c"))
			require.NoError(t, err)
			_, err = f.WriteAt([]byte("xy"), 7)
			require.NoError(t, err)
			require.NoError(t, f.Sync())
			require.NoError(t, f.Close())
			require.Equal(t, "abc45\x00\x00xy", read(t, files, path))
		})
	}
}

func TestTornWrite(t *testing.T) {
	files := NewInjector(OS)
	path := filepath.Join(t.TempDir(), "a")
	f, err := files.Create(path)
	require.NoError(t, err)
	files.Set(&Fault{Op: OpWrite, Err: syscall.ENOSPC, Torn: true})
	n, err := f.WriteAt([]byte("abcd"), 1)
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.Equal(t, 2, n)
	n, err = f.Write([]byte("xyz"))
	require.ErrorIs(t, err, syscall.ENOSPC)
	require.Equal(t, 1, n)
	require.NoError(t, f.Close())
	require.Equal(t, "xab", read(t, files, path))
}

func TestOS(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, use(OS, dir))
	path := filepath.Join(dir, "x")
	write(t, OS, path, "one")
	write(t, OS, path, "2")
	require.Equal(t, "2", read(t, OS, path), "Create empties the file")
	require.NoError(t, OS.Rename(path, filepath.Join(dir, "y")))
	_, err := OS.Open(path)
	require.ErrorIs(t, err, fs.ErrNotExist)
	free, err := OS.FreeBytes(dir)
	require.NoError(t, err)
	require.Positive(t, free)
	_, err = OS.FreeBytes(filepath.Join(dir, "none"))
	require.ErrorIs(t, err, fs.ErrNotExist)
}

func TestInjectorFailsEachOperation(t *testing.T) {
	for _, op := range Ops {
		t.Run(string(op), func(t *testing.T) {
			files := NewInjector(OS)
			files.Set(&Fault{Op: op, Err: syscall.EIO})
			require.ErrorIs(t, use(files, t.TempDir()), syscall.EIO)
			require.Equal(t, 1, files.Injected())
			files.Set(nil)
			require.NoError(t, use(files, t.TempDir()))
			require.Zero(t, files.Injected())
			require.Positive(t, files.Seen(op))
		})
	}
}

func TestInjectorCounts(t *testing.T) {
	files := NewInjector(OS)
	files.Set(&Fault{Op: OpSyncDir, After: 1, Times: 2, Err: syscall.ENOSPC})
	dir := t.TempDir()
	var failed []bool
	for range 5 {
		failed = append(failed, files.SyncDir(dir) != nil)
	}
	require.Equal(t, []bool{false, true, true, false, false}, failed)
}
