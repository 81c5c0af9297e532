package jsonpath

import (
	"unicode"

	"github.com/auditlake/auditlake/planner/types"

	"github.com/auditlake/auditlake/jsontext"
)

// MemberPath is a path of json_extract: object keys and array positions. Every
// step may be either: a number in brackets is also a key.
type MemberPath struct {
	steps []memberStep
}

type memberStep struct {
	key   string
	index int // -1: not a position
}

// CompileMembers reads $, .name, ["name"], [name] and [0].
func CompileMembers(text string) (*MemberPath, error) {
	bad := types.ArgumentError("Invalid JSON path: '%s'", text)
	if text == "" || text[0] != '$' {
		return nil, bad
	}
	p := &MemberPath{}
	for at := 1; at < len(text); {
		var key string
		switch text[at] {
		case '.':
			end := nameEnd(text, at+1)
			for end < len(text) && text[end] == ':' {
				end = nameEnd(text, end+1)
			}
			key, at = text[at+1:end], end
			if key == "" {
				return nil, bad
			}
		case '[':
			var ok bool
			if key, at, ok = bracketStep(text, at+1); !ok {
				return nil, bad
			}
		default:
			return nil, bad
		}
		p.steps = append(p.steps, memberStep{key: key, index: arrayIndex(key)})
	}
	return p, nil
}

// nameEnd is where the letters, digits and underscores from at on end. Beyond
// the basic plane nothing is a letter.
func nameEnd(text string, at int) int {
	for i, r := range text[at:] {
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) || r > 0xFFFF {
			return at + i
		}
	}
	return len(text)
}

// bracketStep reads a step after "[" and its "]".
func bracketStep(text string, at int) (key string, next int, ok bool) {
	if at < len(text) && text[at] == '"' {
		var name []byte
		for at++; at < len(text) && text[at] != '"'; at++ {
			if text[at] == '\\' {
				at++
				if at == len(text) || text[at] != '"' && text[at] != '\\' {
					return "", 0, false
				}
			}
			name = append(name, text[at])
		}
		at++
		return string(name), at + 1, at < len(text) && text[at] == ']'
	}
	end := nameEnd(text, at)
	return text[at:end], end + 1, end > at && end < len(text) && text[end] == ']'
}

// arrayIndex is the position a step names, -1 if it is no number.
func arrayIndex(key string) int {
	index := 0
	for i := range len(key) {
		if key[i] < '0' || key[i] > '9' || index > 1<<40 {
			return -1
		}
		index = index*10 + int(key[i]-'0')
	}
	if key == "" {
		return -1
	}
	return index
}

// Find moves j to the value the path names. The first of repeated keys counts, and what follows the value is not
// read.
func (p *MemberPath) Find(j *jsontext.Walker) bool {
	for _, step := range p.steps {
		isFound := false
		switch j.PeekByte() {
		case '{':
			isFound = j.FindMember(step.key)
		case '[':
			isFound = j.FindElement(step.index)
		}
		if !isFound {
			return false
		}
	}
	return true
}
