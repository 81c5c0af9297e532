package function

func (p *patternReader) group() (bool, error) {
	open, capture := "(", true
	if p.take("?") {
		capture = false
		switch {
		case p.take("#"):
			end := p.index(")")
			if end < 0 {
				return false, errPattern("end pattern in group")
			}
			p.at = end + 1
			return false, nil
		case p.take(":"):
			open = "(?:"
		case p.take("="):
			open = "(?="
		case p.take("!"):
			open = "(?!"
		case p.take("<="):
			open = "(?<="
		case p.take("<!"):
			open = "(?<!"
		case p.take(">"):
			open = "(?>"
		case p.take("<"), p.take("P<"):
			if err := p.groupName(); err != nil {
				return false, err
			}
			capture = true
		default:
			return p.flagGroup()
		}
	}
	if capture {
		p.groups++
	}
	if open == "(" || open == "(?:" {
		p.both(open)
	} else {
		p.only(open)
	}
	return true, p.groupBody()
}

func (p *patternReader) groupBody() error {
	if err := p.sequence(); err != nil {
		return err
	}
	if !p.take(")") {
		return errPattern("end pattern with unmatched parenthesis")
	}
	p.both(")")
	return nil
}

// groupName reads the name of the group that opens next.
func (p *patternReader) groupName() error {
	end := p.index(">")
	if end <= p.at {
		return errPattern("group name is empty")
	}
	name := string(p.runes[p.at:end])
	p.at = end + 1
	if _, ok := p.names[name]; ok {
		return errPattern("multiplex defined name <" + name + ">")
	}
	p.names[name] = p.groups + 1
	return nil
}

// flagGroup reads (?flags) and (?flags:…).
func (p *patternReader) flagGroup() (bool, error) {
	flags, on, foldCase := p.flags, true, ""
	for p.at < len(p.runes) {
		switch r := p.next(); r {
		case '-':
			on = false
		case 'i':
			foldCase = "(?i"
			if !on {
				foldCase = "(?-i"
			}
		case 'm':
			flags.multiLine = on
		case 's':
			flags.dotAll = on
		case 'x':
			flags.extended = on
		case 'u', 'd':
		case ')':
			p.flags = flags
			if foldCase != "" {
				p.both(foldCase + ")")
			}
			return false, nil
		case ':':
			saved := p.flags
			p.flags = flags
			defer func() { p.flags = saved }()
			if foldCase == "" {
				foldCase = "(?"
			}
			p.both(foldCase + ":")
			return true, p.groupBody()
		default:
			return false, errPattern("undefined group option")
		}
	}
	return false, errPattern("end pattern in group")
}
