package orc

import "math/bits"

// Limits of byte run-length encoding.
const (
	minByteRun     = 3
	maxByteRun     = 130
	maxByteLiteral = 128
)

// byteWriter run-length encodes bytes into a stream.
type byteWriter struct {
	out     *outStream
	pending []byte // not yet encoded
	buf     []byte // the runs of a flush
}

// pendingBytes is how many bytes are encoded at once.
const pendingBytes = 1024

func newByteWriter(out *outStream) *byteWriter { return &byteWriter{out: out} }

func (w *byteWriter) add(b byte) {
	if len(w.pending) == cap(w.pending) {
		w.makeRoom()
	}
	w.pending = append(w.pending, b)
}

// makeRoom allocates memory only for streams that get values: most columns of a file may have none.
func (w *byteWriter) makeRoom() {
	if w.pending == nil {
		w.pending = make([]byte, 0, pendingBytes)
		return
	}
	w.flush()
}

// flush encodes all pending bytes.
func (w *byteWriter) flush() {
	w.buf = w.out.settings.run[:0]
	literals := 0 // start of the bytes that wait to become a literal list
	for i := 0; i < len(w.pending); {
		run := 1
		for i+run < len(w.pending) && run < maxByteRun && w.pending[i+run] == w.pending[i] {
			run++
		}
		if run < minByteRun {
			i += run
			continue
		}
		w.literals(w.pending[literals:i])
		w.buf = append(w.buf, byte(run-minByteRun), w.pending[i])
		i += run
		literals = i
	}
	w.literals(w.pending[literals:])
	w.out.write(w.buf)
	w.out.settings.run = w.buf
	w.pending = w.pending[:0]
}

func (w *byteWriter) mark(positions []uint64) []uint64 {
	w.flush()
	return append(w.out.mark(positions), 0)
}

func (w *byteWriter) literals(bytes []byte) {
	for len(bytes) > 0 {
		n := min(len(bytes), maxByteLiteral)
		w.buf = append(w.buf, byte(-n))
		w.buf = append(w.buf, bytes[:n]...)
		bytes = bytes[n:]
	}
}

// boolWriter packs booleans into run-length encoded bytes, the first into the highest bit.
type boolWriter struct {
	bytes *byteWriter
	bits  byte
	count int // bits used
}

func newBoolWriter(out *outStream) *boolWriter { return &boolWriter{bytes: newByteWriter(out)} }

func (w *boolWriter) add(v bool) {
	w.bits <<= 1
	if v {
		w.bits |= 1
	}
	if w.count++; w.count == 8 {
		w.bytes.add(w.bits)
		w.bits, w.count = 0, 0
	}
}

// addTrue adds the value true n times.
func (w *boolWriter) addTrue(n int) {
	for ; n > 0 && w.count != 0; n-- {
		w.add(true)
	}
	for ; n >= 8; n -= 8 {
		w.bytes.add(0xff)
	}
	for ; n > 0; n-- {
		w.add(true)
	}
}

// addFalse adds the value false n times.
func (w *boolWriter) addFalse(n int) {
	for ; n >= 8; n -= 8 {
		w.addEight(0)
	}
	for ; n > 0; n-- {
		w.add(false)
	}
}

// addEight adds eight values, the first in the lowest bit.
func (w *boolWriter) addEight(values byte) {
	values = bits.Reverse8(values)
	w.bytes.add(w.bits<<(8-w.count) | values>>w.count)
	w.bits = values & (1<<w.count - 1)
}

// mark records how many bits of the next byte are already used.
func (w *boolWriter) mark(positions []uint64) []uint64 {
	return append(w.bytes.mark(positions), uint64(w.count))
}

// flush ends the stream, filling up the last byte.
func (w *boolWriter) flush() {
	if w.count > 0 {
		w.bytes.add(w.bits << (8 - w.count))
		w.bits, w.count = 0, 0
	}
	w.bytes.flush()
}
