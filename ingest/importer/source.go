package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/auditlake/auditlake/storage/vfs"
)

// Object is one file of a source.
type Object struct {
	// Key is the object's location, the same on every run: an absolute path with slashes, or a URL.
	Key   string
	Bytes int64 // as stored
	// Modified and ETag change when the object's content does; either may be unknown.
	Modified time.Time
	ETag     string
	// Named: the user named this object; it is read whatever its name is.
	Named bool
	// Err says why the object cannot be read at all; it then becomes a listed failure.
	Err error
	// LeftOut is set for an object that is not a file and is left out: folderLink or socket.
	LeftOut string

	// Remote: the object is on a server, and a request for it takes time.
	Remote bool

	source int    // of joined ones
	fetch  *fetch // nil: it is not fetched ahead
}

// The kinds of objects that are not files and are left out.
const (
	folderLink = "link to a folder"
	socket     = "socket"
)

// Source is a location of log files.
type Source interface {
	// Names returns what the user called the source, for the list of imports.
	Names() []string
	// List yields all objects, in any order. An error ends the list.
	List(ctx context.Context) iter.Seq2[Object, error]
	// Open returns an object's stored bytes.
	Open(ctx context.Context, o Object) (io.ReadCloser, error)
}

// Join combines several sources into one. No two of them may have the same object.
func Join(sources ...Source) Source {
	if len(sources) == 1 {
		return sources[0]
	}
	return joined(sources)
}

type joined []Source

// Names implements Source.
func (j joined) Names() (names []string) {
	for _, s := range j {
		names = append(names, s.Names()...)
	}
	return names
}

// List implements Source.
func (j joined) List(ctx context.Context) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		for i, s := range j {
			for o, err := range s.List(ctx) {
				o.source = i
				if !yield(o, err) {
					return
				}
			}
		}
	}
}

// Open implements Source.
func (j joined) Open(ctx context.Context, o Object) (io.ReadCloser, error) {
	return j[o.source].Open(ctx, o)
}

// Files is the source of files on this machine.
type Files struct {
	names   []string
	roots   []string    // absolute, sorted, none within another
	leftOut os.FileInfo // a folder to leave out, nil if there is none
}

// NewFiles makes a source of files, folders with all below them, and globs. A path that names nothing is an error.
func NewFiles(paths ...string) (*Files, error) {
	f := &Files{names: slices.Clone(paths)}
	for _, p := range paths {
		found, err := expand(p)
		if err != nil {
			return nil, err
		}
		f.roots = append(f.roots, found...)
	}
	slices.SortFunc(f.roots, func(a, b string) int { return strings.Compare(folderKey(a), folderKey(b)) })
	f.roots = slices.Compact(f.roots)
	kept := f.roots[:0]
	for _, root := range f.roots {
		if len(kept) == 0 || !strings.HasPrefix(folderKey(root), folderKey(kept[len(kept)-1])) {
			kept = append(kept, root)
		}
	}
	f.roots = kept
	return f, nil
}

// LeaveOut makes List skip a folder with all below it, unless the user named it. It is for a lake next to the files
// to import.
func (f *Files) LeaveOut(folder string) {
	if info, err := os.Stat(folder); err == nil {
		f.leftOut = info
	}
}

// leavesOut reports whether an entry is the folder to leave out.
func (f *Files) leavesOut(folder os.DirEntry) bool {
	if f.leftOut == nil {
		return false
	}
	info, err := folder.Info()
	return err == nil && os.SameFile(info, f.leftOut)
}

// folderKey returns the prefix of a folder's keys.
func folderKey(path string) string { return strings.TrimSuffix(path, "/") + "/" }

// expand returns the absolute path or, for a glob, the paths it matches.
func expand(path string) ([]string, error) {
	if path == "" {
		return nil, errors.New("import: the path is empty")
	}
	absolute, err := filepath.Abs(path)
	if err != nil {
		return nil, fmt.Errorf("import %s: %w", path, err)
	}
	_, err = os.Stat(absolute)
	if err == nil {
		return []string{absolute}, nil
	}
	if !strings.ContainsAny(path, "*?[") {
		return nil, fmt.Errorf("import %s: %w", path, err)
	}
	matches, globErr := glob(absolute)
	if globErr != nil {
		return nil, fmt.Errorf("import %s: %w", path, globErr)
	}
	if len(matches) == 0 {
		return nil, fmt.Errorf("import %s: no file matches", path)
	}
	return matches, nil
}

// Names returns the paths as given.
func (f *Files) Names() []string { return f.names }

// List yields files and folders in key order. It follows links to files. Links to folders below a root are not
// followed but listed to be left out, as sockets are.
func (f *Files) List(ctx context.Context) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) {
		for _, root := range f.roots {
			info, err := os.Stat(root)
			if err == nil && info.IsDir() {
				if !f.walk(ctx, root, yield) {
					return
				}
				continue
			}
			o := fileObject(root, info, err)
			o.Named = len(f.roots) == 1
			if !yield(o, nil) {
				return
			}
		}
	}
}

// walk yields the files below a folder and reports whether to continue.
func (f *Files) walk(ctx context.Context, folder string, yield func(Object, error) bool) bool {
	if err := ctx.Err(); err != nil {
		yield(Object{}, err)
		return false
	}
	entries, err := os.ReadDir(folder)
	if err != nil {
		return yield(fileObject(folder, nil, err), nil)
	}
	vfs.SortByKey(entries)
	for _, entry := range entries {
		path := filepath.Join(folder, entry.Name())
		if entry.IsDir() {
			if !f.leavesOut(entry) && !f.walk(ctx, path, yield) {
				return false
			}
			continue
		}
		info, err := os.Stat(path)
		o := fileObject(path, info, err)
		switch {
		case err != nil:
		case info.IsDir() && f.leftOut != nil && os.SameFile(info, f.leftOut):
			continue
		case info.IsDir():
			o = Object{Key: o.Key, LeftOut: folderLink}
		case info.Mode()&os.ModeSocket != 0:
			o = Object{Key: o.Key, LeftOut: socket}
		}
		if !yield(o, nil) {
			return false
		}
	}
	return true
}

func fileObject(path string, info os.FileInfo, err error) Object {
	o := Object{Key: filepath.ToSlash(path), Err: err}
	if err == nil && !info.Mode().IsRegular() {
		o.Err = fmt.Errorf("%s is %s, not a regular file, so it is not read", path, kindOfFile(info.Mode()))
		return o
	}
	if err == nil {
		o.Bytes, o.Modified = info.Size(), info.ModTime()
	}
	return o
}

func kindOfFile(mode os.FileMode) string {
	switch {
	case mode&os.ModeNamedPipe != 0:
		return "a pipe"
	case mode&os.ModeSocket != 0:
		return "a socket"
	case mode&os.ModeDevice != 0:
		return "a device"
	}
	return "something else"
}

// Open opens a file.
func (f *Files) Open(_ context.Context, o Object) (io.ReadCloser, error) {
	if o.Err != nil {
		return nil, o.Err
	}
	return os.Open(filepath.FromSlash(o.Key))
}
