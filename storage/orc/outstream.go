package orc

import "github.com/auditlake/auditlake/storage/orc/internal/orcpb"

// blockHeaderBytes precede each compression block: length·2 + isOriginal, little endian.
const blockHeaderBytes = 3

// outStream collects one stream of a stripe, compressed block by block.
type outStream struct {
	kind      orcpb.Stream_Kind
	compress  compressor
	blockSize int    // uncompressed bytes of a block
	seal      bool   // compress blocks even if that makes them larger
	open      []byte // uncompressed bytes of the block being filled
	done      []byte // finished blocks with their headers; all bytes when there is no compression
	scratch   []byte
	err       error
}

// encoder writes values of one kind into a stream.
type encoder interface {
	// mark ends the current run and appends the place of the next value, as row indexes record it.
	mark(positions []uint64) []uint64
	// flush writes everything that is pending.
	flush()
}

// mark appends the block's offset in the stored stream and the uncompressed bytes before the place in
// the block; without compression there is only the offset.
func (s *outStream) mark(positions []uint64) []uint64 {
	if s.compress == nil {
		return append(positions, uint64(len(s.done)))
	}
	return append(positions, uint64(len(s.done)), uint64(len(s.open)))
}

func (s *outStream) flush() {}

// bytes is the memory the stream holds.
func (s *outStream) bytes() int { return len(s.open) + len(s.done) }

func (s *outStream) write(p []byte) {
	if s.compress == nil {
		s.done = append(s.done, p...)
		return
	}
	for len(p) > 0 {
		n := min(len(p), s.blockSize-len(s.open))
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
	packed, err := s.compress(s.scratch[:0], s.open)
	if err != nil {
		s.err = err
		return
	}
	s.scratch = packed
	if len(packed) < len(s.open) || s.seal {
		s.done = appendBlock(s.done, packed, false)
	} else {
		s.done = appendBlock(s.done, s.open, true)
	}
	s.open = s.open[:0]
}

func appendBlock(dst, block []byte, original bool) []byte {
	header := len(block) << 1
	if original {
		header |= 1
	}
	dst = append(dst, byte(header), byte(header>>8), byte(header>>16))
	return append(dst, block...)
}

// finish ends the last block and gives the stored bytes, valid until reset.
func (s *outStream) finish() ([]byte, error) {
	if s.compress != nil {
		s.endBlock()
	}
	return s.done, s.err
}

func (s *outStream) reset() {
	s.open = s.open[:0]
	s.done = s.done[:0]
}
