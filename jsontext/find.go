package jsontext

// FindMember moves from the object whose brace PeekByte gave to the value of its first member of a name, and reports
// whether there is one. It does not look at what follows that.
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

// FindElement is FindMember of the element of an array at a position, which is the first at 0; there is none at -1.
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
