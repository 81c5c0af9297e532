package function

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/auditlake/auditlake/engine/arrowtype"
	"github.com/auditlake/auditlake/jsontext"
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
func appendCanonical(j *jsontext.Walker, out []byte, order members) ([]byte, error) {
	switch c := j.PeekByte(); {
	case c == '{':
		return appendObject(j, out, order)
	case c == '[':
		out = append(out, '[')
		err := j.EachElement(func(i int) (err error) {
			if i > 0 {
				out = append(out, ',')
			}
			out, err = appendCanonical(j, out, order)
			return err
		})
		return append(out, ']'), err
	case c == '"':
		s, err := j.ReadString()
		return jsontext.AppendQuoted(out, s, jsontext.Canonical), err
	case c == '-' || c >= '0' && c <= '9':
		n, err := j.ReadNumber()
		return appendJSONNumber(out, n), err
	}
	w, err := j.ReadWord()
	return append(out, w...), err
}

// jsonMember is a member of an object; its value stands in a buffer of all of the object's, up to an end.
type jsonMember struct {
	key       string
	from, end int
}

func appendObject(j *jsontext.Walker, out []byte, order members) ([]byte, error) {
	if order == asWritten {
		return appendAsWritten(j, out)
	}
	var list []jsonMember
	var values []byte
	err := j.EachMember(func(key string) (err error) {
		from := len(values)
		values, err = appendCanonical(j, values, order)
		list = append(list, jsonMember{key, from, len(values)})
		return err
	})
	if err != nil {
		return out, err
	}
	list = mergeMembers(list)
	if order == sortedByKey {
		slices.SortFunc(list, func(a, b jsonMember) int { return compareUTF16(a.key, b.key) })
	}
	out = append(out, '{')
	for i, m := range list {
		out = append(appendKey(out, m.key, i == 0), values[m.from:m.end]...)
	}
	return append(out, '}'), nil
}

// appendAsWritten writes an object with all members in the order of the text.
func appendAsWritten(j *jsontext.Walker, out []byte) ([]byte, error) {
	out = append(out, '{')
	isFirst := true
	err := j.EachMember(func(key string) (err error) {
		out, err = appendCanonical(j, appendKey(out, key, isFirst), asWritten)
		isFirst = false
		return err
	})
	return append(out, '}'), err
}

func appendKey(out []byte, key string, isFirst bool) []byte {
	if !isFirst {
		out = append(out, ',')
	}
	return append(jsontext.AppendQuoted(out, key, jsontext.Canonical), ':')
}

// mergeMembers gives a repeated key its last value in its first place.
func mergeMembers(list []jsonMember) []jsonMember {
	const few = 16 // keys are compared with each other
	place := map[string]int{}
	merged := list[:0]
	for _, m := range list {
		at, ok := 0, false
		if len(list) <= few {
			at = slices.IndexFunc(merged, func(known jsonMember) bool { return known.key == m.key })
			ok = at >= 0
		} else if at, ok = place[m.key]; !ok {
			place[m.key] = len(merged)
		}
		if ok {
			merged[at].from, merged[at].end = m.from, m.end
			continue
		}
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

// canonicalJSON is the form of the json type of a text, or errMalformedJSON.
func canonicalJSON(text string) (string, error) {
	j := jsontext.Walker{Text: text}
	out, err := appendCanonical(&j, nil, sortedByKey)
	if err != nil {
		return "", err
	}
	if !j.AtEnd() {
		return "", jsontext.ErrMalformed
	}
	return string(out), nil
}
