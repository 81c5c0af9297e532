package jsontext

// FindMember moves to the value of the first member called name and reports whether there is one. The walker must
// be at an object, whose brace PeekByte returned. FindMember does not check the text after the value.
func (j *Walker) FindMember(name string) bool {
	if j.enter() != nil || j.takeByte('}') {
		return false
	}
	for j.PeekByte() == '"' {
		key, err := j.ReadString()
		if err != nil || !j.takeByte(':') {
			return false
		}
		if key == name {
			return true
		}
		if j.SkipValue() != nil {
			return false
		}
		if more, _ := j.more('}'); !more {
			return false
		}
	}
	return false
}

// FindElement is FindMember for the element of an array at a position, counted from 0. There is none at -1.
func (j *Walker) FindElement(position int) bool {
	if j.enter() != nil || j.takeByte(']') {
		return false
	}
	for i := 0; ; i++ {
		if i == position {
			return true
		}
		if j.SkipValue() != nil {
			return false
		}
		if more, _ := j.more(']'); !more {
			return false
		}
	}
}
