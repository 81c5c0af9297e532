package function

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/auditlake/auditlake/arrowdata"
	"github.com/auditlake/auditlake/engine/function/internal/jsonpath"
	"github.com/auditlake/auditlake/jsontext"
	"github.com/auditlake/auditlake/planner/sqljson"
	"github.com/auditlake/auditlake/planner/types"
)

// isNullParam reports whether a field of the row of parameters is NULL.
func (c *jsonCall) isNullParam(field int) bool {
	return !arrowdata.IsValid(c.fields[field].valid, c.params.At(c.row))
}

// appendConstructed writes a value of JSON_OBJECT or JSON_ARRAY.
func (c *jsonCall) appendConstructed(dst []byte, field int, format sqljson.Format) ([]byte, error) {
	f := &c.fields[field]
	switch {
	case c.isNullParam(field):
		return append(dst, "null"...), nil
	case format == sqljson.NoFormat && f.IsText():
		return jsontext.AppendQuoted(dst, jsonpath.PaddedText(f.Type, c.text(field)), jsontext.Canonical), nil
	}
	v := c.param(field)
	var item jsonpath.Item = &v
	if format != sqljson.NoFormat {
		var err error
		if item, err = formattedItem(v, format, jsonpath.ReadItem); err != nil {
			return dst, inputError()
		}
		if text, ok := jsonpath.TextOf(item); ok {
			v = jsonpath.TextItem(text)
			item = &v
		}
	}
	dst, ok := c.appendItem(dst, item)
	if !ok {
		return dst, argumentError("value passed to JSON_OBJECT function cannot be converted to JSON")
	}
	return dst, nil
}

func (c *jsonCall) appendArray(dst []byte) (_ []byte, err error) {
	dst = append(dst, '[')
	isFirst := true
	for i, format := range c.Items {
		if !c.NullOut && c.isNullParam(i) {
			continue
		}
		if !isFirst {
			dst = append(dst, ',')
		}
		isFirst = false
		if dst, err = c.appendConstructed(dst, i, format); err != nil {
			return dst, err
		}
	}
	return append(dst, ']'), nil
}

// constructedBytes estimates the bytes of the values of rows.
func (c *jsonCall) constructedBytes(rows int) int64 {
	const aroundItem, ofNumber = 3, 8 // quotes, and a comma or colon
	each, texts := len("{}"), int64(0)
	for _, f := range c.fields {
		each += aroundItem
		if f.IsText() {
			texts += f.texts.bytes()
		} else {
			each += ofNumber
		}
	}
	return texts + int64(rows)*int64(each)
}

// key returns a key of JSON_OBJECT.
func (c *jsonCall) key(field int) string {
	name := c.text(field)
	if c.fields[field].Kind == types.Char {
		return strings.TrimRight(name, " ")
	}
	return name
}

// appendAlike is appendObject for an object with the keys of the previous one; it writes the values directly to
// dst. It returns false for other objects, and after an error.
func (c *jsonCall) appendAlike(dst []byte) (_ []byte, ok bool) {
	m := &c.members
	if len(m.known) == 0 || len(m.known) != len(c.Items) {
		return dst, false
	}
	for i, known := range m.known {
		key, value := 2*i, 2*i+1
		if c.isNullParam(key) || c.key(key) != known || !c.NullOut && c.isNullParam(value) {
			return dst, false
		}
	}
	from := len(dst)
	var err error
	for i, at := range m.order {
		dst = append(append(dst, "{,"[min(i, 1)]), m.heads[i]...)
		if dst, err = c.appendConstructed(dst, 2*at+1, c.Items[at]); err != nil {
			return dst[:from], false
		}
	}
	return append(dst, '}'), true
}

// appendObject writes the keys and values in alternation.
func (c *jsonCall) appendObject(dst []byte) (_ []byte, err error) {
	if dst, ok := c.appendAlike(dst); ok {
		return dst, nil
	}
	m := &c.members
	m.begin()
	for i, format := range c.Items {
		key, value := 2*i, 2*i+1
		if c.isNullParam(key) {
			return dst, argumentError("null value passed for JSON object key to JSON_OBJECT function")
		}
		name := c.key(key)
		if !c.NullOut && c.isNullParam(value) {
			continue
		}
		if m.values, err = c.appendConstructed(m.values, value, format); err != nil {
			return dst, err
		}
		isNew := m.add(name)
		if !isNew && c.Unique {
			return dst, argumentError("duplicate key passed to JSON_OBJECT function")
		}
		if !isNew {
			return dst, types.Errorf(types.NotSupported, types.Pos{}, "cannot construct a JSON object with duplicate key")
		}
	}
	return m.appendTo(dst), nil
}

// constructedMembers are the members of an object of JSON_OBJECT. The objects of a call often have the same keys,
// whose order is cached.
type constructedMembers struct {
	keys   []string
	values []byte // as JSON, concatenated
	ends   []int  // of values

	known   []string // the keys of the previous object
	order   []int    // the order of known
	heads   []string // known in that order, as JSON with a colon
	isAlike bool     // keys is a prefix of known
}

func (m *constructedMembers) begin() {
	m.keys, m.values, m.ends, m.isAlike = m.keys[:0], m.values[:0], m.ends[:0], true
}

// add completes the value of a key. It returns false if the key exists already.
func (m *constructedMembers) add(key string) bool {
	at := len(m.keys)
	m.isAlike = m.isAlike && at < len(m.known) && m.known[at] == key
	if !m.isAlike && slices.Contains(m.keys, key) {
		return false
	}
	m.keys, m.ends = append(m.keys, key), append(m.ends, len(m.values))
	return true
}

func (m *constructedMembers) appendTo(dst []byte) []byte {
	if !m.isAlike || len(m.keys) < len(m.known) {
		m.know()
	}
	dst = append(dst, '{')
	for i, at := range m.order {
		if i > 0 {
			dst = append(dst, ',')
		}
		from := 0
		if at > 0 {
			from = m.ends[at-1]
		}
		dst = append(append(dst, m.heads[i]...), m.values[from:m.ends[at]]...)
	}
	return append(dst, '}')
}

// know caches the keys for later objects with the same keys.
func (m *constructedMembers) know() {
	m.known, m.order, m.heads = append(m.known[:0], m.keys...), hashOrder(m.keys), m.heads[:0]
	for _, at := range m.order {
		m.heads = append(m.heads, string(append(jsontext.AppendQuoted(nil, m.keys[at], jsontext.Canonical), ':')))
	}
}

// hashOrder orders the members of a constructed object as the Trino server's hash table does: by bucket, and within
// one in order of insertion. There are at least 16 buckets, at most three quarters full.
func hashOrder(keys []string) []int {
	buckets := uint32(16)
	for 4*len(keys) > 3*int(buckets) {
		buckets *= 2
	}
	order, bucket := make([]int, len(keys)), make([]uint32, len(keys))
	for i, key := range keys {
		order[i], bucket[i] = i, textHash(key)&(buckets-1)
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(bucket[a], bucket[b]) })
	return order
}

// textHash is Java's hash of a string, spread as its hash tables do.
func textHash(s string) uint32 {
	h := uint32(0)
	for _, unit := range utf16.Encode([]rune(s)) {
		h = 31*h + uint32(unit)
	}
	return h ^ h>>16
}
