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

// canonicalWriter writes values that a Walker reads in the form of the json type: no white space, numbers with a
// point or exponent as doubles. It may write one value after the other.
type canonicalWriter struct {
	order members
	out   []byte
	open  []jsonMember // of the objects that are being written, those of the innermost last
	moved []byte       // members of an object while they change places
}

// appendValue appends the value that j is at. What it returns in case of an error has more than dst behind it.
func (w *canonicalWriter) appendValue(dst []byte, j *jsontext.Walker) ([]byte, error) {
	w.out, w.open = dst, w.open[:0]
	err := w.writeValue(j)
	return w.out, err
}

func (w *canonicalWriter) writeValue(j *jsontext.Walker) error {
	switch c := j.PeekByte(); {
	case c == '{':
		return w.writeObject(j)
	case c == '[':
		w.out = append(w.out, '[')
		err := j.EachElement(func(i int) error {
			if i > 0 {
				w.out = append(w.out, ',')
			}
			return w.writeValue(j)
		})
		w.out = append(w.out, ']')
		return err
	case c == '"':
		s, err := j.ReadString()
		w.out = jsontext.AppendQuoted(w.out, s, jsontext.Canonical)
		return err
	case c == '-' || c >= '0' && c <= '9':
		n, err := j.ReadNumber()
		w.out = appendJSONNumber(w.out, n)
		return err
	}
	word, err := j.ReadWord()
	w.out = append(w.out, word...)
	return err
}

// jsonMember is a member of an object that has been written: key, colon and value stand in the text from its
// beginning to its end.
type jsonMember struct {
	key       string
	from, end int
}

// writeObject writes the members as they come. Most objects have theirs in order already.
func (w *canonicalWriter) writeObject(j *jsontext.Walker) error {
	from, first := len(w.out), len(w.open)
	w.out = append(w.out, '{')
	isOrdered := true
	last := ""
	err := j.EachMember(func(key string) error {
		if len(w.out) > from+1 {
			w.out = append(w.out, ',')
			isOrdered = isOrdered && (w.order == asWritten || compareUTF16(last, key) < 0)
		}
		last = key
		begin := len(w.out)
		w.out = append(jsontext.AppendQuoted(w.out, key, jsontext.Canonical), ':')
		err := w.writeValue(j)
		if w.order != asWritten {
			w.open = append(w.open, jsonMember{key, begin, len(w.out)})
		}
		return err
	})
	if err != nil {
		return err
	}
	if !isOrdered {
		w.putInOrder(from+1, w.open[first:])
	}
	w.out, w.open = append(w.out, '}'), w.open[:first]
	return nil
}

// putInOrder writes the members that stand from from on anew.
func (w *canonicalWriter) putInOrder(from int, list []jsonMember) {
	w.moved = append(w.moved[:0], w.out[from:]...)
	w.out = w.out[:from]
	list = mergeMembers(list)
	if w.order == sortedByKey {
		slices.SortFunc(list, func(a, b jsonMember) int { return compareUTF16(a.key, b.key) })
	}
	for i, m := range list {
		if i > 0 {
			w.out = append(w.out, ',')
		}
		w.out = append(w.out, w.moved[m.from-from:m.end-from]...)
	}
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

// appendText appends the form of the json type of a whole text; it fails with ErrMalformed if that is no JSON.
func (w *canonicalWriter) appendText(dst []byte, text string) ([]byte, error) {
	j := jsontext.Walker{Text: text}
	dst, err := w.appendValue(dst, &j)
	if err == nil && !j.AtEnd() {
		err = jsontext.ErrMalformed
	}
	return dst, err
}
