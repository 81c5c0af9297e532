package importer

import (
	"bufio"
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// tree makes files below a folder; names ending in a slash are folders.
func tree(t *testing.T, names ...string) string {
	t.Helper()
	root := t.TempDir()
	for _, name := range names {
		path := filepath.Join(root, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		if !strings.HasSuffix(name, "/") {
			require.NoError(t, os.WriteFile(path, []byte(name), 0o644))
		}
	}
	return root
}

func list(t *testing.T, root string, f *Files) []string {
	t.Helper()
	var keys []string
	for o, err := range f.List(t.Context()) {
		require.NoError(t, err)
		key := strings.TrimPrefix(o.Key, filepath.ToSlash(root)+"/")
		if o.Err != nil {
			key += " " + o.Err.Error()
		} else {
			require.EqualValues(t, len(key), o.Bytes)
			require.False(t, o.Modified.IsZero())
		}
		keys = append(keys, key)
	}
	return keys
}

func TestFilesComeInKeyOrder(t *testing.T) {
	root := tree(t, "b/2.json", "b/1.json", "b.json", "b-x/3.json", "a", "c/d/e/4.json", "empty/")
	whole := []string{"a", "b-x/3.json", "b.json", "b/1.json", "b/2.json", "c/d/e/4.json"}
	for name, c := range map[string]struct {
		paths []string
		want  []string
	}{
		"folder":              {[]string{""}, whole},
		"folder and parts":    {[]string{"b/1.json", "", "c", "a"}, whole},
		"one file":            {[]string{"b.json"}, []string{"b.json"}},
		"folder and neighbor": {[]string{"b.json", "b"}, []string{"b.json", "b/1.json", "b/2.json"}},
		"glob":                {[]string{"b/*.json", "?"}, []string{"a", "b/1.json", "b/2.json", "c/d/e/4.json"}},
		"twice":               {[]string{"a", "a"}, []string{"a"}},
	} {
		t.Run(name, func(t *testing.T) {
			var paths []string
			for _, p := range c.paths {
				paths = append(paths, filepath.Join(root, p))
			}
			f, err := NewFiles(paths...)
			require.NoError(t, err)
			require.Equal(t, c.want, list(t, root, f))
			require.Equal(t, c.want, list(t, root, f), "the list can be had again")
		})
	}
}

func TestJoinedSources(t *testing.T) {
	l := newLake(t, 100)
	a, b := objects(map[string]string{"a": logFile(event("1", 1))}), objects(map[string]string{"b": logFile(event("2", 2)), "c": logFile(event("3", 3))})
	source := Join(a, b)
	require.Equal(t, []string{"memory", "memory"}, source.Names())
	r, _ := l.run(t, source, Options{listBytes: 1})
	require.EqualValues(t, 3, r.Import.Counts.Events)
	require.Equal(t, sorted(event("1", 1), event("2", 2), event("3", 3)), l.texts(t))
}

func TestPathsThatNameNothing(t *testing.T) {
	root := tree(t, "a")
	for _, path := range []string{"absent.json", "*.json", "[", "a/b"} {
		_, err := NewFiles(filepath.Join(root, path))
		require.ErrorContains(t, err, path)
	}
}

// TestEmptyPath: what a variable that is not set leaves of a command must not import the working folder.
func TestEmptyPath(t *testing.T) {
	_, err := NewFiles("")
	require.ErrorContains(t, err, "the path is empty")
}

func TestFolderLeftOut(t *testing.T) {
	root := tree(t, "a.json", "lake/b.json", "lake/c/d.json", "e/lake/f.json")
	require.NoError(t, os.Symlink(filepath.Join(root, "lake"), filepath.Join(root, "other-name")))
	f, err := NewFiles(root)
	require.NoError(t, err)
	f.LeaveOut(filepath.Join(root, "other-name"))
	require.Equal(t, []string{"a.json", "e/lake/f.json"}, list(t, root, f))
	f, err = NewFiles(filepath.Join(root, "lake"))
	require.NoError(t, err)
	f.LeaveOut(filepath.Join(root, "lake"))
	require.Equal(t, []string{"lake/b.json", "lake/c/d.json"}, list(t, root, f), "asked for by name")
}

func TestUnreadableFileIsAFailure(t *testing.T) {
	root := tree(t, "a.json", "z.json")
	require.NoError(t, os.WriteFile(filepath.Join(root, "z.json"), []byte(logFile(event("1", 1))), 0o644))
	require.NoError(t, os.WriteFile(filepath.Join(root, "a.json"), []byte(logFile(event("2", 2))), 0o644))
	require.NoError(t, os.Symlink(filepath.Join(root, "gone"), filepath.Join(root, "link.json")))
	source, err := NewFiles(root)
	require.NoError(t, err)
	l := newLake(t, 100)
	r, files := l.run(t, source, Options{})
	require.EqualValues(t, 2, r.Import.Counts.Events)
	require.EqualValues(t, 1, r.Import.Counts.FilesFailed)
	require.Equal(t, map[string]int64{"UNREADABLE": 1}, r.Reasons)
	require.True(t, files[1].Broken)
}

func TestOneFileIsReadWhateverItsName(t *testing.T) {
	root := tree(t, "events.txt")
	path := filepath.Join(root, "events.txt")
	require.NoError(t, os.WriteFile(path, []byte(ndjson(event("1", 1))), 0o644))
	l := newLake(t, 100)
	for name, want := range map[string]int64{root: 0, path: 1} {
		source, err := NewFiles(name)
		require.NoError(t, err)
		r, _ := l.run(t, source, Options{})
		require.Equal(t, want, r.Import.Counts.Events, name)
		require.Equal(t, 1-want, r.Import.Counts.FilesOther, name)
	}
}

// TestTemporaryFileOfLists: a list of files is sorted on disk only where it is long, and an import without a place for that ends
// with the reason.
func TestTemporaryFileOfLists(t *testing.T) {
	l := newLake(t, 100)
	source := objects(map[string]string{"a": logFile(event("1", 1)), "b": logFile(event("2", 2))})
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "absent"))
	_, _, err := l.tryRun(t, t.Context(), source, Options{listBytes: 1})
	require.ErrorContains(t, err, "sort the list of files")
	require.Empty(t, l.texts(t))
	r, _ := l.run(t, source, Options{})
	require.EqualValues(t, 2, r.Import.Counts.Events)
}

// TestListedObjects: an object comes back from the temporary file of a long list as it was.
func TestListedObjects(t *testing.T) {
	for name, o := range map[string]Object{
		"file":   {Key: "/a/b.json", Bytes: 7, Modified: time.Unix(1, 5), ETag: "e", Named: true},
		"remote": {Key: "s3://b/c", Bytes: 1 << 40, Remote: true, source: 3},
		"failed": {Key: "/d", Err: errors.New("denied")},
		"socket": {Key: "/s", LeftOut: socket},
	} {
		t.Run(name, func(t *testing.T) {
			wrote, got := listed{Object: o, delivery: deliveryOf(o.Key)}, listed{}
			require.NoError(t, got.read(bufio.NewReader(bytes.NewReader(wrote.appendTo(nil)))))
			require.Equal(t, wrote, got)
		})
	}
}
