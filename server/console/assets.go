package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync"
)

//go:embed web
var webFiles embed.FS

// contentTypes are the content types of the page's files, by extension. The page has no others.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".mjs":  "text/javascript; charset=utf-8",
	".svg":  "image/svg+xml",
	".txt":  "text/plain; charset=utf-8",
	".lock": "text/plain; charset=utf-8",
}

// assets are the page's files by path.
type assets map[string]*asset

// asset is a file of the page. Its bytes do not change while the program runs.
type asset struct {
	body        []byte
	contentType string
	etag        string
	compressed  func() []byte // with gzip, made at the first request
}

// newAssets reads all files below a folder.
func newAssets(files fs.FS, root string) (assets, error) {
	out := assets{}
	err := fs.WalkDir(files, root, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		contentType := contentTypes[path.Ext(name)]
		if contentType == "" {
			return fmt.Errorf("console: no content type for %s", name)
		}
		body, err := fs.ReadFile(files, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(body)
		out[Path+strings.TrimPrefix(name, root+"/")] = &asset{
			body: body, contentType: contentType, etag: hex.EncodeToString(sum[:16]),
			compressed: sync.OnceValue(func() []byte { return compress(body) }),
		}
		return nil
	})
	return out, err
}

func compress(body []byte) []byte {
	var out bytes.Buffer
	w, err := gzip.NewWriterLevel(&out, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is a constant
	}
	_, _ = w.Write(body) // a buffer never fails
	_ = w.Close()
	return out.Bytes()
}

// ServeHTTP answers with a file; for a folder with its index.html.
func (files assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Path
	if name == Path {
		name += "index.html"
	}
	a := files[name]
	if a == nil {
		http.NotFound(w, r)
		return
	}
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Set("Cache-Control", "no-cache") // cached, but revalidated by ETag: a newer program serves a newer page
	h.Set("Vary", "Accept-Encoding")
	body, etag := a.body, `"`+a.etag+`"`
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		body, etag = a.compressed(), `"`+a.etag+`-gzip"`
		h.Set("Content-Encoding", "gzip")
	}
	h.Set("ETag", etag)
	if r.Header.Get("If-None-Match") == etag {
		h.Del("Content-Encoding")
		w.WriteHeader(http.StatusNotModified)
		return
	}
	_, _ = w.Write(body) // a browser that is gone asks again
}
