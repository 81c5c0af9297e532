package types

import (
	"fmt"
	"strings"
)

// ParseType parses a type's text in any letter case, such as "map(varchar, json)", "row(a bigint, b array(int))" or
// "timestamp(3) with time zone". The error is a *Error without position.
func ParseType(text string) (*Type, error) {
	p := &typeParser{text: text}
	t, err := p.parse(0)
	if err != nil {
		return nil, err
	}
	if p.peek() != "" {
		return nil, p.unknown()
	}
	return t, nil
}

// typeParser is a recursive-descent parser for the text of a type, or of a type in a signature if pattern is set.
type typeParser struct {
	text    string
	at      int
	pattern bool
}

func (p *typeParser) parse(depth int) (*Type, error) {
	if depth > maxTypeDepth {
		return nil, p.unknown()
	}
	name := p.next()
	if p.pattern && isVarName(name) {
		return VarOf(name), nil
	}
	name = strings.ToLower(name)
	switch {
	case name == "double" && strings.EqualFold(p.peek(), "precision"):
		p.next()
	case name == "interval":
		return p.parseInterval()
	case name == "row":
		return p.parseRow(depth)
	case p.pattern && name == "function":
		return p.parseFunction(depth)
	}
	params, open, err := p.parseParams(depth)
	if err != nil {
		return nil, err
	}
	if name == "time" || name == "timestamp" {
		zoned, err := p.parseZone()
		if err != nil {
			return nil, err
		}
		if zoned {
			name += " with time zone"
		}
	}
	if p.pattern && len(params) == 0 {
		if t := openType(name, open); t != nil {
			return t, nil
		}
	}
	if open != "" || !isWord(name) {
		return nil, p.unknown()
	}
	return Named(name, params...)
}

// parseParams parses "(…)" after a name. In a signature, parameters may be names; they are returned joined with
// commas.
func (p *typeParser) parseParams(depth int) (params []Param, open string, err error) {
	if !p.accept("(") {
		return nil, "", nil
	}
	for {
		word := p.peek()
		switch {
		case word != "" && word[0] >= '0' && word[0] <= '9':
			n, ok := parseSmallNumber(p.next())
			if !ok {
				return nil, "", p.unknown()
			}
			params = append(params, Param{Number: n})
		case p.pattern && len(word) == 1 && word[0] >= 'a' && word[0] <= 'z':
			if open != "" {
				open += ","
			}
			open += p.next()
		default:
			t, err := p.parse(depth + 1)
			if err != nil {
				return nil, "", err
			}
			params = append(params, Param{Type: t})
		}
		if p.accept(")") {
			return params, open, nil
		}
		if !p.accept(",") {
			return nil, "", p.unknown()
		}
	}
}

func (p *typeParser) parseInterval() (*Type, error) {
	from, to, until := strings.ToLower(p.next()), strings.ToLower(p.next()), strings.ToLower(p.next())
	return Named("interval " + from + " " + to + " " + until)
}

func (p *typeParser) parseZone() (zoned bool, err error) {
	word := strings.ToLower(p.peek())
	if word != "with" && word != "without" {
		return false, nil
	}
	p.next()
	if !strings.EqualFold(p.next(), "time") || !strings.EqualFold(p.next(), "zone") {
		return false, p.unknown()
	}
	return word == "with", nil
}

func (p *typeParser) parseRow(depth int) (*Type, error) {
	if !p.accept("(") {
		return nil, p.unknown()
	}
	var fields []Field
	for {
		field, err := p.parseField(depth + 1)
		if err != nil {
			return nil, err
		}
		fields = append(fields, field)
		if p.accept(")") {
			return RowOf(fields...), nil
		}
		if !p.accept(",") {
			return nil, p.unknown()
		}
	}
}

// parseField parses "type" or "name type". The first word is a name if anything but the end of a type follows.
func (p *typeParser) parseField(depth int) (Field, error) {
	start := p.at
	word := p.next()
	next := strings.ToLower(p.peek())
	named := strings.HasPrefix(word, `"`)
	switch next {
	case ",", ")", "(", "with", "without", "":
	case "precision", "day", "year":
		named = named || !strings.EqualFold(word, "double") && !strings.EqualFold(word, "interval")
	default:
		named = true
	}
	name := ""
	if named {
		name = unquoteName(word)
	} else {
		p.at = start
	}
	t, err := p.parse(depth)
	return Field{Name: name, Type: t}, err
}

func (p *typeParser) parseFunction(depth int) (*Type, error) {
	if !p.accept("(") {
		return nil, p.unknown()
	}
	var list []*Type
	for {
		t, err := p.parse(depth + 1)
		if err != nil {
			return nil, err
		}
		list = append(list, t)
		if p.accept(")") {
			last := len(list) - 1
			return FuncOf(list[last], list[:last]...), nil
		}
		if !p.accept(",") {
			return nil, p.unknown()
		}
	}
}

func (p *typeParser) unknown() error {
	return Errorf(TypeNotFound, Pos{}, "Unknown type: %s", p.text)
}

func (p *typeParser) accept(token string) bool {
	if p.peek() != token {
		return false
	}
	p.next()
	return true
}

func (p *typeParser) peek() string {
	at := p.at
	token := p.next()
	p.at = at
	return token
}

// next cuts off the next token: a word, a quoted name, or one character. At the end it returns "".
func (p *typeParser) next() string {
	for p.at < len(p.text) && (p.text[p.at] == ' ' || p.text[p.at] == '\t' || p.text[p.at] == '\n') {
		p.at++
	}
	start := p.at
	if start == len(p.text) {
		return ""
	}
	if p.text[start] == '"' {
		return p.nextQuoted()
	}
	for p.at < len(p.text) && isWordByte(p.text[p.at]) {
		p.at++
	}
	if p.at == start {
		p.at++
	}
	return p.text[start:p.at]
}

func (p *typeParser) nextQuoted() string {
	start := p.at
	for p.at++; p.at < len(p.text); p.at++ {
		if p.text[p.at] != '"' {
			continue
		}
		if p.at+1 < len(p.text) && p.text[p.at+1] == '"' {
			p.at++
			continue
		}
		p.at++
		break
	}
	return p.text[start:p.at]
}

func unquoteName(word string) string {
	if len(word) < 2 || word[0] != '"' {
		return word
	}
	return strings.ReplaceAll(word[1:len(word)-1], `""`, `"`)
}

func isWordByte(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func isWord(s string) bool { return s != "" && isWordByte(s[0]) }

func isVarName(s string) bool {
	return s == AnyType || s != "" && len(s) <= 2 && s[0] >= 'A' && s[0] <= 'Z' && (len(s) == 1 || s[1] >= '0' && s[1] <= '9')
}

func parseSmallNumber(s string) (int64, bool) {
	if len(s) > 10 {
		return 0, false
	}
	var n int64
	_, err := fmt.Sscanf(s, "%d", &n)
	return n, err == nil
}
