package orc

import (
	"errors"
	"fmt"
	"io"

	"github.com/apache/arrow/go/v15/arrow"
	"google.golang.org/protobuf/proto"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// WriterOptions sets the properties of a file. The zero value is a good choice.
type WriterOptions struct {
	Compression Compression // default Zstd
	Level       Level       // default Fastest
	// BlockBytes is the uncompressed size of a compression block; default 256 KiB, and 1 MiB in columns of long
	// texts.
	BlockBytes int
	// StripeBytes ends a stripe at the first row group boundary at which the writer's buffers
	// (finished blocks compressed, open ones and dictionaries as they are) reach it; default 64 MiB.
	StripeBytes    int
	RowIndexStride int // rows of a row group, default RowGroupRows
	// Bloom reports whether a leaf column gets a bloom filter per row group. Paths are dotted; the step below a
	// list is "element", those below a map are "key" and "value". Only string columns can have one.
	Bloom func(path string) bool
	// Attributes returns the ORC type attributes of a column, nested ones included, by the same paths.
	Attributes func(path string) map[string]string
	// UserMetadata is stored unchanged in the footer.
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

// The format version that every reader since Hive 0.12 knows, and the writer's id. No id is registered for this
// writer. The id is outside the registered ones, so that readers do not assume another writer's faults.
var formatVersion = []uint32{0, 12}

const (
	writerID      = 64
	writerVersion = 6 // the first a writer other than the Java one may use
	magic         = "ORC"
)

// Generation is raised when the writer's output changes. Generation 1 omitted the content size of short zstd
// frames, which Trino then cannot read.
const Generation = 2

// softwareName precedes the generation in a footer's softwareVersion.
const softwareName = "auditlake "

// Writer defaults and limits.
const (
	defaultBlockBytes  = 256 << 10 // also of files that do not state it; zstd is slower with half of it
	longBlockBytes     = 1 << 20   // of long texts: records resemble others far before them
	maxBlockBytes      = 1<<23 - 1 // block lengths have 23 bits
	defaultStripeBytes = 64 << 20
	sliceRows          = 1024 // rows encoded at a time, column by column
)

// zstdOverhead is the most that zstd adds to incompressible data: frame header and checksum, and a
// header for each of its own blocks. Blocks are filled that much less, because a stored block must not
// be larger than the block size. So all of them can be zstd frames, whose checksums detect damage;
// blocks stored as they are would have none.
func zstdOverhead(blockBytes int) int { return 32 + 3*(blockBytes>>17) }

// minSealedBlockBytes is the least block size for which the overhead does not matter.
const minSealedBlockBytes = 4 << 10

// Writer writes one ORC file. It is not safe for concurrent use.
type Writer struct {
	out      io.Writer
	offset   int64
	opts     WriterOptions
	settings *writerSettings
	columns  *column
	root     *structColumn

	groupRows   int // in the row group being filled
	groupWeight int
	stripeRows  int
	rows        int64
	stripes     []*orcpb.StripeInformation
	statistics  []*orcpb.StripeStatistics
	identity    []int32
	failed      error
}

// NewWriter starts a file of the schema's columns. Types that ORC lacks are an *UnsupportedError.
// The writer never seeks and does not close w.
func NewWriter(w io.Writer, schema *arrow.Schema, opts WriterOptions) (*Writer, error) {
	shortBytes := opts.BlockBytes
	if opts.BlockBytes == 0 {
		shortBytes, opts.BlockBytes = defaultBlockBytes, longBlockBytes
	}
	if opts.StripeBytes == 0 {
		opts.StripeBytes = defaultStripeBytes
	}
	if opts.RowIndexStride == 0 {
		opts.RowIndexStride = RowGroupRows
	}
	if opts.BlockBytes < 1 || opts.BlockBytes > maxBlockBytes {
		return nil, fmt.Errorf("orc: BlockBytes %d is not between 1 and %d", opts.BlockBytes, maxBlockBytes)
	}
	if opts.RowIndexStride < 1 || opts.RowIndexStride > maxGroupRows {
		return nil, fmt.Errorf("orc: RowIndexStride %d is not between 1 and %d", opts.RowIndexStride, maxGroupRows)
	}
	compress, err := newCompressor(opts.Compression, opts.Level, opts.BlockBytes)
	if err != nil {
		return nil, err
	}
	columns, err := columnsOf(schema, opts.Attributes)
	if err != nil {
		return nil, err
	}
	settings := &writerSettings{compress: compress, blockSize: shortBytes, longBlockSize: opts.BlockBytes, bloom: opts.Bloom}
	if opts.Compression == Zstd && opts.BlockBytes >= minSealedBlockBytes {
		settings.seal = true
		settings.blockSize -= zstdOverhead(shortBytes)
		settings.longBlockSize -= zstdOverhead(opts.BlockBytes)
	}
	wr := &Writer{out: w, opts: opts, settings: settings, columns: columns, root: newStructColumn(columns, settings)}
	wr.emit([]byte(magic))
	return wr, wr.failed
}

// Write appends the rows of rec, whose columns must have the types of the schema; string columns may
// come as dictionaries of strings. After an error the writer must not be used further.
func (w *Writer) Write(rec arrow.Record) error {
	if w.failed != nil {
		return w.failed
	}
	if int(rec.NumCols()) != len(w.root.fields) {
		return fmt.Errorf("orc: record has %d columns, the file %d", rec.NumCols(), len(w.root.fields))
	}
	for from, rows := 0, int(rec.NumRows()); from < rows; {
		n, weight := fittingRows(rec.Columns(), from, min(rows-from, sliceRows-w.groupRows%sliceRows, w.opts.RowIndexStride-w.groupRows), w.groupWeight)
		w.groupWeight += weight
		if err := w.writeRows(rec, from, n); err != nil {
			w.failed = err
			return err
		}
		from += n
	}
	return nil
}

// writeRows adds rows that fit the row group, and ends group and stripe as they are full.
func (w *Writer) writeRows(rec arrow.Record, from, n int) error {
	w.identity = w.identity[:0]
	for i := range n {
		w.identity = append(w.identity, int32(from+i))
	}
	w.root.group.count += uint64(n)
	if err := w.root.writeFields(rec.Column, w.identity); err != nil {
		return err
	}
	w.groupRows += n
	w.stripeRows += n
	w.rows += int64(n)
	isHeavy := w.groupWeight >= maxGroupWeight
	if w.groupRows < w.opts.RowIndexStride && !isHeavy {
		return nil
	}
	w.root.endGroup()
	w.groupRows, w.groupWeight = 0, 0
	if isHeavy || w.root.bytes() >= w.opts.StripeBytes {
		return w.flushStripe()
	}
	return nil
}

// flushStripe writes indexes, data and footer of the stripe. Row groups are complete.
func (w *Writer) flushStripe() error {
	if err := w.root.endStripe(); err != nil {
		return err
	}
	var content stripeContent
	if err := w.root.takeStripe(&content); err != nil {
		return err
	}
	info := &orcpb.StripeInformation{Offset: proto.Uint64(uint64(w.offset)), NumberOfRows: proto.Uint64(uint64(w.stripeRows))}
	footer := &orcpb.StripeFooter{Columns: content.encodings, WriterTimezone: proto.String("UTC")}
	info.IndexLength = proto.Uint64(w.emitStreams(footer, content.index))
	info.DataLength = proto.Uint64(w.emitStreams(footer, content.data))
	footerLength, err := w.emitMessage(footer)
	if err != nil {
		return err
	}
	info.FooterLength = proto.Uint64(footerLength)
	w.stripes = append(w.stripes, info)
	w.statistics = append(w.statistics, &orcpb.StripeStatistics{ColStats: content.statistics})
	w.stripeRows = 0
	return w.failed
}

func (w *Writer) emitStreams(footer *orcpb.StripeFooter, streams []storedStream) (length uint64) {
	for _, s := range streams {
		footer.Streams = append(footer.Streams, s.message)
		w.emitStored(s.stored)
		length += uint64(s.stored.length)
	}
	return length
}

func (w *Writer) emitMessage(m proto.Message) (length uint64, err error) {
	stored, err := w.settings.message(m)
	if err != nil {
		return 0, err
	}
	w.emitStored(stored)
	return uint64(stored.length), nil
}

// emitStored writes the bytes of a stream and releases them.
func (w *Writer) emitStored(stored storedBytes) {
	for _, piece := range stored.pieces {
		w.emit(piece)
	}
	stored.release()
}

// emit writes to the file; the first failure stays.
func (w *Writer) emit(p []byte) {
	if w.failed != nil {
		return
	}
	n, err := w.out.Write(p)
	w.offset += int64(n)
	if err != nil {
		w.failed = fmt.Errorf("write ORC: %w", err)
	}
}

// Close writes what is buffered and the file's tail.
func (w *Writer) Close() (FileInfo, error) {
	if w.failed != nil {
		return FileInfo{}, w.failed
	}
	if w.groupRows > 0 {
		w.root.endGroup()
		w.groupRows = 0
	}
	if w.stripeRows > 0 {
		if err := w.flushStripe(); err != nil {
			return FileInfo{}, err
		}
	}
	info, err := w.writeTail()
	if err != nil {
		return FileInfo{}, err
	}
	w.failed = errors.New("orc: the writer is closed")
	return info, nil
}
