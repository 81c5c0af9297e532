package orc

import (
	"errors"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
)

// WriterOptions sets what a file is like. The zero value is a good choice.
type WriterOptions struct {
	Compression Compression // default Zstd
	Level       Level       // default Fastest
	BlockBytes  int         // uncompressed bytes of a compression block, default 256 KiB
	// StripeBytes ends a stripe at the first row group boundary at which the writer's buffers
	// (finished blocks compressed, open ones and dictionaries as they are) reach it; default 64 MiB.
	StripeBytes    int
	RowIndexStride int // rows of a row group, default RowGroupRows
	// Bloom tells which leaf columns get a bloom filter per row group. Paths are dotted; below a list
	// they go on with "element", below a map with "key" and "value". Only string columns can have one.
	Bloom func(path string) bool
	// Attributes gives the ORC type attributes of a column, nested ones included, by the same paths.
	Attributes func(path string) map[string]string
	// UserMetadata is kept in the footer as it is.
	UserMetadata map[string][]byte
}

// FileInfo describes a finished file.
type FileInfo struct {
	Rows    int64
	Bytes   int64
	Stripes int
	// Columns holds the statistics of the whole file by dotted path, nested columns included.
	Columns map[string]Statistics
}

// Writer writes one ORC file. It is not safe for concurrent use.
type Writer struct{}

// NewWriter starts a file of the schema's columns. Types that ORC lacks are an *UnsupportedError.
// The writer never seeks and does not close w.
func NewWriter(w io.Writer, schema *arrow.Schema, opts WriterOptions) (*Writer, error) {
	return nil, errors.New("orc: writer is missing")
}

// Write appends the rows of rec, whose columns must have the types of the schema; string columns may
// come as dictionaries of strings. After an error the writer must not be used further.
func (w *Writer) Write(rec arrow.Record) error { return errors.New("orc: writer is missing") }

// Close writes what is buffered and the file's tail.
func (w *Writer) Close() (FileInfo, error) {
	return FileInfo{}, errors.New("orc: writer is missing")
}
