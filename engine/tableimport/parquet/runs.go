package parquet

import (
	"encoding/binary"
	"errors"
)

var errEndsEarly = errors.New("the file is damaged: a page ends early")

// runs reads numbers of up to 32 bits in runs: one repeated, or eights of them
// packed. It keeps nothing of a run but where it is.
type runs struct {
	rest   []byte
	width  uint
	left   uint64 // of the run
	packed []byte // of a packed run; nil: value is repeated
	bit    uint64 // in packed
	value  uint32
}

func (r *runs) next() (uint32, error) {
	if r.width == 0 {
		return 0, nil
	}
	for r.left == 0 {
		if err := r.nextRun(); err != nil {
			return 0, err
		}
	}
	r.left--
	if r.packed == nil {
		return r.value, nil
	}
	v := uint32(bitsAt(r.packed, r.bit, r.width))
	r.bit += uint64(r.width)
	return v, nil
}

func (r *runs) nextRun() error {
	head, n := binary.Uvarint(r.rest)
	if n <= 0 {
		return errEndsEarly
	}
	r.rest = r.rest[n:]
	if head&1 == 1 {
		groups := head >> 1
		if groups > uint64(len(r.rest))/uint64(r.width) {
			groups = uint64(len(r.rest)) / uint64(r.width) // the last run may be cut short
		}
		if groups == 0 {
			return errEndsEarly
		}
		r.packed, r.bit, r.left = r.rest[:groups*uint64(r.width)], 0, groups*8
		r.rest = r.rest[len(r.packed):]
		return nil
	}
	size := int(r.width+7) / 8
	if len(r.rest) < size {
		return errEndsEarly
	}
	r.value, r.packed, r.left = 0, nil, head>>1
	for i, b := range r.rest[:size] {
		r.value |= uint32(b) << (8 * i)
	}
	r.rest = r.rest[size:]
	return nil
}

// bitsAt is a number of up to 64 bits, the least first; beyond the end are zeros.
func bitsAt(b []byte, at uint64, width uint) (v uint64) {
	for got := uint(0); got < width; {
		i := at / 8
		if i >= uint64(len(b)) {
			return v
		}
		shift := uint(at % 8)
		take := min(8-shift, width-got)
		v |= uint64(b[i]>>shift&(1<<take-1)) << got
		got, at = got+take, at+uint64(take)
	}
	return v
}

// deltas reads whole numbers stored as differences, in blocks with different widths.
type deltas struct {
	rest       []byte
	total      uint64 // numbers left
	block      uint64 // numbers a block
	perMini    uint64
	minis      uint64
	last       int64
	isFirst    bool
	least      int64
	widths     []byte
	mini       []byte
	bit, width uint64
	left       uint64 // numbers left in mini
}

// openDeltas reads the head; most bounds how many numbers there may be.
func openDeltas(b []byte, most int64) (*deltas, error) {
	d := &deltas{rest: b, isFirst: true}
	head := [4]uint64{}
	for i := range head {
		v, n := binary.Uvarint(d.rest)
		if n <= 0 {
			return nil, errEndsEarly
		}
		head[i], d.rest = v, d.rest[n:]
	}
	d.block, d.minis, d.total = head[0], head[1], head[2]
	d.last = int64(head[3]>>1) ^ -int64(head[3]&1)
	if d.minis == 0 || d.minis > 1<<12 || d.block > 1<<20 || d.block%d.minis != 0 || d.block/d.minis%8 != 0 || d.block == 0 || d.total > uint64(most) {
		return nil, errors.New("the file is damaged: delta blocks have an impossible size")
	}
	d.perMini = d.block / d.minis
	return d, nil
}

func (d *deltas) next() (int64, error) {
	if d.total == 0 {
		return 0, errEndsEarly
	}
	d.total--
	if d.isFirst {
		d.isFirst = false
		return d.last, nil
	}
	if d.left == 0 {
		if err := d.nextMini(); err != nil {
			return 0, err
		}
	}
	d.left--
	d.last += d.least + int64(bitsAt(d.mini, d.bit, uint(d.width)))
	d.bit += d.width
	return d.last, nil
}

func (d *deltas) nextMini() error {
	if len(d.widths) == 0 {
		v, n := binary.Uvarint(d.rest)
		if n <= 0 || uint64(len(d.rest)-n) < d.minis {
			return errEndsEarly
		}
		d.least = int64(v>>1) ^ -int64(v&1)
		d.widths, d.rest = d.rest[n:n+int(d.minis)], d.rest[n+int(d.minis):]
	}
	d.width, d.widths = uint64(d.widths[0]), d.widths[1:]
	size := d.perMini / 8 * d.width
	if d.width > 64 || size > uint64(len(d.rest)) && (d.total+1)*d.width > 8*uint64(len(d.rest)) {
		return errEndsEarly // but the last one may be cut short
	}
	size = min(size, uint64(len(d.rest)))
	d.mini, d.rest = d.rest[:size], d.rest[size:]
	d.bit, d.left = 0, d.perMini
	return nil
}

// skipAll reads to the end and returns what follows.
func (d *deltas) skipAll() ([]byte, error) {
	for d.total > 0 {
		if _, err := d.next(); err != nil {
			return nil, err
		}
	}
	return d.rest, nil
}
