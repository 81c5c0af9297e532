package orc

import "encoding/binary"

func bigEndian(p []byte) uint64 {
	v := uint64(0)
	for _, b := range p {
		v = v<<8 | uint64(b)
	}
	return v
}

// decodeWidth returns the width of a 5-bit code.
func decodeWidth(code byte) int {
	switch {
	case code < 24:
		return int(code) + 1
	case code < 28:
		return 26 + 2*int(code-24)
	}
	return 40 + 8*int(code-28)
}

// unpackBits spreads values of width bits each, the highest bit first. p has all their bytes.
func unpackBits(dst []int64, p []byte, width int) {
	switch width {
	case 8:
		p = p[:len(dst)]
		for i := range dst {
			dst[i] = int64(p[i])
		}
	case 16:
		p = p[:2*len(dst)]
		for i := range dst {
			dst[i] = int64(binary.BigEndian.Uint16(p[2*i:]))
		}
	case 32:
		p = p[:4*len(dst)]
		for i := range dst {
			dst[i] = int64(binary.BigEndian.Uint32(p[4*i:]))
		}
	case 64:
		p = p[:8*len(dst)]
		for i := range dst {
			dst[i] = int64(binary.BigEndian.Uint64(p[8*i:]))
		}
	case 4:
		for i := range dst {
			dst[i] = int64(p[i>>1] >> (4 &^ (i << 2)) & 15)
		}
	default:
		unpackAny(dst, p, width)
	}
}

// unpackAny loads eight bytes for each value, except for the last ones, which have fewer bytes left. A value of up
// to 56 bits that begins inside a byte lies within eight bytes.
func unpackAny(dst []int64, p []byte, width int) {
	whole := 0 // values with eight bytes from their first on
	if len(p) >= 8 {
		whole = min(len(dst), (len(p)-8)*8/width+1)
	}
	if width%8 == 0 {
		shift, step := (64-width)&63, width/8
		for i, at := 0, 0; i < whole; i++ {
			dst[i] = int64(binary.BigEndian.Uint64(p[at:]) >> shift)
			at += step
		}
		unpackTail(dst, p, width, whole)
		return
	}
	i, bit, step, shift := 0, 0, width&63, (64-width)&63
	if width <= 28 { // eight bytes hold two values and the seven bits before them
		for ; i+2 <= whole; i += 2 {
			both := binary.BigEndian.Uint64(p[bit>>3:]) << (bit & 7)
			pair := dst[i : i+2 : i+2]
			pair[0], pair[1] = int64(both>>shift), int64(both<<step>>shift)
			bit += 2 * width
		}
	}
	for ; i < whole; i++ {
		dst[i] = int64(binary.BigEndian.Uint64(p[bit>>3:]) << (bit & 7) >> shift)
		bit += width
	}
	unpackTail(dst, p, width, whole)
}

// unpackTail unpacks the values from index from on, which have fewer than eight bytes.
func unpackTail(dst []int64, p []byte, width, from int) {
	mask := uint64(1)<<width - 1
	var tail [16]byte
	for i := from; i < len(dst); i++ {
		bit := i * width
		clear(tail[:])
		copy(tail[:], p[bit>>3:])
		dst[i] = int64(binary.BigEndian.Uint64(tail[:]) >> (64 - width - bit&7) & mask)
	}
}
