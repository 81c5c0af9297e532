package jsontext

// TakeInteger reads the next value if it is an integer in [-limit-1, limit] other than -0, with at most 18 digits.
// The value must end with the text, or before a comma or a closing bracket or brace. Otherwise TakeInteger reads
// only white space, and the value may still be an integer.
func (j *Walker) TakeInteger(limit int64) (n int64, ok bool) {
	const surelyFit = 18 // digits that fit 64 bits
	first := j.PeekByte()
	from := j.at
	if first == '-' {
		from++
	}
	text, end := j.Text, from
	for ; end < len(text) && text[end]-'0' <= 9; end++ {
		n = n*10 + int64(text[end]-'0')
	}
	switch digits := end - from; {
	case digits == 0 || digits > surelyFit, text[from] == '0' && (digits > 1 || first == '-'):
		return 0, false
	case end < len(text) && text[end] != ',' && text[end] != ']' && text[end] != '}':
		return 0, false
	}
	if first == '-' {
		n = -n
	}
	if n > limit || n < -limit-1 {
		return 0, false
	}
	j.at = end
	return n, true
}
