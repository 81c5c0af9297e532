package orc

import "strings"

// Path names a column to read, or a field of its struct, to any depth. For a map column it can select the entries
// under some keys. The step below a list is "element", those below a map are "key" and "value".
type Path struct {
	Names []string // column, field, field of that field …
	// Keys, when not nil, select the entries of a map with text keys. A map without such entries is empty, not
	// NULL. For a struct or a list, empty Keys ask whether there is a value: true, or NULL.
	Keys []string
}

// Column makes a Path of a column name and struct field names below it.
func Column(names ...string) Path { return Path{Names: names} }

// Entries is the path of a map column with only the entries under the given keys. Without keys, it asks of a struct
// or list whether it has a value.
func (p Path) Entries(keys ...string) Path {
	return Path{Names: p.Names, Keys: append([]string{}, keys...)}
}

// ParsePath parses the form of String: names joined by dots, and keys in brackets and quotes,
// "column['key','it”s']". A name with a dot or bracket needs Column.
func ParsePath(s string) Path {
	names, keys, ok := strings.Cut(s, "[")
	if !ok {
		return Path{Names: strings.Split(s, ".")}
	}
	p := Path{Names: strings.Split(names, "."), Keys: []string{}}
	for strings.HasPrefix(keys, "'") {
		key := ""
		for {
			part, rest, _ := strings.Cut(keys[1:], "'")
			key, keys = key+part, rest
			if !strings.HasPrefix(keys, "'") {
				break
			}
			key += "'"
		}
		p.Keys = append(p.Keys, key)
		keys = strings.TrimPrefix(keys, ",")
	}
	return p
}

// String writes the path as ParsePath reads it.
func (p Path) String() string {
	s := strings.Join(p.Names, ".")
	if p.Keys == nil {
		return s
	}
	quoted := make([]string, len(p.Keys))
	for i, key := range p.Keys {
		quoted[i] = "'" + strings.ReplaceAll(key, "'", "''") + "'"
	}
	return s + "[" + strings.Join(quoted, ",") + "]"
}
