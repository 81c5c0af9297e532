package function

import (
	"cmp"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/auditlake/auditlake/jsontext"
)

// members says which members of objects are written, and in which order.
type members uint8

const (
	asWritten   members = iota // all, in the order of the text
	sortedByKey                // by key; the last of equal keys
	mergedByKey                // at a key's first position, with its last value
)

// canonicalWriter writes values that a Walker reads in the form of the json type: no white space, numbers with a
// point or exponent as doubles. It can be reused.
type canonicalWriter struct {
	order members
	open  []memberPlace // of the objects being written, the innermost last
	moved []byte        // an object's members while they are reordered
	list  []jsonMember  // these members, one by one
}

// memberPlace is the position of an object's member in the written text: its key in quotes, a colon and its value.
type memberPlace struct{ begin, colon, end int }

// appendValue appends the value that j is at. After an error, the result may have a partial value after dst.
func (w *canonicalWriter) appendValue(dst []byte, j *jsontext.Walker) ([]byte, error) {
	if text, ok := j.TakePlain(w.order.plain()); ok {
		return append(dst, text...), nil
	}
	w.open = w.open[:0]
	return w.writeValue(dst, j)
}

// plain says which objects are written unchanged if their values are.
func (m members) plain() jsontext.PlainMembers {
	if m == asWritten {
		return jsontext.AnyOrder
	}
	return jsontext.Ascending
}

func (w *canonicalWriter) writeValue(dst []byte, j *jsontext.Walker) ([]byte, error) {
	switch c := j.PeekByte(); {
	case c == '{':
		return w.writeObject(dst, j)
	case c == '[':
		dst = append(dst, '[')
		err := j.EachElement(func(i int) (err error) {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst, err = w.writeValue(dst, j)
			return err
		})
		return append(dst, ']'), err
	case c == '"':
		if text, ok := j.TakePlain(w.order.plain()); ok {
			return append(dst, text...), nil
		}
		s, err := j.ReadString()
		return jsontext.AppendQuoted(dst, s, jsontext.Canonical), err
	case c == '-' || c >= '0' && c <= '9':
		n, err := j.ReadNumber()
		return appendJSONNumber(dst, n), err
	}
	word, err := j.ReadWord()
	return append(dst, word...), err
}

// writeObject writes the members as they come; in most objects they are already in order.
func (w *canonicalWriter) writeObject(dst []byte, j *jsontext.Walker) ([]byte, error) {
	dst = append(dst, '{')
	from, first := len(dst), len(w.open)
	isOrdered := true
	last := ""
	err := j.EachMember(func(key string) (err error) {
		if len(dst) > from {
			dst = append(dst, ',')
			isOrdered = isOrdered && (w.order == asWritten || compareUTF16(last, key) < 0)
		}
		last = key
		place := memberPlace{begin: len(dst)}
		dst = jsontext.AppendQuoted(dst, key, jsontext.Canonical)
		place.colon = len(dst)
		dst, err = w.writeValue(append(dst, ':'), j)
		if w.order != asWritten {
			place.end = len(dst)
			w.open = append(w.open, place)
		}
		return err
	})
	if err != nil {
		return dst, err
	}
	if !isOrdered {
		dst = w.putInOrder(dst, from, w.open[first:])
	}
	w.open = w.open[:first]
	return append(dst, '}'), nil
}

// jsonMember is a member of an object; text is its key, colon and value.
type jsonMember struct {
	key  string
	text []byte
}

// putInOrder rewrites the members that begin at index from of dst in order.
func (w *canonicalWriter) putInOrder(dst []byte, from int, places []memberPlace) []byte {
	w.moved = append(w.moved[:0], dst[from:]...)
	w.list = w.list[:0]
	for _, p := range places {
		j := jsontext.Walker{Text: viewText(w.moved[p.begin-from : p.colon-from])}
		key, _ := j.ReadString()
		w.list = append(w.list, jsonMember{key, w.moved[p.begin-from : p.end-from]})
	}
	list := mergeMembers(w.list)
	if w.order == sortedByKey {
		slices.SortFunc(list, func(a, b jsonMember) int { return compareUTF16(a.key, b.key) })
	}
	dst = dst[:from]
	for i, m := range list {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, m.text...)
	}
	return dst
}

// mergeMembers puts the last value of a repeated key at its first position.
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
			merged[at].text = m.text
			continue
		}
		merged = append(merged, m)
	}
	return merged
}

// compareUTF16 orders texts by UTF-16 units, the order of Java's strings.
func compareUTF16(a, b string) int {
	shorter := min(len(a), len(b))
	for i := range shorter {
		if x, y := a[i], b[i]; x != y && x < utf8.RuneSelf && y < utf8.RuneSelf {
			return int(x) - int(y)
		} else if x != y {
			return compareRunes(a, b)
		}
	}
	return len(a) - len(b)
}

func compareRunes(a, b string) int {
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
	if jsontext.HasFraction(number) {
		f, err := strconv.ParseFloat(number, 64)
		if err != nil && f == 0 {
			return append(out, number...)
		}
		return appendJSONFloat(out, f, 64)
	}
	if number == "-0" {
		return append(out, '0')
	}
	return append(out, number...)
}

// appendText appends a whole text in the form of the json type. It fails with ErrMalformed if the text is not JSON.
func (w *canonicalWriter) appendText(dst []byte, text string) ([]byte, error) {
	j := jsontext.Walker{Text: text}
	dst, err := w.appendValue(dst, &j)
	if err == nil && !j.AtEnd() {
		err = jsontext.ErrMalformed
	}
	return dst, err
}

// appendUnescaped is appendValue, but characters beyond the basic plane stay unescaped, and lone surrogates become
// question marks. Trino does so in arrays, maps and rows that are cast from JSON, and in json_array_get.
func (w *canonicalWriter) appendUnescaped(dst []byte, j *jsontext.Walker) ([]byte, error) {
	from := len(dst)
	dst, err := w.appendValue(dst, j)
	if err != nil {
		return dst, err
	}
	return dst[:from+len(jsontext.UnescapeSurrogates(dst[from:]))], nil
}
