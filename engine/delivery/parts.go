package delivery

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"path/filepath"

	"github.com/klauspost/compress/gzip"

	"github.com/auditlake/auditlake/engine/answer"
	"github.com/auditlake/auditlake/engine/query"
	"github.com/auditlake/auditlake/ingest/signfile"
	"github.com/auditlake/auditlake/storage/object"
	"github.com/auditlake/auditlake/storage/vfs"
)

// defaultMaxPartBytes is when a part ends, compressed.
const defaultMaxPartBytes = 256 << 20

// maxParts is more than any kept result has.
const maxParts = 99_999

// partName is the name of a part, from 1 on.
func partName(number int) string { return fmt.Sprintf("result_%d.csv.gz", number) }

// draftSuffix ends the names of parts on this machine's disk, before they are where they are to be.
const draftSuffix = ".delivery.tmp"

// parts writes a result as files of gzip CSV, each with a header line. A part is first a file of this machine: its
// length must be known before it is sent, and it may have to be sent again.
type parts struct {
	ctx      context.Context
	storage  Storage
	at       object.Place // bucket and prefix
	folder   string
	drafts   vfs.FS
	draft    string      // path
	room     *query.Room // that the draft takes
	maxBytes int64
	files    []signfile.File
	current  *part // nil: none is begun
}

// part is one that is being written.
type part struct {
	file   vfs.File
	buffer *bufio.Writer
	hash   hash.Hash
	zip    *gzip.Writer
	room   *query.Room
	bytes  int64 // that left the compressor
}

// Write implements io.Writer for the compressor.
func (p *part) Write(b []byte) (int, error) {
	if err := p.room.Take(int64(len(b))); err != nil {
		return 0, fmt.Errorf("no room for a file of the delivery: %w", err)
	}
	p.bytes += int64(len(b))
	p.hash.Write(b) // never an error
	return p.buffer.Write(b)
}

// writeParts writes all rows of a source, and returns the files, at least one.
func (w *parts) writeParts(src answer.Source) (files []signfile.File, err error) {
	defer func() {
		if w.current != nil {
			err = errors.Join(err, w.current.file.Close(), w.removeDraft())
		}
	}()
	header := answer.AppendCSVNames(nil, src.Columns())
	var line []byte
	for src.Next() {
		arrays := src.Arrays()
		for row := range arrays[0].Len() {
			line = answer.AppendBareCSV(line[:0], src.Columns(), arrays, row)
			if err := w.writeLine(header, line); err != nil {
				return nil, err
			}
		}
	}
	if err := src.Err(); err != nil {
		return nil, &resultError{err}
	}
	if w.current == nil && len(w.files) == 0 {
		if err := w.begin(header); err != nil {
			return nil, err
		}
	}
	if w.current != nil {
		err = w.send()
	}
	return w.files, err
}

// writeLine writes a row into the part that it belongs to.
func (w *parts) writeLine(header, line []byte) error {
	if w.current == nil {
		if err := w.begin(header); err != nil {
			return err
		}
	}
	if _, err := w.current.zip.Write(line); err != nil {
		return err
	}
	if w.current.bytes < w.maxBytes {
		return nil
	}
	return w.send()
}

// begin begins a part.
func (w *parts) begin(header []byte) error {
	created, err := w.drafts.Create(w.draft)
	if err != nil {
		return err
	}
	p := &part{file: created, buffer: bufio.NewWriterSize(created, 1<<16), hash: sha256.New(), room: w.room}
	p.zip = gzip.NewWriter(p)
	w.current = p
	_, err = p.zip.Write(header)
	return err
}

// send ends the part that was begun and puts it where it is to be.
func (w *parts) send() error {
	p := w.current
	if err := errors.Join(p.zip.Close(), p.buffer.Flush()); err != nil {
		return err
	}
	if err := p.file.Close(); err != nil {
		return err
	}
	w.current = nil
	f := signfile.File{SHA256: hex.EncodeToString(p.hash.Sum(nil)), Name: partName(len(w.files) + 1)}
	ctx, cancel := context.WithTimeout(w.ctx, partTime)
	defer cancel()
	content, err := w.drafts.Open(w.draft)
	if err == nil {
		err = w.storage.Put(ctx, keyOf(w.at, w.folder, f.Name), io.NewSectionReader(content, 0, p.bytes))
		err = errors.Join(err, content.Close())
	}
	w.files = append(w.files, f)
	return errors.Join(err, w.removeDraft())
}

// removeDraft removes the local file, and releases its share of the room of kept results.
func (w *parts) removeDraft() error {
	defer w.room.GiveBack()
	return w.drafts.Remove(w.draft)
}

// removeDrafts removes the drafts of a killed process.
func removeDrafts(files vfs.FS, dir string) {
	entries, err := files.ReadDir(dir)
	if err != nil {
		return // there is no folder yet, or the first part will say what is wrong with it
	}
	for _, e := range entries {
		if matched, _ := filepath.Match(".*"+draftSuffix, e.Name()); matched {
			_ = files.Remove(filepath.Join(dir, e.Name())) // the next opening tries again
		}
	}
}
