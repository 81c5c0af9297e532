package gunzip

import "encoding/binary"

// codes decodes what it can of a block with codes.
func (r *Reader) codes() error {
	for r.inside == inCodes && !r.full() {
		if len(r.input.buf)-r.input.at >= fastBytes {
			if err := r.fast(); err != nil {
				return err
			}
			continue
		}
		// Codes near the end of what is in memory are taken one by one.
		if r.input.err == nil && r.input.more() && len(r.input.buf) >= fastBytes {
			continue
		}
		if err := r.one(); err != nil {
			return err
		}
	}
	return nil
}

// one decodes one literal or match.
func (r *Reader) one() error {
	e, err := r.symbol(r.lengths[:], lengthTableBits)
	if err != nil {
		return err
	}
	switch {
	case e.is(isLiteral):
		r.out[r.end] = byte(e.value())
		r.end++
		return nil
	case e.is(isEnd):
		r.inside = atBlock
		return nil
	}
	length, err := r.input.take(e.extraBits())
	if err != nil {
		return err
	}
	length += e.value()
	if e, err = r.symbol(r.distances[:], distanceTableBits); err != nil {
		return err
	}
	distance, err := r.input.take(e.extraBits())
	if err != nil {
		return err
	}
	distance += e.value()
	if distance > r.end-r.first {
		return ErrCorrupt
	}
	match(r.out, r.end, distance, length)
	r.end += length
	return nil
}

// fastBytes is what a turn of fast may take from the input, and a little more.
const fastBytes = 24

// fast decodes as long as there is enough of both input and room. It keeps all
// in registers. A turn begins with at least 56 bits: enough for three codes of
// literals, or two and that of a length; the distance gets bits of its own.
func (r *Reader) fast() (err error) {
	in, out := r.input.buf, r.out
	at, end := r.input.at, r.end
	bits, count := r.input.bits, r.input.count
	lastAt, lastEnd := len(in)-fastBytes, len(out)-slackBytes
	for at <= lastAt && end < lastEnd {
		bits |= binary.LittleEndian.Uint64(in[at:]) << (count & 63)
		at += int(63-count) >> 3
		count |= 56

		e := r.lengths[bits&(1<<lengthTableBits-1)]
		if e.is(isLiteral) {
			bits >>= e.drop()
			count -= e.drop()
			out[end] = byte(e >> 16)
			end++
			e = r.lengths[bits&(1<<lengthTableBits-1)]
			if e.is(isLiteral) {
				bits >>= e.drop()
				count -= e.drop()
				out[end] = byte(e >> 16)
				end++
				e = r.lengths[bits&(1<<lengthTableBits-1)]
			}
		}
		if e.is(isSpecial) {
			if e.is(isLink) {
				bits >>= e.drop()
				count -= e.drop()
				e = r.lengths[e.value()+int(bits&e.linkMask())]
			}
			if e.isNone() {
				err = ErrCorrupt
				break
			}
			if e.is(isEnd) {
				bits >>= e.drop()
				count -= e.drop()
				r.inside = atBlock
				break
			}
		}
		if e.is(isLiteral) {
			bits >>= e.drop()
			count -= e.drop()
			out[end] = byte(e >> 16)
			end++
			continue
		}
		length := e.value() + int(bits&(1<<e.drop()-1)>>e.codeBits())
		bits >>= e.drop()
		count -= e.drop()

		bits |= binary.LittleEndian.Uint64(in[at:]) << (count & 63)
		at += int(63-count) >> 3
		count |= 56
		e = r.distances[bits&(1<<distanceTableBits-1)]
		if e.is(isSpecial) {
			if e.is(isLink) {
				bits >>= e.drop()
				count -= e.drop()
				e = r.distances[e.value()+int(bits&e.linkMask())]
			}
			if e.isNone() {
				err = ErrCorrupt
				break
			}
		}
		distance := e.value() + int(bits&(1<<e.drop()-1)>>e.codeBits())
		bits >>= e.drop()
		count -= e.drop()
		if distance > end-r.first {
			err = ErrCorrupt
			break
		}
		match(out, end, distance, length)
		end += length
	}
	r.input.at, r.end = at, end
	r.input.bits, r.input.count = bits, count
	return err
}

// match repeats length bytes from distance bytes before end. It may write more,
// as far as the slack goes.
func match(out []byte, end, distance, length int) {
	from := end - distance
	switch {
	case distance >= length && length > 32:
		copy(out[end:end+length], out[from:])
	case distance >= 8:
		for n := 0; n < length; n += 8 {
			v := binary.LittleEndian.Uint64(out[from+n:])
			binary.LittleEndian.PutUint64(out[end+n:], v)
		}
	default:
		for n := range length {
			out[end+n] = out[from+n]
		}
	}
}
