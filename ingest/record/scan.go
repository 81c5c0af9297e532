package record

import (
	"slices"

	"github.com/auditlake/auditlake/jsontext"
)

// value is the position of a column's value in the record.
type value struct {
	jsontext.Token
	// first is the index of the first part of the value: of a row its first field, of a list its first element, of
	// a map its first entry.
	first int32
	// next is the index of the next element of a list, 0 for the last.
	next int32
	// entries counts the entries of a map.
	entries int32
}

// entry is a member of a map.
type entry struct {
	key, value jsontext.Token
}

// spans are the positions of one record's values. They are reused for the next record: once they have grown, a
// record costs no allocation.
type spans struct {
	scanner jsontext.Scanner
	// values begins with one value per column of the table. The values of rows and elements follow.
	values  []value
	entries []entry
	// repeated counts the members that were replaced by a later one of the same name.
	repeated int

	nameBuffer  []byte
	otherBuffer []byte
	seen        map[string]int
}

// scan finds the values of all columns in raw, which must be one JSON object. If it returns false, the scanner
// holds the problem.
func (s *spans) scan(columns *fieldSet, raw []byte) bool {
	s.reset(raw)
	c, i := jsontext.Skip(raw, 0)
	if c == '{' {
		s.extend(len(columns.nodes))
		i = s.members(columns, 0, i)
	} else {
		_, i = s.scanner.ValueAt(i)
	}
	return i >= 0 && s.endsAt(i)
}

// scanFirst finds the values in the object that text begins with and returns its length, 0 if there is no valid
// object.
func (s *spans) scanFirst(columns *fieldSet, text []byte) (length int) {
	s.reset(text)
	if len(text) == 0 || text[0] != '{' {
		return 0
	}
	s.extend(len(columns.nodes))
	return max(s.members(columns, 0, 0), 0)
}

// Limits on the values of a record, and on the memory that is kept for the next record. A record of a megabyte
// holds fewer values.
const (
	maxValues     = 2 << 20
	maxKeptValues = 16 << 10
	maxKeptKeys   = 4 << 10
	maxKeptBytes  = 256 << 10
)

// reset begins a text. It frees memory that an unusually large record took.
func (s *spans) reset(text []byte) {
	s.scanner.Reset(text)
	s.values, s.entries, s.repeated = emptied(s.values, maxKeptValues), emptied(s.entries, maxKeptValues), 0
	s.nameBuffer, s.otherBuffer = emptied(s.nameBuffer, maxKeptBytes), emptied(s.otherBuffer, maxKeptBytes)
	if len(s.seen) > maxKeptKeys {
		s.seen = nil
	}
}

func emptied[T any](values []T, maxKept int) []T {
	if cap(values) > maxKept {
		return nil
	}
	return values[:0]
}

// enter is the scanner's Enter, but it fails if there are too many values already.
func (s *spans) enter() bool { return !s.tooMany() && s.scanner.Enter() }

func (s *spans) tooMany() bool { return len(s.values) > maxValues }

// endsAt reports whether only white space is left from i on.
func (s *spans) endsAt(i int) bool {
	if _, i = jsontext.Skip(s.scanner.Data, i); i < len(s.scanner.Data) {
		s.scanner.Pos, s.scanner.Problem = i, jsontext.UnexpectedByte
		return false
	}
	return true
}

// extend adds n missing values and returns the index of the first.
func (s *spans) extend(n int) int32 {
	base := len(s.values)
	s.values = slices.Grow(s.values, n)[:base+n]
	clear(s.values[base:])
	return int32(base)
}

// The methods below take the position of what they scan and return the position after it, -1 for broken text.

// members scans the object at i into the values from base on.
func (s *spans) members(fields *fieldSet, base int32, i int) int {
	sc := &s.scanner
	if !s.enter() {
		return -1
	}
	data := sc.Data
	c, i := jsontext.Skip(data, i+1)
	more := c != '}'
	if !more {
		i++
	}
	for guess := &fields.first; more; {
		f := *guess
		if f != nil && len(data)-i >= len(f.source) && string(data[i:i+len(f.source)]) == f.source {
			i += len(f.source)
		} else {
			var name jsontext.Token
			if name, i = sc.KeyAt(i); i < 0 {
				return -1
			}
			if f = fields.find(s.name(name)); f != nil {
				*guess = f
			}
		}
		if f == nil {
			_, i = sc.ValueAt(i)
		} else {
			guess = &f.next
			i = s.member(fields, f, base, i)
		}
		if i < 0 {
			return -1
		}
		if more, i = sc.MoreAt(i, '}'); i < 0 {
			return -1
		}
	}
	sc.Depth--
	return i
}

// member scans the value of a member that has a column.
func (s *spans) member(fields *fieldSet, f *field, base int32, i int) int {
	c, i := jsontext.Skip(s.scanner.Data, i)
	if f.inner != nil {
		if c == '{' {
			return s.members(f.inner, s.row(f, base), i)
		}
		_, i = s.scanner.ValueAt(i)
		return i
	}
	at := base + int32(f.index)
	if s.values[at].Kind != jsontext.Missing {
		s.repeated++
	}
	return s.value(&fields.nodes[f.index], at, i)
}

// row returns the index of the first value of the row that a member belongs to.
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

// name returns a member's name without quotes and escapes.
func (s *spans) name(t jsontext.Token) []byte {
	name := s.scanner.Data[t.Start+1 : t.End-1]
	if !t.Rough {
		return name
	}
	s.nameBuffer = jsontext.AppendString(s.nameBuffer[:0], name)
	return s.nameBuffer
}

// value scans the value at i, where white space was skipped already, into values[at], as deep as the column's shape
// requires.
func (s *spans) value(n *node, at int32, i int) int {
	c, v := byte(0), value{}
	if i < len(s.scanner.Data) {
		c = s.scanner.Data[i]
	}
	end := i
	switch {
	case c == '{' && n.shape == rowShape:
		v.Kind = jsontext.Object
		v.first = s.extend(len(n.fields.nodes))
		end = s.members(n.fields, v.first, i)
	case c == '{' && n.shape == textMapShape:
		v.Kind = jsontext.Object
		v.first = int32(len(s.entries))
		end = s.textMap(i)
		v.entries = int32(len(s.entries)) - v.first
	case c == '[' && (n.shape == rowsShape || n.shape == textsShape):
		v.Kind = jsontext.Array
		v.first, end = s.elements(n, i)
	default:
		v.Token, end = s.scanner.ValueAt(i)
		s.values[at].Token = v.Token
		return end
	}
	v.Start, v.End = int32(i), int32(end)
	v.next = s.values[at].next
	s.values[at] = v
	return end
}

// textMap scans the entries of the object at i. The last of several entries with one key stays.
func (s *spans) textMap(i int) int {
	sc := &s.scanner
	if !s.enter() {
		return -1
	}
	first := len(s.entries)
	c, i := jsontext.Skip(sc.Data, i+1)
	more := c != '}'
	if !more {
		i++
	}
	for more {
		var e entry
		if e.key, i = sc.KeyAt(i); i < 0 {
			return -1
		}
		if e.value, i = sc.ValueAt(i); i < 0 {
			return -1
		}
		s.entries = append(s.entries, e)
		if more, i = sc.MoreAt(i, '}'); i < 0 {
			return -1
		}
	}
	s.dropRepeated(first)
	sc.Depth--
	return i
}

// elements scans the array at i, whose elements are rows or texts, and returns the index of the first one's value.
func (s *spans) elements(n *node, i int) (first int32, end int) {
	sc := &s.scanner
	if !s.enter() {
		return 0, -1
	}
	element := node{shape: textShape}
	if n.shape == rowsShape {
		element = node{shape: rowShape, fields: n.fields}
	}
	c, i := jsontext.Skip(sc.Data, i+1)
	more := c != ']'
	if !more {
		i++
	}
	last := int32(0)
	for more {
		if s.tooMany() {
			return 0, -1
		}
		at := s.extend(1)
		if last == 0 {
			first = at
		} else {
			s.values[last].next = at
		}
		last = at
		_, i = jsontext.Skip(sc.Data, i)
		if i = s.value(&element, at, i); i < 0 {
			return 0, -1
		}
		if more, i = sc.MoreAt(i, ']'); i < 0 {
			return 0, -1
		}
	}
	sc.Depth--
	return first, i
}

// Up to fewEntries keys, comparing each with each is faster than hashing.
const fewEntries = 12

// dropRepeated removes the entries, from first on, whose key occurs again later.
func (s *spans) dropRepeated(first int) {
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
	s.entries = s.entries[:first+kept]
}

// comesAgain reports whether a later entry has the key of entries[i].
func (s *spans) comesAgain(entries []entry, i int) bool {
	key := entries[i].key
	for _, other := range entries[i+1:] {
		if !key.Rough && !other.key.Rough {
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

// dropRepeatedOfMany is dropRepeated with a hash table.
func (s *spans) dropRepeatedOfMany(first int) {
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
	s.entries = s.entries[:first+kept]
}

// source returns a token's source text.
func (s *spans) source(t jsontext.Token) []byte {
	return s.scanner.Data[t.Start:t.End]
}
