package engine_test

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/auditlake/auditlake/engine/answer"
)

// canonical is the form rows are compared in: no white space, map keys sorted,
// minimal escapes, floating point numbers at ten digits. To decode it takes longer than to answer.
func canonical(row []byte, floating []bool) string {
	r := rowText{rest: row}
	out := append(make([]byte, 0, len(row)), r.take("["))
	for i, f := range floating {
		if i > 0 {
			out = append(out, r.take(","))
		}
		out = r.appendCanonical(out, f)
	}
	return string(append(out, r.take("]")))
}

// floatingColumns says which columns have floating point numbers.
func floatingColumns(columns []answer.Column) []bool {
	out := make([]bool, len(columns))
	for i, c := range columns {
		display := c.Type.Display()
		out[i] = strings.Contains(display, "double") || strings.Contains(display, "real")
	}
	return out
}

// rowText is the JSON that is left of a row. What is none panics.
type rowText struct{ rest []byte }

// next returns the first byte that is no white space.
func (r *rowText) next() byte {
	for len(r.rest) > 0 && strings.IndexByte(" \t\r\n", r.rest[0]) >= 0 {
		r.rest = r.rest[1:]
	}
	if len(r.rest) == 0 {
		panic("the row ends in a value")
	}
	return r.rest[0]
}

// take takes one of some bytes.
func (r *rowText) take(oneOf string) byte {
	c := r.next()
	if strings.IndexByte(oneOf, c) < 0 {
		panic(fmt.Sprintf("not one of %s: %s", oneOf, r.rest))
	}
	r.rest = r.rest[1:]
	return c
}

func (r *rowText) appendCanonical(out []byte, floating bool) []byte {
	switch r.next() {
	case '"':
		return r.appendString(out)
	case '[':
		return r.appendItems(out, floating)
	case '{':
		return r.appendMap(out, floating)
	}
	end := 0
	for end < len(r.rest) && strings.IndexByte(",]} \t\r\n", r.rest[end]) < 0 {
		end++
	}
	word := r.rest[:end]
	r.rest = r.rest[end:]
	if !json.Valid(word) {
		panic(fmt.Sprintf("%q is no value", word))
	}
	if !floating || word[0] != '-' && (word[0] < '0' || word[0] > '9') {
		return append(out, word...)
	}
	f, _ := strconv.ParseFloat(string(word), 64)
	if f == 0 {
		return append(out, '0')
	}
	return append(out, percentG(f)...)
}

func (r *rowText) appendItems(out []byte, floating bool) []byte {
	out = append(out, r.take("["))
	if r.next() == ']' {
		return append(out, r.take("]"))
	}
	for {
		out = r.appendCanonical(out, floating)
		end := r.take(",]")
		if out = append(out, end); end == ']' {
			return out
		}
	}
}

func (r *rowText) appendMap(out []byte, floating bool) []byte {
	entries := map[string][]byte{}
	var keys []string
	r.take("{")
	for end := r.next(); end != '}'; {
		text, _ := r.raw()
		key := unquoted(text)
		r.take(":")
		keys, entries[key] = append(keys, key), r.appendCanonical(nil, floating)
		end = r.take(",}")
	}
	if len(keys) == 0 {
		r.take("}")
	}
	slices.Sort(keys)
	out = append(out, '{')
	for i, key := range keys {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(appendCanonicalString(out, key), ':')
		out = append(out, entries[key]...)
	}
	return append(out, '}')
}

// raw takes a text with its quotes, and says whether it has escapes that are not minimal.
func (r *rowText) raw() (text []byte, isLong bool) {
	r.next()
	for end := 1; end < len(r.rest); end++ {
		switch c := r.rest[end]; {
		case c == '\\':
			if end++; end < len(r.rest) && strings.IndexByte(`"\\bfnrt`, r.rest[end]) < 0 {
				isLong = true
			}
		case c == '"':
			text, r.rest = r.rest[:end+1], r.rest[end+1:]
			return text, isLong
		case c < 0x20:
			panic(fmt.Sprintf("byte %x in %s", c, r.rest))
		}
	}
	panic(fmt.Sprintf("a text without end: %s", r.rest))
}

func unquoted(text []byte) (s string) {
	if err := json.Unmarshal(text, &s); err != nil {
		panic(fmt.Sprintf("%v in %s", err, text))
	}
	return s
}

func (r *rowText) appendString(out []byte) []byte {
	text, isLong := r.raw()
	if !isLong {
		return append(out, text...)
	}
	return appendCanonicalString(out, unquoted(text))
}

// percentG is C's %.10g.
func percentG(f float64) string {
	exponent := int(math.Floor(math.Log10(math.Abs(f))))
	s := strconv.FormatFloat(f, 'e', 9, 64)
	if at := strings.IndexByte(s, 'e'); at >= 0 {
		exponent, _ = strconv.Atoi(s[at+1:])
	}
	if exponent < -4 || exponent >= 10 {
		mantissa, power, _ := strings.Cut(s, "e")
		if strings.Contains(mantissa, ".") {
			mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
		}
		return mantissa + "e" + power
	}
	s = strconv.FormatFloat(f, 'f', 9-exponent, 64)
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s
}

func appendCanonicalString(out []byte, s string) []byte {
	out = append(out, '"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '"', '\\':
			out = append(out, '\\', c)
		case '\b':
			out = append(out, `\b`...)
		case '\f':
			out = append(out, `\f`...)
		case '\n':
			out = append(out, `\n`...)
		case '\r':
			out = append(out, `\r`...)
		case '\t':
			out = append(out, `\t`...)
		default:
			if c < 0x20 {
				out = fmt.Appendf(out, `\u%04x`, c)
				continue
			}
			out = append(out, c)
		}
	}
	return append(out, '"')
}
