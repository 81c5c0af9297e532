// Package orc reads and writes Apache ORC v1 files as Arrow arrays.
//
// The writer takes Arrow records of any size and cuts them into stripes and row groups. The reader returns one row
// group of the requested columns at a time, decoded column by column, and reports exactly which stored bytes that
// needed (see Usage). Text columns that the file holds with a dictionary come as Arrow dictionary arrays.
//
// Bytes of a file are not trusted: damage is a *CorruptError with path and offset, a feature that the codec cannot
// read is an *UnsupportedError.
package orc

import "fmt"

// RowGroupRows is the number of rows of a row group in the files that this package writes, and the
// batch size of the executor.
const RowGroupRows = 8192

// Compression is the general compression of a file's streams.
type Compression int

// The compressions of ORC. LZO is known by name only: neither read nor written. LZ4 is read only.
const (
	Zstd Compression = iota
	Zlib
	Snappy
	None
	LZ4
	LZO
	Brotli
)

var compressionNames = map[Compression]string{
	Zstd: "zstd", Zlib: "zlib", Snappy: "snappy", None: "none", LZ4: "lz4", LZO: "lzo", Brotli: "brotli",
}

// String returns the lower-case name, such as "zstd".
func (c Compression) String() string {
	if name, ok := compressionNames[c]; ok {
		return name
	}
	return fmt.Sprintf("compression(%d)", int(c))
}

// Level trades compression time against size.
type Level int

// Fastest suits ingest; Better costs about twice the time for files that are kept (compaction).
const (
	Fastest Level = iota
	Better
)

// CorruptError says where a file is not valid ORC.
type CorruptError struct {
	Path   string
	Offset int64 // in the file, -1 if unknown
	Reason string
}

func (e *CorruptError) Error() string {
	if e.Offset < 0 {
		return fmt.Sprintf("corrupt ORC file %s: %s", e.Path, e.Reason)
	}
	return fmt.Sprintf("corrupt ORC file %s at byte %d: %s", e.Path, e.Offset, e.Reason)
}

// UnsupportedError names a part of ORC or Arrow that is valid but that this package does not support.
type UnsupportedError struct {
	Path string // of the file, empty when writing
	What string
}

func (e *UnsupportedError) Error() string {
	if e.Path == "" {
		return "ORC: not supported: " + e.What
	}
	return fmt.Sprintf("ORC file %s: not supported: %s", e.Path, e.What)
}
