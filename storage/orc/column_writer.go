package orc

import (
	"fmt"
	"math/bits"

	"github.com/apache/arrow/go/v15/arrow"
	"google.golang.org/protobuf/proto"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// columnWriter encodes one column of a file, with the columns below it.
//
// Per stripe: write any number of times, endGroup after each row group, endStripe once.
type columnWriter interface {
	// write adds the given elements of arr.
	write(arr arrow.Array, rows []int32) error
	// endGroup ends a row group; the next one starts at the streams' current positions.
	endGroup()
	// endStripe completes the streams of the stripe.
	endStripe() error
	// takeStripe moves the content of this column and those below into s, and starts the next stripe.
	takeStripe(s *stripeContent) error
	// fileStatistics appends the statistics of this column and those below over all stripes.
	fileStatistics(list []*orcpb.ColumnStatistics) []*orcpb.ColumnStatistics
	// bytes is the memory that streams and dictionaries hold.
	bytes() int
}

// stripeContent collects the parts of a stripe in the order of the columns.
type stripeContent struct {
	index, data []storedStream
	encodings   []*orcpb.ColumnEncoding
	statistics  []*orcpb.ColumnStatistics
}

type storedStream struct {
	message *orcpb.Stream
	stored  storedBytes
}

// writerSettings is the state that all column writers of a file share.
type writerSettings struct {
	compress      compressor
	blockSize     int  // uncompressed bytes of a compression block
	longBlockSize int  // the same where texts are long
	seal          bool // every block carries the compressor's checksum
	bloom         func(path string) bool

	// Memory reused by each call.
	packed []byte   // a compressed block
	run    []byte   // encoded runs
	values []uint64 // to be packed into bits
	seen   []uint64 // a hash table of hashes
}

func (s *writerSettings) stream(kind orcpb.Stream_Kind) *outStream {
	return &outStream{settings: s, kind: kind, blockSize: s.blockSize}
}

// baseWriter is the part that all column writers share: nulls, statistics, row index, bloom filter.
type baseWriter struct {
	column   *column
	settings *writerSettings

	present   *outStream
	presentRL *boolWriter
	hasNulls  bool // in this stripe

	group, stripe, file statistician

	streams  []*outStream // besides present
	encoders []encoder    // of the streams with positions in the row index, in its order
	encoding *orcpb.ColumnEncoding
	entries  []indexEntry // of finished row groups; the last is the one being filled
	blooms   *orcpb.BloomFilterIndex
	hashes   []uint64 // of this row group's values
	valid    []int32
}

// indexEntry is the entry of one row group in the row index.
type indexEntry struct {
	present    []uint64 // positions of the present stream, dropped when there is no null
	positions  []uint64
	statistics *orcpb.ColumnStatistics
}

func newBaseWriter(c *column, settings *writerSettings) baseWriter {
	b := baseWriter{column: c, settings: settings, encoding: &orcpb.ColumnEncoding{Kind: orcpb.ColumnEncoding_DIRECT.Enum()}}
	for _, s := range []*statistician{&b.group, &b.stripe, &b.file} {
		s.kind = c.kind
		switch t := c.dataType.(type) {
		case *arrow.TimestampType:
			s.unit = t.Unit
		case *arrow.Decimal128Type:
			s.decimalScale = t.Scale
		}
	}
	if c.parent != nil {
		b.present = settings.stream(orcpb.Stream_PRESENT)
		b.presentRL = newBoolWriter(b.present)
	}
	if c.isText() && settings.bloom != nil && settings.bloom(c.path) {
		b.blooms = &orcpb.BloomFilterIndex{}
	}
	return b
}

// stream adds a stream to the column.
func (b *baseWriter) stream(kind orcpb.Stream_Kind) *outStream {
	s := b.settings.stream(kind)
	b.streams = append(b.streams, s)
	return s
}

// ints adds a stream of integers.
func (b *baseWriter) ints(kind orcpb.Stream_Kind, signed bool) *intWriter {
	b.encoding.Kind = orcpb.ColumnEncoding_DIRECT_V2.Enum()
	w := newIntWriter(b.stream(kind), signed)
	b.encoders = append(b.encoders, w)
	return w
}

// notePresent writes which rows are null and returns the others, valid until the next call.
func (b *baseWriter) notePresent(arr arrow.Array, rows []int32) []int32 {
	if arr.NullN() == 0 {
		b.presentRL.addTrue(len(rows))
		return rows
	}
	b.valid = b.valid[:0]
	switch {
	case arr.NullN() == arr.Len():
		b.presentRL.addFalse(len(rows))
	case len(rows) > 0 && int(rows[len(rows)-1]-rows[0]) == len(rows)-1:
		b.noteRange(arr.NullBitmapBytes(), arr.Data().Offset(), rows)
	default:
		for _, row := range rows {
			isValid := arr.IsValid(int(row))
			b.presentRL.add(isValid)
			if isValid {
				b.valid = append(b.valid, row)
			}
		}
	}
	if len(b.valid) < len(rows) {
		b.hasNulls, b.group.hasNull = true, true
	}
	return b.valid
}

// noteRange is notePresent for consecutive rows, eight at a time.
func (b *baseWriter) noteRange(validity bitmap, offset int, rows []int32) {
	for ; len(rows) >= 8; rows = rows[8:] {
		eight := validity.byteAt(offset + int(rows[0]))
		b.presentRL.addEight(eight)
		for left := eight; left != 0; left &= left - 1 {
			b.valid = append(b.valid, rows[bits.TrailingZeros8(left)])
		}
	}
	for _, row := range rows {
		isValid := validity.has(offset + int(row))
		b.presentRL.add(isValid)
		if isValid {
			b.valid = append(b.valid, row)
		}
	}
}

// startGroup records the positions of the streams.
func (b *baseWriter) startGroup() {
	var entry indexEntry
	if b.presentRL != nil {
		entry.present = b.presentRL.mark(nil)
	}
	for _, e := range b.encoders {
		entry.positions = e.mark(entry.positions)
	}
	b.entries = append(b.entries, entry)
}

func (b *baseWriter) endGroup() {
	b.finishGroup()
	b.startGroup()
}

func (b *baseWriter) endStripe() error {
	for _, e := range b.encoders {
		e.flush()
	}
	b.entries = b.entries[:len(b.entries)-1] // the row group that would have come next
	return nil
}

// finishGroup completes the entry of the current row group.
func (b *baseWriter) finishGroup() {
	b.entries[len(b.entries)-1].statistics = b.group.message()
	b.stripe.merge(&b.group)
	b.group.reset()
	if b.blooms != nil {
		b.blooms.BloomFilter = append(b.blooms.BloomFilter, b.settings.buildBloom(b.hashes))
		b.hashes = b.hashes[:0]
	}
}

func (b *baseWriter) bytes() int {
	n := 0
	for _, s := range b.streams {
		n += s.bytes()
	}
	if b.present != nil {
		n += b.present.bytes()
	}
	return n
}

func (b *baseWriter) fileStatistics(list []*orcpb.ColumnStatistics) []*orcpb.ColumnStatistics {
	return append(list, b.file.message())
}

// takeStripe appends this column's own parts.
func (b *baseWriter) takeStripe(s *stripeContent) error {
	if b.hasNulls && b.column.attributes[requiredAttribute] == "true" {
		return fmt.Errorf("orc: column %s is required and has a NULL", b.column.path)
	}
	if err := b.takeIndex(s); err != nil {
		return err
	}
	streams := b.streams
	if b.present != nil && b.hasNulls {
		b.presentRL.flush()
		streams = append([]*outStream{b.present}, streams...)
	}
	for _, stream := range streams {
		stored, err := stream.take()
		if err != nil {
			return fmt.Errorf("compress column %s: %w", b.column.path, err)
		}
		s.data = append(s.data, b.stored(stream.kind, stored))
	}
	s.encodings = append(s.encodings, proto.Clone(b.encoding).(*orcpb.ColumnEncoding))
	s.statistics = append(s.statistics, b.stripe.message())
	b.file.merge(&b.stripe)
	b.reset()
	b.startGroup()
	return nil
}

// reset drops the content of the stripe.
func (b *baseWriter) reset() {
	b.stripe.reset()
	b.entries = nil
	b.hasNulls = false
	for _, stream := range b.streams {
		stream.reset()
	}
	if b.present != nil {
		b.presentRL.flush() // drop bits of an omitted stream
		b.present.reset()
	}
	if b.blooms != nil {
		b.blooms = &orcpb.BloomFilterIndex{}
	}
}

// takeIndex appends row index and bloom filters, compressed like data.
func (b *baseWriter) takeIndex(s *stripeContent) error {
	index := &orcpb.RowIndex{}
	for _, entry := range b.entries {
		positions := entry.positions
		if b.hasNulls {
			positions = append(entry.present, positions...)
		}
		index.Entry = append(index.Entry, &orcpb.RowIndexEntry{Positions: positions, Statistics: entry.statistics})
	}
	if err := b.takeMessage(s, orcpb.Stream_ROW_INDEX, index); err != nil {
		return err
	}
	if b.blooms == nil {
		return nil
	}
	return b.takeMessage(s, orcpb.Stream_BLOOM_FILTER_UTF8, b.blooms)
}

func (b *baseWriter) takeMessage(s *stripeContent, kind orcpb.Stream_Kind, m proto.Message) error {
	stored, err := b.settings.message(m)
	if err != nil {
		return fmt.Errorf("index of column %s: %w", b.column.path, err)
	}
	s.index = append(s.index, b.stored(kind, stored))
	return nil
}

func (b *baseWriter) stored(kind orcpb.Stream_Kind, stored storedBytes) storedStream {
	return storedStream{
		message: &orcpb.Stream{Kind: kind.Enum(), Column: proto.Uint32(uint32(b.column.id)), Length: proto.Uint64(uint64(stored.length))},
		stored:  stored,
	}
}

// message stores a message as a stream of its own.
func (s *writerSettings) message(m proto.Message) (storedBytes, error) {
	encoded, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		return storedBytes{}, err
	}
	out := s.stream(0)
	out.write(encoded)
	return out.take()
}

// newColumnWriter returns the writer for the column's type.
func newColumnWriter(c *column, settings *writerSettings) columnWriter {
	switch c.kind {
	case orcpb.Type_BOOLEAN:
		return newBoolColumn(c, settings)
	case orcpb.Type_BYTE:
		return newByteColumn(c, settings)
	case orcpb.Type_SHORT, orcpb.Type_INT, orcpb.Type_LONG, orcpb.Type_DATE:
		return newIntColumn(c, settings)
	case orcpb.Type_FLOAT, orcpb.Type_DOUBLE:
		return newFloatColumn(c, settings)
	case orcpb.Type_DECIMAL:
		return newDecimalColumn(c, settings)
	case orcpb.Type_TIMESTAMP, orcpb.Type_TIMESTAMP_INSTANT:
		return newTimeColumn(c, settings)
	case orcpb.Type_STRING:
		return newTextColumn(c, settings)
	case orcpb.Type_BINARY:
		return newBinaryColumn(c, settings)
	case orcpb.Type_LIST, orcpb.Type_MAP:
		return newListColumn(c, settings)
	}
	return newStructColumn(c, settings)
}
