package gunzip

import (
	"hash/crc32"
	"io"
)

// input is the packed bytes, taken by bits, or by bytes behind align.
type input struct {
	source io.Reader
	err    error // why no more bytes come
	buf    []byte
	at     int // of the next byte in buf
	// The next count bits are the low ones of bits. Above them bits has what
	// comes next, too, as far as it has anything.
	bits  uint64
	count uint
	sum   uint32 // CRC-32 of the bytes that byte gave, not yet inverted
}

func (in *input) reset(source io.Reader) {
	if in.buf == nil {
		in.buf = make([]byte, 0, inputBytes)
	}
	*in = input{source: source, buf: in.buf[:0]}
}

// more reads bytes behind those in memory and reports whether any came. Whole
// bytes among the bits go back.
func (in *input) more() bool {
	in.at -= int(in.count / 8)
	in.count %= 8
	n := copy(in.buf, in.buf[in.at:])
	in.buf, in.at = in.buf[:n], 0
	for idle := 0; in.err == nil; idle++ {
		n, in.err = in.source.Read(in.buf[len(in.buf):cap(in.buf)])
		in.buf = in.buf[:len(in.buf)+n]
		if n > 0 {
			return true
		}
		if idle == 100 {
			in.err = io.ErrNoProgress
		}
	}
	return false
}

// any reports whether a byte is left.
func (in *input) any() bool { return in.at < len(in.buf) || in.more() }

// early is the error of data that ends too early.
func (in *input) early() error {
	if in.err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return in.err
}

// want brings count up to n, at most 56, unless the data ends.
func (in *input) want(n uint) {
	for in.count < n && (in.at < len(in.buf) || in.more()) {
		in.bits |= uint64(in.buf[in.at]) << in.count
		in.at++
		in.count += 8
	}
}

// drop takes n of the bits that are there.
func (in *input) drop(n uint) {
	in.bits >>= n & 63
	in.count -= n
}

// take takes the next n bits, at most 16, as a number.
func (in *input) take(n uint) (int, error) {
	if in.want(n); in.count < n {
		return 0, in.early()
	}
	v := in.bits & (1<<n - 1)
	in.drop(n)
	return int(v), nil
}

// align goes on at the next whole byte.
func (in *input) align() {
	in.at -= int(in.count / 8)
	in.bits, in.count = 0, 0
}

// byte takes the next byte, where there are no bits.
func (in *input) byte() (byte, error) {
	if !in.any() {
		return 0, in.early()
	}
	c := in.buf[in.at]
	in.at++
	in.sum = crc32.IEEETable[byte(in.sum)^c] ^ in.sum>>8
	return c, nil
}

// uint16 takes two bytes.
func (in *input) uint16() (int, error) {
	low, err := in.byte()
	if err != nil {
		return 0, err
	}
	high, err := in.byte()
	return int(high)<<8 | int(low), err
}
