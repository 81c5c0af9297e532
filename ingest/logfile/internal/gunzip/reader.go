// Package gunzip unpacks gzip data: RFC 1952 around RFC 1951, any number of
// members one behind the other. It checks each member's checksum and size.
//
// It decodes into one stretch of memory that is its window, too, so that matches
// are copied once, and takes bits from the stream eight bytes at a time.
package gunzip

import (
	"errors"
	"hash/crc32"
	"io"
)

// What may be wrong with the data. Data that ends early is io.ErrUnexpectedEOF.
var (
	ErrHeader   = errors.New("gunzip: no gzip header")
	ErrChecksum = errors.New("gunzip: wrong checksum or size")
	ErrCorrupt  = errors.New("gunzip: corrupt data")
)

const (
	inputBytes  = 64 << 10
	windowBytes = 32 << 10 // how far back a match may lie
	chunkBytes  = 128 << 10
	slackBytes  = 512 // more than one turn of the decoder writes
)

// Reader unpacks one stream after another. It is used by one goroutine. Reset
// begins a stream.
type Reader struct {
	input input

	out    []byte // window, what is decoded, and slack
	first  int    // first byte of the member, or of what the window still has of it
	summed int    // bytes before it are in sum and size
	end    int    // of what is decoded
	given  int    // what the caller has had
	err    error  // what comes behind the bytes that are decoded

	inside     part
	lastBlock  bool
	storedLeft int
	sum, size  uint32 // of the member

	lengths   [lengthTableSize]entry
	distances [distanceTableSize]entry
}

// part is where in a member the reader is.
type part uint8

const (
	atMember part = iota
	atBlock
	inStored
	inCodes
)

// Reset begins a stream and reads the first header; io.EOF says that there is
// nothing at all. The reader keeps its memory.
func (r *Reader) Reset(source io.Reader) error {
	if r.out == nil {
		r.out = make([]byte, windowBytes+chunkBytes+slackBytes)
	}
	r.input.reset(source)
	r.first, r.summed, r.end, r.given = 0, 0, 0, 0
	r.err = r.header()
	return r.err
}

// Read gives the next bytes. An error, io.EOF at the end, stays.
func (r *Reader) Read(p []byte) (int, error) {
	if r.given == r.end && r.err == nil {
		r.slide()
		r.err = r.decode()
		r.addUp()
	}
	if r.given == r.end {
		return 0, r.err
	}
	n := copy(p, r.out[r.given:r.end])
	r.given += n
	return n, nil
}

// slide makes room: of what the caller has had only the window stays.
func (r *Reader) slide() {
	drop := r.end - windowBytes
	if drop <= 0 {
		return
	}
	copy(r.out, r.out[drop:r.end])
	r.first = max(r.first-drop, 0)
	r.summed, r.end, r.given = r.summed-drop, r.end-drop, r.given-drop
}

// full reports whether what is decoded must go to the caller.
func (r *Reader) full() bool { return r.end >= len(r.out)-slackBytes }

// decode decodes until there is no more room, or the stream ends.
func (r *Reader) decode() (err error) {
	for err == nil && !r.full() {
		switch {
		case r.inside == atMember:
			err = r.header()
		case r.inside == inStored:
			err = r.stored()
		case r.inside == inCodes:
			err = r.codes()
		case r.lastBlock:
			err = r.trailer()
		default:
			err = r.block()
		}
	}
	return err
}

// addUp brings the checksum up to date.
func (r *Reader) addUp() {
	r.sum = crc32.Update(r.sum, crc32.IEEETable, r.out[r.summed:r.end])
	r.size += uint32(r.end - r.summed)
	r.summed = r.end
}

// Flags of a member's header.
const (
	hasHeaderSum = 1 << 1
	hasExtra     = 1 << 2
	hasName      = 1 << 3
	hasComment   = 1 << 4
)

// header steps over the header of the next member; io.EOF if there is none.
func (r *Reader) header() error {
	in := &r.input
	if !in.any() && in.err == io.EOF {
		return io.EOF
	}
	in.sum = ^uint32(0)
	var fixed [10]byte
	for i := range fixed {
		c, err := in.byte()
		if err != nil {
			return err
		}
		fixed[i] = c
	}
	if fixed[0] != 0x1f || fixed[1] != 0x8b || fixed[2] != 8 {
		return ErrHeader
	}
	flags := fixed[3]
	if flags&hasExtra != 0 {
		n, err := in.uint16()
		for ; n > 0 && err == nil; n-- {
			_, err = in.byte()
		}
		if err != nil {
			return err
		}
	}
	for _, flag := range []byte{hasName, hasComment} {
		for c := byte(1); flags&flag != 0 && c != 0; {
			var err error
			if c, err = in.byte(); err != nil {
				return err
			}
		}
	}
	if sum := int(uint16(^in.sum)); flags&hasHeaderSum != 0 {
		if n, err := in.uint16(); err != nil {
			return err
		} else if n != sum {
			return ErrHeader
		}
	}
	r.first, r.sum, r.size = r.end, 0, 0
	r.inside, r.lastBlock = atBlock, false
	return nil
}

// trailer compares what the member's end says of its content.
func (r *Reader) trailer() error {
	r.input.align()
	r.addUp()
	var said [2]uint32
	for i := range 8 {
		c, err := r.input.byte()
		if err != nil {
			return err
		}
		said[i/4] |= uint32(c) << (i % 4 * 8)
	}
	if said != [2]uint32{r.sum, r.size} {
		return ErrChecksum
	}
	r.inside = atMember
	return nil
}
