package object

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"iter"
	"os"
	"path"
	"strings"
	"syscall"
	"time"

	"github.com/google/uuid"

	"github.com/auditlake/auditlake/storage/vfs"
)

// folder is a folder of this machine that stands in for a bucket. Nothing outside of it is read or written: the
// system resolves names below an open folder and refuses those that leave it, also through links.
type folder struct {
	root     *os.Root
	readOnly bool
}

// unfinished is the folder of files that Put is writing. It holds no objects.
const unfinished = ".auditlake-unfinished"

// abandonedAfter is the age at which a file there counts as abandoned by its writer.
const abandonedAfter = 24 * time.Hour

// maxKeyBytes is the longest key that S3 allows.
const maxKeyBytes = 1024

// openFolder opens a folder, which must exist, and removes files of killed writers.
func openFolder(name string, readOnly bool) (*folder, error) {
	root, err := os.OpenRoot(name)
	if err != nil {
		return nil, err
	}
	f := &folder{root, readOnly}
	if !readOnly {
		f.removeAbandoned()
	}
	return f, nil
}

// removeAbandoned removes the abandoned files that it can; others only take space.
func (f *folder) removeAbandoned() {
	entries, err := f.entries(unfinished)
	if err != nil {
		return
	}
	for _, e := range entries {
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > abandonedAfter {
			_ = f.root.Remove(path.Join(unfinished, e.Name()))
		}
	}
}

// entries lists a folder, in the order of the keys.
func (f *folder) entries(name string) ([]fs.DirEntry, error) {
	dir, err := f.root.Open(name)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	entries, err := dir.ReadDir(-1)
	vfs.SortByKey(entries)
	return entries, err
}

// List implements Storage.
func (f *folder) List(ctx context.Context, p Place) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) { f.walk(ctx, p, "", true, yield) }
}

// ListFolder implements Storage.
func (f *folder) ListFolder(ctx context.Context, p Place) iter.Seq2[Object, error] {
	return func(yield func(Object, error) bool) { f.walk(ctx, p, "", false, yield) }
}

// walk yields the objects of a place in the folder at, which is "" or ends with a slash, and reports whether to
// continue. It skips everything but files and folders, and links to folders or to targets outside.
func (f *folder) walk(ctx context.Context, p Place, at string, whole bool, yield func(Object, error) bool) bool {
	fail := func(err error) bool {
		yield(Object{}, f.failure("list", p, err))
		return false
	}
	if err := ctx.Err(); err != nil {
		return fail(err)
	}
	name := cmp.Or(strings.TrimSuffix(at, "/"), ".")
	entries, err := f.entries(name)
	if err != nil && (at == "" || !errors.Is(err, fs.ErrNotExist)) {
		return fail(err)
	}
	for _, e := range entries {
		key := at + vfs.EntryKey(e)
		within := strings.HasPrefix(key, p.Prefix)
		switch {
		case at == "" && e.Name() == unfinished:
		case e.IsDir() && (strings.HasPrefix(p.Prefix, key) || within && whole):
			if !f.walk(ctx, p, key, whole, yield) {
				return false
			}
		case e.IsDir() && within:
			if !yield(Object{Key: key, Folder: true}, nil) {
				return false
			}
		case within:
			info, err := f.root.Stat(key)
			if err != nil || !info.Mode().IsRegular() {
				continue // gone, or a link to nowhere or to outside
			}
			if !yield(fileObject(key, info), nil) {
				return false
			}
		}
	}
	return true
}

// fileObject describes a file. Its tag is made of its size and time.
func fileObject(key string, info fs.FileInfo) Object {
	return Object{Key: key, Bytes: info.Size(), Modified: info.ModTime().UTC(), ETag: fmt.Sprintf(`"%x-%x"`, info.Size(), info.ModTime().UnixNano())}
}

// Open implements Storage.
func (f *folder) Open(_ context.Context, p Place, etag string) (io.ReadCloser, error) {
	file, o, err := f.open(p.Prefix)
	if err == nil && etag != "" && o.ETag != etag {
		err = errors.Join(ErrChanged, file.Close())
	}
	if err != nil {
		return nil, f.failure("read", p, err)
	}
	return file, nil
}

// open opens the file of a key. It refuses anything but a regular file, because opening a pipe could block forever.
func (f *folder) open(key string) (*os.File, Object, error) {
	if _, err := f.stat(key); err != nil {
		return nil, Object{}, err
	}
	file, err := f.root.Open(key)
	if err != nil {
		return nil, Object{}, err
	}
	info, err := file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	if err != nil {
		return nil, Object{}, errors.Join(err, file.Close())
	}
	return file, fileObject(key, info), nil
}

// Head implements Storage.
func (f *folder) Head(_ context.Context, p Place) (Object, error) {
	info, err := f.stat(p.Prefix)
	if err != nil {
		return Object{}, f.failure("head", p, err)
	}
	return fileObject(p.Prefix, info), nil
}

func (f *folder) stat(key string) (fs.FileInfo, error) {
	if err := checkKey(key); err != nil {
		return nil, err
	}
	info, err := f.root.Stat(key)
	if err == nil && !info.Mode().IsRegular() {
		err = fs.ErrNotExist
	}
	return info, err
}

// errKey: no file can have the key.
var errKey = errors.New("the key is not a valid path: it must have 1 to 1,024 bytes, without empty parts, . or .., or characters that paths cannot have")

// checkKey refuses a key if another key could name the same file, or if the file could be no object.
func checkKey(key string) error {
	if len(key) > maxKeyBytes || key == "." || !fs.ValidPath(key) || strings.ContainsAny(key, "\x00\\") || strings.HasPrefix(key+"/", unfinished+"/") {
		return errKey
	}
	return nil
}

// Put implements Storage. It writes the content to a file of another name, syncs it, renames it to the key, and
// syncs every folder on the path. A file that a killed process leaves is no object, and is removed after a day.
func (f *folder) Put(ctx context.Context, p Place, content io.ReadSeeker) error {
	err := ctx.Err()
	if err == nil {
		err = f.put(p.Prefix, content)
	}
	if err != nil {
		return f.failure("write", p, err)
	}
	return nil
}

func (f *folder) put(key string, content io.Reader) error {
	if f.readOnly {
		return errReadOnlyFolder
	}
	if err := checkKey(key); err != nil {
		return err
	}
	if err := f.root.MkdirAll(unfinished, 0o700); err != nil {
		return err
	}
	draft := path.Join(unfinished, uuid.NewString())
	err := f.writeDraft(draft, content)
	if err == nil {
		err = f.root.MkdirAll(path.Dir(key), 0o700)
	}
	if err == nil {
		err = f.root.Rename(draft, key)
	}
	if err != nil {
		_ = f.root.Remove(draft) // a later opening removes a leftover
		return err
	}
	for at := path.Dir(key); ; at = path.Dir(at) {
		if err := f.syncFolder(at); err != nil || at == "." {
			return err
		}
	}
}

// writeDraft writes a content to a new file and syncs it.
func (f *folder) writeDraft(name string, content io.Reader) error {
	file, err := f.root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(file, content)
	if err == nil {
		err = file.Sync()
	}
	return errors.Join(err, file.Close())
}

func (f *folder) syncFolder(name string) error {
	dir, err := f.root.Open(name)
	if err != nil {
		return err
	}
	return errors.Join(dir.Sync(), dir.Close())
}

var errReadOnlyFolder = errors.New("the folder is read-only")

// failure returns the error of a request. It does not reveal where the folder is on this machine.
func (f *folder) failure(op string, p Place, err error) error {
	e := &Error{Op: op, URL: p.URL(), Err: err}
	var at *fs.PathError
	var renamed *os.LinkError
	switch {
	case errors.As(err, &at):
		e.Err = at.Err
	case errors.As(err, &renamed):
		e.Err = renamed.Err
	}
	switch {
	case errors.Is(err, fs.ErrNotExist) && op == "list":
		e.Code, e.reason = "NoSuchBucket", ErrNoSuchBucket
	case errors.Is(err, fs.ErrNotExist):
		e.Code, e.reason = "NoSuchKey", ErrNoSuchKey
	case errors.Is(err, fs.ErrPermission), errors.Is(err, errReadOnlyFolder):
		e.Code, e.reason = "AccessDenied", ErrAccessDenied
	case op == "write" && isKeyError(err):
		e.Code, e.reason = "InvalidKey", ErrKey
	}
	return e
}

// isKeyError reports whether a file cannot be written because of its key: it is no path, is too long for the file
// system, leads through a file, or through a link that leaves the folder.
func isKeyError(err error) bool {
	for _, known := range []error{errKey, syscall.ENAMETOOLONG, syscall.ENOTDIR, syscall.ELOOP} {
		if errors.Is(err, known) {
			return true
		}
	}
	var at *fs.PathError
	return errors.As(err, &at) && at.Err.Error() == "path escapes from parent" // os.Root has no value for it
}
