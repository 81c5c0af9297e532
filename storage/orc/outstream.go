package orc

import "github.com/auditlake/auditlake/storage/orc/internal/orcpb"

// blockHeaderBytes precede each compression block: length·2 + isOriginal, little endian.
const blockHeaderBytes = 3

// maxPieceBytes is the largest piece of a stream's finished bytes.
const maxPieceBytes = 1 << 20

// outStream collects one stream of a stripe, compressed block by block.
type outStream struct {
	settings  *writerSettings
	kind      orcpb.Stream_Kind
	blockSize int      // uncompressed bytes of a block
	open      []byte   // uncompressed bytes of the block being filled
	done      [][]byte // finished blocks with their headers; all bytes when there is no compression
	length    int      // of done, bytes
	err       error
}

// encoder writes values of one kind into a stream.
type encoder interface {
	// mark ends the current run and appends the place of the next value, as row indexes record it.
	mark(positions []uint64) []uint64
	// flush writes everything that is pending.
	flush()
}

// mark appends the block's offset in the stored stream and the offset of the next byte in the uncompressed block;
// without compression only the offset in the stream.
func (s *outStream) mark(positions []uint64) []uint64 {
	if s.settings.compress == nil {
		return append(positions, uint64(s.length))
	}
	return append(positions, uint64(s.length), uint64(len(s.open)))
}

func (s *outStream) flush() {}

// bytes is the memory of the stream.
func (s *outStream) bytes() int { return len(s.open) + s.length }

func (s *outStream) write(p []byte) {
	if s.settings.compress == nil {
		s.append(p)
		return
	}
	for len(p) > 0 {
		if len(s.open) == 0 && len(p) >= s.blockSize {
			s.compressBlock(p[:s.blockSize])
			p = p[s.blockSize:]
			continue
		}
		n := min(len(p), s.blockSize-len(s.open))
		if len(s.open)+n > cap(s.open) {
			s.open = spareBytes.grow(s.open, len(s.open)+n)
		}
		s.open = append(s.open, p[:n]...)
		p = p[n:]
		if len(s.open) == s.blockSize {
			s.endBlock()
		}
	}
}

func (s *outStream) endBlock() {
	if len(s.open) == 0 {
		return
	}
	s.compressBlock(s.open)
	s.open = s.open[:0]
}

func (s *outStream) compressBlock(content []byte) {
	packed, err := s.settings.compress(s.settings.packed[:0], content)
	if err != nil {
		s.err = err
		return
	}
	s.settings.packed = packed
	if len(packed) < len(content) || s.settings.seal {
		s.appendBlock(packed, 0)
	} else {
		s.appendBlock(content, 1)
	}
}

func (s *outStream) appendBlock(block []byte, original int) {
	header := len(block)<<1 | original
	s.append([]byte{byte(header), byte(header >> 8), byte(header >> 16)})
	s.append(block)
}

// append adds finished bytes. They lie in ever larger pieces, so that they are never moved.
func (s *outStream) append(p []byte) {
	s.length += len(p)
	for len(p) > 0 {
		last := len(s.done) - 1
		if last < 0 || len(s.done[last]) == cap(s.done[last]) {
			s.done = append(s.done, spareBytes.take(min(s.length, maxPieceBytes)))
			last++
		}
		piece := s.done[last]
		n := min(len(p), cap(piece)-len(piece))
		s.done[last] = append(piece, p[:n]...)
		p = p[n:]
	}
}

// finish ends the last block and gives the stored size.
func (s *outStream) finish() (length int, err error) {
	if s.settings.compress != nil {
		s.endBlock()
	}
	return s.length, s.err
}

// take finishes the stream, returns its content and starts it again. The caller owns the content.
func (s *outStream) take() (stored storedBytes, err error) {
	if _, err := s.finish(); err != nil {
		return storedBytes{}, err
	}
	stored = storedBytes{pieces: s.done, length: s.length}
	s.done = nil
	s.reset()
	return stored, nil
}

// reset drops the content of the stream.
func (s *outStream) reset() {
	spareBytes.release(s.open)
	storedBytes{pieces: s.done}.release()
	s.open, s.done, s.length = nil, nil, 0
}

// storedBytes are the bytes of a stream as a file holds them.
type storedBytes struct {
	pieces [][]byte
	length int
}

// release returns the memory; the bytes must not be used any more.
func (b storedBytes) release() {
	for _, piece := range b.pieces {
		spareBytes.release(piece)
	}
}
