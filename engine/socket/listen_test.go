package socket

import (
	"context"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestListenAndDial: the socket is found wherever the lake lies, and goes with its holder.
func TestListenAndDial(t *testing.T) {
	short, err := os.MkdirTemp("", "s") // a socket's path must be short
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(short)) })
	long := filepath.Join(t.TempDir(), strings.Repeat("x", maxSocketPathBytes))
	require.NoError(t, os.Mkdir(long, 0o700))
	for _, tt := range []struct {
		name, lake, runtime string
		isLink              bool
	}{
		{"in the lake's folder", short, "", false},
		{"a long path", long, filepath.Join(short, "run"), true},
		{"a long path, no runtime folder of the user", long, "not absolute", true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Setenv("XDG_RUNTIME_DIR", tt.runtime)
			t.Setenv("TMPDIR", short)
			_, err := Dial(context.Background(), tt.lake)
			require.ErrorIs(t, err, ErrNoHolder)
			path := filepath.Join(tt.lake, Name)
			require.NoError(t, os.WriteFile(filepath.Join(tt.lake, newName), nil, 0o600), "left by a process that was killed")
			listener, remove, wider, err := Listen(tt.lake)
			require.NoError(t, err)
			require.Empty(t, wider)
			info, err := os.Lstat(path)
			require.NoError(t, err)
			require.Equal(t, tt.isLink, info.Mode()&os.ModeSymlink != 0)
			conn, err := Dial(context.Background(), tt.lake)
			require.NoError(t, err)
			require.Equal(t, os.Getpid(), PeerPID(conn))
			require.NoError(t, conn.Close())
			require.Zero(t, PeerPID(conn), "nobody is there")
			require.Error(t, CheckPeer(conn))
			ctx, cancel := context.WithCancel(context.Background())
			cancel()
			_, err = Dial(ctx, tt.lake)
			require.ErrorIs(t, err, context.Canceled)
			require.NoError(t, listener.Close())
			_, err = Dial(context.Background(), tt.lake)
			require.ErrorIs(t, err, ErrNoHolder, "nobody listens")
			remove()
			_, err = os.Lstat(path)
			require.ErrorIs(t, err, os.ErrNotExist)
		})
	}
}

func TestSocketThatOthersCouldUse(t *testing.T) {
	dir, err := os.MkdirTemp("", "s")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	path := filepath.Join(dir, Name)
	old, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	require.NoError(t, err)
	old.SetUnlinkOnClose(false)
	require.NoError(t, os.Chmod(path, 0o666))
	require.NoError(t, old.Close())
	listener, remove, wider, err := Listen(dir)
	require.NoError(t, err)
	defer remove()
	defer listener.Close()
	require.Equal(t, []string{path + " was open to other users (mode 0666); now only its owner can use it"}, wider)
	info, err := os.Lstat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

// TestNowhereToListen: each folder that was tried says why not.
func TestNowhereToListen(t *testing.T) {
	lake := filepath.Join(t.TempDir(), strings.Repeat("x", maxSocketPathBytes))
	require.NoError(t, os.Mkdir(lake, 0o700))
	file := filepath.Join(t.TempDir(), "file")
	require.NoError(t, os.WriteFile(file, nil, 0o600))
	t.Setenv("XDG_RUNTIME_DIR", file)
	t.Setenv("TMPDIR", file)
	_, _, _, err := Listen(lake)
	require.ErrorContains(t, err, file)
	_, _, _, err = Listen(filepath.Join(file, "lake"))
	require.Error(t, err)
	link := filepath.Join(lake, Name)
	require.NoError(t, os.Symlink(file, link))
	_, err = Dial(context.Background(), lake)
	require.ErrorIs(t, err, ErrNoHolder, "what it leads to is no socket")
	_, err = NewGreeting(filepath.Join(file, "lake"), true)
	require.Error(t, err)
}

// folder makes a folder in which a socket's path is short enough.
func folder(t *testing.T) string {
	dir, err := os.MkdirTemp("", "s")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}

// TestDialRefuses: what lies where a socket should be leads to nobody.
func TestDialRefuses(t *testing.T) {
	for _, tt := range []struct {
		name string
		lake func(t *testing.T) string
		want error
	}{
		{"no folder", func(t *testing.T) string { return filepath.Join(folder(t), "none") }, ErrNoHolder},
		{"a path that is too long for sockets", func(t *testing.T) string { return filepath.Join(t.TempDir(), strings.Repeat("x", maxSocketPathBytes)) }, ErrNoHolder},
		{"a file", func(t *testing.T) string {
			dir := folder(t)
			require.NoError(t, os.WriteFile(filepath.Join(dir, Name), nil, 0o600))
			return dir
		}, ErrNoHolder},
		{"a link to nothing", func(t *testing.T) string {
			dir := folder(t)
			require.NoError(t, os.Symlink(filepath.Join(dir, "gone"), filepath.Join(dir, Name)))
			return dir
		}, ErrNoHolder},
		{"a link to itself", func(t *testing.T) string {
			dir := folder(t)
			path := filepath.Join(dir, Name)
			require.NoError(t, os.Symlink(path, path))
			return dir
		}, syscall.ELOOP},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Dial(context.Background(), tt.lake(t))
			require.ErrorIs(t, err, tt.want)
		})
	}
}

// TestListenLeavesNothing: where the lake's folder takes neither socket nor link, nothing is left in the user's folder.
func TestListenLeavesNothing(t *testing.T) {
	lake, run := folder(t), filepath.Join(folder(t), "run")
	t.Setenv("XDG_RUNTIME_DIR", run)
	t.Setenv("TMPDIR", run)
	require.NoError(t, os.MkdirAll(filepath.Join(lake, newName, "full"), 0o700)) // cannot be removed
	_, _, _, err := Listen(lake)
	require.ErrorContains(t, err, newName)
	require.NoError(t, filepath.WalkDir(run, func(path string, entry os.DirEntry, err error) error {
		require.NoError(t, err)
		require.True(t, entry.IsDir(), path)
		return nil
	}))
	require.NoError(t, os.RemoveAll(filepath.Join(lake, newName)))
	require.NoError(t, os.MkdirAll(filepath.Join(lake, Name, "full"), 0o700)) // cannot be replaced
	_, _, _, err = Listen(lake)
	require.ErrorContains(t, err, Name)
	require.NoFileExists(t, filepath.Join(lake, newName))
}

func TestErrorsSayWhatToDo(t *testing.T) {
	require.Equal(t, "the process that held the lake ended while it sent the result: what was printed is incomplete", (&LostError{Printed: true}).Error())
	require.Equal(t, "the process that held the lake ended while it executed this command, which may or may not have completed", (&LostError{}).Error())
	require.Equal(t, "the process that holds the lake has not answered for 1m0s: it is stopped or overloaded", (&SilentError{Patience: time.Minute}).Error())
	require.Contains(t, (&SilentError{PID: 7, Unknown: true}).Error(), "kill -CONT 7, or end it. This command may or may not have been carried out")
	require.Contains(t, (&SilentError{PID: 7, Printed: true}).Error(), "What was printed is not the whole answer")
}
