package orc

import "math/bits"

// byteReader decodes run-length encoded bytes.
type byteReader struct {
	in       *inStream
	left     int // values of the current run or literal list
	repeated bool
	value    byte
}

func (r *byteReader) start() error {
	control, err := r.in.byte()
	if err != nil {
		return err
	}
	r.repeated = control < 0x80
	if !r.repeated {
		r.left = 256 - int(control)
		return nil
	}
	r.left = int(control) + minByteRun
	r.value, err = r.in.byte()
	return err
}

func (r *byteReader) next(dst []byte) error {
	for len(dst) > 0 {
		if r.left == 0 {
			if err := r.start(); err != nil {
				return err
			}
		}
		n := min(r.left, len(dst))
		if r.repeated {
			for i := range dst[:n] {
				dst[i] = r.value
			}
		} else if err := r.in.read(dst[:n]); err != nil {
			return err
		}
		dst = dst[n:]
		r.left -= n
	}
	return nil
}

func (r *byteReader) skip(n int) error {
	for n > 0 {
		if r.left == 0 {
			if err := r.start(); err != nil {
				return err
			}
		}
		step := min(r.left, n)
		if !r.repeated {
			if err := r.in.skip(int64(step)); err != nil {
				return err
			}
		}
		r.left -= step
		n -= step
	}
	return nil
}

// boolReader decodes bits.
type boolReader struct {
	bytes byteReader
	bits  byte // of the current byte, the next value highest
	count int  // bits left in it
}

// next writes n values into the bitmap dst, which it clears first (Arrow order), and counts the true ones.
func (r *boolReader) next(dst []byte, n int) (ones int, err error) {
	dst = dst[:(n+7)/8]
	if r.count == 0 {
		return r.aligned(dst, n)
	}
	clear(dst)
	for i := range n {
		if r.count == 0 {
			if err := r.load(); err != nil {
				return 0, err
			}
		}
		bit := r.bits >> 7
		dst[i>>3] |= bit << (i & 7)
		ones += int(bit)
		r.bits <<= 1
		r.count--
	}
	return ones, nil
}

func (r *boolReader) load() error {
	var b [1]byte
	if err := r.bytes.next(b[:]); err != nil {
		return err
	}
	r.bits, r.count = b[0], 8
	return nil
}

// aligned decodes whole bytes.
func (r *boolReader) aligned(dst []byte, n int) (ones int, err error) {
	if n == 0 {
		return 0, nil
	}
	if err := r.bytes.next(dst); err != nil {
		return 0, err
	}
	if tail := n & 7; tail != 0 {
		last := dst[len(dst)-1]
		r.bits, r.count = last<<tail, 8-tail
		dst[len(dst)-1] = last &^ (0xff >> tail)
	}
	for i, b := range dst {
		dst[i] = bits.Reverse8(b)
		ones += bits.OnesCount8(b)
	}
	return ones, nil
}

// skip passes over n values and counts the true ones.
func (r *boolReader) skip(n int) (ones int, err error) {
	var buf [512]byte
	for n > 0 {
		step := min(n, 8*len(buf))
		k, err := r.next(buf[:], step)
		if err != nil {
			return 0, err
		}
		ones += k
		n -= step
	}
	return ones, nil
}

// seek moves to a position that a row index recorded inside the current run.
func (r *boolReader) seek(run, bitsUsed uint64) error {
	if run > maxByteRun || bitsUsed > 8 {
		return r.bytes.in.damaged("a row index points to bit %d of byte %d of a run", bitsUsed, run)
	}
	r.bytes.left, r.count = 0, 0
	if err := r.bytes.skip(int(run)); err != nil || bitsUsed == 0 {
		return err
	}
	if err := r.load(); err != nil {
		return err
	}
	r.bits <<= bitsUsed
	r.count -= int(bitsUsed)
	return nil
}
