package orc

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"github.com/klauspost/compress/zstd"

	"github.com/auditlake/auditlake/storage/decoded"
	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// How much is read from the file at once.
const (
	maxReadAhead   = 1 << 20
	readAheadSlack = 16 << 10 // over an even share of a stream, if the row group's own share is not known
	peekBytes      = 32       // a block header and the start of the compressed data, which may tell its length
)

// source is the file from which streams are read.
type source struct {
	file        io.ReaderAt
	path        string
	compression Compression
	blockSize   int
	sealed      bool           // the writer stores no block uncompressed
	id          uint64         // of the file in cache
	cache       *decoded.Cache // nil: nothing is cached
}

func (s *source) corrupt(offset int64, format string, args ...any) error {
	return &CorruptError{Path: s.path, Offset: offset, Reason: fmt.Sprintf(format, args...)}
}

// readAt fills p; a file that ends earlier is damaged.
func (s *source) readAt(p []byte, offset int64) error {
	n, err := s.file.ReadAt(p, offset)
	if n == len(p) {
		return nil
	}
	if err == nil || errors.Is(err, io.EOF) {
		return s.corrupt(offset+int64(n), "the file ends inside a part of %d bytes", len(p))
	}
	return fmt.Errorf("read ORC file %s: %w", s.path, err)
}

// inStream reads one stream of a stripe, block by block, and notes the blocks that are needed.
type inStream struct {
	*source
	usage      *Usage
	begin, end int64       // in the file
	next       int64       // where the next block begins
	wise       int64       // reading ahead to here is probably useful, see limitReadAhead
	of         *baseReader // that opened the stream; nil once wise is final
	kind       orcpb.Stream_Kind
	block      []byte      // rest of the current block
	ahead      int64       // bytes to skip in the next block
	decoded    []byte      // buffer of decompressed blocks
	current    cachedBlock // the last decompressed block, if it is the current one
	near       *blockCache // of the stripe; may be nil
	keeps      bool        // decompressed blocks are for the file's cache
	asked      askedBlock
	window     []byte // bytes of the file, from windowAt on
	windowAt   int64
}

func newInStream(s *source, at extent, usage *Usage) *inStream {
	return &inStream{source: s, usage: usage, begin: at.offset, end: at.offset + at.length, next: at.offset, wise: at.offset + at.length}
}

// extent is a range of a file.
type extent struct{ offset, length int64 }

func (s *inStream) damaged(format string, args ...any) error {
	return s.corrupt(s.next, format, args...)
}

// seek moves to a position of a row index: a block and an offset in its uncompressed bytes.
func (s *inStream) seek(block, offset uint64) error {
	if block > uint64(s.end-s.begin) {
		return s.damaged("a row index points to byte %d of a stream of %d", block, s.end-s.begin)
	}
	if offset > uint64(s.blockSize) {
		return s.damaged("a row index points to byte %d of a block of %d", offset, s.blockSize)
	}
	s.next, s.block, s.ahead = s.begin+int64(block), nil, int64(offset)
	return nil
}

// fetch returns n bytes of the file, valid until the next call.
func (s *inStream) fetch(offset int64, n int) ([]byte, error) {
	if from := offset - s.windowAt; from >= 0 && from+int64(n) <= int64(len(s.window)) {
		return s.window[from : from+int64(n)], nil
	}
	s.limitReadAhead()
	ahead := min(s.wise-offset, maxReadAhead)
	if s.keeps && s.cache.Holds() {
		ahead = 0 // another reader may be at the following bytes
	}
	size := min(max(int64(n), ahead), s.end-offset)
	var known []byte // the window ends inside the wanted bytes
	if from := offset - s.windowAt; from >= 0 && from < int64(len(s.window)) {
		known = s.window[from:]
	}
	before := s.window
	if int64(cap(s.window)) < size {
		s.window = takeBuffer(int(size))
	}
	s.window, s.windowAt = s.window[:size], offset
	read := s.window[copy(s.window, known):]
	if cap(before) < cap(s.window) {
		giveBuffer(before)
	}
	if err := s.readAt(read, offset+size-int64(len(read))); err != nil {
		s.window = s.window[:0]
		return nil, err
	}
	s.usage.read(int64(len(read)))
	return s.window[:n], nil
}

// blockHeader describes the block at next.
func (s *inStream) blockHeader() (length int, original bool, err error) {
	if s.end-s.next < blockHeaderBytes {
		return 0, false, s.damaged("the stream ends inside a block header")
	}
	h, err := s.fetch(s.next, blockHeaderBytes)
	if err != nil {
		return 0, false, err
	}
	header := int(h[0]) | int(h[1])<<8 | int(h[2])<<16
	length, original = header>>1, header&1 == 1
	if int64(length) > s.end-s.next-blockHeaderBytes {
		return 0, false, s.damaged("a block of %d bytes passes the end of its stream", length)
	}
	if original && s.sealed {
		return 0, false, s.damaged("a block is marked as uncompressed")
	}
	if original && length > s.blockSize {
		return 0, false, s.damaged("a block holds %d bytes, more than %d", length, s.blockSize)
	}
	return length, original, nil
}

// fill makes the next block the current one. It is an error at the end of the stream.
func (s *inStream) fill() error {
	if s.next >= s.end {
		return s.damaged("the stream ends before its values do")
	}
	if s.compression == None {
		return s.fillPlain()
	}
	if err := s.load(); err != nil {
		return err
	}
	if s.ahead > int64(len(s.block)) {
		return s.damaged("a row index points to byte %d of a block of %d", s.ahead, len(s.block))
	}
	s.block, s.ahead = s.block[s.ahead:], 0
	return nil
}

// load makes the whole next block the current one.
func (s *inStream) load() error {
	if s.takeKnown() {
		return nil
	}
	if s.keeps && s.cache.Holds() { // a reader at the same time waits for the block
		defer s.cache.Lock(blockKey{s.id, s.next})()
		if s.takeKnown() {
			return nil
		}
	}
	length, original, err := s.blockHeader()
	if err != nil {
		return err
	}
	stored, err := s.fetch(s.next, blockHeaderBytes+length)
	if err != nil {
		return err
	}
	end := s.next + int64(len(stored))
	s.usage.block(s.next, int64(len(stored)))
	sized := original
	if original {
		s.block, s.current = stored[blockHeaderBytes:], cachedBlock{}
	} else {
		if s.block, err = s.decompress(stored[blockHeaderBytes:]); err != nil {
			return s.damaged("%s block: %v", s.compression, err)
		}
		s.current = cachedBlock{at: s.next, end: end, content: s.block}
		_, sized = decodedSize(s.compression, stored[blockHeaderBytes:])
	}
	s.keep(end, sized)
	s.next = end
	return nil
}

// takeKnown makes the next block the current one if it is decompressed already.
func (s *inStream) takeKnown() bool {
	b, ok := s.known()
	if ok {
		s.usage.block(b.at, b.end-b.at)
		s.block, s.current, s.next = b.content, cachedBlock{}, b.end
	}
	return ok
}

func (s *inStream) decompress(stored []byte) ([]byte, error) {
	size := s.blockSize
	if n, ok := decodedSize(s.compression, stored); ok {
		if n > s.blockSize {
			return nil, fmt.Errorf("holds %d bytes, more than %d", n, s.blockSize)
		}
		size = n
	}
	if cap(s.decoded) < size+decompressSlack {
		giveBuffer(s.decoded)
		s.decoded = takeBuffer(size)
	}
	return decompress(s.compression, s.decoded[:0], stored, size)
}

// fillPlain treats an uncompressed stream as blocks of the block size.
func (s *inStream) fillPlain() error {
	size := int64(s.blockSize)
	start := s.begin + (s.next-s.begin)/size*size
	end := min(start+size, s.end)
	stored, err := s.fetch(s.next, int(end-s.next))
	if err != nil {
		return err
	}
	s.usage.block(start, end-start)
	s.block, s.next = stored, end
	return nil
}

// decodedSize is the uncompressed length of a block, if its first bytes say it.
func decodedSize(kind Compression, stored []byte) (n int, ok bool) {
	switch kind {
	case Zstd:
		var h zstd.Header
		if err := h.Decode(stored); err != nil || !h.HasFCS || h.FrameContentSize > maxBlockBytes+1 {
			return 0, false
		}
		return int(h.FrameContentSize), true
	case Snappy:
		size, read := binary.Uvarint(stored)
		if read <= 0 || size > maxBlockBytes+1 {
			return 0, false
		}
		return int(size), true
	}
	return 0, false
}

// skip passes over n uncompressed bytes. Blocks whose length is known without decompressing are then neither needed
// nor read.
func (s *inStream) skip(n int64) error {
	if n > 0 {
		n += s.ahead
		s.ahead = 0
	}
	for n > 0 {
		if len(s.block) > 0 {
			step := min(n, int64(len(s.block)))
			s.block = s.block[step:]
			n -= step
			continue
		}
		skipped, err := s.skipBlock(n)
		if err != nil {
			return err
		}
		if skipped == 0 {
			if err := s.fill(); err != nil {
				return err
			}
		}
		n -= skipped
	}
	return nil
}

// skipBlock skips the next block if it holds at most n bytes, or part of an uncompressed stream.
func (s *inStream) skipBlock(n int64) (skipped int64, err error) {
	if s.compression == None {
		if n > s.end-s.next {
			return 0, s.damaged("the stream ends before its values do")
		}
		s.next += n
		return n, nil
	}
	if b, ok := s.known(); ok && b.sized {
		if int64(len(b.content)) > n || len(b.content) == 0 {
			return 0, nil
		}
		s.next = b.end
		return int64(len(b.content)), nil
	}
	key := headerKey{s.id, s.next}
	if kept, ok := s.cache.Get(key); ok {
		h := kept.(sizedBlock)
		if h.size > n {
			return 0, nil
		}
		s.next = h.end
		return h.size, nil
	}
	length, original, err := s.blockHeader()
	if err != nil {
		return 0, err
	}
	size := length
	if !original {
		peek, err := s.fetch(s.next, blockHeaderBytes+min(length, peekBytes-blockHeaderBytes))
		if err != nil {
			return 0, err
		}
		var known bool
		if size, known = decodedSize(s.compression, peek[blockHeaderBytes:]); !known {
			return 0, nil
		}
	}
	if int64(size) > n || size == 0 {
		return 0, nil
	}
	s.next += int64(blockHeaderBytes + length)
	if s.keeps {
		s.cache.Put(key, sizedBlock{s.next, int64(size)}, 0, decoded.Structure)
	}
	return int64(size), nil
}
