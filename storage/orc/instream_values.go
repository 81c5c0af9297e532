package orc

import "github.com/auditlake/auditlake/largepages"

// byte reads one byte.
func (s *inStream) byte() (byte, error) {
	for len(s.block) == 0 {
		if err := s.fill(); err != nil {
			return 0, err
		}
	}
	b := s.block[0]
	s.block = s.block[1:]
	return b, nil
}

// read fills p.
func (s *inStream) read(p []byte) error {
	for len(p) > 0 {
		if len(s.block) == 0 {
			if err := s.fill(); err != nil {
				return err
			}
		}
		n := copy(p, s.block)
		p, s.block = p[n:], s.block[n:]
	}
	return nil
}

// take returns the next n bytes, in scratch if they cross a block border.
func (s *inStream) take(n int, scratch []byte) ([]byte, error) {
	if n <= len(s.block) {
		p := s.block[:n]
		s.block = s.block[n:]
		return p, nil
	}
	p := scratch[:n]
	return p, s.read(p)
}

// uvarint reads an unsigned base 128 number.
func (s *inStream) uvarint() (uint64, error) {
	v := uint64(0)
	for shift := 0; shift < 64; shift += 7 {
		b, err := s.byte()
		if err != nil {
			return 0, err
		}
		v |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return v, nil
		}
	}
	return 0, s.damaged("a number has more than 64 bits")
}

func (s *inStream) varint() (int64, error) {
	u, err := s.uvarint()
	return unzigzag(u), err
}

func unzigzag(u uint64) int64 { return int64(u>>1) ^ -int64(u&1) }

// available bounds the uncompressed bytes left in the stream.
func (s *inStream) available() int64 {
	left := s.end - s.next
	if s.compression == None {
		return left + int64(len(s.block))
	}
	return (left/(blockHeaderBytes+1)+1)*int64(s.blockSize) + int64(len(s.block))
}

// readAll reads size bytes.
func (s *inStream) readAll(size int) ([]byte, error) {
	return s.append(largepages.Make[byte](min(size, firstTextBytes) + decompressSlack)[:0], size)
}

// append appends n bytes to dst and grows it as they arrive.
func (s *inStream) append(dst []byte, n int) ([]byte, error) {
	for n > 0 {
		if len(s.block) == 0 {
			whole, err := s.appendBlock(dst, n)
			if err != nil {
				return nil, err
			}
			if len(whole) > len(dst) {
				n -= len(whole) - len(dst)
				dst = whole
				continue
			}
			if err := s.fill(); err != nil {
				return nil, err
			}
		}
		step := min(n, len(s.block))
		dst = append(dst, s.block[:step]...)
		s.block = s.block[step:]
		n -= step
	}
	return dst, nil
}

// appendBlock decompresses the next block into dst if all of it is among the n wanted bytes, its size is known and
// it is not to be cached; else it leaves dst unchanged.
func (s *inStream) appendBlock(dst []byte, n int) ([]byte, error) {
	if s.compression == None || s.ahead > 0 || s.next >= s.end {
		return dst, nil
	}
	if _, known := s.known(); known || s.isWorthKeeping() {
		return dst, nil
	}
	length, original, err := s.blockHeader()
	if err != nil || original {
		return dst, err
	}
	peek, err := s.fetch(s.next, blockHeaderBytes+min(length, peekBytes))
	if err != nil {
		return nil, err
	}
	size, known := decodedSize(s.compression, peek[blockHeaderBytes:])
	if !known || size > min(n, cap(dst)-len(dst)-decompressSlack, s.blockSize) {
		return dst, nil
	}
	stored, err := s.fetch(s.next, blockHeaderBytes+length)
	if err != nil {
		return nil, err
	}
	s.usage.block(s.next, int64(len(stored)))
	whole, err := decompress(s.compression, dst, stored[blockHeaderBytes:], size)
	if err != nil {
		return nil, s.damaged("%s block: %v", s.compression, err)
	}
	s.next += int64(len(stored))
	s.current = cachedBlock{}
	return whole, nil
}
