package jsontext

// TakeInteger reads the value that is next if it is an integer from -limit-1 to limit, but not -0, that has at most
// 18 digits and ends with the text, or before a comma or a closing bracket or brace; else it reads no more than white
// space. A value that it does not take may be an integer nonetheless.
func (j *Walker) TakeInteger(limit int64) (n int64, ok bool) {
	const surelyFit = 18 // digits in 64 bits
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
