package storage

import (
	"container/list"
	"errors"
	"io/fs"
	"sync"

	"github.com/auditlake/auditlake/storage/vfs"
)

// filePool reads segment files and keeps a bounded number of handles open, the most recently used ones. It is safe
// for concurrent use.
type filePool struct {
	fs    vfs.FS
	limit int

	mu      sync.Mutex
	handles map[string]*handle // mu
	idle    list.List          // mu: *handle, last used first
}

type handle struct {
	path  string
	file  vfs.ReadFile
	users int           // pool's mu
	idle  *list.Element // pool's mu; nil while in use
}

func newFilePool(fs vfs.FS, limit int) *filePool {
	return &filePool{fs: fs, limit: limit, handles: map[string]*handle{}}
}

// pooledFile is an io.ReaderAt that holds no handle between reads.
type pooledFile struct {
	pool *filePool
	path string
}

// ReadAt implements io.ReaderAt.
func (f *pooledFile) ReadAt(p []byte, offset int64) (int, error) {
	h, err := f.pool.acquire(f.path)
	if err != nil {
		return 0, err
	}
	defer f.pool.release(h)
	return h.file.ReadAt(p, offset)
}

// Expect implements vfs.Expecter, if the file system does. If the file cannot be opened, the next read reports it.
func (f *pooledFile) Expect(offset, bytes int64) {
	if !vfs.CanExpect(f.pool.fs) {
		return
	}
	h, err := f.pool.acquire(f.path)
	if err != nil {
		return
	}
	defer f.pool.release(h)
	if file, ok := h.file.(vfs.Expecter); ok {
		file.Expect(offset, bytes)
	}
}

func (p *filePool) acquire(path string) (*handle, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h, open := p.handles[path]
	if !open {
		file, err := p.fs.Open(path)
		if err != nil {
			return nil, err
		}
		h = &handle{path: path, file: file}
		p.handles[path] = h
	}
	if h.idle != nil {
		p.idle.Remove(h.idle)
		h.idle = nil
	}
	h.users++
	return h, nil
}

func (p *filePool) release(h *handle) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h.users--
	if h.users > 0 {
		return
	}
	if p.handles[h.path] != h { // forgotten while in use
		_ = h.file.Close()
		return
	}
	h.idle = p.idle.PushFront(h)
	for len(p.handles) > p.limit && p.idle.Len() > 0 {
		p.closeLocked(p.idle.Back().Value.(*handle))
	}
}

// forget closes the handle of a file that is about to be deleted.
func (p *filePool) forget(path string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	h, open := p.handles[path]
	switch {
	case !open:
	case h.idle != nil:
		p.closeLocked(h)
	default:
		delete(p.handles, path)
	}
}

// closeLocked closes an idle handle. The error of closing a read handle does not matter.
func (p *filePool) closeLocked(h *handle) {
	p.idle.Remove(h.idle)
	delete(p.handles, h.path)
	_ = h.file.Close()
}

func (p *filePool) close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	var errs []error
	for path, h := range p.handles {
		if err := h.file.Close(); err != nil && !errors.Is(err, fs.ErrClosed) {
			errs = append(errs, err)
		}
		delete(p.handles, path)
	}
	p.idle.Init()
	return errors.Join(errs...)
}
