package orc

import (
	"encoding/binary"
	"sync"

	"github.com/auditlake/auditlake/storage/orc/internal/orcpb"
)

// intReader decodes run-length encoded integers of version 1 or 2.
type intReader struct {
	in       *inStream
	signed   bool
	version2 bool

	buf  []int64 // rest of a decoded run
	all  [maxIntRun]int64
	bits [maxIntRun*8 + 8]byte // bytes of a packed run that crosses blocks
}

// intReaders keeps readers between reads, because their memory exceeds what a row group has of many columns.
var intReaders = sync.Pool{New: func() any { return &intReader{} }}

func newIntReader(in *inStream, signed bool, encoding orcpb.ColumnEncoding_Kind) *intReader {
	r := intReaders.Get().(*intReader)
	r.in, r.signed, r.buf = in, signed, nil
	r.version2 = encoding == orcpb.ColumnEncoding_DIRECT_V2 || encoding == orcpb.ColumnEncoding_DICTIONARY_V2
	return r
}

// run is the header of a run whose values are not read yet.
type run struct {
	kind   byte // one of the sub-encodings, or the literals or delta run of version 1
	length int
	width  int // of packed values
	head   [2]byte
}

// Runs of version 1.
const (
	runV1Literals = 4
	runV1Delta    = 5
)

func (r *intReader) header() (run, error) {
	first, err := r.in.byte()
	if err != nil {
		return run{}, err
	}
	if !r.version2 {
		if first >= 0x80 {
			return run{kind: runV1Literals, length: 256 - int(first)}, nil
		}
		return run{kind: runV1Delta, length: int(first) + 3}, nil
	}
	h := run{kind: first >> 6}
	if h.kind == runShortRepeat {
		h.length, h.width = int(first&7)+3, 8*(int(first>>3&7)+1)
		return h, nil
	}
	second, err := r.in.byte()
	if err != nil {
		return run{}, err
	}
	h.length = (int(first&1)<<8 | int(second)) + 1
	h.width = decodeWidth(first >> 1 & 0x1f)
	if h.kind == runDelta && first>>1&0x1f == 0 {
		h.width = 0
	}
	if h.kind == runPatchedBase {
		for i := range h.head {
			if h.head[i], err = r.in.byte(); err != nil {
				return run{}, err
			}
		}
	}
	return h, nil
}

// next decodes len(dst) values.
func (r *intReader) next(dst []int64) error {
	for len(dst) > 0 {
		if len(r.buf) > 0 {
			n := copy(dst, r.buf)
			dst, r.buf = dst[n:], r.buf[n:]
			continue
		}
		h, err := r.header()
		if err != nil {
			return err
		}
		if h.length <= len(dst) {
			if err := r.values(h, dst[:h.length]); err != nil {
				return err
			}
			dst = dst[h.length:]
			continue
		}
		if err := r.load(h); err != nil {
			return err
		}
	}
	return nil
}

// load decodes a whole run into buf.
func (r *intReader) load(h run) error {
	if err := r.values(h, r.all[:h.length]); err != nil {
		return err
	}
	r.buf = r.all[:h.length]
	return nil
}

// eachRun reads n values, a run at a time. f must not keep the values.
func (r *intReader) eachRun(n int, f func(values []int64) error) error {
	for n > 0 {
		if len(r.buf) == 0 {
			h, err := r.header()
			if err != nil {
				return err
			}
			if err := r.load(h); err != nil {
				return err
			}
		}
		values := r.buf[:min(n, len(r.buf))]
		r.buf = r.buf[len(values):]
		if err := f(values); err != nil {
			return err
		}
		n -= len(values)
	}
	return nil
}

// skip passes over n values, without decoding runs that lie wholly among them.
func (r *intReader) skip(n int) error {
	for n > 0 {
		if len(r.buf) > 0 {
			step := min(n, len(r.buf))
			r.buf = r.buf[step:]
			n -= step
			continue
		}
		if passed := r.skipInBlock(n); passed > 0 {
			n -= passed
			continue
		}
		h, err := r.header()
		if err != nil {
			return err
		}
		if h.length > n {
			if err := r.load(h); err != nil {
				return err
			}
			continue
		}
		if err := r.skipRun(h); err != nil {
			return err
		}
		n -= h.length
	}
	return nil
}

// skipInBlock skips runs that lie wholly in the current block and among the next n values. It returns the number of
// their values: 0 if the block is too short to tell a run's size.
func (r *intReader) skipInBlock(n int) (values int) {
	if !r.version2 {
		return 0
	}
	block := r.in.block
	for {
		length, bytes := runSize(block)
		if bytes == 0 || bytes > len(block) || length > n-values {
			r.in.block = block
			return values
		}
		block = block[bytes:]
		values += length
	}
}

// runSize returns the number of values and of bytes of the run of version 2 at the start of p; 0 bytes if p is too
// short.
func runSize(p []byte) (values, bytes int) {
	if len(p) < 4 {
		return 0, 0
	}
	width := decodeWidth(p[0] >> 1 & 0x1f)
	values = (int(p[0]&1)<<8 | int(p[1])) + 1
	switch p[0] >> 6 {
	case runShortRepeat:
		return int(p[0]&7) + 3, 2 + int(p[0]>>3&7)
	case runDirect:
		return values, 2 + packedBytes(values, width)
	case runPatchedBase:
		patch := patchHeader(run{head: [2]byte{p[2], p[3]}})
		return values, 4 + patch.baseBytes + packedBytes(values, width) + packedBytes(patch.count, patch.entryWidth)
	}
	_, base := binary.Uvarint(p[2:])
	if base <= 0 {
		return 0, 0
	}
	_, step := binary.Uvarint(p[2+base:])
	if step <= 0 {
		return 0, 0
	}
	if p[0]>>1&0x1f == 0 {
		width = 0
	}
	return values, 2 + base + step + packedBytes(max(0, values-2), width)
}

func (r *intReader) skipRun(h run) error {
	switch h.kind {
	case runShortRepeat:
		return r.in.skip(int64(h.width / 8))
	case runDirect:
		return r.in.skip(int64(packedBytes(h.length, h.width)))
	case runPatchedBase:
		p := patchHeader(h)
		return r.in.skip(int64(p.baseBytes + packedBytes(h.length, h.width) + packedBytes(p.count, p.entryWidth)))
	case runDelta:
		if _, err := r.in.uvarint(); err != nil {
			return err
		}
		if _, err := r.in.uvarint(); err != nil {
			return err
		}
		return r.in.skip(int64(packedBytes(max(0, h.length-2), h.width)))
	}
	return r.values(h, r.all[:h.length])
}

func (r *intReader) seek(within uint64) error {
	if within > maxIntRun {
		return r.in.damaged("a row index points to value %d of a run", within)
	}
	r.buf = nil
	return r.skip(int(within))
}

// values decodes a run into dst, which has its length.
func (r *intReader) values(h run, dst []int64) error {
	switch h.kind {
	case runShortRepeat:
		return r.shortRepeat(h, dst)
	case runDirect:
		return r.direct(h, dst)
	case runPatchedBase:
		return r.patchedBase(h, dst)
	case runDelta:
		return r.delta(h, dst)
	case runV1Literals:
		return r.v1Literals(dst)
	}
	return r.v1Delta(dst)
}

func (r *intReader) shortRepeat(h run, dst []int64) error {
	p, err := r.in.take(h.width/8, r.bits[:])
	if err != nil {
		return err
	}
	v := int64(bigEndian(p))
	if r.signed {
		v = unzigzag(uint64(v))
	}
	fill(dst, v)
	return nil
}

func (r *intReader) direct(h run, dst []int64) error {
	if err := r.packed(dst, h.width); err != nil {
		return err
	}
	if r.signed {
		for i, v := range dst {
			dst[i] = unzigzag(uint64(v))
		}
	}
	return nil
}

func (r *intReader) packed(dst []int64, width int) error {
	p, err := r.in.take(packedBytes(len(dst), width), r.bits[:])
	if err != nil {
		return err
	}
	unpackBits(dst, p, width)
	return nil
}

// patches is the second half of the header of a patched base run.
type patches struct {
	baseBytes, patchWidth, entryWidth, count int
}

func patchHeader(h run) patches {
	p := patches{baseBytes: int(h.head[0]>>5) + 1, patchWidth: decodeWidth(h.head[0] & 0x1f), count: int(h.head[1] & 0x1f)}
	p.entryWidth = closestWidth(p.patchWidth + int(h.head[1]>>5) + 1)
	return p
}

func (r *intReader) patchedBase(h run, dst []int64) error {
	p := patchHeader(h)
	if p.entryWidth > 64 {
		return r.in.damaged("a patched base run has patches of %d bits", p.entryWidth)
	}
	b, err := r.in.take(p.baseBytes, r.bits[:])
	if err != nil {
		return err
	}
	base := int64(bigEndian(b))
	if sign := int64(1) << (p.baseBytes*8 - 1); base&sign != 0 {
		base = -(base &^ sign)
	}
	if err := r.packed(dst, h.width); err != nil {
		return err
	}
	var entries [maxPatches]int64
	list := entries[:p.count]
	if err := r.packed(list, p.entryWidth); err != nil {
		return err
	}
	at := 0
	for _, entry := range list {
		at += int(uint64(entry) >> p.patchWidth)
		patch := uint64(entry) & (1<<p.patchWidth - 1)
		if patch == 0 {
			continue // only bridges a gap longer than one entry can state
		}
		if at >= len(dst) {
			return r.in.damaged("a patch is for value %d of a run of %d", at, len(dst))
		}
		dst[at] |= int64(patch << h.width)
	}
	for i := range dst {
		dst[i] += base
	}
	return nil
}

func (r *intReader) delta(h run, dst []int64) error {
	base, err := r.number()
	if err != nil {
		return err
	}
	step, err := r.in.varint()
	if err != nil {
		return err
	}
	if h.width == 0 {
		for i := range dst {
			dst[i] = base
			base += step
		}
		return nil
	}
	dst[0] = base
	if len(dst) == 1 {
		return nil
	}
	dst[1] = base + step
	if err := r.packed(dst[2:], h.width); err != nil {
		return err
	}
	at := dst[1]
	if step < 0 {
		for i, d := range dst[2:] {
			at -= d
			dst[i+2] = at
		}
		return nil
	}
	for i, d := range dst[2:] {
		at += d
		dst[i+2] = at
	}
	return nil
}

func (r *intReader) number() (int64, error) {
	u, err := r.in.uvarint()
	if r.signed {
		return unzigzag(u), err
	}
	return int64(u), err
}

func (r *intReader) v1Literals(dst []int64) error {
	for i := range dst {
		v, err := r.number()
		if err != nil {
			return err
		}
		dst[i] = v
	}
	return nil
}

func (r *intReader) v1Delta(dst []int64) error {
	step, err := r.in.byte()
	if err != nil {
		return err
	}
	v, err := r.number()
	if err != nil {
		return err
	}
	for i := range dst {
		dst[i] = v
		v += int64(int8(step))
	}
	return nil
}

func fill(dst []int64, v int64) {
	for i := range dst {
		dst[i] = v
	}
}
