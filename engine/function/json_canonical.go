package function

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/auditlake/auditlake/engine/arrowtype"
)

// members says which members of objects are written, and in which order.
type members uint8

const (
	asWritten   members = iota // all, in the order of the text
	sortedByKey                // by key; of a repeated one the last
	mergedByKey                // where a key came first, with what it had last
)

// appendCanonical reads a value and writes it in the form of the json type: no
// white space, numbers with a point or exponent as doubles.
func (j *jsonText) appendCanonical(out []byte, order members) ([]byte, error) {
	switch c := j.peek(); {
	case c == '{':
		return j.appendObject(out, order)
	case c == '[':
		out = append(out, '[')
		err := j.array(func(i int) (err error) {
			if i > 0 {
				out = append(out, ',')
			}
			out, err = j.appendCanonical(out, order)
			return err
		})
		return append(out, ']'), err
	case c == '"':
		s, err := j.str()
		return appendJSONString(out, s), err
	case c == '-' || c >= '0' && c <= '9':
		n, err := j.number()
		return appendJSONNumber(out, n), err
	}
	w, err := j.word()
	return append(out, w...), err
}

type jsonMember struct{ key, value string }

func (j *jsonText) appendObject(out []byte, order members) ([]byte, error) {
	var list []jsonMember
	err := j.object(func(key string) error {
		value, err := j.appendCanonical(nil, order)
		list = append(list, jsonMember{key, string(value)})
		return err
	})
	if err != nil {
		return out, err
	}
	if order != asWritten {
		list = mergeMembers(list)
	}
	if order == sortedByKey {
		slices.SortFunc(list, func(a, b jsonMember) int { return compareUTF16(a.key, b.key) })
	}
	out = append(out, '{')
	for i, m := range list {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(appendJSONString(out, m.key), ':'), m.value...)
	}
	return append(out, '}'), nil
}

// mergeMembers gives a repeated key its last value in its first place.
func mergeMembers(list []jsonMember) []jsonMember {
	place := make(map[string]int, len(list))
	merged := list[:0]
	for _, m := range list {
		if at, ok := place[m.key]; ok {
			merged[at].value = m.value
			continue
		}
		place[m.key] = len(merged)
		merged = append(merged, m)
	}
	return merged
}

// compareUTF16 orders texts by UTF-16 units, the order of Java's strings.
func compareUTF16(a, b string) int {
	for a != "" && b != "" {
		ra, na := utf8.DecodeRuneInString(a)
		rb, nb := utf8.DecodeRuneInString(b)
		if ra != rb {
			return cmp.Compare(unit16(ra), unit16(rb))
		}
		a, b = a[na:], b[nb:]
	}
	return len(a) - len(b)
}

// unit16 ranks a code point by its first UTF-16 unit, then by itself.
func unit16(r rune) int64 {
	if r >= 0x10000 {
		return 0xD800<<24 + int64(r)
	}
	return int64(r) << 24
}

func appendJSONNumber(out []byte, number string) []byte {
	for i := range len(number) {
		if c := number[i]; c == '.' || c == 'e' || c == 'E' {
			f, err := strconv.ParseFloat(number, 64)
			if err != nil && f == 0 {
				return append(out, number...)
			}
			if math.IsInf(f, 0) {
				return append(arrowtype.AppendDouble(append(out, '"'), f, 64), '"')
			}
			return arrowtype.AppendDouble(out, f, 64)
		}
	}
	if number == "-0" {
		return append(out, '0')
	}
	return append(out, number...)
}

const upperHex = "0123456789ABCDEF"

func appendJSONString(out []byte, s string) []byte {
	out = append(out, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\':
			out = append(out, '\\', c)
		case c == '\b':
			out = append(out, '\\', 'b')
		case c == '\f':
			out = append(out, '\\', 'f')
		case c == '\n':
			out = append(out, '\\', 'n')
		case c == '\r':
			out = append(out, '\\', 'r')
		case c == '\t':
			out = append(out, '\\', 't')
		case c < 0x20:
			out = append(out, '\\', 'u', '0', '0', upperHex[c>>4], upperHex[c&15])
		case startsSurrogate(s[i:]):
			out = appendUnit(out, 0xD000|rune(s[i+1]&0x3F)<<6|rune(s[i+2]&0x3F))
			i += 2
		case c >= 0xF0: // beyond the basic plane
			r, size := utf8.DecodeRuneInString(s[i:])
			if size == 1 {
				out = append(out, c)
				continue
			}
			high, low := utf16.EncodeRune(r)
			out = appendUnit(appendUnit(out, high), low)
			i += size - 1
		default:
			out = append(out, c)
		}
	}
	return append(out, '"')
}

// appendUnit escapes a UTF-16 unit.
func appendUnit(out []byte, unit rune) []byte {
	return append(out, '\\', 'u', upperHex[unit>>12], upperHex[unit>>8&15], upperHex[unit>>4&15], upperHex[unit&15])
}

// canonicalJSON is the form of the json type of a text, or errMalformedJSON.
func canonicalJSON(text string) (string, error) {
	j := jsonText{text: text}
	out, err := j.appendCanonical(nil, sortedByKey)
	if err != nil {
		return "", err
	}
	if j.peek() != 0 || j.at < len(text) {
		return "", errMalformedJSON
	}
	return string(out), nil
}
