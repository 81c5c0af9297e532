package record

import (
	"slices"

	"github.com/auditlake/auditlake/ingest/internal/jsontext"
)

// value is where a column's value stands in the record.
type value struct {
	jsontext.Token
	// first leads to what the value is made of: for a row the values of its
	// fields, for rows and texts the first element, for a map its first entry.
	first int32
	// next is the following element of a list, 0 behind the last.
	next int32
	// entries counts the entries of a map.
	entries int32
}

// entry is a member of a map.
type entry struct {
	key, value jsontext.Token
}

// spans are the places of one record's values. They are reused from record to
// record: a record costs no allocation once they have grown.
type spans struct {
	scanner jsontext.Scanner
	// values starts with one value per column of the table; values of rows and elements follow.
	values  []value
	entries []entry
	// repeated counts the members that a later one of the same name replaced.
	repeated int

	nameBuffer  []byte
	otherBuffer []byte
	seen        map[string]int
}

// scan finds the values of all columns in raw, which must be one JSON object.
// When it reports false, the scanner knows why.
func (s *spans) scan(columns *fieldSet, raw []byte) bool {
	s.scanner.Reset(raw)
	s.values, s.entries, s.repeated = s.values[:0], s.entries[:0], 0
	if s.scanner.Next() != '{' {
		_, ok := s.scanner.Value()
		return ok && s.atEnd()
	}
	s.extend(len(columns.nodes))
	return s.members(columns, 0) && s.atEnd()
}

// atEnd reports whether nothing but white space is left.
func (s *spans) atEnd() bool {
	if s.scanner.Next() == 0 && s.scanner.Pos >= len(s.scanner.Data) {
		return true
	}
	s.scanner.Problem = jsontext.UnexpectedByte
	return false
}

// extend adds n missing values and tells the index of the first.
func (s *spans) extend(n int) int32 {
	base := len(s.values)
	s.values = slices.Grow(s.values, n)[:base+n]
	clear(s.values[base:])
	return int32(base)
}

// members scans the object at the scanner into the values from base on.
func (s *spans) members(fields *fieldSet, base int32) bool {
	sc := &s.scanner
	if !sc.Enter() {
		return false
	}
	sc.Pos++
	more, ok := true, true
	if sc.Next() == '}' {
		sc.Pos++
		more = false
	}
	for more {
		name, found := sc.Key()
		if !found {
			return false
		}
		switch f := fields.find(s.name(name)); {
		case f == nil:
			_, ok = sc.Value()
		case f.inner != nil && sc.Next() == '{':
			ok = s.members(f.inner, s.row(f, base))
		case f.inner != nil:
			_, ok = sc.Value()
		default:
			var v value
			v, ok = s.value(&fields.nodes[f.index])
			place := &s.values[int(base)+f.index]
			if place.Kind != jsontext.Missing {
				s.repeated++
			}
			*place = v
		}
		if !ok {
			return false
		}
		if more, ok = sc.More('}'); !ok {
			return false
		}
	}
	sc.Depth--
	return true
}

// row is where the values of the row begin that a member leads to.
func (s *spans) row(f *field, base int32) int32 {
	if f.index < 0 {
		return base
	}
	at := int(base) + f.index
	if s.values[at].Kind != jsontext.Object {
		first := s.extend(len(f.inner.nodes))
		s.values[at] = value{Token: jsontext.Token{Kind: jsontext.Object}, first: first}
	}
	return s.values[at].first
}

// name is a member's name without quotes and escapes.
func (s *spans) name(t jsontext.Token) []byte {
	name := s.scanner.Data[t.Start+1 : t.End-1]
	if !t.Escaped {
		return name
	}
	s.nameBuffer = jsontext.AppendString(s.nameBuffer[:0], name)
	return s.nameBuffer
}

// value scans the value at the scanner as deep as a column's shape asks for.
func (s *spans) value(n *node) (v value, ok bool) {
	c := s.scanner.Next()
	start := int32(s.scanner.Pos)
	switch {
	case c == '{' && n.shape == rowShape:
		v.Kind = jsontext.Object
		v.first = s.extend(len(n.fields.nodes))
		ok = s.members(n.fields, v.first)
	case c == '{' && n.shape == textMapShape:
		v.Kind = jsontext.Object
		ok = s.textMap(&v)
	case c == '[' && (n.shape == rowsShape || n.shape == textsShape):
		v.Kind = jsontext.Array
		ok = s.elements(n, &v)
	default:
		v.Token, ok = s.scanner.Value()
		return v, ok
	}
	v.Start, v.End = start, int32(s.scanner.Pos)
	return v, ok
}

// textMap scans the entries of the object at the scanner. Of entries with one
// key the last one stays.
func (s *spans) textMap(v *value) bool {
	sc := &s.scanner
	if !sc.Enter() {
		return false
	}
	sc.Pos++
	v.first = int32(len(s.entries))
	more := sc.Next() != '}'
	if !more {
		sc.Pos++
	}
	for more {
		key, ok := sc.Key()
		if !ok {
			return false
		}
		val, ok := sc.Value()
		if !ok {
			return false
		}
		s.entries = append(s.entries, entry{key, val})
		if more, ok = sc.More('}'); !ok {
			return false
		}
	}
	s.dropRepeated(v.first)
	v.entries = int32(len(s.entries)) - v.first
	sc.Depth--
	return true
}

// elements scans the array at the scanner: each element is a row or a text.
func (s *spans) elements(n *node, v *value) bool {
	sc := &s.scanner
	if !sc.Enter() {
		return false
	}
	sc.Pos++
	element := node{shape: textShape}
	if n.shape == rowsShape {
		element = node{shape: rowShape, fields: n.fields}
	}
	more := sc.Next() != ']'
	if !more {
		sc.Pos++
	}
	last := int32(0)
	for more {
		at := s.extend(1)
		if last == 0 {
			v.first = at
		} else {
			s.values[last].next = at
		}
		last = at
		el, ok := s.value(&element)
		if !ok {
			return false
		}
		s.values[at] = el
		if more, ok = sc.More(']'); !ok {
			return false
		}
	}
	sc.Depth--
	return true
}

// fewEntries is up to how many keys comparing each with each beats hashing.
const fewEntries = 12

// dropRepeated removes entries from first on whose key comes again later.
func (s *spans) dropRepeated(first int32) {
	entries := s.entries[first:]
	if len(entries) > fewEntries {
		s.dropRepeatedOfMany(first)
		return
	}
	kept := 0
	for i := range entries {
		if s.comesAgain(entries, i) {
			s.repeated++
			continue
		}
		entries[kept] = entries[i]
		kept++
	}
	s.entries = s.entries[:int(first)+kept]
}

// comesAgain reports whether a later entry has the key of entries[i].
func (s *spans) comesAgain(entries []entry, i int) bool {
	key := entries[i].key
	for _, other := range entries[i+1:] {
		if !key.Escaped && !other.key.Escaped {
			if other.key.End-other.key.Start == key.End-key.Start &&
				string(s.source(other.key)) == string(s.source(key)) {
				return true
			}
			continue
		}
		s.otherBuffer = append(s.otherBuffer[:0], s.name(other.key)...)
		if string(s.name(key)) == string(s.otherBuffer) {
			return true
		}
	}
	return false
}

// dropRepeatedOfMany is dropRepeated with the keys in a hash table.
func (s *spans) dropRepeatedOfMany(first int32) {
	if s.seen == nil {
		s.seen = map[string]int{}
	}
	clear(s.seen)
	entries := s.entries[first:]
	for i, e := range entries {
		s.seen[string(s.name(e.key))] = i
	}
	if len(s.seen) == len(entries) {
		return
	}
	kept := 0
	for i, e := range entries {
		if s.seen[string(s.name(e.key))] != i {
			s.repeated++
			continue
		}
		entries[kept] = e
		kept++
	}
	s.entries = s.entries[:int(first)+kept]
}

// source is a token's source text.
func (s *spans) source(t jsontext.Token) []byte {
	return s.scanner.Data[t.Start:t.End]
}
