// Package tablefile reads and writes the file of a reference table: an Arrow IPC file of compressed record batches.
package tablefile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"sync"

	"github.com/apache/arrow/go/v15/arrow"
	"github.com/apache/arrow/go/v15/arrow/ipc"
)

// Write writes all records, which have the given schema, and returns the number of their rows.
func Write(ctx context.Context, to io.Writer, schema *arrow.Schema, records iter.Seq2[arrow.Record, error]) (rows int64, err error) {
	w, err := ipc.NewFileWriter(&counting{to: to}, ipc.WithSchema(schema), ipc.WithZstd())
	if err != nil {
		return 0, err
	}
	for r, err := range records {
		if err == nil {
			err = ctx.Err()
		}
		if err == nil {
			err = w.Write(r)
		}
		if err != nil {
			return 0, err
		}
		rows += r.NumRows()
	}
	return rows, w.Close()
}

// counting knows its position; the IPC writer needs nothing more of a seeker.
type counting struct {
	to io.Writer
	at int64
}

func (c *counting) Write(p []byte) (int, error) {
	n, err := c.to.Write(p)
	c.at += int64(n)
	return n, err
}

func (c *counting) Seek(offset int64, whence int) (int64, error) {
	if offset != 0 || whence != io.SeekCurrent {
		return 0, errors.New("table files are written from beginning to end")
	}
	return c.at, nil
}

// File is an open table. It is safe for concurrent use.
type File struct {
	closer io.Closer
	path   string

	mu     sync.Mutex // guards reader, which has one position
	reader *ipc.FileReader
}

// Source is the content of a table.
type Source interface {
	io.ReaderAt
	io.Closer
}

// Open reads the footer of a file of size bytes, whose content the caller has checked, because the IPC reader
// trusts lengths. The File owns the source, even after an error. path is used in errors only.
func Open(from Source, size int64, path string) (f *File, err error) {
	f = &File{closer: from, path: path}
	defer func() {
		if err != nil {
			err = errors.Join(err, from.Close())
		}
	}()
	defer f.recovered(&err)
	if f.reader, err = ipc.NewFileReader(io.NewSectionReader(from, 0, size)); err != nil {
		return nil, fmt.Errorf("table file %s: %w", path, err)
	}
	return f, nil
}

// Records is the number of record batches.
func (f *File) Records() int { return f.reader.NumRecords() }

// Record reads a record batch.
func (f *File) Record(i int) (r arrow.Record, err error) {
	defer f.recovered(&err)
	f.mu.Lock()
	defer f.mu.Unlock()
	r, err = f.reader.RecordAt(i)
	if err != nil {
		return nil, fmt.Errorf("table file %s: record batch %d: %w", f.path, i, err)
	}
	return r, nil
}

// Close closes the file. Records read before stay valid.
func (f *File) Close() error { return f.closer.Close() }

// recovered turns a panic of the IPC reader, caused by damage, into an error.
func (f *File) recovered(err *error) {
	if p := recover(); p != nil {
		*err = fmt.Errorf("table file %s is damaged: %v", f.path, p)
	}
}
