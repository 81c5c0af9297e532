package logfile

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"errors"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/auditlake/auditlake/ingest"
)

// packing is how a file is packed, by its first bytes.
type packing uint8

const (
	notPacked packing = iota
	gzipPacked
	zstdPacked
	bzip2Packed
)

var packings = [...]struct{ magic, name string }{
	gzipPacked: {"\x1f\x8b", "gzip"}, zstdPacked: {"\x28\xb5\x2f\xfd", "zstd"}, bzip2Packed: {"BZh", "bzip2"},
}

// longestMagic is the number of bytes that identify the packing.
const longestMagic = 4

// packingOf determines the packing by the first bytes, if there are any.
func packingOf(stored *bufio.Reader) (packing, error) {
	start, err := stored.Peek(longestMagic)
	if err != nil && !errors.Is(err, io.EOF) {
		return notPacked, err
	}
	for p := gzipPacked; int(p) < len(packings); p++ {
		if bytes.HasPrefix(start, []byte(packings[p].magic)) {
			return p, nil
		}
	}
	return notPacked, nil
}

// maxZstdWindow bounds the memory that a zstd file can ask for. The zstd command needs up to 128 MiB for files made
// with --ultra.
const maxZstdWindow = 128 << 20

// unpackers unpack one file after another.
type unpackers struct {
	gzip *members      // nil until a file needed it
	zstd *zstd.Decoder // nil likewise
	// Of a file that is packed twice:
	inner *members // nil likewise
	check func(bytes int64) *ingest.Failure
}

// open returns the unpacked bytes of a file.
func (u *unpackers) open(stored *bufio.Reader, p packing) (io.Reader, error) {
	switch p {
	case gzipPacked:
		if u.gzip == nil {
			u.gzip = new(members)
		}
		return u.gzip, u.gzip.reset(stored)
	case zstdPacked:
		if u.zstd == nil {
			var err error
			// The decoder runs in the caller's goroutine, so nothing is left when the reader is dropped.
			if u.zstd, err = zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxZstdWindow), zstd.WithDecoderLowmem(true)); err != nil {
				return nil, err
			}
		}
		return u.zstd, u.zstd.Reset(stored)
	case bzip2Packed:
		return bzip2.NewReader(stored), nil
	}
	return stored, nil
}
