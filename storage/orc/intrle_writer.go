package orc

import (
	"encoding/binary"
	"math"
	"math/bits"
)

// maxIntRun is the most values of one run of the integer run-length encoding, version 2.
const maxIntRun = 512

// The sub-encodings of version 2, the two highest bits of a run's first byte.
const (
	runShortRepeat = 0
	runDirect      = 1
	runPatchedBase = 2
	runDelta       = 3
)

// intWriter encodes integers with run-length encoding version 2. Each run takes the smallest sub-encoding, with
// widths that the specification does not deprecate.
type intWriter struct {
	out     *outStream
	signed  bool
	pending []int64
	buf     []byte   // the runs of a flush
	packed  []uint64 // the values of a run
}

func newIntWriter(out *outStream, signed bool) *intWriter {
	return &intWriter{out: out, signed: signed}
}

func (w *intWriter) add(v int64) {
	if len(w.pending) == cap(w.pending) {
		w.makeRoom()
	}
	w.pending = append(w.pending, v)
}

// addRanks adds the rank of each code.
func (w *intWriter) addRanks(codes, rank []uint32) {
	for len(codes) > 0 {
		if len(w.pending) == cap(w.pending) {
			w.makeRoom()
		}
		n := min(len(codes), cap(w.pending)-len(w.pending))
		for _, code := range codes[:n] {
			w.pending = append(w.pending, int64(rank[code]))
		}
		codes = codes[n:]
	}
}

// makeRoom allocates memory only for streams that get values: most columns of a file may have none.
func (w *intWriter) makeRoom() {
	if w.pending == nil {
		w.pending = make([]int64, 0, maxIntRun)
		return
	}
	w.flush()
}

func (w *intWriter) mark(positions []uint64) []uint64 {
	w.flush()
	return append(w.out.mark(positions), 0)
}

// flush encodes all pending values.
func (w *intWriter) flush() {
	if len(w.pending) == 0 {
		return
	}
	settings := w.out.settings
	w.buf, w.packed = settings.run[:0], settings.values
	width := w.directWidth(w.pending)
	mixed := 0 // start of the values that wait for a run of unequal values
	for i := 0; i < len(w.pending); {
		run := 1
		for i+run < len(w.pending) && w.pending[i+run] == w.pending[i] {
			run++
		}
		if !repeatPays(run, width) {
			i += run
			continue
		}
		w.mixed(w.pending[mixed:i])
		w.repeat(w.pending[i], run)
		i += run
		mixed = i
	}
	w.mixed(w.pending[mixed:])
	w.out.write(w.buf)
	settings.run, settings.values = w.buf, w.packed
	w.pending = w.pending[:0]
}

// repeatPays reports whether a separate run of equal values is smaller, although the values around it need another
// header.
func repeatPays(run, width int) bool {
	return run >= 3 && run*width > 8*(5+width/8)
}

func (w *intWriter) repeat(v int64, n int) {
	if n > 10 {
		w.buf = append(w.buf, runDelta<<6|byte((n-1)>>8), byte(n-1))
		w.base(v)
		w.buf = append(w.buf, 0) // delta base
		return
	}
	u := w.unsigned(v)
	bytes := max(1, (bits.Len64(u)+7)/8)
	w.buf = append(w.buf, runShortRepeat<<6|byte(bytes-1)<<3|byte(n-3))
	w.buf = appendBigEndian(w.buf, u, bytes)
}

// mixed encodes values that are not all equal.
func (w *intWriter) mixed(values []int64) {
	if len(values) == 0 {
		return
	}
	direct := 2 + packedBytes(len(values), w.directWidth(values))
	if lead := equalLead(values); lead > 0 && lead < len(values)-2 {
		// A delta run must not start with two equal values.
		if _, ok := deltas(values[lead:]); ok && 2+packedBytes(lead, w.directWidth(values[:lead]))+deltaBytes(values[lead:]) < direct {
			w.direct(values[:lead])
			w.delta(values[lead:])
			return
		}
	}
	patch := planPatches(values)
	delta := math.MaxInt
	if _, ok := deltas(values); ok {
		delta = deltaBytes(values)
	}
	switch {
	case delta < direct && delta <= patch.bytes:
		w.delta(values)
	case patch.bytes < direct:
		w.patched(values, patch)
	default:
		w.direct(values)
	}
}

// equalLead is the number of leading equal values less one.
func equalLead(values []int64) int {
	n := 0
	for n+1 < len(values) && values[n+1] == values[n] {
		n++
	}
	return n
}

func (w *intWriter) direct(values []int64) {
	width := w.directWidth(values)
	w.buf = append(w.buf, runDirect<<6|encodeWidth(width)<<1|byte((len(values)-1)>>8), byte(len(values)-1))
	w.packed = w.packed[:0]
	for _, v := range values {
		w.packed = append(w.packed, w.unsigned(v))
	}
	w.buf = packBits(w.buf, w.packed, width)
}

// deltas returns the width of the deltas after the first; ok is false where a delta run cannot hold the values.
func deltas(values []int64) (width int, ok bool) {
	if len(values) < 3 || values[0] == values[1] {
		return 0, false
	}
	up := values[1] > values[0]
	first, largest, fixed := uint64(0), uint64(0), true
	for i := 1; i < len(values); i++ {
		low, high := values[i-1], values[i]
		if !up {
			low, high = high, low
		}
		if low > high || (low < 0 && high > math.MaxInt64+low) {
			return 0, false
		}
		d := uint64(high - low)
		if i == 1 {
			first = d
			continue
		}
		largest = max(largest, d)
		fixed = fixed && d == first
	}
	if fixed {
		return 0, true
	}
	return max(2, alignedWidth(bits.Len64(largest))), true
}

// deltaBytes is an upper bound of the size of a delta run.
func deltaBytes(values []int64) int {
	width, _ := deltas(values)
	return 2 + zigzagBytes(values[0]) + zigzagBytes(values[1]-values[0]) + packedBytes(len(values)-2, width)
}

func (w *intWriter) delta(values []int64) {
	width, _ := deltas(values)
	code := byte(0)
	if width > 0 {
		code = encodeWidth(width)
	}
	w.buf = append(w.buf, runDelta<<6|code<<1|byte((len(values)-1)>>8), byte(len(values)-1))
	w.base(values[0])
	w.buf = binary.AppendVarint(w.buf, values[1]-values[0])
	if width == 0 {
		return
	}
	w.packed = w.packed[:0]
	for i := 2; i < len(values); i++ {
		d := values[i] - values[i-1]
		w.packed = append(w.packed, uint64(max(d, -d)))
	}
	w.buf = packBits(w.buf, w.packed, width)
}

func (w *intWriter) base(v int64) {
	if w.signed {
		w.buf = binary.AppendVarint(w.buf, v)
		return
	}
	w.buf = binary.AppendUvarint(w.buf, uint64(v))
}

func (w *intWriter) unsigned(v int64) uint64 {
	if w.signed {
		return uint64(v<<1) ^ uint64(v>>63)
	}
	return uint64(v)
}

func (w *intWriter) directWidth(values []int64) int {
	all := uint64(0)
	for _, v := range values {
		all |= w.unsigned(v)
	}
	return alignedWidth(bits.Len64(all))
}

func zigzagBytes(v int64) int {
	return max(1, (bits.Len64(uint64(v<<1)^uint64(v>>63))+6)/7)
}

func packedBytes(n, width int) int { return (n*width + 7) / 8 }

// alignedWidth rounds up to a width that the specification does not deprecate.
func alignedWidth(n int) int {
	switch {
	case n <= 1:
		return 1
	case n <= 2:
		return 2
	case n <= 4:
		return 4
	}
	return (n + 7) / 8 * 8
}

// alignedBelow is the largest width of alignedWidth that is less than n; 0 if there is none.
func alignedBelow(n int) int {
	switch {
	case n <= 1:
		return 0
	case n <= 2:
		return 1
	case n <= 4:
		return 2
	case n <= 8:
		return 4
	}
	return (n - 1) / 8 * 8
}

// encodeWidth returns the 5-bit code of a width of at least 1.
func encodeWidth(width int) byte {
	switch {
	case width <= 24:
		return byte(width - 1)
	case width == 26:
		return 24
	case width == 28:
		return 25
	case width == 30:
		return 26
	case width == 32:
		return 27
	}
	return byte(27 + (width-32)/8)
}
