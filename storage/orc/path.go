package orc

import "strings"

// Path names what to read: a column, or a field of its struct, to any depth, and for a map column
// optionally the value under one key. The step below a list is "element", those below a map are "key"
// and "value".
type Path struct {
	Names []string // column, field, field of that field …
	Key   *string  // of a map<string, …>: read map[key] instead of the map
}

// Column makes a Path of a column name and struct field names below it.
func Column(names ...string) Path { return Path{Names: names} }

// ParsePath splits "column.field.field" at its dots. A name that itself holds a dot needs Column.
func ParsePath(s string) Path { return Path{Names: strings.Split(s, ".")} }

// At names the value that a map column has under key; rows whose map is NULL or lacks the key are NULL.
func (p Path) At(key string) Path { return Path{Names: p.Names, Key: &key} }

// String joins the names with dots; a map key follows in brackets.
func (p Path) String() string {
	s := strings.Join(p.Names, ".")
	if p.Key != nil {
		s += "['" + *p.Key + "']"
	}
	return s
}
