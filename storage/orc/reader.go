package orc

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/apache/arrow/go/v15/arrow"
	"google.golang.org/protobuf/proto"

	"github.com/auditlake/auditlake/storage/decoded"
	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// Limits of a file's tail, so that a hostile one cannot take all memory.
const (
	tailReadBytes   = 16 << 10
	minMessageBytes = 4 << 20 // a message may expand to this much …
	maxExpansion    = 400     // … or to this many times its stored size
	maxGroupRows    = 1 << 20
	plainGroupRows  = 1 << 16 // rows of a group in files without usable row indexes
)

// Reader reads one ORC file. It is safe for concurrent use.
type Reader struct {
	source
	postScript *orcpb.PostScript
	footer     encodedFooter
	stripes    [][]byte // encoded statistics of the stripes
	tree       *typeTree
	groupRows  int
	indexed    bool // row groups are those of the row index
	described  *descriptions
}

// filesOpened counts opened files, for their ids.
var filesOpened atomic.Uint64

// Open reads the tail of a file of size bytes. path is used in errors only.
func Open(r io.ReaderAt, size int64, path string) (*Reader, error) {
	return OpenWith(nil, r, size, path)
}

// OpenWith is Open with a cache for decoded parts of the file, valid until the file is opened again. The file must
// not change.
func OpenWith(cache *decoded.Cache, r io.ReaderAt, size int64, path string) (reader *Reader, err error) {
	reader = &Reader{source: source{file: r, path: path, id: filesOpened.Add(1), cache: cache}, described: &descriptions{}}
	defer reader.recovered(&err)
	if err := reader.readTail(size); err != nil {
		return nil, err
	}
	if reader.tree, err = treeOf(reader.footer.types, path); err != nil {
		var unsupported *UnsupportedError
		if errors.As(err, &unsupported) {
			return nil, err
		}
		return nil, reader.corrupt(-1, "%v", err)
	}
	return reader, reader.checkStripes(size)
}

// recovered turns a panic into an error. Only damage that no check foresaw can cause it.
func (r *Reader) recovered(err *error) {
	if p := recover(); p != nil {
		*err = r.corrupt(-1, "decoding failed: %v", p)
	}
}

// checkMagic requires the format's name in the postscript or, as the first writers left it, only at the file's
// beginning.
func (r *Reader) checkMagic(psAt int64) error {
	if r.postScript.GetMagic() == magic {
		return nil
	}
	head := make([]byte, len(magic))
	if err := r.readAt(head, 0); err != nil {
		return err
	}
	if r.postScript.Magic != nil || string(head) != magic {
		return r.corrupt(psAt, "the postscript does not say %q: not an ORC file", magic)
	}
	return nil
}

// readTail reads postscript, footer and metadata.
func (r *Reader) readTail(size int64) error {
	if size < int64(len(magic))+1 {
		return r.corrupt(0, "a file of %d bytes is too short", size)
	}
	tail := make([]byte, min(size, tailReadBytes))
	if err := r.readAt(tail, size-int64(len(tail))); err != nil {
		return err
	}
	n := int64(tail[len(tail)-1])
	if n+1 > int64(len(tail)) {
		return r.corrupt(size-1, "a postscript of %d bytes is longer than the file", n)
	}
	r.postScript = &orcpb.PostScript{}
	psAt := size - 1 - n
	if err := proto.Unmarshal(tail[int64(len(tail))-1-n:len(tail)-1], r.postScript); err != nil {
		return r.corrupt(psAt, "postscript: %v", err)
	}
	if err := r.checkMagic(psAt); err != nil {
		return err
	}
	if err := r.setCompression(psAt); err != nil {
		return err
	}
	footerLength, metadataLength := r.postScript.GetFooterLength(), r.postScript.GetMetadataLength()
	if footerLength > uint64(psAt) || metadataLength > uint64(psAt)-footerLength {
		return r.corrupt(psAt, "footer and metadata of %d and %d bytes are longer than the file", footerLength, metadataLength)
	}
	footerAt := psAt - int64(footerLength)
	content, err := r.readStored(extent{footerAt, int64(footerLength)}, nil)
	if err != nil {
		return err
	}
	if r.footer, err = parseFooter(content); err != nil {
		return r.corrupt(footerAt, "footer: %v", err)
	}
	r.sealed = r.compression == Zstd && r.footer.GetWriter() == writerID && r.blockSize >= minSealedBlockBytes
	if r.footer.GetEncryption() != nil {
		return &UnsupportedError{Path: r.path, What: "column encryption"}
	}
	metadataAt := footerAt - int64(metadataLength)
	if content, err = r.readStored(extent{metadataAt, int64(metadataLength)}, nil); err != nil {
		return err
	}
	if r.stripes, err = repeated(content, metadataStripes); err != nil {
		return r.corrupt(metadataAt, "metadata: %v", err)
	}
	return nil
}

func (r *Reader) setCompression(psAt int64) error {
	known := false
	for c, kind := range compressionKinds {
		if kind == r.postScript.GetCompression() {
			r.compression, known = c, true
		}
	}
	if !known {
		return &UnsupportedError{Path: r.path, What: fmt.Sprintf("compression kind %d", r.postScript.GetCompression())}
	}
	if r.compression == LZO || r.compression == Brotli {
		return &UnsupportedError{Path: r.path, What: r.compression.String() + " compression"}
	}
	blockSize := r.postScript.GetCompressionBlockSize()
	if blockSize == 0 {
		blockSize = defaultBlockBytes
	}
	if r.compression != None && blockSize > maxBlockBytes+1 {
		return r.corrupt(psAt, "a compression block size of %d is above %d", blockSize, maxBlockBytes+1)
	}
	if r.compression == None {
		blockSize = defaultBlockBytes
	}
	r.blockSize = int(blockSize)
	return nil
}

// readStored decompresses a part of the file that is no stream.
func (s *source) readStored(at extent, usage *Usage) ([]byte, error) {
	read := &Usage{}
	in := newInStream(s, at, read)
	limit := max(minMessageBytes, maxExpansion*at.length)
	var content []byte
	for in.next < in.end {
		if err := in.fill(); err != nil {
			return nil, err
		}
		if int64(len(content)+len(in.block)) > limit {
			return nil, s.corrupt(at.offset, "%d stored bytes expand to more than %d", at.length, limit)
		}
		content = append(content, in.block...)
	}
	usage.read(read.bytesRead)
	giveBuffer(in.decoded)
	giveBuffer(in.window)
	return content, nil
}

// checkStripes checks that stripes lie in the file and add up to its rows.
func (r *Reader) checkStripes(size int64) error {
	stride := r.footer.GetRowIndexStride()
	r.groupRows, r.indexed = plainGroupRows, false
	if stride > 0 && stride <= maxGroupRows {
		r.groupRows, r.indexed = int(stride), true
	}
	rows := uint64(0)
	for i, s := range r.footer.GetStripes() {
		end := s.GetOffset()
		for _, n := range []uint64{s.GetIndexLength(), s.GetDataLength(), s.GetFooterLength()} {
			if end > uint64(size) || n > uint64(size)-end {
				return r.corrupt(-1, "stripe %d lies beyond the end of the file", i)
			}
			end += n
		}
		if s.GetNumberOfRows() > 1<<40 {
			return r.corrupt(-1, "stripe %d has %d rows", i, s.GetNumberOfRows())
		}
		rows += s.GetNumberOfRows()
	}
	if rows != r.footer.GetNumberOfRows() {
		return r.corrupt(-1, "stripes have %d rows, the footer says %d", rows, r.footer.GetNumberOfRows())
	}
	return nil
}

// hasShortDecimals reports whether decimals are stored like integers: the preview of version 2 of the format does
// so with up to 18 digits.
func (r *Reader) hasShortDecimals(c *column) bool {
	version := r.postScript.GetVersion()
	return slices.Equal(version, []uint32{1, 9999}) && c.dataType.(*arrow.Decimal128Type).Precision <= 18
}

// Schema returns the columns as Arrow types, with ORC type attributes as field metadata. Text columns have type
// String here, though Stripe.Read may return them as dictionaries. Timestamps have the unit that a Writer of this
// package noted, else nanoseconds.
func (r *Reader) Schema() *arrow.Schema { return r.tree.schema }

// NumRows is the number of rows of the file.
func (r *Reader) NumRows() int64 { return int64(r.footer.GetNumberOfRows()) }

// NumStripes is the number of stripes of the file.
func (r *Reader) NumStripes() int { return len(r.footer.GetStripes()) }

// Compression is the compression of the file's streams.
func (r *Reader) Compression() Compression { return r.compression }

// UserMetadata returns the value that the writer stored under name.
func (r *Reader) UserMetadata(name string) ([]byte, bool) {
	for _, item := range r.footer.GetMetadata() {
		if item.GetName() == name {
			return item.GetValue(), true
		}
	}
	return nil, false
}

// IsOld reports whether an earlier version of this package's Writer wrote the file. It reads nothing.
func (r *Reader) IsOld() bool {
	number, ours := strings.CutPrefix(r.footer.GetSoftwareVersion(), softwareName)
	if !ours || r.footer.GetWriter() != writerID {
		return false
	}
	written, err := strconv.Atoi(number)
	return err == nil && written < Generation
}

// Attributes returns the ORC type attributes of the column at path (never nil).
func (r *Reader) Attributes(path Path) (map[string]string, error) {
	c, err := r.tree.root.find(path)
	if err != nil {
		return nil, err
	}
	return c.attributes, nil
}

// StripeRows is the number of rows of a stripe. It reads nothing.
func (r *Reader) StripeRows(stripe int) int64 {
	return int64(r.footer.GetStripes()[stripe].GetNumberOfRows())
}

// StripeOffset is where a stripe begins in the file.
func (r *Reader) StripeOffset(stripe int) int64 {
	return int64(r.footer.GetStripes()[stripe].GetOffset())
}

// StripeGroups is the number of row groups of a stripe; all but the last have GroupRows rows.
// It reads nothing.
func (r *Reader) StripeGroups(stripe int) int {
	return int((r.StripeRows(stripe) + int64(r.groupRows) - 1) / int64(r.groupRows))
}

// GroupRows is the number of rows of each row group but a stripe's last.
func (r *Reader) GroupRows() int { return r.groupRows }

// Statistics describes a column over the whole file.
func (r *Reader) Statistics(path Path) (Statistics, error) {
	return r.statistics(wholeFile, path, r.NumRows(), func(column int) ([]byte, error) {
		if column >= len(r.footer.statistics) {
			return nil, nil
		}
		return r.footer.statistics[column], nil
	})
}

// StripeStatistics describes a column over one stripe. It reads nothing.
func (r *Reader) StripeStatistics(stripe int, path Path) (Statistics, error) {
	return r.statistics(stripe, path, r.StripeRows(stripe), func(column int) ([]byte, error) {
		if stripe >= len(r.stripes) {
			return nil, nil
		}
		encoded, err := nthOf(r.stripes[stripe], stripeStatisticsList, column)
		if err != nil {
			return nil, r.corrupt(-1, "statistics of stripe %d: %v", stripe, err)
		}
		return encoded, nil
	})
}

// trusted drops bounds that known faults of old Java writers make wrong.
func (r *Reader) trusted(s Statistics) Statistics {
	isJava := r.footer.GetWriter() == 0
	version := r.postScript.GetWriterVersion()
	switch {
	case !isJava || s.Min.Kind == NoBound:
		return s
	case s.Min.Kind == TextBound && version < 1, s.Min.Kind == DecimalBound && version < 7:
		s.Min, s.Max = Bound{}, Bound{}
	}
	return s
}
