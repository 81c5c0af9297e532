package parquet

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"math/bits"

	"github.com/andybalholm/brotli"
	"github.com/golang/snappy"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/pierrec/lz4/v4"
)

// column reads the values of a leaf in one row group, with their levels.
type column struct {
	file   *File
	leaf   leafType
	codec  int64
	at     int64 // of the next page
	end    int64 // of the chunk
	left   int64 // values that the chunk has beyond the page
	inPage int64 // values left in the page
	held   int64 // bytes of the page
	kept   int64 // bytes of the dictionary

	dictionary *dictionary
	reps, defs runs
	values     values

	// What is read ahead: the levels of the next value. After the last, rep is 0.
	rep, def int
	ended    bool
}

func (f *File) openColumn(c chunk, l leafType, rows int64) (*column, error) {
	end := c.start + c.length
	switch {
	case c.physical != l.physical:
		return nil, errors.New("the file is damaged: a column has another type than its schema says")
	case c.start < 4 || c.length > f.size || end > f.size-8:
		return nil, errors.New("the file is damaged: a column lies outside the file")
	case l.maxRep == 0 && c.values != rows, c.values < rows:
		return nil, errors.New("the file is damaged: the values of a column and the rows of its row group differ in number")
	}
	return &column{file: f, leaf: l, codec: c.codec, at: c.start, end: end, left: c.values}, nil
}

func (c *column) close() {
	c.file.held -= c.held + c.kept
	c.held, c.kept, c.values, c.dictionary = 0, 0, nil, nil
}

// advance reads the levels of the next value.
func (c *column) advance() error {
	for c.inPage == 0 {
		if c.left == 0 {
			c.rep, c.def, c.ended = 0, 0, true
			return nil
		}
		if err := c.nextPage(); err != nil {
			return err
		}
	}
	c.inPage--
	rep, err := c.reps.next()
	if err != nil {
		return err
	}
	def, err := c.defs.next()
	if err != nil {
		return err
	}
	c.rep, c.def = int(rep), int(def)
	if c.leaf.maxDef < c.def || c.leaf.maxRep < c.rep {
		return errors.New("the file is damaged: a level is above the schema's")
	}
	return nil
}

// take returns the value whose levels were read, nil for none, and reads the levels of the next.
func (c *column) take() (any, error) {
	if c.ended {
		return nil, errors.New("the file is damaged: a column ends early")
	}
	var v any
	if c.def == c.leaf.maxDef {
		stored, err := c.values.next()
		if err != nil {
			return nil, err
		}
		if len(stored.bytes) > maxValueBytes {
			return nil, errTooLong
		}
		if v, err = c.leaf.convert(stored); err != nil {
			return nil, err
		}
		if c.file.rowBytes += valueBytes + int64(len(stored.bytes)); c.file.rowBytes > maxRowBytes {
			return nil, errRowTooBig
		}
	}
	return v, c.advance()
}

// pageHeader is the head of a page.
type pageHeader struct {
	kind                     int64
	size, plainSize          int64 // stored, decompressed
	values                   int64
	encoding                 int64
	repEncoding, defEncoding int64
	repBytes, defBytes       int64 // of version 2
	isPlain                  bool  // not compressed, of version 2
	sum                      int64 // CRC-32 of what is stored
	hasSum                   bool
}

// The kinds of pages.
const (
	dataPage       = 0
	dictionaryPage = 2
	dataPage2      = 3
)

// readPageHeader reads a head and returns its length.
func (c *column) readPageHeader() (h pageHeader, length int64, err error) {
	// Statistics of values may make a header long, and nothing says how long it is.
	for window := int64(1 << 10); ; window *= 8 {
		window = min(window, c.end-c.at, maxHeaderBytes)
		data := make([]byte, window)
		if _, err := c.file.reader.ReadAt(data, c.at); err != nil {
			return h, 0, err
		}
		t := &thrift{rest: data}
		h = pageHeader{}
		readHeader(t, &h)
		if t.err == nil {
			return h, window - int64(len(t.rest)), nil
		}
		if window == c.end-c.at || window == maxHeaderBytes {
			return h, 0, fmt.Errorf("the file is damaged: the head of a page: %w", t.err)
		}
	}
}

func readHeader(t *thrift, h *pageHeader) {
	t.readStruct(thriftStruct, func(id int16, kind byte) {
		switch id {
		case 1:
			h.kind = t.readInt(kind)
		case 2:
			h.plainSize = t.readCount(kind)
		case 3:
			h.size = t.readCount(kind)
		case 4:
			h.sum, h.hasSum = t.readInt(kind), true
		case 5, 7:
			t.readStruct(kind, func(id int16, kind byte) {
				switch id {
				case 1:
					h.values = t.readCount(kind)
				case 2:
					h.encoding = t.readInt(kind)
				case 3:
					h.defEncoding = intOr(t, kind)
				case 4:
					h.repEncoding = t.readInt(kind)
				default:
					t.skipValue(kind)
				}
			})
		case 8:
			t.readStruct(kind, func(id int16, kind byte) {
				switch id {
				case 1:
					h.values = t.readCount(kind)
				case 4:
					h.encoding = t.readInt(kind)
				case 5:
					h.defBytes = t.readCount(kind)
				case 6:
					h.repBytes = t.readCount(kind)
				case 7:
					h.isPlain = kind == thriftFalse
				default:
					t.skipValue(kind)
				}
			})
		default:
			t.skipValue(kind)
		}
	})
}

// intOr reads a number; in the head of a dictionary a boolean has its place.
func intOr(t *thrift, kind byte) int64 {
	if kind == thriftTrue || kind == thriftFalse {
		return 0
	}
	return t.readInt(kind)
}

// nextPage reads pages up to the next one with values.
func (c *column) nextPage() error {
	if c.at >= c.end {
		return errors.New("the file is damaged: a column ends early")
	}
	h, length, err := c.readPageHeader()
	if err != nil {
		return err
	}
	if h.size > c.end-c.at-length {
		return errors.New("the file is damaged: a page lies outside of its column")
	}
	if h.size > maxPageBytes || h.plainSize > maxPageBytes {
		return fmt.Errorf("a page has %d bytes, the limit is %d", max(h.size, h.plainSize), maxPageBytes)
	}
	start := c.at + length
	c.at = start + h.size
	if h.kind != dataPage && h.kind != dataPage2 && h.kind != dictionaryPage {
		return nil // an index
	}
	if h.kind == dictionaryPage && c.dictionary != nil {
		return errors.New("the file is damaged: a column has two dictionaries")
	}
	c.file.held -= c.held
	c.held, c.values = 0, nil
	if c.file.held+h.size+h.plainSize > maxHeldBytes {
		return fmt.Errorf("the pages that have to be in memory at once have more than %d bytes", maxHeldBytes)
	}
	stored := make([]byte, h.size)
	if _, err := c.file.reader.ReadAt(stored, start); err != nil {
		return err
	}
	if h.hasSum && crc32.ChecksumIEEE(stored) != uint32(h.sum) {
		return errors.New("the file is damaged: the checksum of a page does not match")
	}
	if h.kind == dictionaryPage {
		return c.readDictionary(h, stored)
	}
	if h.values > c.left {
		return errors.New("the file is damaged: a page has more values than its column")
	}
	c.left -= h.values
	c.inPage = h.values
	if h.kind == dataPage2 {
		return c.openPage2(h, stored)
	}
	return c.openPage(h, stored)
}

func (c *column) readDictionary(h pageHeader, stored []byte) error {
	data, err := decompress(c.codec, stored, h.plainSize)
	if err != nil {
		return err
	}
	c.dictionary, err = newDictionary(c.leaf, data, h.values)
	if err != nil {
		return err
	}
	c.kept = int64(len(data)) + 4*int64(cap(c.dictionary.offsets))
	c.file.held += c.kept
	return nil
}

func (c *column) openPage(h pageHeader, stored []byte) error {
	data, err := decompress(c.codec, stored, h.plainSize)
	if err != nil {
		return err
	}
	c.held = int64(len(data))
	c.file.held += c.held
	if c.reps, data, err = openLevels(data, c.leaf.maxRep, h.repEncoding); err != nil {
		return err
	}
	if c.defs, data, err = openLevels(data, c.leaf.maxDef, h.defEncoding); err != nil {
		return err
	}
	c.values, err = openValues(h.encoding, c.leaf, data, h.values, c.dictionary)
	return err
}

// openPage2 opens a page of version 2, whose levels are not compressed.
func (c *column) openPage2(h pageHeader, stored []byte) error {
	levels := h.repBytes + h.defBytes
	if h.repBytes > h.size || levels > h.size || levels > h.plainSize {
		return errEndsEarly
	}
	c.reps = runs{width: widthOf(c.leaf.maxRep), rest: stored[:h.repBytes]}
	c.defs = runs{width: widthOf(c.leaf.maxDef), rest: stored[h.repBytes:levels]}
	data := stored[levels:]
	if !h.isPlain {
		var err error
		if data, err = decompress(c.codec, data, h.plainSize-levels); err != nil {
			return err
		}
	}
	c.held = int64(len(stored) + len(data))
	c.file.held += c.held
	var err error
	c.values, err = openValues(h.encoding, c.leaf, data, h.values, c.dictionary)
	return err
}

func widthOf(most int) uint { return uint(bits.Len(uint(most))) }

// openLevels cuts levels off a page of version 1.
func openLevels(data []byte, most int, encoding int64) (runs, []byte, error) {
	if most == 0 {
		return runs{}, data, nil
	}
	if encoding != encodingRuns {
		return runs{}, nil, fmt.Errorf("levels in encoding %d are not supported", encoding)
	}
	if len(data) < 4 || uint64(binary.LittleEndian.Uint32(data)) > uint64(len(data)-4) {
		return runs{}, nil, errEndsEarly
	}
	end := 4 + int(binary.LittleEndian.Uint32(data))
	return runs{width: widthOf(most), rest: data[4:end]}, data[end:], nil
}

// The codecs.
const (
	codecNone   = 0
	codecSnappy = 1
	codecGzip   = 2
	codecBrotli = 4
	codecZstd   = 6
	codecLZ4    = 7
)

var errWrongSize = errors.New("the file is damaged: the size of a page does not match its header")

// decompress gives exactly size bytes, and allocates no more.
func decompress(codec int64, stored []byte, size int64) ([]byte, error) {
	switch codec {
	case codecNone:
		if int64(len(stored)) != size {
			return nil, errWrongSize
		}
		return stored, nil
	case codecSnappy:
		if n, err := snappy.DecodedLen(stored); err != nil || int64(n) != size {
			return nil, errWrongSize
		}
		return snappy.Decode(nil, stored)
	case codecGzip:
		r, err := gzip.NewReader(bytes.NewReader(stored))
		if err != nil {
			return nil, err
		}
		return readExactly(r, size)
	case codecBrotli:
		return readExactly(brotli.NewReader(bytes.NewReader(stored)), size)
	case codecZstd:
		r, err := zstd.NewReader(bytes.NewReader(stored), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(maxWindowBytes), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
		defer r.Close()
		return readExactly(r, size)
	case codecLZ4:
		out := make([]byte, size)
		if n, err := lz4.UncompressBlock(stored, out); err != nil || int64(n) != size {
			return nil, errWrongSize
		}
		return out, nil
	}
	return nil, fmt.Errorf("compression codec %d is not supported", codec)
}

func readExactly(r io.Reader, size int64) ([]byte, error) {
	out := make([]byte, size)
	if _, err := io.ReadFull(r, out); err != nil {
		return nil, fmt.Errorf("the file is damaged: %w", err)
	}
	if n, _ := r.Read(make([]byte, 1)); n > 0 {
		return nil, errWrongSize
	}
	return out, nil
}
