package orc

// appendBigEndian appends the lowest n bytes of v, the highest first.
func appendBigEndian(dst []byte, v uint64, n int) []byte {
	for shift := (n - 1) * 8; shift >= 0; shift -= 8 {
		dst = append(dst, byte(v>>shift))
	}
	return dst
}

// packBits appends values of width bits each, the highest bit first; the last byte is filled with zeros.
func packBits(dst []byte, values []uint64, width int) []byte {
	switch {
	case width == 8:
		for _, v := range values {
			dst = append(dst, byte(v))
		}
		return dst
	case width == 16:
		for _, v := range values {
			dst = append(dst, byte(v>>8), byte(v))
		}
		return dst
	case width%8 == 0:
		for _, v := range values {
			dst = appendBigEndian(dst, v, width/8)
		}
		return dst
	}
	if perByte := 8 / width; width*perByte == 8 {
		for ; len(values) >= perByte; values = values[perByte:] {
			current := byte(0)
			for _, v := range values[:perByte] {
				current = current<<width | byte(v)
			}
			dst = append(dst, current)
		}
	}
	current, free := byte(0), 8
	for _, v := range values {
		left := width
		for left > free {
			left -= free
			dst = append(dst, current|byte(v>>left)&(1<<free-1))
			current, free = 0, 8
		}
		free -= left
		current |= byte(v&(1<<left-1)) << free
		if free == 0 {
			dst = append(dst, current)
			current, free = 0, 8
		}
	}
	if free < 8 {
		dst = append(dst, current)
	}
	return dst
}
