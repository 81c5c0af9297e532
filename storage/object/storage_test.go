package object

import (
	"bytes"
	"errors"
	"io"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"
	"github.com/stretchr/testify/require"
)

// onServer and inFolder are storages with the empty bucket "b".
func onServer(t *testing.T) Storage {
	backend := s3mem.New()
	require.NoError(t, backend.CreateBucket("b"))
	server := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(server.Close)
	c, err := NewClient(t.Context(), Options{Region: "eu-west-1", EndpointURL: server.URL, Credentials: &Credentials{AccessKeyID: "key", SecretAccessKey: "secret"}})
	require.NoError(t, err)
	return c
}

func inFolder(t *testing.T) Storage { return folderAt(t, t.TempDir(), false) }

func folderAt(t *testing.T, path string, readOnly bool) *folder {
	f, err := openFolder(path, readOnly)
	require.NoError(t, err)
	t.Cleanup(func() { f.root.Close() })
	return f
}

func putText(t *testing.T, s Storage, key, text string) {
	t.Helper()
	require.NoError(t, s.Put(t.Context(), Place{"b", key}, strings.NewReader(text)), key)
}

func textOf(t *testing.T, s Storage, key, etag string) string {
	t.Helper()
	body, err := s.Open(t.Context(), Place{"b", key}, etag)
	require.NoError(t, err, key)
	text, err := io.ReadAll(body)
	require.NoError(t, errors.Join(err, body.Close()))
	return string(text)
}

// TestStorage: what a folder does as a server does.
func TestStorage(t *testing.T) {
	for name, open := range map[string]func(*testing.T) Storage{"server": onServer, "folder": inFolder} {
		t.Run(name, func(t *testing.T) {
			s := open(t)
			for _, key := range []string{"a/b.gz", "a/b/c", "a-", "a/b/d/e", "z", "a0"} {
				putText(t, s, key, key)
			}
			keys := func(prefix string, whole bool) (all []string) {
				list := s.ListFolder
				if whole {
					list = s.List
				}
				for o, err := range list(t.Context(), Place{"b", prefix}) {
					require.NoError(t, err)
					require.Equal(t, o.Folder, strings.HasSuffix(o.Key, "/"))
					if !o.Folder {
						require.EqualValues(t, len(o.Key), o.Bytes)
						require.Equal(t, o.Key, textOf(t, s, o.Key, o.ETag))
						require.WithinDuration(t, time.Now(), o.Modified, time.Hour)
					}
					all = append(all, o.Key)
				}
				return all
			}
			require.Equal(t, []string{"a-", "a/b.gz", "a/b/c", "a/b/d/e", "a0", "z"}, keys("", true))
			require.Equal(t, []string{"a-", "a/", "a0", "z"}, keys("", false))
			require.Equal(t, []string{"a/b.gz", "a/b/c", "a/b/d/e"}, keys("a/b", true))
			require.Equal(t, []string{"a/b.gz", "a/b/"}, keys("a/b", false))
			require.Equal(t, []string{"a/b/c", "a/b/d/"}, keys("a/b/", false))
			require.Equal(t, []string{"z"}, keys("z", true))
			require.Empty(t, keys("nothing/", true))
			require.Empty(t, keys("../", true))

			before, err := s.Head(t.Context(), Place{"b", "z"})
			require.NoError(t, err)
			require.EqualValues(t, 1, before.Bytes)
			content := strings.NewReader("skipped, another content")
			_, err = content.Seek(int64(len("skipped, ")), io.SeekStart)
			require.NoError(t, err)
			require.NoError(t, s.Put(t.Context(), Place{"b", "z"}, content))
			require.Equal(t, "another content", textOf(t, s, "z", ""))
			_, err = s.Open(t.Context(), Place{"b", "z"}, before.ETag)
			require.ErrorIs(t, err, ErrChanged)

			_, err = s.Head(t.Context(), Place{"b", "nothing"})
			require.ErrorIs(t, err, ErrNoSuchKey)
			_, err = s.Open(t.Context(), Place{"b", "nothing"}, "")
			require.ErrorIs(t, err, ErrNoSuchKey)
			putText(t, s, "empty", "")
			require.Empty(t, textOf(t, s, "empty", ""))
		})
	}
}

// TestFolderIsNotLeft: no key and no link reaches what lies outside of a folder.
func TestFolderIsNotLeft(t *testing.T) {
	dir := t.TempDir()
	inside, outside := filepath.Join(dir, "inside"), filepath.Join(dir, "outside")
	for _, folder := range []string{inside, outside} {
		require.NoError(t, os.MkdirAll(filepath.Join(folder, "sub"), 0o700))
		require.NoError(t, os.WriteFile(filepath.Join(folder, "secret"), []byte("secret of "+filepath.Base(folder)), 0o600))
	}
	for name, to := range map[string]string{
		"file": filepath.Join(outside, "secret"), "relative": "../outside/secret", "folder": outside, "up": "..", "loop": "loop",
		"own": "secret", "ownfolder": "sub", "sub/up": "..", "sub/far": "../../outside/secret",
	} {
		require.NoError(t, os.Symlink(to, filepath.Join(inside, name)))
	}
	require.NoError(t, syscall.Mkfifo(filepath.Join(inside, "pipe"), 0o600))
	f := folderAt(t, inside, false)
	var listed []string
	for o, err := range f.List(t.Context(), Place{Bucket: "b"}) {
		require.NoError(t, err)
		listed = append(listed, o.Key)
	}
	require.Equal(t, []string{"own", "secret"}, listed, "links that stay are followed")
	require.Equal(t, "secret of inside", textOf(t, f, "own", ""))
	for _, key := range []string{
		"file", "relative", "folder/secret", "up/outside/secret", "../outside/secret", "sub/../../outside/secret", "sub/far", "loop", "pipe", "sub", "",
		".", "..", "/etc/passwd", "sub/", "sub//x", "a\x00b", `..\outside\secret`, strings.Repeat("x", 1025), unfinished, unfinished + "/x", "\xff",
	} {
		_, err := f.Open(t.Context(), Place{"b", key}, "")
		require.Error(t, err, "%q", key)
		require.NotContains(t, err.Error(), dir, "where the folder is remains unsaid")
		_, err = f.Head(t.Context(), Place{"b", key})
		require.Error(t, err, "%q", key)
	}
	for _, key := range []string{"folder/new", "up/outside/new", "../outside/new", "sub/up/../../outside/new", "/tmp/new", "sub/", "sub", "", unfinished + "/new", "secret/new"} {
		err := f.Put(t.Context(), Place{"b", key}, strings.NewReader("new"))
		require.Error(t, err, "%q", key)
		require.NotContains(t, err.Error(), dir)
	}
	putText(t, f, "file", "its own") // replaces the link
	text, err := os.ReadFile(filepath.Join(outside, "secret"))
	require.NoError(t, err)
	require.Equal(t, "secret of outside", string(text))
	found, err := os.ReadDir(outside)
	require.NoError(t, err)
	require.Len(t, found, 2)
	left, err := os.ReadDir(filepath.Join(inside, unfinished))
	require.NoError(t, err)
	require.Empty(t, left, "nothing is left of what was refused")
}

// brokenContent ends with an error.
type brokenContent struct{ *strings.Reader }

var errBroken = errors.New("broken")

func (c brokenContent) Read(p []byte) (int, error) {
	if n, err := c.Reader.Read(p); err == nil {
		return n, nil
	}
	return 0, errBroken
}

// WriteTo would be used in place of Read.
func (c brokenContent) WriteTo(io.Writer) (int64, error) { return 0, errBroken }

// TestFolderPutIsWholeOrNothing: a content that breaks leaves what was there; readers and listings meanwhile see one content
// or the other.
func TestFolderPutIsWholeOrNothing(t *testing.T) {
	dir := t.TempDir()
	f := folderAt(t, dir, false)
	putText(t, f, "a/b", "before")
	err := f.Put(t.Context(), Place{"b", "a/b"}, brokenContent{strings.NewReader("half of it")})
	require.ErrorIs(t, err, errBroken)
	require.Equal(t, "before", textOf(t, f, "a/b", ""))
	require.ErrorIs(t, f.Put(t.Context(), Place{"b", "new"}, brokenContent{strings.NewReader("half of it")}), errBroken)
	_, err = f.Head(t.Context(), Place{"b", "new"})
	require.ErrorIs(t, err, ErrNoSuchKey)

	contents := []string{strings.Repeat("x", 1<<20), strings.Repeat("y", 1<<20)}
	var writers sync.WaitGroup
	for _, content := range contents {
		writers.Go(func() {
			for range 10 {
				if err := f.Put(t.Context(), Place{"b", "a/b"}, strings.NewReader(content)); err != nil {
					t.Error(err)
				}
			}
		})
	}
	done := make(chan struct{})
	go func() { writers.Wait(); close(done) }()
	for ended := false; !ended; {
		select {
		case <-done:
			ended = true
		default:
		}
		require.Contains(t, append(contents, "before"), textOf(t, f, "a/b", ""))
		for o, err := range f.List(t.Context(), Place{Bucket: "b"}) {
			require.NoError(t, err)
			require.Equal(t, "a/b", o.Key)
		}
	}

	// What killed writers left goes once it is old; a young one may be at work.
	for name, age := range map[string]time.Duration{"old": 2 * abandonedAfter, "young": time.Minute} {
		path := filepath.Join(dir, unfinished, name)
		require.NoError(t, os.WriteFile(path, []byte("half"), 0o600))
		require.NoError(t, os.Chtimes(path, time.Time{}, time.Now().Add(-age)))
	}
	folderAt(t, dir, false)
	require.NoFileExists(t, filepath.Join(dir, unfinished, "old"))
	require.FileExists(t, filepath.Join(dir, unfinished, "young"))

	readOnly := folderAt(t, dir, true)
	require.ErrorIs(t, readOnly.Put(t.Context(), Place{"b", "c"}, bytes.NewReader(nil)), ErrAccessDenied)
	require.NotEmpty(t, textOf(t, readOnly, "a/b", ""))
}
